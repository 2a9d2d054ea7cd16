//! `workspace/executeCommand`: the commands that store what fixes refer to. Names only, never a value.

use std::collections::BTreeSet;

use credscope_linter::fix::{Form, SecretName};
use serde_json::{Value, json};

use super::{documents::text_of, outbox::Outbox};
use crate::provision::{self, Named, Needed, Record};

/// The secrets that a `credscope.showProvisioning` command names: `{"uri", "secrets": [{"scope", "key"}]}`, or such
/// objects in a list, or scope and key as texts.
pub(super) fn secrets(arguments: &[Value]) -> Vec<SecretName> {
    let name = |v: &Value| {
        let (scope, key) = (text_of(v, "/scope"), text_of(v, "/key"));
        // Whatever a client sends: only what can be a name is written into commands.
        let valid = credscope_linter::fix::is_valid_name(scope) && credscope_linter::fix::is_valid_name(key);
        valid.then(|| SecretName { scope: scope.to_owned(), key: key.to_owned() })
    };
    let listed = |v: &Value| -> Vec<SecretName> {
        match v {
            Value::Array(rows) => rows.iter().filter_map(name).collect(),
            _ => match v.get("secrets") {
                Some(Value::Array(rows)) => rows.iter().filter_map(name).collect(),
                _ => name(v).into_iter().collect(),
            },
        }
    };
    let names: BTreeSet<SecretName> = arguments.iter().flat_map(listed).collect();
    names.into_iter().collect()
}

/// Shell commands that store the secrets.
pub(super) fn provisioning(secrets: &[SecretName], file: &str) -> String {
    let records: Vec<Record> = secrets
        .iter()
        .map(|secret| Record {
            needed: Needed::Secret(Named { unity: None, secret: secret.clone() }),
            path: file.to_owned(),
            line: 0,
            finding: "moved".to_owned(),
            fingerprint: None,
            form: Form::Plain,
        })
        .collect();
    provision::commands(&records)
}

/// One sentence after a fix: what has to be stored, and how to get the commands.
pub(super) fn offer(secrets: &[SecretName]) -> String {
    let names: Vec<String> = secrets.iter().take(3).map(|s| format!("{}/{}", s.scope, s.key)).collect();
    let more = secrets.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "credscope: store {}{more} before this runs; credscope.showProvisioning shows the commands",
        names.join(", ")
    )
}

/// Opens the commands as a document, or shows them as a message.
pub(super) fn show(text: &str, show_document: bool, outbox: &Outbox) {
    if !show_document {
        outbox.show_message(3, text);
        return;
    }
    match written(text) {
        Some(uri) => {
            let (outbox_then, text) = (outbox.clone(), text.to_owned());
            outbox.show_document(json!({"uri": uri, "takeFocus": true}), move |shown| {
                if !shown {
                    std::thread::spawn(move || outbox_then.show_message(3, &text));
                }
            });
        }
        None => outbox.show_message(3, text),
    }
}

/// A file of this process, in the folder for temporary files.
fn written(text: &str) -> Option<String> {
    let folder = std::env::temp_dir().join(format!("credscope-{}", std::process::id()));
    std::fs::create_dir_all(&folder).ok()?;
    let file = folder.join("store-secrets.sh");
    std::fs::write(&file, text).ok()?;
    super::analysed::uri_of(&file)
}
