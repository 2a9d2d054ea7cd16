//! Walks the statements of all cells in run order, keeps what is known of names, and notes each site.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use credscope_grammars::{
    CellFacts, CellKind, Document, Secret, Span,
    facts::{
        Arg, BindKind, EmbeddedOrigin, Expr, ExprId, ExprKind, Function, Param, PropertyPlace, PropertyValue, SeqKind,
        Stmt, StmtKind, StrPart, Target,
    },
};

use super::{
    Argument, CommandSite, Names, Piece, PropertySite, Role, Siblings, Site,
    eval::{Frame, Value},
    purpose,
};
use crate::{finding::Place, settings::Settings};

/// Nesting that is followed; deeper code is not looked at (the lowering caps it, too).
const DEPTH: usize = 150;

/// Sites of all cells, parallel to `document.cells`.
pub(super) fn sites(
    document: &Document,
    facts: &[Arc<CellFacts>],
    names: &Names,
    _settings: &Settings,
) -> Vec<Vec<Site>> {
    let mut walker =
        Walker { names, scopes: vec![HashMap::new()], out: vec![Vec::new(); facts.len()], depth: 0, class: None };
    for (index, cell) in facts.iter().enumerate() {
        let output = document.cells.get(index).is_some_and(|c| matches!(c.kind, CellKind::Output { .. }));
        if !output {
            let frame = Frame { cell: index as u32, map: None, in_comment: false };
            walker.facts(cell, &frame, &[], None);
        }
    }
    for sites in &mut walker.out {
        sites.sort_by_key(|s| s.at);
    }
    walker.out
}

pub(super) struct Walker<'a> {
    names: &'a Names,
    scopes: Vec<HashMap<Box<str>, Value>>,
    out: Vec<Vec<Site>>,
    depth: usize,
    class: Option<Box<str>>,
}

/// The facts being walked.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    facts: &'a CellFacts,
    frame: &'a Frame,
    /// Holes of the host in the facts' text, with what fills them.
    fill: &'a [(Span, Value)],
    /// Purpose that the host gives to everything inside.
    purpose: Option<&'a str>,
}

impl Walker<'_> {
    fn facts(&mut self, facts: &CellFacts, frame: &Frame, fill: &[(Span, Value)], purpose: Option<&str>) {
        let at = At { facts, frame, fill, purpose };
        self.block(at, &facts.body);
        for query in &facts.queries {
            for call in &query.calls {
                if call.inside.is_empty() {
                    self.visit(at, call.expr);
                }
            }
            for literal in &query.literals {
                let role = Role::Clause { words: literal.before.clone(), verb: query.verb };
                self.place(at, literal.expr, role);
            }
        }
        self.properties(at);
        self.commands(at);
        for embedded in &facts.embedded {
            let map = match &frame.map {
                Some(outer) => embedded.map.through(outer),
                None => embedded.map.clone(),
            };
            let in_comment = frame.in_comment || embedded.origin == EmbeddedOrigin::Comment;
            let fill: Vec<(Span, Value)> =
                embedded.holes.iter().map(|(span, expr)| (*span, self.constant(at, *expr))).collect();
            let inner = Frame { cell: frame.cell, map: Some(map), in_comment };
            // What a comment binds is not bound.
            self.scopes.push(HashMap::new());
            self.facts(&embedded.facts, &inner, &fill, purpose);
            self.scopes.pop();
        }
    }

    fn properties(&mut self, at: At<'_>) {
        let mut groups: HashMap<(PropertyPlace, u32), Vec<usize>> = HashMap::new();
        for (i, property) in at.facts.properties.iter().enumerate() {
            groups.entry((property.place, property.group)).or_default().push(i);
        }
        let mut keyed: Vec<_> = groups.into_iter().collect();
        keyed.sort_by_key(|(_, members)| members[0]);
        for ((place, _), members) in keyed {
            let values: Vec<Value> = members.iter().map(|&i| self.property(at, i)).collect();
            let siblings: Siblings = members
                .iter()
                .zip(&values)
                .map(|(&i, value)| (Box::from(at.facts.properties[i].key()), value.known()))
                .collect();
            let verb = match place {
                PropertyPlace::Query(n) => at.facts.queries.get(n as usize).map(|q| q.verb),
                _ => None,
            };
            for (&i, value) in members.iter().zip(values) {
                let property = &at.facts.properties[i];
                let site = PropertySite { path: property.path.clone().into(), place, verb, siblings: siblings.clone() };
                self.emit(at, &value, Role::Property(Box::new(site)), property.value_span);
            }
        }
    }

    fn property(&mut self, at: At<'_>, index: usize) -> Value {
        let property = &at.facts.properties[index];
        match &property.value {
            PropertyValue::Str(lit) => at.frame.literal(lit, property.value_span, at.fill),
            PropertyValue::Const(c) if c.kind == credscope_grammars::facts::ConstKind::Number => {
                let map = credscope_grammars::TextMap::verbatim(property.value_span.start as usize, c.text.len());
                let mut pieces = Vec::new();
                at.frame.text(&c.text, &map, property.value_span, &[], &mut pieces);
                Value::text(pieces)
            }
            PropertyValue::Expr(id) => self.visit(at, *id),
            _ => Value::Unknown,
        }
    }

    fn commands(&mut self, at: At<'_>) {
        for command in &at.facts.commands {
            let values: Vec<Value> =
                command.words.iter().map(|w| at.frame.literal(&w.value, w.span, at.fill)).collect();
            let words: Arc<[Secret]> = values.iter().map(flat).collect();
            let program: Box<str> = words.first().map_or("", |w| w.expose().rsplit('/').next().unwrap_or("")).into();
            let site = |index, variable| {
                Role::Command(Box::new(CommandSite { program: program.clone(), words: words.clone(), index, variable }))
            };
            for (name, _, word) in &command.assignments {
                let value = at.frame.literal(&word.value, word.span, at.fill);
                self.emit(at, &value, site(None, Some(name.clone())), word.span);
            }
            for (i, (word, value)) in command.words.iter().zip(&values).enumerate() {
                self.emit(at, value, site(Some(i as u32), None), word.span);
            }
            for word in command.input.iter() {
                let value = at.frame.literal(&word.value, word.span, at.fill);
                self.emit(at, &value, site(None, None), word.span);
            }
        }
    }

    fn block(&mut self, at: At<'_>, body: &[Stmt]) -> Value {
        if self.depth > DEPTH {
            return Value::Unknown;
        }
        self.depth += 1;
        let mut last = Value::Unknown;
        for stmt in body {
            last = self.stmt(at, stmt);
        }
        self.depth -= 1;
        last
    }

    fn stmt(&mut self, at: At<'_>, stmt: &Stmt) -> Value {
        match &stmt.kind {
            StmtKind::Expr(id) => {
                self.place(at, *id, Role::Bare);
            }
            StmtKind::Bind { targets, value, kind, .. } => self.bind(at, targets, *value, *kind),
            StmtKind::Return(Some(id)) => {
                let value = self.visit(at, *id);
                let role = match self.lookup("(function)").known() {
                    Some(name) => Role::Return { name: name.expose().into() },
                    None => Role::Bare,
                };
                self.emit(at, &value, role, at.facts.expr(*id).span);
                return value;
            }
            StmtKind::Raise { value, cause } => {
                for id in value.iter().chain(cause) {
                    self.place(at, *id, Role::Bare);
                }
            }
            StmtKind::Assert { test, message } => {
                for id in std::iter::once(test).chain(message) {
                    self.place(at, *id, Role::Bare);
                }
            }
            StmtKind::If { test, then, other } => {
                self.visit(at, *test);
                // `if not pw: pw = "…"`: a second choice for what the test asks about.
                let before = self.out[at.frame.cell as usize].len();
                self.block(at, then);
                if let Some(name) = absent_name(at.facts, *test) {
                    self.mark_fallbacks(at, before, &[name]);
                }
                self.block(at, other);
            }
            StmtKind::For { target, iter, body } => {
                let value = self.visit(at, *iter);
                if let Value::Seq(items) = &value
                    && let Some(first) = items.first()
                {
                    self.assign(at, target, first.clone());
                }
                self.block(at, body);
            }
            StmtKind::While { test, body } => {
                self.visit(at, *test);
                self.block(at, body);
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                self.block(at, body);
                let bound = bound_names(body);
                for handler in handlers {
                    let before = self.out[at.frame.cell as usize].len();
                    self.block(at, &handler.body);
                    self.mark_fallbacks(at, before, &bound);
                }
                self.block(at, otherwise);
                self.block(at, finally);
            }
            StmtKind::With { items, body } => {
                for (id, target) in items {
                    let value = self.visit(at, *id);
                    if let Some(target) = target {
                        self.assign(at, target, value);
                    }
                }
                self.block(at, body);
            }
            StmtKind::Function(function) => self.function(at, function),
            StmtKind::Class(class) => {
                for id in class.bases.iter().chain(&class.decorators) {
                    self.visit(at, *id);
                }
                self.scopes.push(HashMap::new());
                self.params(at, &class.params);
                let outer = self.class.replace(class.name.clone());
                self.block(at, &class.body);
                self.class = outer;
                let fields = self.scopes.pop().unwrap_or_default();
                for (name, value) in fields {
                    let name = name.trim_start_matches("self.").trim_start_matches("this.");
                    self.set(format!("{}.{name}", class.name).into(), value);
                }
            }
            StmtKind::Match { subject, arms } => {
                self.visit(at, *subject);
                for arm in arms {
                    if let Some(guard) = arm.guard {
                        self.visit(at, guard);
                    }
                    self.block(at, &arm.body);
                }
            }
            StmtKind::Block(body) => return self.block(at, body),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.assign(at, target, Value::Unknown);
                }
            }
            StmtKind::Return(None) | StmtKind::Import(_) | StmtKind::Global(_) | StmtKind::Include { .. } => {}
        }
        Value::Unknown
    }

    fn function(&mut self, at: At<'_>, function: &Function) {
        for id in &function.decorators {
            self.visit(at, *id);
        }
        self.scopes.push(HashMap::new());
        self.params(at, &function.params);
        if let Some((name, span)) = &function.name {
            let mut pieces = Vec::new();
            let map = credscope_grammars::TextMap::verbatim(span.start as usize, name.len());
            at.frame.text(&Secret::from(name.as_ref()), &map, *span, &[], &mut pieces);
            self.set("(function)".into(), Value::text(pieces));
        }
        self.block(at, &function.body);
        // `def password(): return "…"`: the call has the value.
        let result = match function.body.last().map(|s| &s.kind) {
            Some(StmtKind::Return(Some(id))) => self.constant(at, *id),
            _ => Value::Unknown,
        };
        let fields: Vec<(Box<str>, Value)> = self
            .scopes
            .pop()
            .unwrap_or_default()
            .into_iter()
            .filter(|(name, _)| name.starts_with("self.") || name.starts_with("this."))
            .collect();
        for (name, value) in fields {
            self.set(name, value);
        }
        if let Some((name, _)) = &function.name {
            self.set(format!("{name}()").into(), result);
        }
    }

    fn params(&mut self, at: At<'_>, params: &[Param]) {
        for param in params {
            let mut value = Value::Unknown;
            if let Some(default) = param.default {
                value = self.visit(at, default);
                let span = at.facts.expr(default).span;
                self.emit(at, &value, Role::Default { name: param.name.clone() }, span);
            }
            self.set(param.name.clone(), value);
        }
    }

    fn bind(&mut self, at: At<'_>, targets: &[Target], id: ExprId, kind: BindKind) {
        if let ([Target::Tuple(parts)], ExprKind::Seq { items, .. }) = (targets, &at.facts.expr(id).kind)
            && parts.len() == items.len()
        {
            for (part, &item) in parts.iter().zip(items) {
                let value = self.visit(at, item);
                self.bind_target(at, part, &value, item, at.facts.expr(item).span);
            }
            return;
        }
        let mut value = self.visit(at, id);
        let span = at.facts.expr(id).span;
        if kind == BindKind::Augmented
            && let [target] = targets
            && let Some((_, path)) = self.target_name(at, target)
        {
            let old = self.lookup(&path);
            let parts = [(old, None), (value.clone(), None)];
            // The literal is at its own place; the whole is what the name has from now on.
            self.emit_bind(at, target, &value, span);
            value = Value::concat(parts.into_iter());
            self.assign(at, target, value);
            return;
        }
        for target in targets {
            self.bind_target(at, target, &value, id, span);
        }
    }

    fn bind_target(&mut self, at: At<'_>, target: &Target, value: &Value, id: ExprId, span: Span) {
        if let Target::Tuple(parts) = target {
            let items: Vec<ExprId> = match &at.facts.expr(id).kind {
                ExprKind::Seq { items, .. } if items.len() == parts.len() => items.clone(),
                _ => Vec::new(),
            };
            for (i, part) in parts.iter().enumerate() {
                match items.get(i) {
                    Some(&item) => {
                        let value = self.constant(at, item);
                        self.bind_target(at, part, &value, item, at.facts.expr(item).span);
                    }
                    None => self.assign(at, part, value.entry(&i.to_string())),
                }
            }
            return;
        }
        self.emit_bind(at, target, value, span);
        self.assign(at, target, value.clone());
    }

    fn emit_bind(&mut self, at: At<'_>, target: &Target, value: &Value, span: Span) {
        if let Target::Place(place) = target {
            // `conf["a"] = x` and `obj.a = x`: the parts are looked at, too.
            if let ExprKind::Call { args, .. } = &at.facts.expr(*place).kind {
                for arg in args {
                    self.visit(at, arg.value);
                }
            }
        }
        let role = match self.target_name(at, target) {
            Some((name, path)) => Role::Bind { name, path },
            None => Role::Bare,
        };
        self.emit(at, value, role, span);
    }

    /// Last segment and whole path of what is bound.
    fn target_name(&mut self, at: At<'_>, target: &Target) -> Option<(Box<str>, Box<str>)> {
        match target {
            Target::Name { name, .. } => Some((name.clone(), name.clone())),
            Target::Place(id) => {
                let path = self.path(at, *id)?;
                let name: Box<str> = path.rsplit('.').next().unwrap_or(&path).into();
                let name = match self.constant_key(at, *id) {
                    Some(key) => key.expose().into(),
                    None => name,
                };
                Some((name, path.into()))
            }
            Target::Rest(inner) => self.target_name(at, inner),
            Target::Tuple(_) | Target::Skip => None,
        }
    }

    /// The constant key of `base["key"]` and Scala `base("key")`.
    fn constant_key(&mut self, at: At<'_>, id: ExprId) -> Option<Secret> {
        match &at.facts.expr(id).kind {
            ExprKind::Index { index, .. } => self.constant(at, *index).known(),
            ExprKind::Call { args, .. } => match args.as_slice() {
                [only] => self.constant(at, only.value).known(),
                _ => None,
            },
            _ => None,
        }
    }

    fn assign(&mut self, at: At<'_>, target: &Target, value: Value) {
        if let Some((_, path)) = self.target_name(at, target) {
            self.set(path, value);
        }
    }

    fn set(&mut self, name: Box<str>, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, value);
        }
    }

    fn lookup(&self, name: &str) -> Value {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).cloned().unwrap_or_default()
    }

    /// Dotted path of an expression with constant subscripts as segments: `conf["password"]` is `conf.password`.
    fn path(&mut self, at: At<'_>, id: ExprId) -> Option<String> {
        match &at.facts.expr(id).kind {
            ExprKind::Index { base, .. } => {
                let base = self.names.path(at.facts, *base)?;
                Some(match self.constant_key(at, id) {
                    Some(key) if key.len() < 200 => format!("{base}.{}", key.expose()),
                    _ => format!("{base}[]"),
                })
            }
            ExprKind::Call { callee, args, .. } if args.len() == 1 => {
                let base = self.names.path(at.facts, *callee)?;
                Some(match self.constant_key(at, id) {
                    Some(key) if key.len() < 200 => format!("{base}.{}", key.expose()),
                    _ => format!("{base}()"),
                })
            }
            _ => self.names.path(at.facts, id),
        }
    }

    /// Visits and notes the value at its position.
    fn place(&mut self, at: At<'_>, id: ExprId, role: Role) -> Value {
        let value = self.visit(at, id);
        self.emit(at, &value, role, at.facts.expr(id).span);
        value
    }

    fn emit(&mut self, at: At<'_>, value: &Value, role: Role, span: Span) {
        match value {
            Value::Text(pieces) if !pieces.is_empty() => {
                let place = Place { cell: at.frame.cell, span: at.frame.span(span) };
                let purpose = self.purpose(at, &role, pieces);
                let site = Site { value: pieces.to_vec(), role, at: place, in_comment: at.frame.in_comment, purpose };
                if let Some(sites) = self.out.get_mut(at.frame.cell as usize) {
                    sites.push(site);
                }
            }
            // Entries of dicts and lists have sites of their own.
            Value::Text(_) | Value::Dict(_) | Value::Seq(_) | Value::Unknown => {}
        }
    }

    fn purpose(&self, at: At<'_>, role: &Role, pieces: &[Piece]) -> Option<Box<str>> {
        let mut texts: Vec<&str> = at.purpose.into_iter().collect();
        match role {
            Role::Bind { path, .. } => texts.push(path),
            Role::Argument(a) => {
                texts.extend(a.chain.iter().map(|(_, text)| text.expose()));
                texts.extend(a.siblings.iter().filter_map(|(_, s)| s.as_ref().map(Secret::expose)));
                texts.push(&a.callee);
            }
            Role::Entry { key, siblings } => {
                texts.push(key);
                texts.extend(siblings.iter().map(|(k, _)| k.as_ref()));
            }
            Role::Property(p) => texts.extend(p.path.iter().map(AsRef::as_ref)),
            _ => {}
        }
        texts.extend(pieces.iter().filter_map(|p| match p {
            Piece::Text { value, .. } => Some(value.expose()),
            Piece::Hole { .. } => None,
        }));
        purpose::of(texts.into_iter())
    }

    /// Bind sites since `before` of one of `names` become fallbacks for it.
    fn mark_fallbacks(&mut self, at: At<'_>, before: usize, names: &[Box<str>]) {
        for site in self.out[at.frame.cell as usize].iter_mut().skip(before) {
            if let Role::Bind { name, .. } = &site.role
                && names.contains(name)
            {
                site.role = Role::Fallback { name: name.clone() };
            }
        }
    }

    /// What is known of an expression, without noting sites.
    fn constant(&mut self, at: At<'_>, id: ExprId) -> Value {
        let mut kept = std::mem::take(&mut self.out);
        let value = self.visit(at, id);
        std::mem::swap(&mut self.out, &mut kept);
        value
    }
}

/// Known text, a hole for what is not.
fn flat(value: &Value) -> Secret {
    let mut text = String::new();
    for piece in value.pieces().unwrap_or(&[Piece::Hole { path: None }]) {
        match piece {
            Piece::Text { value, .. } => text.push_str(value.expose()),
            Piece::Hole { .. } => text.push(crate::value::HOLE),
        }
    }
    text.into()
}

/// `pw` of `not pw`, `pw is None`, `pw == ""`, `pw.isEmpty`.
fn absent_name(facts: &CellFacts, test: ExprId) -> Option<Box<str>> {
    let expr = facts.expr(test);
    let of = |id: &ExprId| facts.path(*id).map(|p| p.rsplit('.').next().unwrap_or(&p).into());
    match &expr.kind {
        ExprKind::Logic(operands) if operands.len() == 1 => of(&operands[0]),
        ExprKind::Compare { op, operands } if matches!(op.as_ref(), "is" | "==" | "is not" | "!=") => {
            operands.first().and_then(of)
        }
        ExprKind::Operator { op, operands } if op.as_ref() == "!" => operands.first().and_then(of),
        _ => None,
    }
}

fn bound_names(body: &[Stmt]) -> Vec<Box<str>> {
    body.iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Bind { targets, .. } => Some(targets),
            _ => None,
        })
        .flatten()
        .filter_map(|t| match t {
            Target::Name { name, .. } => Some(name.clone()),
            _ => None,
        })
        .collect()
}

mod visit;
