//! Dotted paths of callees, with what a name was made of in place of the name: `client.get_secret` after
//! `client = SecretClient(…)` is `azure.keyvault.secrets.SecretClient().get_secret`.

use std::rc::Rc;

use credscope_grammars::facts::{Arg, ExprId};

use super::{At, Walker, value::Value};

/// Longest path that is built, in bytes; of a longer one the beginning and the end are kept.
const LONGEST: usize = 240;

impl<'a> Walker<'a> {
    /// Resolved path of a name, attribute or call; empty when it has none.
    pub(super) fn path(&mut self, at: At<'a>, id: ExprId) -> String {
        let Some(raw) = at.facts.path(id) else { return String::new() };
        let root_end = raw.find(['.', '(', '[']).unwrap_or(raw.len());
        let root = &raw[..root_end];
        let Some((_, value, _)) = self.env.find(self.env.current, root) else { return self.resolve(at, &raw) };
        if let Some(origin) = &value.origin {
            return [origin, &raw[root_end..]].concat();
        }
        if value.is_blank() || value.module.is_some() {
            return self.resolve(at, &raw);
        }
        // Fields: `self.client.get_secret`.
        let mut value = value.clone();
        let mut rest = &raw[root_end..];
        while let Some(tail) = rest.strip_prefix('.') {
            let end = tail.find(['.', '(', '[']).unwrap_or(tail.len());
            let next = match value.object {
                Some(object) => self.env.find(object, &tail[..end]).map(|(_, v, _)| v.clone()),
                None => value.part(&tail[..end]).cloned(),
            };
            let Some(next) = next else { break };
            rest = &tail[end..];
            if let Some(origin) = &next.origin {
                return [origin, rest].concat();
            }
            value = next;
        }
        self.resolve(at, &raw)
    }

    fn resolve(&self, at: At<'_>, raw: &str) -> String {
        let resolved = self.docs[at.doc as usize].names.resolve(raw);
        if resolved.len() > LONGEST { shortened(&resolved) } else { resolved }
    }

    /// The result of a call of somebody else's, remembered by how it was made.
    pub(super) fn made(&self, at: At<'_>, path: &str, args: &[Arg]) -> Value {
        let method = path.rsplit('.').next().unwrap_or(path);
        let mut origin = [path, "()"].concat();
        // What the first argument says of the result.
        if matches!(
            method,
            "client"
                | "resource"
                | "open"
                | "get"
                | "PrintWriter"
                | "FileWriter"
                | "File"
                | "Path"
                | "writer"
                | "getInstance"
        ) && let Some(text) = args.first().and_then(|a| self.text(at, a.value))
        {
            if matches!(method, "client" | "resource" | "getInstance") {
                origin.push_str(&format!(".{text}"));
            } else if is_scratch(&text) {
                origin.push_str(".tmp");
            }
        }
        if origin.len() > LONGEST {
            origin = shortened(&origin);
        }
        Value { origin: Some(origin.into()), ..Value::clean() }
    }
}

/// Folders whose files go away with the driver.
pub(super) fn is_scratch(path: &str) -> bool {
    ["/tmp", "/local_disk0", "file:/tmp", "file:///tmp"].iter().any(|p| path.starts_with(p))
}

/// A path of an attribute of something made.
pub(super) fn extend(origin: &Rc<str>, name: &str, call: bool) -> Rc<str> {
    let path = [&**origin, ".", name, if call { "()" } else { "" }].concat();
    if path.len() > LONGEST { shortened(&path).into() } else { path.into() }
}

fn shortened(path: &str) -> String {
    let head = (0..=120).rev().find(|i| path.is_char_boundary(*i)).unwrap_or(0);
    let tail = (path.len() - 100..path.len()).find(|i| path.is_char_boundary(*i)).unwrap_or(path.len());
    format!("{}….{}", &path[..head], &path[tail..])
}
