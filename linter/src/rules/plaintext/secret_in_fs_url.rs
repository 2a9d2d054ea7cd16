use crate::{
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{SlotKind, plausible::implausible},
};

use super::sql;

pub static META: RuleMeta = RuleMeta {
    code: "CS124",
    name: "secret-in-fs-url",
    summary: "plaintext credential in a storage URL",
    docs: include_str!("secret_in_fs_url.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 84,
    cwe: &[798, 522],
    since: "0.1.0",
};

pub struct SecretInFsUrl;

/// Schemes of file systems that Spark reads (catalog CS124).
const SCHEMES: &[&str] = &["s3", "s3a", "s3n", "wasb", "wasbs", "abfs", "abfss", "adl", "gs", "oss", "cosn", "sftp"];

impl CellRule for SecretInFsUrl {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `s3a://id:secret@bucket/…`, `wasbs://…?sig=…`, and `LOCATION 'https://…?sig=…'`.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            if matches!(site.role, Role::Command(_)) {
                continue;
            }
            for slot in cx.slots(i).iter() {
                let text = shared::hit_text(site, Some(&slot.range));
                let before = site.text();
                let before = before.expose().get(..slot.range.start).unwrap_or("");
                let scheme = scheme(before);
                let storage = SCHEMES.contains(&scheme.as_str());
                let located = sql::clause(site).is_some_and(|(word, ..)| matches!(word.as_str(), "location" | "from"))
                    || matches!(&site.role, Role::Argument(a) if READERS.contains(&a.callee.as_ref()));
                let (key, what) = match slot.kind {
                    SlotKind::UserInfo if storage => ("secret-key", format!("secret key in the {scheme} URL")),
                    SlotKind::QueryString
                        if (storage || located) && text.len() >= 6 && implausible(text.expose()).is_none() =>
                    {
                        (slot.key.as_str(), format!("`{}` in the storage URL", slot.key))
                    }
                    _ => continue,
                };
                let mut hit = Hit::part(site, slot.range.clone(), key, what);
                hit.user.clone_from(&slot.user);
                shared::report(cx, &META, hit);
            }
        }
    }
}

/// SQL functions that read a location.
const READERS: &[&str] = &["read_files", "cloud_files", "parquet", "csv", "json"];

/// Scheme of the last URL that begins in the text, lower case.
fn scheme(text: &str) -> String {
    let Some(at) = text.rfind("://") else { return String::new() };
    let head = &text[..at];
    let start = head
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '+'))
        .map_or(0, |i| i + head[i..].chars().next().map_or(1, char::len_utf8));
    head[start..].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes() {
        for (text, expected) in [("a s3a://k:", "s3a"), ("é'wasbs://c@a/x?sig=", "wasbs"), ("x", ""), ("é://", "")] {
            assert_eq!(scheme(text), expected, "{text}");
        }
    }
}
