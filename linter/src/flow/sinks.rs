//! A secret that has reached a sink → a leak: rule, severity, message, path.

use super::{
    Foreign, Leak, Walker,
    tables::Class,
    value::{Kind, Label, Spot, Value},
};
use crate::rule::{Confidence, Severity};

/// How strong a finding is: of several at one place the strongest stays.
pub(super) type Rank = (Severity, bool, bool, Kind);

impl Walker<'_> {
    /// Reports what `value` carries to a sink, once per place. `verb`: what happens there (`printed`).
    pub(super) fn leak(&mut self, code: &'static str, class: Class, value: &Value, spot: Spot, verb: &str) {
        if self.quiet > 0 || value.is_clean() {
            return;
        }
        if spot.doc != 0 {
            // Its own analysis reports it; what came from here is reported where it was handed over.
            self.foreign.push(Foreign { code, class, value: value.flat(), spot, verb: verb.into() });
            return;
        }
        self.leak_through(code, class, value, spot, verb, None);
    }

    /// Whether a value was read here or went through here.
    pub(super) fn is_ours(&self, value: &Value) -> bool {
        let here = |l: &Label| self.sources[l.source].spot.doc == 0 || l.hops.iter().any(|(_, s)| s.doc == 0);
        value.all().iter().any(here)
    }

    /// Reports a leak of another document where its value was handed over.
    pub(super) fn leak_elsewhere(&mut self, leak: &Foreign, spot: Spot) {
        self.leak_through(leak.code, leak.class, &leak.value, spot, &leak.verb, Some(leak.spot));
    }

    /// `end`: where it really happens, in another document.
    pub(super) fn leak_through(
        &mut self,
        code: &'static str,
        class: Class,
        value: &Value,
        spot: Spot,
        verb: &str,
        end: Option<Spot>,
    ) {
        let labels = value.all();
        let Some(label) = labels.iter().max_by_key(|l| self.rank(l, class)) else { return };
        let rank = self.rank(label, class);
        let source = self.sources[label.source].clone();
        if label.digest && !matches!(class, Class::Output | Class::Log | Class::Table | Class::Stored) {
            return;
        }
        let shown = matches!(class, Class::Output | Class::Log);
        let dump = source.kind == Kind::Dump;
        if dump && !shown && class != Class::Table && !matches!(code, "CS214" | "CS218" | "CS219" | "CS220") {
            return;
        }
        let bypass = label.changed && source.kind == Kind::Scope && shown && !source.identifier && !label.digest;
        let mut code = if bypass && matches!(code, "CS201" | "CS202" | "CS206") { "CS208" } else { code };
        if value.debug && matches!(code, "CS201" | "CS203" | "CS204" | "CS206" | "CS207") {
            code = "CS205";
        }
        if dump && (shown || class == Class::Table) {
            code = "CS224";
        }
        let mut severity = rank.0;
        // The literal is the finding; its URL matters when it has moved.
        if code == "CS210" && source.kind == Kind::Plain {
            severity = Severity::Info;
        }
        if value.caught && shown {
            (code, severity) = ("CS225", Severity::Info);
        }
        let mut help = if label.digest {
            "a short digest without salt is quickly guessed; show a salted one, or none".to_owned()
        } else {
            explanation(code, class, source.kind, label.changed, self.notebook).to_owned()
        };
        let form = if code == "CS208" { ", in a form that redaction misses" } else { "" };
        let message = match code {
            "CS224" => format!("{} is shown, secrets among it", source.name),
            "CS225" => format!("the error's text can repeat the URL with {}", source.name),
            _ if label.digest => format!("a digest of {} is {verb}", source.name),
            _ => format!("{} is {verb}{form}", source.name),
        };
        let path_of = |doc: u16| (doc != 0).then(|| self.docs[doc as usize].path.clone());
        let mut path = vec![(format!("{} is read here", source.name), path_of(source.spot.doc), source.spot.place)];
        path.extend(
            label
                .hops
                .iter()
                .filter(|(_, s)| *s != source.spot && *s != spot)
                .map(|(m, s)| (m.to_string(), path_of(s.doc), s.place)),
        );
        if let Some(end) = end {
            path.push((format!("{verb} here"), path_of(end.doc), end.place));
        }
        let count = |s: Spot| if s.doc == 0 { self.counts.get(s.place.cell as usize).copied().flatten() } else { None };
        if let (Some(read), Some(used)) = (count(source.spot), count(spot))
            && read > used
        {
            help.push_str(&format!(
                "; the cells last ran in another order (this one as [{used}], the one that reads it as [{read}])"
            ));
        }
        let confidence = if source.kind == Kind::Named { Confidence::Medium } else { Confidence::High };
        let leak = Leak {
            code,
            severity,
            confidence,
            place: spot.place,
            message,
            help,
            path,
            subject: source.name,
            value: None,
            elsewhere: end.and_then(|end| path_of(end.doc)),
        };
        self.note(leak, rank);
    }

    /// Keeps a leak; of two at one place the stronger.
    pub(super) fn note(&mut self, leak: Leak, rank: Rank) {
        match self.leak_at.get(&(leak.place, leak.code)) {
            Some(&at) => {
                if self.leaks[at].1 < rank {
                    self.leaks[at] = (leak, rank);
                }
            }
            None => {
                self.leak_at.insert((leak.place, leak.code), self.leaks.len());
                self.leaks.push((leak, rank));
            }
        }
    }

    /// A finding about something other than one value: a dump, a widget, a switch.
    pub(super) fn plain_leak(
        &mut self,
        code: &'static str,
        spot: Spot,
        (message, help): (String, &str),
        subject: String,
    ) {
        if self.quiet > 0 || spot.doc != 0 {
            return;
        }
        let leak = Leak {
            code,
            severity: Severity::Warning,
            confidence: Confidence::High,
            place: spot.place,
            message,
            help: help.to_owned(),
            path: Vec::new(),
            subject,
            value: None,
            elsewhere: None,
        };
        self.note(leak, (Severity::Warning, false, false, Kind::Named));
    }

    /// Severity by catalog §0.3, then what makes the strongest finding.
    fn rank(&self, label: &Label, class: Class) -> Rank {
        let source = &self.sources[label.source];
        let severity =
            match (class, source.kind) {
                _ if source.identifier || label.digest => Severity::Info,
                (_, Kind::Dump) => Severity::Warning,
                (Class::Expected, _) => Severity::Info,
                (Class::Text | Class::Scratch, _) => Severity::Warning,
                (Class::Stored | Class::Ddl | Class::Table | Class::Header, _) => Severity::Error,
                (Class::Output | Class::Log, Kind::Scope) if !label.changed => {
                    if self.settings.strict && !self.notebook { Severity::Error } else { Severity::Warning }
                }
                (Class::Output | Class::Log, _) => Severity::Error,
            };
        (severity, !source.identifier && !label.digest, label.changed, source.kind)
    }
}

/// Why that is bad: true to what Databricks documents about redaction (catalog §B.1).
fn explanation(code: &str, class: Class, kind: Kind, changed: bool, notebook: bool) -> &'static str {
    match (class, kind) {
        (_, Kind::Dump) => super::dumps::KEYS,
        _ if code == "CS225" => "the error's text repeats the URL; hand the secret over as an option or header",
        _ if code == "CS207" => "error texts of a run are stored and mailed; name the secret by scope and key instead",
        _ if code == "CS229" => "every row then holds it; use it inside the function only",
        (Class::Stored, _) => "it is stored in clear there; keep it out and pass scope and key instead",
        (Class::Ddl, _) => {
            "the statement stores it in clear and query history keeps it; use `secret('scope', 'key')` there"
        }
        (Class::Scratch, _) => "the file keeps it in clear; delete it after use, or pass the text itself",
        (Class::Expected, _) if code == "CS223" => {
            "Spark's redaction does not know this key, so that the Spark UI shows the value; prefer OAuth or an external location"
        }
        (_, _) if code == "CS223" => {
            "every notebook on the cluster can read it there; use `spark.conf.set` or an external location"
        }
        (Class::Expected, _) => "every process of the cluster's driver can read it there; set it for the library alone",
        (Class::Header, Kind::Scope) if !changed => {
            "whoever sees the header can use it, and driver logs are not redacted; print the names of the headers instead"
        }
        (Class::Table, _) => "redaction of tables is not documented; leave the column out",
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
