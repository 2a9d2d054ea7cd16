//! Classes and their instances: an instance is a frame of fields; methods find it as their first parameter (Python) or as
//! the frame around them (Scala).

use credscope_grammars::{
    Span,
    facts::{Class, ExprId, ExprKind, Stmt, StmtKind, Target},
};

use super::{
    At, Callable, Walker,
    decorators::decorated_as,
    functions::arguments,
    reach::Call,
    records::{hides, is_record, without_repr},
    tables,
    value::{Bound, Callee, Value},
};

/// Superclasses that are followed.
const ANCESTORS: usize = 6;

/// The name under which `new C` finds its class beside `object C`.
pub(super) fn constructor(name: &str) -> String {
    format!("new {name}")
}

impl<'a> Walker<'a> {
    /// A class statement. The body runs once, in a frame that all instances look into.
    pub(super) fn class(&mut self, at: At<'a>, class: &'a Class) {
        let callee = self.register(std::ptr::from_ref(class) as usize, Callable::Class(class, at));
        let frame = self.class_frame(at, class, callee.env);
        self.env.frames[frame as usize].class = Some(callee.target);
        let own = Callee { env: frame, ..callee };
        let mut value = Value { callable: Some(own.clone()), object: Some(frame), ..Value::clean() };
        if class.is_object {
            // `C(x)` beside `object C`: its `apply`, or the class that it accompanies.
            let apply = self.env.field(frame, "apply").and_then(|v| v.callable);
            let class = self.env.lookup(&constructor(&class.name)).and_then(|v| v.callable);
            value.callable = apply.or(class).or(value.callable);
        } else if self.is_scala(at) {
            self.env.set(&constructor(&class.name), value.clone());
        }
        if class.decorators.iter().any(|d| at.facts.path(*d).as_deref() == Some("implicit")) && class.params.len() == 1
        {
            let names = class.body.iter().filter_map(|s| match &s.kind {
                StmtKind::Function(function) => function.name.as_ref().map(|(n, _)| n.clone()),
                _ => None,
            });
            self.extensions.extend(names.map(|n| (n, own.clone())));
        }
        self.env.set(&class.name, value);
    }

    fn class_frame(&mut self, at: At<'a>, class: &'a Class, env: u32) -> u32 {
        let bases: Vec<u32> = class.bases.iter().take(ANCESTORS).filter_map(|b| self.base_frame(at, *b)).collect();
        let frame = self.env.push(bases.first().copied().or(Some(env)));
        // The first base is looked into, the others give what it has not.
        let mut known: std::collections::HashSet<_> =
            bases.iter().take(1).flat_map(|b| self.members_of(*b)).map(|(name, _)| name).collect();
        for (name, value) in bases.iter().skip(1).flat_map(|b| self.members_of(*b)).collect::<Vec<_>>() {
            if known.insert(name.clone()) {
                self.env.write(frame, &name, value);
            }
        }
        let outer = std::mem::replace(&mut self.env.current, frame);
        // Constructor parameters are fields of the instance: a class with some has no body of its own.
        if class.params.is_empty() || class.is_object {
            self.block(at, &class.body);
        }
        self.env.current = outer;
        frame
    }

    fn base_frame(&mut self, at: At<'a>, id: ExprId) -> Option<u32> {
        match &at.facts.expr(id).kind {
            ExprKind::Name(_) | ExprKind::Attr { .. } => {
                let value = self.asked(at, id);
                value.callable.as_ref().and(value.object)
            }
            ExprKind::Call { callee, .. } => self.base_frame(at, *callee),
            _ => None,
        }
    }

    /// A new instance.
    pub(super) fn instantiate(&mut self, at: At<'a>, class: &'a Class, callee: &Callee, call: &Call<'_, 'a>) -> Value {
        self.make(class, callee, arguments(at, call))
    }

    fn make(&mut self, class: &'a Class, callee: &Callee, given: Vec<(Option<Box<str>>, Value)>) -> Value {
        let Some(Callable::Class(_, at)) = self.functions.get(callee.target as usize).copied() else {
            return Value::clean();
        };
        self.defined[callee.target as usize].1 += 1;
        let frame = self.env.push(Some(callee.env));
        let value = Value { object: Some(frame), ..Value::clean() };
        self.env.frames[frame as usize].class = Some(callee.target);
        if self.active.iter().any(|(id, _)| *id == callee.target) || self.active.len() >= super::CALL_DEPTH {
            return value;
        }
        let init = self.method(frame, "__init__");
        if init.is_none() || !class.params.is_empty() {
            self.fill_fields(at, class, frame, &given);
        }
        if !class.params.is_empty() {
            // Scala: the body runs for each instance, with the parameters in sight.
            self.active.push((callee.target, 0));
            let outer = std::mem::replace(&mut self.env.current, frame);
            let loops = std::mem::take(&mut self.loops);
            self.block(at, &class.body);
            self.loops = loops;
            self.env.current = outer;
            self.active.pop();
        } else if let Some(init) = init {
            let mut bound = init.bound.iter().flat_map(|b| b.iter().cloned()).collect::<Vec<_>>();
            bound.extend(given.into_iter().map(|(name, value)| Bound { name, value }));
            self.run_positional(&Callee { bound: Some(bound.into()), ..init }, Vec::new());
        } else if let Some(after) = self.method(frame, "__post_init__") {
            self.run_positional(&after, Vec::new());
        }
        value
    }

    /// Enters the body of `new PrintWriter(path) { write(text) }`: its calls are the writer's. Gives what was around it.
    pub(super) fn anonymous(&mut self, at: At<'a>, body: &[Stmt], span: Span) -> Option<String> {
        let outer = self.inside.clone();
        if let Some(Stmt { kind: StmtKind::Expr(id), .. }) = body.last()
            && let ExprKind::Call { callee, args, is_new: true } = &at.facts.expr(*id).kind
            && at.facts.expr(*id).span == span
        {
            let path = self.path(at, *callee);
            let made = self.made(at, &path, args).origin.map(|o| o.to_string()).unwrap_or_default();
            self.inside = tables::makes_writer(&made).then_some(made);
        }
        outer
    }

    /// Fields that the constructor's arguments become: constructor parameters, or annotated fields of a dataclass.
    fn fill_fields(&mut self, at: At<'a>, class: &'a Class, frame: u32, given: &[(Option<Box<str>>, Value)]) {
        let (mut hidden, mut masked): (Vec<Box<str>>, Vec<Box<str>>) = Default::default();
        let mut names: Vec<Box<str>> = class.params.iter().map(|p| p.name.clone()).collect();
        if class.params.is_empty() {
            for stmt in &class.body {
                if let StmtKind::Bind { targets, annotation, value, .. } = &stmt.kind
                    && let [Target::Name { name, .. }] = targets.as_slice()
                    && (annotation.is_some() || self.path(at, *value).starts_with("attr"))
                {
                    if without_repr(at, *value) {
                        hidden.push(name.clone());
                    }
                    if annotation.as_deref().is_some_and(hides) {
                        masked.push(name.clone());
                    }
                    names.push(name.clone());
                }
                // `x: str` alone.
                if let StmtKind::Expr(id) = stmt.kind
                    && let ExprKind::Other(parts) = &at.facts.expr(id).kind
                    && let Some(ExprKind::Name(name)) = parts.first().map(|p| &at.facts.expr(*p).kind)
                {
                    // The name alone, or with a type that hides its values.
                    let hiding = |p: &ExprId| matches!(&at.facts.expr(*p).kind, ExprKind::Name(a) if hides(a));
                    match &parts[1..] {
                        [] => {}
                        [only] if hiding(only) => masked.push(name.clone()),
                        _ => continue,
                    }
                    names.push(name.clone());
                }
            }
        }
        let mut position = 0;
        for (name, value) in given {
            let name = match name {
                Some(name) => name.clone(),
                None => {
                    position += 1;
                    match names.get(position - 1) {
                        Some(name) => name.clone(),
                        None => continue,
                    }
                }
            };
            let value = value.clone();
            let value =
                if masked.contains(&name) { Value { holder: !value.is_clean(), ..value.flat() } } else { value };
            self.env.write(frame, &name, value);
        }
        for param in &class.params {
            if self.env.field(frame, &param.name).is_none() {
                let value = param.default.map(|d| {
                    let value = self.eval(at, d);
                    self.plain(at, &param.name, d, value)
                });
                self.env.write(frame, &param.name, value.unwrap_or_default());
            }
        }
        let paths: Vec<String> = class.decorators.iter().map(|d| self.path(at, *d)).collect();
        let shown = paths.iter().any(|p| p == "case")
            || is_record(paths.into_iter()) && !class.decorators.iter().any(|d| without_repr(at, *d))
            || class.bases.iter().any(|b| {
                let path = self.path(at, *b);
                ["NamedTuple", "BaseModel", "BaseSettings", "TypedDict"].iter().any(|n| path.ends_with(n))
            });
        let frame = &mut self.env.frames[frame as usize];
        frame.fields = names;
        (frame.shown, frame.hidden) = (shown, hidden);
    }

    /// What an object has from its class or one above: a method bound to the object, or a field of the class.
    pub(super) fn inherited(&mut self, object: u32, name: &str) -> Option<Value> {
        let mut at = self.env.frames.get(object as usize)?.parent;
        for _ in 0..ANCESTORS {
            let frame = at?;
            self.env.frames[frame as usize].class?;
            if let Some(value) = self.env.field(frame, name) {
                let callable = value.callable.clone().and_then(|c| self.bound_method(c, object));
                return Some(Value { callable, ..value });
            }
            at = self.env.frames[frame as usize].parent;
        }
        None
    }

    pub(super) fn method(&mut self, object: u32, name: &str) -> Option<Callee> {
        self.inherited(object, name)?.callable
    }

    /// The class of an object, or of its own frame.
    fn class_of(&self, object: u32) -> Value {
        let class = |frame: u32| self.env.frames.get(frame as usize).and_then(|f| f.class);
        let Some(target) = class(object) else { return Value::clean() };
        let parent = self.env.frames[object as usize].parent.filter(|p| class(*p) == Some(target));
        let frame = parent.unwrap_or(object);
        Value { callable: Some(Callee { target, env: frame, bound: None }), object: Some(frame), ..Value::clean() }
    }

    /// A member of a class itself: a class method is bound to it.
    pub(super) fn of_class(&self, class: u32, found: Value) -> Value {
        let bound = found.callable.clone().filter(|c| match self.functions.get(c.target as usize) {
            Some(Callable::Function(function, at)) => decorated_as(*at, function, &["classmethod"]),
            _ => false,
        });
        match bound {
            Some(callee) => Value { callable: self.bound_method(callee, class), ..found },
            None => found,
        }
    }

    /// What a class has, with those above it.
    fn members_of(&self, class: u32) -> Vec<(Box<str>, Value)> {
        let (mut all, mut at) = (Vec::new(), Some(class));
        for _ in 0..ANCESTORS {
            let Some(frame) = at.filter(|f| self.env.frames[*f as usize].class.is_some()) else { break };
            all.extend(self.env.fields(frame));
            at = self.env.frames[frame as usize].parent;
        }
        all
    }

    /// A method that an implicit class gives to values: `pw.masked`.
    pub(super) fn extension(&mut self, receiver: &Value, name: &str) -> Option<Value> {
        let callee = self.extensions.get(name)?.clone();
        let Some(Callable::Class(class, _)) = self.functions.get(callee.target as usize).copied() else { return None };
        let object = self.make(class, &callee, vec![(None, receiver.clone())]).object?;
        self.env.field(object, name)
    }

    fn bound_method(&self, callee: Callee, object: u32) -> Option<Callee> {
        let Callable::Function(function, at) = self.functions.get(callee.target as usize)? else { return Some(callee) };
        if decorated_as(*at, function, &["classmethod"]) {
            let value = self.class_of(object);
            return Some(Callee { bound: Some(vec![Bound { name: None, value }].into()), ..callee });
        }
        let takes_self = function.params.first().is_some_and(|p| matches!(&*p.name, "self" | "cls" | "this"));
        if decorated_as(*at, function, &["staticmethod"]) || !takes_self {
            return Some(callee);
        }
        let value = Value { object: Some(object), ..Value::clean() };
        Some(Callee { bound: Some(vec![Bound { name: None, value }].into()), ..callee })
    }

    /// A class that nothing instantiates: an instance of nothing known, each method twice, so that what one of them
    /// stores the others read.
    pub(super) fn exercise(&mut self, callee: &Callee) {
        let Some(Callable::Class(class, _)) = self.functions.get(callee.target as usize).copied() else { return };
        let Some(env) = self.frame_of_class(callee.target) else { return };
        let value = self.make(class, &Callee { env, ..callee.clone() }, Vec::new());
        let Some(object) = value.object else { return };
        for _ in 0..2 {
            for stmt in &class.body {
                let StmtKind::Function(function) = &stmt.kind else { continue };
                let Some((name, _)) = &function.name else { continue };
                let own = self.env.field(object, name).and_then(|v| v.callable);
                if let Some(method) = own.or_else(|| self.method(object, name)) {
                    self.exploring = true;
                    self.run_positional(&method, Vec::new());
                    self.exploring = false;
                }
            }
        }
    }

    fn frame_of_class(&self, class: u32) -> Option<u32> {
        (0..self.env.frames.len() as u32).find(|f| self.env.frames[*f as usize].class == Some(class))
    }

    /// `super()` inside a method: the object, seen from its class's superclass.
    pub(super) fn superclass(&mut self, name: &str) -> Option<Callee> {
        let own = self.env.find(self.env.current, "self").and_then(|(_, v, _)| v.object)?;
        let class = self.env.frames.get(own as usize)?.parent?;
        let base = self.env.frames.get(class as usize)?.parent?;
        self.env.frames.get(base as usize)?.class?;
        let found = match self.env.field(base, name).and_then(|v| v.callable) {
            Some(found) => Some(found),
            None => self.method(base, name),
        };
        self.bound_method(found?, own)
    }
}
