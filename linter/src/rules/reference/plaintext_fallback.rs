use crate::{
    context::CellContext,
    fix::Plan,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        names::{NameVerdict, is_password, verdict},
        plausible::implausible_as,
    },
};

pub static META: RuleMeta = RuleMeta {
    code: "CS609",
    name: "plaintext-fallback",
    summary: "plaintext fallback for a secret",
    docs: include_str!("plaintext_fallback.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 60,
    cwe: &[798],
    since: "0.1.0",
};

pub struct PlaintextFallback;

impl CellRule for PlaintextFallback {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Role::Fallback { name, of_secret } = &site.role else { continue };
            let text = site.text();
            let word = name.rsplit('.').next().unwrap_or(name);
            let table = crate::catalog::confs::is_secret(name);
            // What a scope keeps is a secret, whatever it is called; user names and hosts are kept beside them.
            let named =
                verdict(word) == NameVerdict::Secret || table || *of_secret && verdict(word) != NameVerdict::Identifier;
            if !named || shared::has_slots(cx, i) || text.eq_ignore_name(word) {
                continue;
            }
            let digits = text.expose().bytes().any(|b| b.is_ascii_digit())
                || text.expose().chars().any(|c| c.is_ascii_punctuation());
            let password = is_password(word);
            if implausible_as(word, text.expose()).is_some() || !(password || digits || text.len() >= 12) {
                continue;
            }
            let hit = Hit::whole(site, name, format!("fallback for `{name}`"));
            let Some(mut finding) = shared::finding(cx, &META, hit) else { continue };
            if *of_secret {
                // A second read would fail as the first one does, and what was to be kept in one place would be in two.
                finding.plans =
                    vec![Plan::Advice { title: "Let the program stop when its secret cannot be read".into() }];
            }
            cx.report(finding);
        }
    }
}

trait EqIgnoreName {
    fn eq_ignore_name(&self, name: &str) -> bool;
}

impl EqIgnoreName for credscope_grammars::Secret {
    /// `os.getenv("DB_PASSWORD", "db_password")`: the name again.
    fn eq_ignore_name(&self, name: &str) -> bool {
        self.expose().eq_ignore_ascii_case(name)
    }
}
