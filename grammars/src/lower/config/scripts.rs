//! Shell inside configuration documents: steps of CI files, commands of containers, build commands of bundles.

use std::collections::BTreeMap;

use crate::{
    CellFacts, Secret, Span, TextMap,
    facts::{EmbeddedOrigin, ExprKind, Property, PropertyValue, StrLit, StrPart},
    lower::{LowerOptions, handed},
};

mod environments;

use environments::Environments;

/// Keys whose value, or each member of whose list, is a script (GitHub, Azure, GitLab, CircleCI, Bitbucket pipelines;
/// bundles, Cloud Build, Ansible, devcontainers).
const SCRIPTS: &[&str] = &[
    "run", "script", "scripts", "before_script", "after_script", "bash", "sh", "inlinescript", "azurecli", "build",
    "preinit", "postinit", "prebuild", "postbuild", "predeploy", "postdeploy", "shell", "commands", "before_install",
    "install", "before_deploy", "deploy", "postcreatecommand", "poststartcommand", "onsuccess", "user_data",
    "userdata", "content", "init_script", "startup_script", "arguments", "entry", "powershell", "pwsh", "cmd", "exec",
];

/// Keys whose list is one command, word by word; a text is a line.
const COMMANDS: &[&str] = &["command", "entrypoint", "args", "test", "cmd"];

/// Keys of [`SCRIPTS`] that are used for other things, too: the value has to look like a command line.
const LOOSE: &[&str] = &["build", "install", "deploy", "content", "arguments", "entry", "shell", "exec", "scripts"];

/// What stands for the program of a list that holds its arguments only.
const ARGUMENTS: &str = "run";

/// Shortest script, in bytes.
const MIN_SCRIPT: usize = 3;

/// Adds the scripts of a document. `text` is the cell.
pub(super) fn after_lowering(facts: &mut CellFacts, text: &str, options: LowerOptions) {
    let Some(nested) = options.nested() else { return };
    let mut found: Vec<Found> = Vec::new();
    let mut lists: BTreeMap<(u32, Vec<Box<str>>), Vec<usize>> = BTreeMap::new();
    for (i, property) in facts.properties.iter().enumerate() {
        let PropertyValue::Str(lit) = &property.value else { continue };
        let (Some(key), in_list) = key_of(property) else { continue };
        let key = key.to_ascii_lowercase();
        // `build.args` of a compose file sets variables.
        let of_build = key == "args" && property.path.len() >= 3 && &*property.path[property.path.len() - 3] == "build";
        if of_build {
            continue;
        }
        if in_list && COMMANDS.contains(&key.as_str()) {
            let parent = property.path[..property.path.len() - 1].to_vec();
            lists.entry((property.group, parent)).or_default().push(i);
            continue;
        }
        // `"scripts": {"deploy": "…"}` of package.json and of bundles.
        let script_map = property.path.len() >= 2 && &*property.path[property.path.len() - 2] == "scripts";
        let of_bundle = is_bundle_script(property);
        if !script_map && !SCRIPTS.contains(&key.as_str()) && !COMMANDS.contains(&key.as_str()) {
            continue;
        }
        let (script, map) = script(lit, property.value_span, text);
        let strict = !of_bundle && !script_map && LOOSE.contains(&key.as_str());
        let runs = match () {
            () if script_map => script.contains([' ', '\n']),
            () => !strict || is_command_line(&script),
        };
        if script.len() >= MIN_SCRIPT && runs {
            found.push(Found { lit: lit.clone(), property: i, script, map });
        }
    }
    for members in lists.into_values() {
        let (mut line, mut map) = (String::new(), TextMap::default());
        let mut first: Option<(StrLit, usize)> = None;
        for &i in &members {
            let property = &facts.properties[i];
            let PropertyValue::Str(lit) = &property.value else { continue };
            let at = property.value_span.start as usize;
            let word: String = plain(lit).map(|v| v.expose().to_owned()).unwrap_or_default();
            // `"args": ["--token", "…"]`: the program stands elsewhere.
            if line.is_empty() && word.starts_with('-') {
                map.push(at, ARGUMENTS.len(), 0, true);
                line.push_str(ARGUMENTS);
            }
            let one_line = line == "CMD-SHELL";
            let special = word.contains([' ', '&', ';', '|', '(', '<', '>', '"']);
            let quoted = special && !one_line && !word.contains('\'');
            for (shown, before) in [(" ", !line.is_empty()), ("'", quoted)] {
                if before {
                    map.push(at, 1, 0, true);
                    line.push_str(shown);
                }
            }
            for part in &lit.parts {
                if let StrPart::Text { value, map: inner } = part {
                    line.push_str(value.expose());
                    map.append(inner);
                }
            }
            if quoted {
                map.push(property.value_span.end as usize, 1, 0, true);
                line.push('\'');
            }
            first.get_or_insert_with(|| (lit.clone(), i));
        }
        // `CMD` and `CMD-SHELL` of a health check are no words.
        let skip = ["CMD-SHELL ", "CMD "].iter().find(|m| line.starts_with(**m)).map_or(0, |m| m.len());
        let map = map.slice(Span::new(skip, line.len()));
        let line = line.split_off(skip);
        if let Some((lit, property)) = first.filter(|_| line.len() >= MIN_SCRIPT) {
            found.push(Found { lit, property, script: line, map });
        }
    }
    let environments = Environments::of(facts);
    for Found { lit, property, script, map } in found {
        let (span, path) = (facts.properties[property].value_span, facts.properties[property].path.clone());
        let literal = facts.push(span, ExprKind::Str(lit));
        let macros = environments::macros(&path);
        let find = |facts: &CellFacts, name: &str, form| environments.find(facts, &path, name, form);
        let origin = EmbeddedOrigin::Document { literal };
        let embedded = handed::script(facts, (script, map), (macros, &find), origin, nested);
        facts.embedded.push(embedded);
    }
}

/// A script of the document.
struct Found {
    lit: StrLit,
    /// The property that it is the value of; of a list the first member.
    property: usize,
    script: String,
    map: TextMap,
}

/// `scripts.NAME.content` and `artifacts.NAME.build` of a bundle: nothing but commands.
fn is_bundle_script(property: &Property) -> bool {
    match property.path.as_slice() {
        [first, _, last] => matches!((&**first, &**last), ("scripts", "content") | ("artifacts", "build")),
        _ => false,
    }
}

/// The last key that is no number, and whether the property is a member of its list.
fn key_of(property: &Property) -> (Option<&str>, bool) {
    let mut keys = property.path.iter().rev().map(|k| &**k);
    let is_number = |k: &str| !k.is_empty() && k.bytes().all(|b| b.is_ascii_digit());
    match keys.next() {
        Some(key) if is_number(key) => (keys.next().filter(|k| !is_number(k)), true),
        other => (other, false),
    }
}

fn plain(lit: &StrLit) -> Option<Secret> {
    lit.plain()
}

/// The text of a script; a folded block (`>-`) is one line where YAML says so.
fn script(lit: &StrLit, span: Span, text: &str) -> (String, TextMap) {
    let (mut out, mut map) = (String::new(), TextMap::default());
    for part in &lit.parts {
        if let StrPart::Text { value, map: inner } = part {
            out.push_str(value.expose());
            map.append(inner);
        }
    }
    if span.of(text).starts_with('>') {
        fold(&mut out);
    }
    (out, map)
}

/// Line breaks between two lines of text without more indentation become blanks (same length, so that maps hold).
fn fold(text: &mut String) {
    let mut bytes = std::mem::take(text).into_bytes();
    for at in 1..bytes.len().saturating_sub(1) {
        let starts_text = !matches!(bytes[at + 1], b'\n' | b'\r' | b' ' | b'\t');
        if bytes[at] == b'\n' && bytes[at - 1] != b'\n' && starts_text {
            bytes[at] = b' ';
        }
    }
    *text = String::from_utf8(bytes).unwrap_or_default();
}

/// A program with a flag, an operator of the shell, or several lines.
fn is_command_line(text: &str) -> bool {
    text.contains([' ', '\n'])
        && (text.contains(" -") || text.contains("&&") || text.contains('|') || text.contains("://"))
}
