//! Functions of the documents: arguments to parameters, one evaluation per set of argument values, results remembered.

use std::hash::{DefaultHasher, Hash, Hasher};

use credscope_grammars::facts::{ExprId, ExprKind, Function, ParamKind};

use super::{
    At, CALL_DEPTH, Callable, Foreign, MAX_RUNS, Walker,
    decorators::decorated_as,
    env::{Read, Writes},
    reach::Call,
    value::{Callee, Value},
};

/// What one evaluation gave, and when it may be used again.
#[derive(Clone, Debug)]
pub(super) struct Memo {
    signature: u64,
    /// Names of outer frames that it read.
    reads: Vec<Read>,
    result: Value,
    /// Outer names that it wrote.
    writes: Writes,
    /// Parameters whose containers it changed.
    filled: Vec<(usize, Value)>,
    foreign: Vec<Foreign>,
}

/// Times that a function is entered while it runs.
const RECURSIONS: usize = 3;

impl<'a> Walker<'a> {
    /// The function as a value, in the present frame. One function has one number, however often it is defined.
    pub(super) fn define(&mut self, function: &'a Function, at: At<'a>) -> Callee {
        self.register(std::ptr::from_ref(function) as usize, Callable::Function(function, at))
    }

    pub(super) fn register(&mut self, key: usize, callable: Callable<'a>) -> Callee {
        let env = self.env.current;
        let target = match self.function_at.get(&key) {
            Some(&known) => known,
            None => {
                self.functions.push(callable);
                self.defined.push((env, 0));
                let id = self.functions.len() as u32 - 1;
                self.function_at.insert(key, id);
                id
            }
        };
        Callee { target, env, bound: None }
    }

    /// The result of `def name = …` where Scala names it; other values as they are.
    pub(super) fn without_parentheses(&mut self, at: At<'a>, value: Value) -> Value {
        let function = value.callable.as_ref().and_then(|c| Some((c.clone(), *self.functions.get(c.target as usize)?)));
        match function {
            Some((callee, Callable::Function(function, inner)))
                if function.name.is_some()
                    && value.object.is_none()
                    && (function.params.is_empty() && self.is_scala(at)
                        || decorated_as(inner, function, &["property", "cached_property"])) =>
            {
                self.run_positional(&callee, Vec::new())
            }
            _ => value,
        }
    }

    /// Calls a function or class of the documents.
    pub(super) fn apply(&mut self, at: At<'a>, call: &Call<'_, 'a>, callee: &Callee) -> Value {
        let Some(callable) = self.functions.get(callee.target as usize).copied() else { return Value::clean() };
        let inner = match callable {
            Callable::Function(_, inner) | Callable::Class(_, inner) | Callable::Record(inner, _) => inner,
        };
        let before = self.foreign.len();
        let value = match callable {
            Callable::Function(function, _) => {
                let bound = self.parameters(at, function, callee, call);
                let filled = self.run_filling(callee, bound);
                self.write_back(at, call, callee, function, &filled.1);
                filled.0
            }
            Callable::Class(class, _) => self.instantiate(at, class, callee, call),
            Callable::Record(inner, made) => self.new_record(at, (inner, made), call),
        };
        if at.doc == 0 && inner.doc != 0 {
            self.handed_over(at, call, before);
        }
        value
    }

    /// What the other document did with values from here, reported at the argument that carries them.
    fn handed_over(&mut self, at: At<'a>, call: &Call<'_, 'a>, from: usize) {
        for foreign in self.foreign.split_off(from) {
            let sources: Vec<usize> = foreign.value.labels.iter().map(|l| l.source).collect();
            let carries = |v: &Value| v.all().iter().any(|l| sources.contains(&l.source));
            let arg = call.values.iter().position(carries).map(|i| call.args[i].value);
            let spot = at.spot(at.facts.expr(arg.unwrap_or(call.id)).span);
            if self.quiet == 0 && (arg.is_some() || self.is_ours(&foreign.value)) {
                self.leak_elsewhere(&foreign, spot);
            }
        }
    }

    /// Values by position of the parameter. `*xs` and `**kw` give their members.
    fn parameters(&self, at: At<'a>, function: &Function, callee: &Callee, call: &Call<'_, 'a>) -> Vec<Option<Value>> {
        let mut given: Vec<(Option<Box<str>>, Value)> = Vec::new();
        for bound in callee.bound.iter().flat_map(|b| b.iter()) {
            given.push((bound.name.clone(), bound.value.clone()));
        }
        given.extend(arguments(at, call));
        bind(function, given.iter().map(|(n, v)| (n.as_deref(), v.clone())))
    }

    /// Containers that the function filled, put back where the arguments came from.
    fn write_back(
        &mut self,
        at: At<'a>,
        call: &Call<'_, 'a>,
        callee: &Callee,
        function: &Function,
        filled: &[(usize, Value)],
    ) {
        let offset = callee.bound.as_ref().map_or(0, |b| b.len());
        for (param, value) in filled {
            let name = function.params.get(*param).map(|p| &*p.name);
            let named = call.args.iter().find(|a| a.name.as_ref().map(|(n, _)| &**n) == name && name.is_some());
            let arg = named.or_else(|| call.args.get(param.checked_sub(offset)?));
            if let Some(arg) = arg {
                self.assign_back(at, arg.value, value.clone());
            }
        }
    }

    fn assign_back(&mut self, at: At<'a>, id: ExprId, value: Value) {
        if matches!(at.facts.expr(id).kind, ExprKind::Name(_) | ExprKind::Attr { .. } | ExprKind::Index { .. }) {
            self.assign_place(at, id, value, 0);
        }
    }

    /// Runs a function with values by position.
    pub(super) fn run_positional(&mut self, callee: &Callee, args: Vec<Value>) -> Value {
        let Some(Callable::Function(function, _)) = self.functions.get(callee.target as usize).copied() else {
            return Value::clean();
        };
        let early = callee.bound.iter().flat_map(|b| b.iter());
        let early = early.map(|b| (b.name.as_deref(), b.value.clone()));
        let bound = bind(function, early.chain(args.into_iter().map(|v| (None, v))));
        self.run(callee, bound)
    }

    pub(super) fn run(&mut self, callee: &Callee, args: Vec<Option<Value>>) -> Value {
        self.run_filling(callee, args).0
    }

    /// Result, and the parameters whose containers were changed.
    fn run_filling(&mut self, callee: &Callee, args: Vec<Option<Value>>) -> (Value, Vec<(usize, Value)>) {
        let id = callee.target;
        let nothing = (Value::clean(), Vec::new());
        let Some(Callable::Function(function, at)) = self.functions.get(id as usize).copied() else { return nothing };
        if self.active.len() >= CALL_DEPTH {
            return nothing;
        }
        let mut args = args;
        let most = if self.naming.contains(&id) { super::NAMED_RUNS } else { super::CONSTANT_RUNS };
        if self.defined[id as usize].1 >= most {
            args.iter_mut().flatten().for_each(|v| v.constant = None);
        }
        let mut hasher = DefaultHasher::new();
        (callee.env, self.returning.map(|(code, _)| code), self.quiet > 0).hash(&mut hasher);
        for arg in &args {
            arg.hash(&mut hasher);
            arg.as_ref().and_then(|a| a.constant).hash(&mut hasher);
        }
        let signature = hasher.finish();
        // A function that runs is entered again for another secret part of what it was given (`walk(value)`), not more.
        let running = self.active.iter().filter(|a| a.0 == id).count();
        let again = running < RECURSIONS && args.iter().flatten().any(|a| !a.is_clean());
        if running > 0 && (!again || self.active.contains(&(id, signature))) {
            return nothing;
        }
        let known = self.memo.get(&id).and_then(|all| {
            let fits = |m: &&Memo| m.signature == signature && self.env.holds(&m.reads);
            all.iter().find(fits).or_else(|| all.last().filter(|_| self.defined[id as usize].1 >= MAX_RUNS))
        });
        if let Some(known) = known.cloned() {
            if self.env.running > 0 {
                self.env.reads.extend(known.reads.iter().cloned());
            }
            for (frame, name, value) in known.writes {
                self.env.write(frame, &name, value);
            }
            self.foreign.extend(known.foreign);
            return (known.result, known.filled);
        }
        self.defined[id as usize].1 += 1;
        let memo = self.evaluate(callee, function, at, args, signature);
        let result = (memo.result.clone(), memo.filled.clone());
        self.memo.entry(id).or_default().push(memo);
        result
    }

    fn evaluate(
        &mut self,
        callee: &Callee,
        function: &'a Function,
        at: At<'a>,
        args: Vec<Option<Value>>,
        signature: u64,
    ) -> Memo {
        self.active.push((callee.target, signature));
        let first_read = self.env.reads.len();
        self.env.running += 1;
        let foreign = self.foreign.len();
        let mark = self.env.begin();
        let outer = self.env.current;
        let frame = self.env.push(Some(callee.env));
        for (param, value) in function.params.iter().zip(args) {
            let is_default = value.is_none();
            let mut value = value.unwrap_or_default();
            if let Some(default) = param.default.filter(|_| is_default) {
                self.env.current = callee.env;
                value = self.eval(at, default);
                value = self.plain(at, &param.name, default, value);
                // Of a function that nothing calls the defaults say nothing.
                value.truth = if is_empty(at, default) { Some(false) } else { value.truth };
                value.truth = value.truth.filter(|_| !self.exploring);
            }
            if is_default && value.is_clean() {
                value = self.asked_for(at, function, param).unwrap_or(value);
            }
            if !value.is_clean() {
                value = value.hop_all(&format!("passed as `{}`", param.name), at.spot(param.span));
            }
            self.env.write(frame, &param.name, value);
        }
        let exploring = std::mem::take(&mut self.exploring);
        self.env.current = frame;
        let returned = std::mem::take(&mut self.returned);
        let loops = std::mem::take(&mut self.loops);
        let in_try = std::mem::take(&mut self.in_try);
        let caught = self.caught.take();
        let returning = self.returning;
        self.block(at, &function.body);
        self.returning = returning;
        (self.loops, self.exploring) = (loops, exploring);
        (self.in_try, self.caught) = (in_try, caught);
        let result = std::mem::replace(&mut self.returned, returned);
        let mutated = std::mem::take(&mut self.env.frames[frame as usize].mutated);
        let filled =
            function.params.iter().enumerate().filter(|(_, p)| mutated.contains(&p.name)).filter_map(|(i, p)| {
                let (at, value, _) = self.env.find(frame, &p.name)?;
                (at == frame && value.parts.is_some()).then(|| (i, value.clone()))
            });
        let filled = filled.collect();
        self.env.current = outer;
        let writes = self.env.end(mark);
        self.env.running -= 1;
        let mut reads: Vec<Read> = self.env.reads.split_off(first_read);
        reads.retain(|(f, ..)| *f < frame);
        reads.sort();
        reads.dedup();
        if self.env.running > 0 {
            self.env.reads.extend(reads.iter().cloned());
        }
        self.active.pop();
        Memo { signature, reads, result, writes, filled, foreign: self.foreign[foreign..].to_vec() }
    }
}

/// Parameters get what is given for them, by name or in order; what is left goes to `*args` and `**kwargs`.
fn bind<'n>(function: &Function, given: impl Iterator<Item = (Option<&'n str>, Value)>) -> Vec<Option<Value>> {
    let params = &function.params;
    let mut bound: Vec<Option<Value>> = vec![None; params.len()];
    let rest = params.iter().position(|p| p.kind == ParamKind::Rest);
    let keywords = params.iter().position(|p| p.kind == ParamKind::KeywordRest);
    let places: Vec<usize> = (0..params.len()).filter(|i| params[*i].kind == ParamKind::Positional).collect();
    let (mut position, mut more) = (0, 0);
    for (name, value) in given {
        match name {
            Some(name) => match params.iter().position(|p| *p.name == *name) {
                Some(index) => bound[index] = Some(value),
                None => {
                    if let Some(index) = keywords {
                        let mapping = || Value::dictionary(Default::default());
                        bound[index].get_or_insert_with(mapping).put(name, value, false);
                    }
                }
            },
            None => match places.get(position) {
                Some(&index) => {
                    bound[index] = Some(value);
                    position += 1;
                }
                None => {
                    if let Some(index) = rest {
                        bound[index].get_or_insert_default().put(&more.to_string(), value, false);
                        more += 1;
                    }
                }
            },
        }
    }
    bound
}

/// Arguments of a call with their names. `*xs` and `**kw` give their members.
pub(super) fn arguments(at: At<'_>, call: &Call<'_, '_>) -> Vec<(Option<Box<str>>, Value)> {
    let mut given = Vec::new();
    for (arg, value) in call.args.iter().zip(call.values) {
        match (&at.facts.expr(arg.value).kind, &value.parts) {
            (ExprKind::Spread(_), Some(parts)) => {
                for (key, value) in parts.iter() {
                    let is_position = key.bytes().all(|b| b.is_ascii_digit());
                    given.push(((!is_position && !key.starts_with('*')).then(|| key.into()), value.clone()));
                }
            }
            _ => given.push((arg.name.as_ref().map(|(n, _)| n.clone()), value.clone())),
        }
    }
    given
}

/// `""`.
fn is_empty(at: At<'_>, id: ExprId) -> bool {
    super::expressions::literal(at, id).is_some_and(|t| t.is_empty())
}
