use super::command::{Command, Part, Say, commands};
use crate::{
    catalog::{
        confs,
        shell::{self, Form, Row},
    },
    context::CellContext,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        HOLE, SlotKind, find,
        letters::is_random,
        names::{NameVerdict, is_password, verdict},
        plausible::{implausible, implausible_as},
    },
};

pub static META: RuleMeta = RuleMeta {
    code: "CS405",
    name: "cli-password",
    summary: "password on a command line or in a variable of a script",
    docs: include_str!("cli_password.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 85,
    cwe: &[798, 214],
    since: "0.1.0",
};

pub struct CliPassword;

impl CellRule for CliPassword {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for command in commands(sites) {
            let program = command.program();
            for row in shell::ROWS.iter().filter(|r| r.programs.contains(&program)) {
                if row.sub.is_empty() || command.find(row.sub).is_some() {
                    apply(cx, &command, row);
                }
            }
            if !shell::HTTP.contains(&program) && program != "databricks" {
                flags(cx, &command);
            }
            java(cx, &command);
            power(cx, &command);
            variables(cx, &command);
            slots(cx, &command);
            written(cx, &command);
            filled_in(cx, &command);
        }
    }
}

fn say<'s>(command: &Command<'_>, key: &'s str, what: String) -> Say<'s> {
    Say { host: host(command), ..Say::new(key, what) }
}

/// The host that a database client connects to: this machine when none is named.
fn host(command: &Command<'_>) -> Option<String> {
    const CLIENTS: &[&str] =
        &["mysql", "mysqladmin", "mysqldump", "mariadb", "mongo", "mongosh", "redis-cli", "sqlcmd"];
    let named = command.values(&["-h", "--host", "-S"]).first().map(|(p, _)| command.text(p).to_owned());
    named.or_else(|| CLIENTS.contains(&command.program()).then(|| "localhost".to_owned()))
}

fn apply<'a>(cx: &mut CellContext<'a>, command: &Command<'a>, row: &Row) {
    let program = command.program();
    let part_of = |part: &Part, from: usize| Part { word: part.word, range: part.range.start + from..part.range.end };
    match row.form {
        Form::Flag | Form::Attached | Form::Either => {
            let mut found = if row.form == Form::Attached { Vec::new() } else { command.values(row.flags) };
            if row.form != Form::Flag {
                found.extend(command.attached(row.flags));
            }
            for (part, flag) in found {
                if !command.text(&part).starts_with("--") {
                    let what = format!("value of `{program} {flag}`");
                    command.report(cx, &META, &part, say(command, flag.trim_start_matches('-'), what));
                }
            }
        }
        Form::UserColon | Form::UserPercent | Form::UserComma => {
            let separator = match row.form {
                Form::UserPercent => '%',
                Form::UserComma => ',',
                _ => ':',
            };
            for (part, flag) in command.values(row.flags) {
                // `C:\cert.pem` has none.
                if let Some(at) = command.text(&part).find(separator).filter(|at| *at > 1 || separator != ':') {
                    let what = format!("password given with `{program} {flag}`");
                    command.report(cx, &META, &part_of(&part, at + 1), say(command, "password", what));
                }
            }
        }
        Form::Prefixed => {
            let mut found = command.values(row.flags);
            for i in command.arguments() {
                if let Some(flag) =
                    row.flags.iter().find(|f| f.starts_with('/') && command.word(i).starts_with(&format!("{f}:")))
                {
                    found.push((Part { word: i, range: flag.len() + 1..command.word(i).len() }, flag));
                }
            }
            for (part, flag) in found {
                let text = command.text(&part);
                let skip = if flag.starts_with('/') { Some(0) } else { text.starts_with("pass:").then_some(5) };
                if let Some(skip) = skip {
                    let what = format!("value of `{program} {flag}`");
                    command.report(cx, &META, &part_of(&part, skip), say(command, "passphrase", what));
                }
            }
        }
        Form::Pair | Form::NamedPair => {
            for (part, flag) in command.values(row.flags) {
                pairs(cx, command, &part, flag, row.form == Form::Pair);
            }
        }
        Form::AfterName => {
            for i in command.arguments() {
                let name = command.word(i).trim_start_matches('/');
                let (name, value) = match name.split_once('=') {
                    Some((name, value)) => {
                        (name, Part { word: i, range: command.word(i).len() - value.len()..command.word(i).len() })
                    }
                    None if i + 1 < command.len() => (name, command.whole(i + 1)),
                    None => continue,
                };
                let basic = name.starts_with("http-basic.") && i + 2 < command.len();
                let value = if basic { command.whole(i + 2) } else { value };
                let last = name.rsplit([':', '.']).find(|p| verdict(p) == NameVerdict::Secret);
                let named = last.is_some() || name.starts_with("pypi-token.") || basic || name.ends_with("_auth");
                // `aws configure get NAME --profile x`
                let asked = i > 0 && command.word(i - 1) == "get"
                    || value.range.start == 0 && command.word(value.word).starts_with('-');
                if named && !name.starts_with('-') && !asked {
                    let what = format!("value of `{name}` on the command line");
                    command.report(cx, &META, &value, say(command, name, what));
                }
            }
        }
        Form::Positional(n) => {
            let start = command.find(row.sub).unwrap_or(command.first);
            let words = command.positionals(start, &["-method", "-path", "-address"]);
            if let Some(&word) = words.get(n - 1)
                && !command.word(word).contains('=')
                && command.word(word) != "-"
            {
                let what = format!("password on the command line of `{program}`");
                command.report(cx, &META, &command.whole(word), say(command, "password", what));
            }
        }
        Form::Login => {
            for word in command.arguments() {
                let text = command.word(word);
                if let Some(slash) = text.find('/')
                    && let Some(at) = text.rfind('@')
                    && slash > 0
                    && slash + 1 < at
                    && !text.contains("://")
                    && !text.starts_with(['@', '/', '-', '.'])
                    && text[..slash].chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '#'))
                {
                    let part = Part { word, range: slash + 1..at };
                    let what = format!("password on the command line of `{program}`");
                    command.report(cx, &META, &part, say(command, "password", what));
                }
            }
        }
    }
}

/// `NAME=value` as a word, or several of them in one (`-e "a=b c=d"`).
fn pairs<'a>(cx: &mut CellContext<'a>, command: &Command<'a>, part: &Part, flag: &str, any: bool) {
    let text = command.text(part);
    let mut at = 0;
    let single = any || !text.contains(' ') || text.split(' ').skip(1).any(|w| !w.contains('='));
    let pieces: Vec<&str> = if single { vec![text] } else { text.split(' ').collect() };
    for piece in pieces {
        let start = part.range.start + at;
        at += piece.len() + 1;
        let Some((name, value)) = piece.split_once('=') else { continue };
        let named =
            any || verdict(name.rsplit('.').next().unwrap_or(name)) == NameVerdict::Secret || confs::is_secret(name);
        let real = any || implausible(value).is_none();
        if named && real && !value.is_empty() && !confs::is_clean(name) && !value.contains("://") {
            let part = Part { word: part.word, range: start + name.len() + 1..start + piece.len() };
            command.report(cx, &META, &part, say(command, name, format!("`{flag}` value of `{name}`")));
        }
    }
}

/// `--password X` of any program: the value has to look like a credential.
fn flags<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    let mut names: Vec<&str> = shell::FLAGS.to_vec();
    for i in command.arguments() {
        let flag = command.word(i).split('=').next().unwrap_or("");
        if flag.starts_with("--") && !names.contains(&flag) && verdict(flag) == NameVerdict::Secret {
            names.push(flag);
        }
    }
    for (part, flag) in command.values(&names) {
        let text = command.text(&part);
        let number = shared::is_number(text) && !is_password(flag);
        if text.starts_with('-')
            || number
            || implausible(text).is_some()
            || text.contains(['/', '(']) && text.len() < 16
        {
            continue;
        }
        let key = flag.trim_start_matches('-');
        // Tokens are random; a word is a mode or a name.
        let random = text.bytes().any(|b| b.is_ascii_digit()) || text.contains(['#', '!', '$', '%', '@']);
        if is_password(key) || random && text.len() >= 8 || !find(text, cx.settings).is_empty() {
            let mut say = say(command, key, format!("value of `{flag}`"));
            say.confidence = Confidence::Medium;
            command.report(cx, &META, &part, say);
        }
    }
}

/// PowerShell: `ConvertTo-SecureString "X" -AsPlainText`, and `@{ Password = "X" }`.
fn power<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    if let Some(plain) = (0..command.len()).find(|&i| command.word(i).eq_ignore_ascii_case("-AsPlainText"))
        && let Some(word) = (0..plain).rev().find(|&i| !command.word(i).starts_with('-'))
        && !command.word(word).eq_ignore_ascii_case("ConvertTo-SecureString")
    {
        let part = command.whole(word);
        command.report(cx, &META, &part, say(command, "password", "text of `ConvertTo-SecureString`".into()));
    }
    for equals in (1..command.len().saturating_sub(1)).filter(|&i| command.word(i) == "=") {
        let (name, value) = (command.word(equals - 1), command.word(equals + 1));
        // A bare word is a call there.
        let written = command.run.spans.get(equals + 1).map_or("\"", |s| s.of(&cx.cell.text));
        let is_call = written.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_call && is_secret_variable(name) && looks_real(name, value) && !value.contains("://") {
            let part = command.whole(equals + 1);
            command.report(cx, &META, &part, say(command, name, format!("value of `{name}`")));
        }
    }
}

/// `-Djavax.net.ssl.keyStorePassword=X`, `-Psigning.password=X`.
fn java<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    for word in command.arguments() {
        let text = command.word(word);
        let Some(rest) = text.strip_prefix("-D").or_else(|| text.strip_prefix("-P")) else { continue };
        let Some((name, value)) = rest.split_once('=') else { continue };
        let named = verdict(name.rsplit('.').next().unwrap_or(name)) == NameVerdict::Secret || name == "sonar.login";
        if named && implausible(value).is_none() {
            let part = Part { word, range: text.len() - value.len()..text.len() };
            command.report(cx, &META, &part, say(command, name, format!("value of `{name}` on the command line")));
        }
    }
}

/// `export X_TOKEN=…`, `PGPASSWORD=… psql`.
fn variables<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    for (name, at) in &command.variables {
        let site = &cx.sites[*at];
        let text = site.text();
        let bare = name.split('[').next().unwrap_or(name);
        let key = name.split_once('[').map_or(bare, |(_, k)| k.trim_end_matches(']').trim_matches(['"', '\'']));
        let named = [bare, key].iter().any(|n| is_secret_variable(n));
        if !named || shared::has_slots(cx, *at) || !looks_real(name, text.expose()) {
            continue;
        }
        let mut hit = Hit::whole(site, name, format!("variable `{name}`"));
        hit.confidence = command.confidence();
        shared::report(cx, &META, hit);
    }
}

fn is_secret_variable(name: &str) -> bool {
    (verdict(name) == NameVerdict::Secret || confs::is_secret(name)) && !crate::catalog::env::is_no_secret(name)
}

/// Whether the value of a variable with such a name can be a credential.
fn looks_real(name: &str, text: &str) -> bool {
    if text.contains(HOLE)
        || text.len() > 4096
        || implausible_as(name, text).is_some()
        || text.eq_ignore_ascii_case(name)
        // PowerShell: a flag of the expression that the value comes from.
        || text.strip_prefix('-').is_some_and(|flag| flag.chars().all(char::is_alphabetic))
        // A command in a text: `'. $(dirname $0)/secrets.sh'`.
        || text.starts_with(". ")
        || text.contains("$(")
    {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let password = is_password(name) || lower.contains("secret");
    if shared::is_number(text) {
        return password && text.len() >= 4;
    }
    let digit = text.bytes().any(|b| b.is_ascii_digit());
    let special = text.chars().any(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | ' ' | '/' | ':'));
    password && !text.contains(' ')
        || text.len() >= 8 && !text.contains(' ') && (digit || special || is_random(text))
        || text.len() >= 24 && digit
}

/// URLs, connection strings and the like of programs without a rule of their own, and of variables.
fn slots<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    let program = command.program();
    let known = shell::HTTP.contains(&program) || shell::INSTALLERS.contains(&program) || program == "git";
    let shows = matches!(program, "echo" | "printf" | "grep" | "sed" | "awk" | "cat" | "Write-Host");
    for (at, word, slot) in command.slots(cx) {
        if known && word.is_some() {
            continue;
        }
        let text = shared::hit_text(&cx.sites[at], Some(&slot.range));
        let text = text.expose();
        let what = match slot.kind {
            SlotKind::UserInfo => format!("password in the {} URL", slot.scheme),
            SlotKind::ConnectionString if !shows && implausible(text).is_none() => {
                format!("`{}` in the connection string", slot.key)
            }
            SlotKind::Jaas => format!("`{}` in the JAAS configuration", slot.key),
            SlotKind::QueryString if text.len() >= 6 && implausible(text).is_none() => {
                format!("`{}` in the URL's query", slot.key)
            }
            SlotKind::EmbeddedDocument
                if (!shows || slot.user.is_some()) && implausible(text).is_none() && !shared::is_number(text) =>
            {
                format!("`{}` in the text", slot.key)
            }
            SlotKind::Header if word.is_none() && implausible(text).is_none() => format!("{} token", slot.key),
            _ => continue,
        };
        command.report_slot(cx, &META, at, &slot, what);
    }
}

/// `echo "export DB_PASSWORD=…" >> ~/.bashrc`: a line that goes to a file.
fn written<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    let tee = command.run.piped_to.as_ref().is_some_and(|w| w.iter().any(|w| matches!(w.expose(), "tee" | "sudo")));
    if !matches!(command.program(), "echo" | "printf") || !(command.run.is_redirected || tee) {
        return;
    }
    for word in command.arguments() {
        let text = command.word(word);
        let rest = text.trim_start_matches("export ");
        let Some((name, value)) = rest.split_once('=').or_else(|| rest.split_once(": ")) else { continue };
        let name = name.trim().rsplit(['/', ':', ' ']).next().unwrap_or("");
        let value = value.trim().trim_end_matches("\\n").trim_matches(['"', '\'']);
        if !is_secret_variable(name.trim_matches(['"', '\''])) || value.is_empty() || !looks_real(name, value) {
            continue;
        }
        if let Some(start) = text.rfind(value) {
            let part = Part { word, range: start..start + value.len() };
            command.report(cx, &META, &part, say(command, name, format!("value of `{name}`, written to a file,")));
        }
    }
}

/// `sed -i "s/PASSWORD_PLACEHOLDER/X/" app.conf`, `sed "s/password=.*/password=X/"`.
fn filled_in<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    if command.program() != "sed" {
        return;
    }
    for word in command.arguments() {
        let text = command.word(word);
        let Some(mark) = text.strip_prefix('s').and_then(|rest| rest.chars().next()).filter(char::is_ascii_punctuation)
        else {
            continue;
        };
        let pieces: Vec<&str> = text[1 + mark.len_utf8()..].split(mark).collect();
        let [pattern, new, _] = pieces[..] else { continue };
        let name = pattern.trim_matches(|c: char| !c.is_alphanumeric());
        let name = name.strip_suffix("_PLACEHOLDER").or_else(|| name.strip_suffix("_placeholder")).unwrap_or(name);
        // What stands before the value is written again.
        let value = new.split_once(['=', ':']).filter(|(key, _)| is_secret_variable(key.trim()));
        let value = value.map_or(new, |(_, value)| value).trim_start();
        // Other words take the place of words.
        let drawn = value.chars().any(|c| c.is_ascii_digit() || !c.is_alphanumeric()) || is_random(value);
        if is_secret_variable(name) && drawn && !value.contains(['\\', '&']) && looks_real(name, value) {
            let end = 1 + mark.len_utf8() + pattern.len() + mark.len_utf8() + new.len();
            let part = Part { word, range: end - value.len()..end };
            command.report(cx, &META, &part, say(command, name, format!("value that `sed` writes for `{name}`")));
        }
    }
}
