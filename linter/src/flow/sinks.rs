//! A secret that has reached a sink → a leak: rule, severity, message, path.

use super::{
    Leak, Walker,
    tables::Class,
    value::{Kind, Label, Value},
};
use crate::{finding::Place, rule::Severity};

impl Walker<'_> {
    /// Reports what `value` carries to a sink, once per place. `verb`: what happens there (`printed`).
    pub(super) fn leak(&mut self, code: &'static str, class: Class, value: &Value, place: Place, verb: &str) {
        if self.quiet > 0 {
            return;
        }
        let labels = value.all();
        let Some(label) = labels.iter().max_by_key(|l| self.rank(l, class)) else { return };
        let source = &self.sources[label.source];
        let bypass = label.changed
            && source.kind == Kind::Scope
            && matches!(class, Class::Output | Class::Log)
            && !source.identifier;
        let mut code = if bypass && !matches!(code, "CS203" | "CS204" | "CS207") { "CS208" } else { code };
        if value.debug && matches!(code, "CS201" | "CS206" | "CS207") {
            code = "CS205";
        }
        if self.seen.contains(&(place, code)) {
            return;
        }
        self.seen.insert((place, code));
        let severity = if source.identifier {
            Severity::Info
        } else {
            match (class, source.kind) {
                (Class::Text, _) => Severity::Warning,
                (Class::Stored, _) => Severity::Error,
                (_, Kind::Scope) if !label.changed => Severity::Warning,
                _ => Severity::Error,
            }
        };
        let why = explanation(class, source.kind, label.changed, self.notebook);
        let message = format!("{} is {verb}: {why}", source.name);
        let mut path = vec![(format!("{} is read here", source.name), source.path.clone(), source.place)];
        path.extend(
            label.hops.iter().filter(|(_, p)| *p != source.place && *p != place).map(|(m, p)| (m.clone(), None, *p)),
        );
        self.leaks.push(Leak { code, severity, place, message, path, subject: source.name.clone(), value: None });
    }

    /// The label that makes the strongest finding.
    fn rank(&self, label: &Label, _class: Class) -> (bool, bool, Kind) {
        let source = &self.sources[label.source];
        (!source.identifier, label.changed, source.kind)
    }
}

/// Why that is bad: true to what Databricks documents about redaction (catalog §B.1).
fn explanation(class: Class, kind: Kind, changed: bool, notebook: bool) -> &'static str {
    match (class, kind) {
        (Class::Stored, _) => "it is stored in clear there; keep it out and pass scope and key instead",
        (Class::Text, _) => {
            "it can be read in query history, process lists and logs there; hand it over as a parameter or header"
        }
        (_, Kind::Scope) if changed => {
            "redaction knows only the unchanged value, so this shows it; delete the line and rotate the secret"
        }
        (Class::Log, Kind::Scope) => "driver logs are not redacted in stdout and stderr; log the key's name instead",
        (Class::Output, Kind::Scope) if notebook => {
            "the cell shows [REDACTED], but the driver's stdout and stderr logs are not redacted; delete the line"
        }
        (_, Kind::Scope) => "nothing redacts the output of a job's process; delete the line",
        (_, Kind::Plain) => {
            "a credential in the source that is also shown; move it to a secret scope and do not show it"
        }
        _ => "nothing redacts this value; delete the line and rotate the secret",
    }
}
