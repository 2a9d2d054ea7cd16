//! Command lines of programs: options that are named like secrets, alone and in the namespace that holds them all.

use credscope_grammars::facts::{ExprId, ExprKind};

use super::{
    At, Walker,
    reach::Call,
    value::{Kind, Spot, Value},
};
use crate::{
    catalog,
    value::names::{NameVerdict, verdict},
};

impl<'a> Walker<'a> {
    /// `parser.add_argument("--password")` is noted; `parser.parse_args()` holds what was.
    pub(super) fn namespace(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        match call.method {
            "add_argument" => {
                let dest = call.named("dest").and_then(|i| self.text(at, call.args[i].value));
                let flags = call.args.iter().filter(|a| a.name.is_none());
                let flags: Vec<_> = flags.filter_map(|a| Some((self.text(at, a.value)?, a.span))).collect();
                let long = flags.iter().find(|(f, _)| f.starts_with("--")).or_else(|| flags.first());
                let (flag, span) = long?;
                let name = dest.unwrap_or_else(|| flag.trim_start_matches('-').replace('-', "_"));
                if is_secret(&name) {
                    self.options.insert(name.into(), at.spot(*span));
                }
                None
            }
            "parse_args" | "parse_known_args" if !self.options.is_empty() => {
                let frame = self.env.push(None);
                let options: Vec<(Box<str>, Spot)> = self.options.iter().map(|(n, s)| (n.clone(), *s)).collect();
                for (name, spot) in options {
                    let source = self.source(Kind::Named, format!("argument `{name}`"), spot);
                    self.env.write(frame, &name, Value::of(source));
                }
                self.env.frames[frame as usize].shown = true;
                let origin = self.made(at, call.path, call.args).origin;
                let found = Value { object: Some(frame), origin, ..Value::clean() };
                Some(match call.method {
                    "parse_args" => found,
                    _ => Value::parts([("0".into(), found), ("1".into(), Value::clean())].into()),
                })
            }
            _ => None,
        }
    }

    /// `password = sys.argv[1]`: what a script is given under a secret name.
    pub(super) fn argument(&mut self, at: At<'a>, name: &str, id: ExprId, value: Value) -> Value {
        let given = matches!(at.facts.expr(id).kind, ExprKind::Index { .. }) && is_secret(name);
        if !given || self.path(at, id) != "sys.argv[]" {
            return value;
        }
        let spot = at.spot(at.facts.expr(id).span);
        Value::of(self.source(Kind::Named, format!("argument `{name}`"), spot))
    }
}

fn is_secret(name: &str) -> bool {
    verdict(name) == NameVerdict::Secret && !catalog::env::is_harmless(name)
}
