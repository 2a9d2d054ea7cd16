//! Classes: which fields the arguments of a constructor become.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::facts::{Arg, Class, ExprId, ExprKind, Function, ParamKind, Stmt, StmtKind, Target};

use super::{
    super::eval::{Constructor, MAX_ENTRIES, Parameter},
    At, Value, Walker,
};

/// Calls that make a class of a name and a list of fields.
const MAKERS: &[&str] = &["namedtuple", "NamedTuple", "make_dataclass"];

impl Walker<'_> {
    pub(super) fn class(&mut self, at: At<'_>, class: &Class) {
        for id in class.bases.iter().chain(&class.decorators) {
            self.bare(at, *id);
        }
        if !class.params.is_empty() {
            self.know_parameters(&class.name, &class.params);
        }
        let mut made = self.inherited(at, class);
        self.scopes.push();
        self.params(at, &class.params);
        let outer = self.class.replace(class.name.clone());
        let passed_on = std::mem::take(&mut self.passed_on);
        self.block(at, &class.body);
        self.class = outer;
        if !class.params.is_empty() {
            self.know_parameters(&class.name, &class.params);
        }
        self.passed_on = passed_on;
        for (path, value) in self.scopes.pop(false) {
            let own = path.strip_prefix("self.").or_else(|| path.strip_prefix("this."));
            let name = own.map_or_else(|| path.clone(), Into::into);
            made.fields.insert(name, value);
        }
        if !class.params.is_empty() {
            made.parameters = class.params.iter().map(|p| same(&p.name)).collect();
        } else if let Some(parameters) = constructor(at, &class.body) {
            made.parameters = parameters;
        } else {
            made.parameters.extend(declared(at, &class.body));
        }
        made.parameters.truncate(MAX_ENTRIES);
        self.scopes.set(class.name.clone(), Value::Dict(Arc::new(made.fields.clone())));
        self.scopes.set(format!("{}()", class.name).into(), Value::Class(Arc::new(made)));
    }

    /// What a class has of the classes that it extends.
    fn inherited(&self, at: At<'_>, class: &Class) -> Constructor {
        let mut made = Constructor::default();
        for base in &class.bases {
            let ExprKind::Name(name) = &at.facts.expr(*base).kind else { continue };
            if let Value::Class(base) = self.scopes.get(&format!("{name}()"))
                && made.fields.len() + base.fields.len() <= MAX_ENTRIES
            {
                made.fields.extend(base.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
                made.parameters.extend(base.parameters.iter().cloned());
            }
        }
        made
    }

    /// The class that `namedtuple("Conf", "user password")` makes.
    pub(super) fn made_class(path: &str, args: &[Arg], values: &[Value]) -> Option<Value> {
        if !MAKERS.contains(&path.rsplit('.').next().unwrap_or(path)) {
            return None;
        }
        let named = args.iter().position(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == "field_names"));
        let fields = match values.get(named.unwrap_or(1))? {
            Value::Seq(items) => {
                items.iter().filter_map(|item| item.known().or_else(|| item.entry("0").known())).collect()
            }
            text => vec![text.known()?],
        };
        let words =
            fields.iter().flat_map(|text| text.expose().split([',', ' ', '\n'])).filter(|word| !word.is_empty());
        let parameters = words.take(MAX_ENTRIES).map(same).collect();
        Some(Value::Class(Arc::new(Constructor { parameters, fields: HashMap::new() })))
    }
}

impl Constructor {
    /// What an object is that is made with these arguments.
    pub(super) fn object(&self, at: At<'_>, args: &[Arg], values: &[Value]) -> Value {
        let mut fields = self.fields.clone();
        let mut position = 0;
        for (arg, value) in args.iter().zip(values) {
            let spread = matches!(at.facts.expr(arg.value).kind, ExprKind::Spread(_));
            match (&arg.name, value) {
                (None, Value::Dict(entries)) if spread => {
                    entries.iter().for_each(|(name, value)| self.give(name, value, &mut fields));
                }
                // How many there are is not known.
                (None, _) if spread => position = self.parameters.len(),
                (Some((name, _)), _) => self.give(name, value, &mut fields),
                (None, _) => {
                    if let Some((name, _)) = self.parameters.get(position) {
                        self.give(name, value, &mut fields);
                    }
                    position += 1;
                }
            }
        }
        Value::Dict(Arc::new(fields))
    }

    fn give(&self, parameter: &str, value: &Value, fields: &mut HashMap<Box<str>, Value>) {
        if let Some((_, field)) = self.parameters.iter().find(|(name, _)| **name == *parameter)
            && let Some(field) = field
        {
            fields.insert(field.clone(), value.clone());
        }
    }
}

/// A parameter that becomes the field of its name.
fn same(name: impl AsRef<str>) -> Parameter {
    (name.as_ref().into(), Some(name.as_ref().into()))
}

/// Parameters of a constructor that is written out, with the fields that it puts them into.
fn constructor(at: At<'_>, body: &[Stmt]) -> Option<Vec<Parameter>> {
    let init = body.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Function(f) if f.name.as_ref().is_some_and(|(name, _)| matches!(&**name, "__init__" | "this")) => {
            Some(&**f)
        }
        _ => None,
    })?;
    let parameters = init
        .params
        .iter()
        .filter(|p| !matches!(&*p.name, "self" | "cls"))
        .filter(|p| matches!(p.kind, ParamKind::Positional | ParamKind::KeywordOnly));
    Some(parameters.map(|p| (p.name.clone(), field_of(at, init, &p.name))).collect())
}

/// The field of the object that a constructor sets to a parameter: `self.secret = password`.
fn field_of(at: At<'_>, init: &Function, parameter: &str) -> Option<Box<str>> {
    let of_parameter = |id: ExprId| matches!(&at.facts.expr(id).kind, ExprKind::Name(name) if **name == *parameter);
    init.body.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Bind { targets, value, .. } if of_parameter(*value) => match targets.as_slice() {
            [Target::Place(place)] => match &at.facts.expr(*place).kind {
                ExprKind::Attr { base, name, .. } if matches!(at.facts.root(*base), Some("self" | "this")) => {
                    Some(name.clone())
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Fields that a class declares with their types, in the order in which a constructor takes them.
fn declared<'b>(at: At<'b>, body: &'b [Stmt]) -> impl Iterator<Item = Parameter> + 'b {
    body.iter().filter_map(move |stmt| match &stmt.kind {
        StmtKind::Bind { targets, annotation: Some(_), .. } => match targets.as_slice() {
            [Target::Name { name, .. }] => Some(same(name)),
            _ => None,
        },
        StmtKind::Expr(id) => match &at.facts.expr(*id).kind {
            ExprKind::Other(parts) => match &at.facts.expr(*parts.first()?).kind {
                ExprKind::Name(name) => Some(same(name)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
