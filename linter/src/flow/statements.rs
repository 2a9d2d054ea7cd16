//! Statements in run order.

use credscope_grammars::facts::{ExprId, ExprKind, Stmt, StmtKind, Target};

use super::{At, DEPTH, Walker, tables::Class, value::Value};

impl<'a> Walker<'a> {
    pub(super) fn block(&mut self, at: At<'a>, body: &'a [Stmt]) -> Value {
        let mut last = Value::clean();
        if self.depth > DEPTH {
            return last;
        }
        self.depth += 1;
        let mut left: Option<Box<Value>> = None;
        for stmt in body {
            last = self.stmt(at, stmt);
            if left.is_none() && self.is_left(at, stmt) {
                left = Some(Box::new(self.returned.clone()));
            }
        }
        // What stands behind it does not run; what it would show is still noted.
        if let Some(returned) = left {
            self.returned = *returned;
        }
        self.depth -= 1;
        last
    }

    pub(super) fn stmt(&mut self, at: At<'a>, stmt: &'a Stmt) -> Value {
        if !self.step() {
            return Value::clean();
        }
        match &stmt.kind {
            StmtKind::Expr(id) => return self.eval(at, *id),
            StmtKind::Bind { targets, value, kind, .. } => self.bind(at, targets, *value, *kind),
            StmtKind::Return(value) => {
                if let Some(id) = value {
                    let value = self.eval(at, *id);
                    self.returned_as(&value, at.spot(at.facts.expr(*id).span));
                    self.returned = std::mem::take(&mut self.returned).join(&value);
                    return value;
                }
            }
            StmtKind::Raise { value, cause } => {
                for id in value.iter().chain(cause) {
                    let carried = self.exception(at, *id);
                    let carried = self.revealed(&carried);
                    let spot = at.spot(at.facts.expr(*id).span);
                    self.leak("CS207", Class::Stored, &carried, spot, "put into an exception");
                }
            }
            StmtKind::Assert { test, message } => {
                self.eval(at, *test);
                if let Some(id) = message {
                    let value = self.eval(at, *id);
                    let value = self.revealed(&value);
                    let spot = at.spot(at.facts.expr(*id).span);
                    self.leak("CS207", Class::Stored, &value, spot, "put into an assertion message");
                }
            }
            StmtKind::If { test, then, other } => {
                self.eval(at, *test);
                let value = self.branches(at, *test, [then.as_slice(), other.as_slice()]);
                // What comes after it runs for the other outcome alone.
                match (super::pairs::leaves(at, then), super::pairs::leaves(at, other)) {
                    (true, false) => self.narrow(at, *test, false),
                    (false, true) => self.narrow(at, *test, true),
                    _ => {}
                }
                return value;
            }
            StmtKind::For { target, iter, body } => {
                let items = self.eval(at, *iter);
                let item = self.round(at, &items);
                let item = self.one_of_texts(at, *iter, item);
                self.assign(at, target, item.clone());
                // What holds a secret is not empty.
                let filled = !items.is_clean() && !items.frame || item.pairing.is_some() && items.is_clean();
                let once = filled && !interrupts(at, body);
                let items = self.single_texts(&item);
                self.rounds(at, body, Some((target, item)), (once, items));
            }
            StmtKind::While { test, body } => {
                self.eval(at, *test);
                self.rounds(at, body, None, (false, Vec::new()));
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                let outer = std::mem::take(&mut self.in_try);
                let mark = self.env.begin();
                let mut value = self.block(at, body);
                // The body may stop anywhere: what handlers see is before it joined with after it.
                let writes = self.env.undo(mark);
                let done: Vec<_> = writes.clone();
                self.env.join(vec![writes, Vec::new()]);
                let urls = std::mem::replace(&mut self.in_try, outer);
                let caught = urls.iter().fold(Value::clean(), |all, v| all.join(v));
                let mut ends = vec![done];
                for handler in handlers {
                    let mark = self.env.begin();
                    let carried = Value { caught: true, ..caught.flat() };
                    if let Some((name, _)) = &handler.binding {
                        self.env.set(name, if carried.is_clean() { Value::clean() } else { carried.clone() });
                    }
                    let before = self.caught.replace(carried);
                    let result = self.block(at, &handler.body);
                    self.caught = before;
                    value = value.join(&result);
                    ends.push(self.env.undo(mark));
                }
                self.env.join(ends);
                self.in_try.extend(urls);
                self.block(at, otherwise);
                self.block(at, finally);
                return value;
            }
            StmtKind::With { items, body } => {
                for (id, target) in items {
                    let value = self.eval(at, *id);
                    let enter = value.object.and_then(|o| self.method(o, "__enter__"));
                    let value = enter.map_or(value, |enter| self.run_positional(&enter, Vec::new()));
                    if let Some(target) = target {
                        self.assign(at, target, value);
                    }
                }
                self.block(at, body);
            }
            StmtKind::Function(function) => {
                let callee = self.define(function, at);
                self.decorated(at, function, &callee);
                if let Some((name, _)) = &function.name {
                    let callee = self.wrapped_by(at, function, callee);
                    let value = Value { callable: Some(callee), ..Value::clean() };
                    self.env.set(name, value);
                }
            }
            StmtKind::Class(class) => self.class(at, class),
            StmtKind::Match { subject, arms } => {
                let mut asked = self.key_match(at, *subject);
                let mut subject = self.eval(at, *subject);
                let mut value = Value::clean();
                let mut ends = Vec::new();
                for arm in arms {
                    let mark = self.env.begin();
                    let own = self.in_arm(at, &subject, arm);
                    self.assign(at, &arm.pattern, own);
                    if let Some(asked) = &mut asked {
                        self.narrow_to_arm(at, asked, arm);
                    }
                    if let Some(guard) = arm.guard {
                        self.eval(at, guard);
                        self.narrow(at, guard, true);
                    }
                    let result = self.block(at, &arm.body);
                    value = value.join(&result);
                    ends.push(self.env.undo(mark));
                    subject = self.past_arm(at, subject, arm);
                }
                self.env.join(ends);
                return value;
            }
            StmtKind::Block(body) => return self.block(at, body),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.assign(at, target, Value::clean());
                }
            }
            StmtKind::Global(names) => {
                let frame = self.env.current as usize;
                self.env.frames[frame].outer.extend(names.iter().cloned());
            }
            StmtKind::Import(imports) => self.import(at, imports),
            StmtKind::Include { path, path_span } => self.include(at, path, *path_span),
        }
        Value::clean()
    }

    /// Each branch from the same state; afterwards any of them may have run.
    fn branches(&mut self, at: At<'a>, test: ExprId, bodies: [&'a [Stmt]; 2]) -> Value {
        let mut value = Value::clean();
        let mut ends = Vec::new();
        let known = self.known_outcome(at, test);
        for (body, outcome) in bodies.into_iter().zip([true, false]) {
            let mark = self.env.begin();
            self.narrow(at, test, outcome);
            let returned = self.returned.clone();
            let result = self.block(at, body);
            let writes = self.env.undo(mark);
            // A branch that does not run gives nothing; what it would show is still noted.
            if known == Some(!outcome) {
                self.returned = returned;
                continue;
            }
            value = value.join(&result);
            ends.push(writes);
        }
        self.env.join(ends);
        value
    }

    /// Whether a test of a constant ends the block: `if not reveal: return "***"`.
    fn is_left(&self, at: At<'a>, stmt: &'a Stmt) -> bool {
        let StmtKind::If { test, then, other } = &stmt.kind else { return false };
        match self.known_outcome(at, *test) {
            Some(true) => super::pairs::leaves(at, then),
            Some(false) => super::pairs::leaves(at, other),
            None => false,
        }
    }

    /// What a test gives of a name that a function knows as a constant: a parameter, given or left at its default.
    pub(super) fn known_outcome(&self, at: At<'a>, test: ExprId) -> Option<bool> {
        if self.env.running == 0 {
            return None;
        }
        match &at.facts.expr(test).kind {
            ExprKind::Name(name) => {
                let (frame, value, _) = self.env.find(self.env.current, name)?;
                value.truth.filter(|_| frame == self.env.current)
            }
            ExprKind::Same(inner) => self.known_outcome(at, *inner),
            ExprKind::Logic(parts) => match parts.as_slice() {
                [only] => self.known_outcome(at, *only).map(|o| !o),
                _ => None,
            },
            _ => None,
        }
    }

    /// A loop's body: twice, so that one round reads what the last one bound; inner loops of inner loops once.
    /// `item`: what each round begins with. `once`: there is at least one round. `items`: those of each round, where they
    /// are known.
    fn rounds(
        &mut self,
        at: At<'a>,
        body: &'a [Stmt],
        item: Option<(&'a Target, Value)>,
        (once, items): (bool, Vec<Value>),
    ) {
        let times = match items.len() {
            0 if self.loops < 2 => 2,
            0 => 1,
            known => known,
        };
        let overwritten = self.overwritten.len();
        self.loops += 1;
        for round in 0..times {
            let mark = self.env.begin();
            if let Some((target, item)) = &item {
                self.assign(at, target, items.get(round).unwrap_or(item).clone());
            }
            self.block(at, body);
            let writes = self.env.undo(mark);
            let ends = if once && (round == 0 || !items.is_empty()) { vec![writes] } else { vec![writes, Vec::new()] };
            self.env.join(ends);
        }
        self.loops -= 1;
        self.settle_overwritten(overwritten);
    }

    /// What an exception that is made here carries.
    fn exception(&mut self, at: At<'a>, id: ExprId) -> Value {
        match &at.facts.expr(id).kind {
            ExprKind::Call { args, .. } => {
                let own = self.eval(at, id);
                args.iter().fold(own.flat(), |value, arg| {
                    let part = self.asked(at, arg.value);
                    let part = self.revealed(&part);
                    if part.holder { value } else { value.join(&part.flat()) }
                })
            }
            _ => self.eval(at, id),
        }
    }
}

/// Whether something in a loop's body may end the round before the body does.
fn interrupts(at: At<'_>, body: &[Stmt]) -> bool {
    let mut open: Vec<&[Stmt]> = vec![body];
    while let Some(body) = open.pop() {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Try { .. } | StmtKind::Match { .. } => {
                    return true;
                }
                StmtKind::Expr(id) => {
                    if matches!(&at.facts.expr(*id).kind, ExprKind::Other(parts) if parts.is_empty()) {
                        return true;
                    }
                }
                StmtKind::If { then, other, .. } => open.extend([then.as_slice(), other.as_slice()]),
                StmtKind::For { body, .. } | StmtKind::While { body, .. } | StmtKind::With { body, .. } => {
                    open.push(body)
                }
                StmtKind::Block(body) => open.push(body),
                _ => {}
            }
        }
    }
    false
}
