//! Code actions. Each is described by a [`Spec`]; its edit is written at once, or when the client resolves it.

use std::sync::Arc;

use credscope_linter::{
    fix::{self, Applicability, Fix, SecretName},
    rules::governance::same_credential_many_places,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    analysed::Analysed,
    capabilities::Client,
    edits::Edits,
    position,
    suppressions::{self, ConfigFile},
};

/// What an action does to the document that it was offered for. Numbers are positions in its findings and their fixes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase")]
enum Spec {
    Fix { finding: usize, fix: usize },
    MoveAll { finding: usize },
    Ignore { finding: usize },
    IgnoreInFile { finding: usize },
    Disable { finding: usize },
    FixAll,
}

/// What actions are made from.
pub(super) struct Asked<'a> {
    pub analysed: &'a Analysed,
    /// Other documents that are open, for the uses of a secret in them.
    pub others: &'a [Arc<Analysed>],
    pub client: &'a Client,
    pub config: ConfigFile,
    /// Fixes end with the commands that store the secret.
    pub hint: bool,
}

const FIX_ALL: &str = "source.fixAll.credscope";
const NOTEBOOK_FIX_ALL: &str = "notebook.source.fixAll.credscope";

impl Asked<'_> {
    /// Actions for a protocol range of a text; `only` as in the request.
    pub(super) fn actions(&self, uri: &str, range: &Value, only: Option<&[String]>) -> Vec<Value> {
        let wants = |kind: &str| {
            only.is_none_or(|o| {
                o.iter().any(|w| {
                    kind == w || w.is_empty() || kind.strip_prefix(w.as_str()).is_some_and(|r| r.starts_with('.'))
                })
            })
        };
        let text = self.analysed.text(uri);
        let null = Value::Null;
        let at = |end: &str| position::offset(text.text, text.lines, range.get(end).unwrap_or(&null), self.client.unit);
        let start = at("start");
        let mut actions = Vec::new();
        if wants("quickfix") {
            for number in self.analysed.touching(uri, start..at("end").max(start)) {
                self.quick_fixes(uri, range, number, &mut actions);
            }
        }
        let kind = if self.analysed.is_notebook() { NOTEBOOK_FIX_ALL } else { FIX_ALL };
        // Cells are asked with the plain kind, too: it means the cell's notebook.
        let asked = only.is_some() && (wants(kind) || (self.analysed.is_notebook() && wants(FIX_ALL)));
        if asked && self.edit(&Spec::FixAll).is_some() {
            let kind = if wants(kind) { kind } else { FIX_ALL };
            actions.push(self.action("Fix all safe credscope findings", kind, &Spec::FixAll, uri, range));
        }
        actions
    }

    fn quick_fixes(&self, uri: &str, range: &Value, number: usize, actions: &mut Vec<Value>) {
        let Some(finding) = self.analysed.fixed().get(number) else { return };
        let diagnostic = self.analysed.diagnostic(finding, uri, self.client);
        let mut add = |title: &str, spec: &Spec, preferred: bool, secrets: &[SecretName]| {
            let mut action = self.action(title, "quickfix", spec, uri, range);
            action["diagnostics"] = json!([diagnostic]);
            if preferred {
                action["isPreferred"] = json!(true);
            }
            if self.hint && !secrets.is_empty() {
                let command = json!({
                    "title": "Show how to store the secret", "command": "credscope.showProvisioning",
                    "arguments": [{"uri": uri, "secrets": names(secrets), "offer": true}],
                });
                // It comes with the edit: an edit that is refused must not be spoken of as done, and Emacs takes an action
                // with a command for a complete one.
                let at = if self.client.resolve_command { &mut action["data"] } else { &mut action };
                at["command"] = command;
            }
            actions.push(action);
        };
        let all = self.uses(number);
        let count: usize = all.iter().map(|(_, fixes)| fixes.len()).sum();
        let name = finding.fixes.first().and_then(|f| f.secrets.first()).filter(|_| count > 1);
        let everywhere = name.and_then(|_| self.edit(&Spec::MoveAll { finding: number }));
        // All places of the only file with the secret are all uses: that is said once.
        let twice = |fix: usize| everywhere.is_some() && self.edit(&Spec::Fix { finding: number, fix }) == everywhere;
        // A credential in several files is a finding of its place already, which offers the fixes.
        let findings = &self.analysed.findings;
        let is_copy = finding.rule.code == same_credential_many_places::META.code
            && findings.iter().any(|f| f.place == finding.place && f.rule.code != finding.rule.code);
        let fixes = if is_copy { &[][..] } else { finding.fixes.as_slice() };
        let mut first = true;
        for (i, fix) in fixes.iter().enumerate() {
            if fix.applicability > Applicability::Display && !fix.edits.is_empty() && (first || !twice(i)) {
                let missing: &[SecretName] = if fix.applicability == Applicability::Safe { &[] } else { &fix.secrets };
                add(&fix.title, &Spec::Fix { finding: number, fix: i }, first, missing);
                first = false;
            }
        }
        if let Some(name) = name {
            let title = format!("Move all {count} uses in open files to `{}` as `{}`", name.scope, name.key);
            add(&title, &Spec::MoveAll { finding: number }, false, std::slice::from_ref(name));
        }
        let rule = finding.rule;
        if suppressions::above(self.analysed, finding).is_some() {
            let title = format!("Ignore {} ({}) here with a reason", rule.name, rule.code);
            add(&title, &Spec::Ignore { finding: number }, false, &[]);
        }
        if suppressions::whole_file(self.analysed, finding).is_some() {
            let title = format!("Ignore {} ({}) in this file", rule.name, rule.code);
            add(&title, &Spec::IgnoreInFile { finding: number }, false, &[]);
        }
        let file = self.config.path.file_name().unwrap_or_default().to_string_lossy();
        let title = format!("Disable {} ({}) in {file}", rule.name, rule.code);
        add(&title, &Spec::Disable { finding: number }, false, &[]);
    }

    /// `uri` and `range` are what was asked about.
    fn action(&self, title: &str, kind: &str, spec: &Spec, uri: &str, range: &Value) -> Value {
        let mut action = json!({"title": title, "kind": kind});
        if self.client.resolve {
            let version = self.analysed.text(uri).version;
            action["data"] = json!({
                "uri": self.analysed.uri, "revision": self.analysed.revision, "spec": spec,
                "text": uri, "version": version, "range": range,
            });
        } else {
            action["edit"] = self.edit(spec).unwrap_or_else(|| json!({"changes": {}}));
        }
        action
    }

    /// The edit of an action that was offered without; `None`: the text is another one, or its data mean nothing.
    pub(super) fn resolve(&self, action: &Value) -> Option<Value> {
        let data = action.get("data")?;
        let spec = |data: &Value| serde_json::from_value::<Spec>(data.get("spec")?.clone()).ok();
        let fits = data.get("revision").and_then(Value::as_u64) == Some(self.analysed.revision);
        // Other documents decide, too: all uses that the title counts are moved, or none.
        let alone = !matches!(spec(data)?, Spec::MoveAll { .. });
        let data = if fits && alone { data.clone() } else { self.offered_again(action)? };
        let mut action = action.clone();
        action["edit"] = self.edit(&spec(&data)?)?;
        if let Some(command) = data.get("command") {
            action["command"] = command.clone();
        }
        Some(action)
    }

    /// Data of the same action of the same text, which was analysed anew since: a configuration or another file changed.
    fn offered_again(&self, action: &Value) -> Option<Value> {
        let data = action.get("data")?;
        let uri = data.get("text")?.as_str()?;
        if data.get("version")?.as_i64()? != self.analysed.text(uri).version? {
            return None;
        }
        let kind = action.get("kind")?.as_str()?.to_owned();
        let same = |a: &Value| a["title"] == action["title"] && a["kind"] == action["kind"];
        self.actions(uri, data.get("range")?, Some(&[kind])).into_iter().find(same).map(|mut a| a["data"].take())
    }

    fn edit(&self, spec: &Spec) -> Option<Value> {
        let analysed = self.analysed;
        let findings = analysed.fixed();
        let mut edits = Edits::default();
        match spec {
            Spec::Fix { finding, fix } => {
                edits.fix(analysed, findings.get(*finding)?.fixes.get(*fix)?, self.client);
            }
            Spec::MoveAll { finding } => {
                for (analysed, fixes) in self.uses(*finding) {
                    for fix in fixes {
                        edits.fix(analysed, &fix, self.client);
                    }
                }
            }
            Spec::Ignore { finding } => {
                let (place, text) = suppressions::above(analysed, findings.get(*finding)?)?;
                edits.insert(analysed, place, &text, self.client);
            }
            Spec::IgnoreInFile { finding } => {
                let (place, text) = suppressions::whole_file(analysed, findings.get(*finding)?)?;
                edits.insert(analysed, place, &text, self.client);
            }
            Spec::Disable { finding } => {
                return suppressions::disable(&self.config, findings.get(*finding)?.rule.name, self.client);
            }
            Spec::FixAll => {
                for fix in
                    findings.iter().filter_map(|f| f.fixes.iter().find(|x| x.applicability == Applicability::Safe))
                {
                    edits.fix(analysed, fix, self.client);
                }
            }
        }
        edits.finish(self.client)
    }

    /// Preferred fixes of all findings with the same value, in all open documents. They share the names.
    fn uses(&self, number: usize) -> Vec<(&Analysed, Vec<Fix>)> {
        let Some(value) = self.analysed.findings.get(number).and_then(|f| f.value) else { return Vec::new() };
        let mut names = fix::Names::default();
        let all = std::iter::once(self.analysed).chain(self.others.iter().map(AsRef::as_ref));
        all.filter(|a| a.findings.iter().any(|f| f.value == Some(value)))
            .map(|analysed| {
                let fixes = analysed
                    .resolve(&mut names)
                    .into_iter()
                    .filter(|f| f.value == Some(value))
                    .filter_map(|f| f.fixes.into_iter().next())
                    .filter(|f| f.applicability > Applicability::Display && !f.edits.is_empty())
                    .collect();
                (analysed, fixes)
            })
            .collect()
    }
}

fn names(secrets: &[SecretName]) -> Vec<Value> {
    secrets.iter().map(|s| json!({"scope": s.scope, "key": s.key})).collect()
}
