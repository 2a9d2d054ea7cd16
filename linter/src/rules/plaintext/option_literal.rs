use crate::{
    catalog::{confs, options},
    context::CellContext,
    model::{Argument, Role, Site},
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        bare::holds_none,
        names::{NameVerdict, verdict},
    },
};

pub static META: RuleMeta = RuleMeta {
    code: "CS102",
    name: "option-literal",
    summary: "plaintext credential in a reader, writer or connector option",
    docs: include_str!("option_literal.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    // Above that of configuration keys: where an entry goes says more than its key.
    precedence: 56,
    cwe: &[798],
    since: "0.1.0",
};

pub struct OptionLiteral;

impl CellRule for OptionLiteral {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `.option(key, v)`, `.options(key=v)`, entries of dicts and Maps with an option key, `properties={…}`.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Some((key, in_option)) = option_key(site) else { continue };
            let table = options::is_secret(&key)
                || confs::is_secret(&key)
                || crate::catalog::is_extended(&cx.settings.extend.options, &key);
            let named =
                in_option && verdict(&key) == NameVerdict::Secret && !options::is_clean(&key) && !confs::is_clean(&key);
            let text = site.text();
            if !(table || named) || shared::has_slots(cx, i) || holds_none(text.expose()) {
                continue;
            }
            // The name of an option whose value is a switch.
            if matches!(text.expose().to_ascii_lowercase().as_str(), "true" | "false" | "none" | "null") {
                continue;
            }
            if !in_option
                && (crate::value::plausible::implausible(text.expose()).is_some()
                    || shared::is_number(text.expose()) && text.len() < 6)
            {
                continue;
            }
            let confidence = if table { Confidence::High } else { Confidence::Medium };
            shared::report(cx, &META, Hit::whole(site, &key, format!("option `{key}`")).confidence(confidence));
        }
    }
}

/// The option's key, and whether the position says that it is an option (a dict entry says so only by its key).
fn option_key(site: &Site) -> Option<(String, bool)> {
    match &site.role {
        Role::Argument(a) => argument(a),
        // A dotted key of a connector in a dict that is passed on somewhere; keys of configurations are CS103.
        Role::Entry { key, .. } => {
            (key.contains('.') && options::is_secret(key) && !confs::is_secret(key)).then(|| (key.to_string(), true))
        }
        _ => None,
    }
}

fn argument(a: &Argument) -> Option<(String, bool)> {
    match a.method.as_ref() {
        "option" | "withOption" if a.is_parameter(1, &["value"]) => {
            a.parameter(0, &["key"]).map(|k| (k.expose().to_owned(), true))
        }
        method if method == "options" || options::takes_keywords(&a.callee, method) => {
            a.keyword.as_deref().map(|k| (k.to_owned(), true))
        }
        _ => None,
    }
}
