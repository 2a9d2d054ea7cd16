use credscope_grammars::facts::Verb;

use crate::{
    catalog::sql as table,
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
};

use super::sql;

pub static META: RuleMeta = RuleMeta {
    code: "CS127",
    name: "create-user",
    summary: "plaintext password in CREATE USER and other account statements",
    docs: include_str!("create_user.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: sql::PRECEDENCE,
    cwe: &[798, 259],
    since: "0.1.0",
};

pub struct CreateUser;

impl CellRule for CreateUser {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `CREATE USER … IDENTIFIED BY '…'`, `PASSWORD '…'`, `CREATE DATABASE SCOPED CREDENTIAL … SECRET = '…'`.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let key = match (sql::option(site), sql::clause(site)) {
                (Some((p, Verb::CreateUser)), _)
                    if table::is_secret_clause(p.key()) || table::is_secret_option(p.key()) =>
                {
                    p.key().to_owned()
                }
                (_, Some((word, before, verb))) => match clause_key(&word, before, verb) {
                    Some(key) => key,
                    None => continue,
                },
                _ => continue,
            };
            let text = site.text();
            if is_digest(text.expose()) || shared::has_slots(cx, i) {
                continue;
            }
            let what = match key.as_str() {
                "password" => "password of the account".to_owned(),
                key => format!("`{key}` of the statement"),
            };
            shared::report(cx, &META, Hit::whole(site, &key, what));
        }
    }
}

/// What the literal after these words is; `None`: no credential.
fn clause_key(word: &str, before: &[Box<str>], verb: Verb) -> Option<String> {
    let has = |w: &str| before.iter().any(|b| b.eq_ignore_ascii_case(w));
    if matches!(verb, Verb::CopyInto | Verb::Select | Verb::Change | Verb::Insert | Verb::Comment | Verb::Show) {
        return None;
    }
    let account = verb == Verb::CreateUser;
    match word {
        "by" if has("IDENTIFIED") || account && has("WITH") => Some("password".into()),
        // `SET PASSWORD FOR joe = '…'`.
        _ if before
            .iter()
            .position(|b| b.eq_ignore_ascii_case("PASSWORD"))
            .is_some_and(|i| before.get(i + 1).is_some_and(|b| b.eq_ignore_ascii_case("FOR")))
            || word == "for" && has("PASSWORD") =>
        {
            Some("password".into())
        }
        "password" if account || has("WITH") || has("SET") || has("BY") || has("ENCRYPTED") => Some("password".into()),
        _ if account && table::is_secret_clause(word) => Some(word.to_owned()),
        _ => None,
    }
}

/// A verifier that the database made, not a password.
fn is_digest(text: &str) -> bool {
    let hex = |t: &str| t.bytes().all(|b| b.is_ascii_hexdigit());
    text.starts_with("SCRAM-SHA-256$")
        || text.strip_prefix("md5").is_some_and(|r| r.len() == 32 && hex(r))
        || text.strip_prefix('*').is_some_and(|r| r.len() == 40 && hex(r))
        || text.strip_prefix("0x").is_some_and(|r| r.len() >= 32 && hex(r))
}
