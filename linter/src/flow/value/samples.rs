//! What a program takes out of a connection string: where the secret stands in one is known by how they are written, so that a host
//! that is cut out of a secret is no secret.

use std::{collections::BTreeMap, rc::Rc};

use regex::Regex;

use super::{Cut, Label, Value, pieces::SAMPLE};

/// How connection strings are written, `@` for the secret.
const FORMS: &[&str] = &[
    "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=policy;SharedAccessKey=@;EntityPath=hub",
    "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=@;EndpointSuffix=core.windows.net",
    "AccountEndpoint=https://account.documents.azure.com:443/;AccountKey=@;",
    "HostName=hub.azure-devices.net;DeviceId=device;SharedAccessKey=@",
    "InstrumentationKey=@;IngestionEndpoint=https://place.in.applicationinsights.azure.com/",
    "Server=tcp:host.database.windows.net,1433;Database=sales;User ID=etl;Password=@;Encrypt=true",
    "jdbc:sqlserver://host.database.windows.net:1433;database=sales;user=etl;password=@;encrypt=true",
    "jdbc:postgresql://host.example.com:5432/sales?user=etl&password=@&ssl=true",
    "https://account.blob.core.windows.net/container?sv=2022-11-02&sig=@",
];
/// The same with a user before the host.
const USERINFO: &[&str] = &["postgresql://etl:", "mongodb+srv://etl:", "amqps://etl:"];
const BEHIND: &str = "@host.example.com:5432/sales?ssl=true";

fn samples() -> Vec<Box<str>> {
    let forms = FORMS.iter().map(|form| form.replace('@', SAMPLE));
    forms.chain(USERINFO.iter().map(|head| format!("{head}{SAMPLE}{BEHIND}"))).map(Into::into).collect()
}

/// Whether a separator or pattern is of connection strings: it names a part of one.
pub(in crate::flow) fn tells(text: &str) -> bool {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    text.contains("://") || text.contains('=') && letters >= 4
}

impl Label {
    /// Texts as which the value may be written. `connection`: it is a connection string, as far as one can tell.
    fn texts(&self, connection: bool) -> Option<Vec<Box<str>>> {
        match (&self.samples, &self.around) {
            (Some(samples), _) => Some(samples.to_vec()),
            (None, Some(around)) => (!self.changed).then(|| vec![around.text()]),
            (None, None) => (connection && !self.changed).then(samples),
        }
    }

    fn with(&self, samples: Option<Vec<Box<str>>>) -> Self {
        Self { changed: true, around: None, samples: samples.map(Rc::from), ..self.clone() }
    }
}

impl Value {
    /// [`Value::pieces`] of a secret that is a connection string itself.
    pub(in crate::flow) fn pieces_of_samples(&self, separator: &str, cut: Cut, connection: bool) -> Option<Value> {
        if separator.is_empty() || self.labels.is_empty() || self.parts.is_some() || SAMPLE.contains(separator) {
            return None;
        }
        let mut pieces: BTreeMap<Box<str>, Value> = BTreeMap::new();
        for label in &self.labels {
            let texts = label.texts(connection)?;
            let lists: Vec<Vec<&str>> =
                texts.iter().filter(|t| t.contains(separator)).map(|t| parted(t, separator, cut)).collect();
            let most = lists.iter().map(Vec::len).max()?;
            for at in 0..most {
                // The last piece of a shorter one is asked for from the end, too.
                let here = |list: &Vec<&str>| {
                    let last = if at + 1 == most { list.last() } else { None };
                    last.or_else(|| list.get(at)).filter(|piece| piece.contains(SAMPLE)).map(|piece| (*piece).into())
                };
                let secret: Vec<Box<str>> = lists.iter().filter_map(here).collect();
                let piece = pieces.entry(at.to_string().into()).or_default();
                if !secret.is_empty() {
                    piece.labels.push(label.with(Some(secret)));
                }
            }
        }
        Some(Value::parts(pieces))
    }

    /// The groups that a pattern finds, by number and name.
    pub(in crate::flow) fn groups(&self, pattern: &Regex, connection: bool) -> Option<Value> {
        if self.labels.is_empty() || self.parts.is_some() {
            return None;
        }
        let mut groups: BTreeMap<Box<str>, Value> = BTreeMap::new();
        for label in &self.labels {
            let texts = label.texts(connection)?;
            let found: Vec<_> = texts.iter().filter_map(|t| Some((t.find(SAMPLE)?, pattern.captures(t)?))).collect();
            if found.is_empty() {
                return None;
            }
            for (number, name) in pattern.capture_names().enumerate() {
                let inside = found.iter().filter_map(|(at, captures)| {
                    let group = captures.get(number)?;
                    (group.start() < at + SAMPLE.len() && group.end() > *at).then(|| Box::from(group.as_str()))
                });
                let inside: Vec<Box<str>> = inside.collect();
                // A part of the secret has no text of its own.
                let whole = inside.iter().all(|text| text.contains(SAMPLE));
                let value = match inside.is_empty() {
                    true => Value::clean(),
                    false => Value { labels: vec![label.with(whole.then_some(inside))], ..Value::clean() },
                };
                for key in [Some(number.to_string()), name.map(str::to_owned)].into_iter().flatten() {
                    let known = groups.remove(key.as_str()).unwrap_or_default();
                    groups.insert(key.into(), known.join(&value));
                }
            }
        }
        Some(Value::parts(groups))
    }
}

fn parted<'t>(text: &'t str, separator: &'t str, cut: Cut) -> Vec<&'t str> {
    let three = |parts: Option<(&'t str, &'t str)>| parts.map_or_else(Vec::new, |(a, b)| vec![a, separator, b]);
    match cut {
        Cut::Each => text.split(separator).collect(),
        Cut::First => text.splitn(2, separator).collect(),
        Cut::Last => text.rsplit_once(separator).map_or_else(Vec::new, |(a, b)| vec![a, b]),
        Cut::FirstOfThree => three(text.split_once(separator)),
        Cut::LastOfThree => three(text.rsplit_once(separator)),
    }
}
