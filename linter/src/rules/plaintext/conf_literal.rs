use crate::{
    catalog::confs,
    context::CellContext,
    model::{Argument, Role, Site},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        HOLE,
        bare::holds_none,
        names::{NameVerdict, verdict},
        plausible::implausible,
    },
};
use credscope_grammars::facts::PropertyPlace;

pub static META: RuleMeta = RuleMeta {
    code: "CS103",
    name: "conf-literal",
    summary: "plaintext credential in a Spark or Hadoop configuration key",
    docs: include_str!("conf_literal.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 55,
    cwe: &[798],
    since: "0.1.0",
};

pub struct ConfLiteral;

impl CellRule for ConfLiteral {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Some((key, in_conf)) = conf_key(sites, site) else { continue };
            if confs::holds_java_options(&key) {
                java_options(cx, &META, i, &key);
                continue;
            }
            let extended = crate::catalog::is_extended(&cx.settings.extend.options, &key);
            let named = in_conf
                && verdict(key.rsplit('.').next().unwrap_or(&key)) == NameVerdict::Secret
                && !confs::is_clean(&key);
            if !(confs::is_secret(&key) || extended || named) || shared::has_slots(cx, i) {
                continue;
            }
            let text = site.text();
            // A line of prose that looks like `key: value`.
            if matches!(site.role, Role::Property(_)) && implausible(text.expose()).is_some() {
                continue;
            }
            // One with a user and password is a connection string.
            if holds_none(text.expose()) {
                continue;
            }
            let word = text.expose().to_ascii_lowercase();
            if matches!(word.as_str(), "true" | "false")
                || (word.starts_with("org.apache.") || word.starts_with("com.databricks."))
            {
                continue;
            }
            let mut hit = Hit::whole(site, &key, format!("conf `{}`", shown(&key)));
            if confs::is_identifier(&key) {
                hit.severity = Some(Severity::Warning);
            }
            shared::report(cx, &META, hit);
        }
    }
}

/// `-Djavax.net.ssl.trustStorePassword=…` in `spark.driver.extraJavaOptions`.
pub(crate) fn java_options(cx: &mut CellContext<'_>, meta: &'static RuleMeta, index: usize, key: &str) {
    let site = &cx.sites[index];
    let text = site.text();
    let text = text.expose();
    for (at, _) in text.match_indices("-D") {
        let rest = &text[at + 2..];
        let word = rest.split_whitespace().next().unwrap_or("");
        let Some((name, value)) = word.split_once('=') else { continue };
        let value_text = value.trim_matches(['"', '\'']);
        if rest.starts_with(char::is_whitespace)
            || value_text.is_empty()
            || verdict(name.rsplit('.').next().unwrap_or(name)) != NameVerdict::Secret
        {
            continue;
        }
        let start = at + 2 + name.len() + 1 + (value.len() - value.trim_start_matches(['"', '\'']).len());
        let range = start..start + value_text.len();
        shared::report(cx, meta, Hit::part(site, range, name, format!("`-D{name}` of `{key}`")));
    }
}

/// Names of the parameters of `set` and its like, where they are written.
const KEY: &[&str] = &["key", "name"];
const VALUE: &[&str] = &["value"];

/// The key that a call is given, when parts of it are known.
fn built_key(sites: &[Site], argument: &Argument) -> Option<String> {
    let key = sites.iter().find(|other| match &other.role {
        Role::Argument(first) => first.is_parameter(0, KEY) && first.call == argument.call,
        _ => false,
    })?;
    let text = key.text().expose().to_owned();
    text.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(text)
}

/// A key may name a storage account: shown, but not without end.
fn shown(key: &str) -> String {
    let key = key.replace(HOLE, "…");
    if key.chars().count() <= 80 { key } else { format!("{}…", key.chars().take(79).collect::<String>()) }
}

/// The key, and whether the position itself says that it is a configuration key. The name of an account may be put into it:
/// `"fs.azure.account.key." + account + ".dfs.core.windows.net"`.
fn conf_key(sites: &[Site], site: &Site) -> Option<(String, bool)> {
    match &site.role {
        Role::Argument(a) if a.is_parameter(1, VALUE) => {
            // The parameters of a connection of Snowpark.
            if a.callee.contains("snowpark.") {
                return None;
            }
            let conf = matches!(
                a.method.as_ref(),
                "set"
                    | "config"
                    | "setIfMissing"
                    | "setLocalProperty"
                    | "setConf"
                    | "setConfString"
                    | "hadoopConfiguration"
            );
            let key = match a.parameter(0, KEY) {
                Some(key) => key.expose().to_owned(),
                None if conf => built_key(sites, a)?,
                None => return None,
            };
            (conf && (key.contains('.') || a.callee.to_ascii_lowercase().contains("conf"))).then_some((key, true))
        }
        Role::Entry { key, .. } if key.contains('.') => Some((key.to_string(), false)),
        Role::Bind { name, path } if name.contains('.') && path.len() > name.len() => Some((name.to_string(), false)),
        Role::Property(p) if p.place == PropertyPlace::LineScan && p.path.len() == 1 && p.key().contains('.') => {
            Some((p.key().to_owned(), false))
        }
        _ => None,
    }
}
