use super::command::{Command, commands};
use crate::{
    context::CellContext,
    finding::Finding,
    fix::Plan,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    value::names::{NameVerdict, verdict},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS408",
    name: "env-dump",
    summary: "command that shows every variable of the environment",
    docs: include_str!("env_dump.md"),
    severity: Severity::Warning,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 100,
    cwe: &[526, 532],
    since: "0.1.0",
};

pub struct EnvDump;

impl CellRule for EnvDump {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for command in commands(sites) {
            if !dumps(&command) || is_filtered(&command) || command.in_comment || command.run.is_captured {
                continue;
            }
            let message = match command.program() {
                "spark-submit" => "`--verbose` prints every Spark property, credentials among them",
                _ => "every variable of the environment is shown, secrets among them",
            };
            let mut finding = Finding::at(&META, command.place(), message.to_owned())
                .help("name the variables that you want to see")
                .subject(command.program());
            if command.run.is_shown {
                finding.confidence = Confidence::Low;
            }
            // A CI system masks what it knows to be secret, and runs elsewhere than the data.
            if is_ci(cx.path) {
                finding.severity = Severity::Info;
            }
            cx.report(finding.plan(Plan::Advice { title: "Print single variables that hold no secret".into() }));
        }
    }
}

fn is_ci(path: &str) -> bool {
    path.split('/').any(|p| matches!(p, ".github" | ".circleci" | ".azure-pipelines" | ".azuredevops"))
        || path.rsplit('/').next().is_some_and(|n| n.starts_with(".gitlab-ci") || n.starts_with("azure-pipelines"))
}

fn dumps(command: &Command<'_>) -> bool {
    let words: Vec<&str> = (command.first..command.len()).map(|i| command.word(i)).collect();
    if command.run.is_assigning {
        return false;
    }
    match words.as_slice() {
        ["env" | "printenv" | "set" | "export"] => true,
        ["env" | "printenv", "-0" | "--null"] => true,
        ["export" | "declare" | "typeset", "-p" | "-x" | "-xp" | "-px"] => true,
        ["cat" | "strings" | "xargs", rest @ ..] | ["tr", rest @ ..] => {
            rest.iter().any(|w| w.starts_with("/proc/") && w.ends_with("/environ"))
        }
        ["spark-submit" | "spark-shell" | "pyspark", rest @ ..] => rest.contains(&"--verbose") || rest.contains(&"-v"),
        ["docker" | "podman", "inspect", ..] | ["kubectl", "get", "secret" | "secrets", ..] => {
            words[1] == "get" && words.iter().any(|w| matches!(*w, "yaml" | "json" | "-oyaml" | "-ojson"))
        }
        ["Get-ChildItem" | "gci" | "dir" | "ls", only] => only.eq_ignore_ascii_case("env:"),
        _ => false,
    }
}

/// What reads the list keeps the values to itself, or keeps one that is no secret.
fn is_filtered(command: &Command<'_>) -> bool {
    let Some(next) = &command.run.piped_to else { return false };
    let words: Vec<&str> = next.iter().map(|w| w.expose()).collect();
    match words.as_slice() {
        ["wc" | "md5sum" | "sha256sum" | "cut", ..] => words.first() != Some(&"cut") || words.contains(&"-f1"),
        ["grep" | "egrep" | "rg" | "findstr", rest @ ..] => {
            let quiet = rest.iter().any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains(['c', 'q']));
            let pattern = rest.iter().find(|w| !w.starts_with('-')).copied().unwrap_or("");
            let inverted = rest.iter().any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains('v'));
            let name = pattern.trim_matches(['^', '=', '$', '"', '\'']);
            let plain = name.len() >= 3 && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
            quiet || !inverted && plain && verdict(name) != NameVerdict::Secret
        }
        ["sed" | "awk", ..] => words.iter().any(|w| w.contains("=.*") || w.contains("-F=") || w.contains("print $1")),
        _ => false,
    }
}
