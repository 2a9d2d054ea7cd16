//! Expressions: what is known of their value, and the sites of their parts.

use super::*;

/// Calls whose result has the text of their receiver or first argument.
const SAME_TEXT: &[&str] = &[
    "strip", "lstrip", "rstrip", "trim", "encode", "decode", "toCharArray", "getBytes", "toString", "stripMargin",
    "format_map", "SecretStr", "str", "bytes", "bytearray", "valueOf", "String", "quote", "quote_plus", "unquote",
    "lit", "cleandoc", "dedent", "intern", "Secret", "apply", "Some", "Option", "stripLineEnd", "mkString", "asString",
    "trimws", "as.character", "noquote",
];

/// Calls `f(key, default)` whose second argument is what counts when the first names nothing.
const WITH_DEFAULT: &[&str] = &[
    "get", "getenv", "getOrElse", "envOrElse", "pop", "setdefault", "getOrDefault", "getProperty", "propOrElse",
    "getattr", "config", "env",
];

impl Walker<'_> {
    /// The value of an expression; notes the sites of its parts, not of itself.
    pub(super) fn visit(&mut self, at: At<'_>, id: ExprId) -> Value {
        if self.depth > DEPTH {
            return Value::Unknown;
        }
        self.depth += 1;
        let value = self.visit_inner(at, id);
        self.depth -= 1;
        value
    }

    fn visit_inner(&mut self, at: At<'_>, id: ExprId) -> Value {
        let Expr { span, kind } = at.facts.expr(id);
        match kind {
            ExprKind::Str(lit) => {
                if lit.parts.is_empty() {
                    return Value::Text(Rc::new([]));
                }
                let mut pieces = Vec::new();
                for part in &lit.parts {
                    match part {
                        StrPart::Text { value, map } => at.frame.text(value, map, *span, at.fill, &mut pieces),
                        StrPart::Hole { expr, .. } => {
                            let value = self.visit(at, *expr);
                            match value.pieces() {
                                Some(more) => pieces.extend_from_slice(more),
                                None => pieces.push(Piece::Hole { path: self.path(at, *expr).map(Into::into) }),
                            }
                        }
                    }
                }
                Value::text(pieces)
            }
            ExprKind::Const(c) => {
                if c.kind != credscope_grammars::facts::ConstKind::Number {
                    return Value::Unknown;
                }
                let map = credscope_grammars::TextMap::verbatim(span.start as usize, c.text.len());
                let mut pieces = Vec::new();
                at.frame.text(&c.text, &map, *span, &[], &mut pieces);
                Value::text(pieces)
            }
            ExprKind::Name(name) => self.lookup(name),
            ExprKind::Attr { base, .. } => {
                self.visit(at, *base);
                match self.path(at, id) {
                    Some(path) => self.lookup(&path),
                    None => Value::Unknown,
                }
            }
            ExprKind::Index { base, index } => {
                let base = self.visit(at, *base);
                let key = self.visit(at, *index);
                if let Value::Text(_) = &key
                    && let Some(path) = self.names.path(at.facts, id)
                    && crate::catalog::env::is_reader(&path)
                {
                    let call = Place { cell: at.frame.cell, span: at.frame.span(*span) };
                    let (siblings, chain) = (Arc::new([(None, key.known())]), Arc::new([]));
                    let argument = Argument {
                        callee: path.into(),
                        method: "[]".into(),
                        index: Some(0),
                        keyword: None,
                        siblings,
                        call,
                        chain,
                    };
                    self.emit(at, &key, Role::Argument(Box::new(argument)), at.facts.expr(*index).span);
                }
                let known = key.known().map(|k| base.entry(k.expose())).unwrap_or_default();
                match known {
                    Value::Unknown => self.path(at, id).map(|p| self.lookup(&p)).unwrap_or_default(),
                    known => known,
                }
            }
            ExprKind::Slice { base, bounds } => {
                for part in std::iter::once(base).chain(bounds) {
                    self.visit(at, *part);
                }
                Value::Unknown
            }
            ExprKind::Call { callee, args, .. } => self.call(at, id, *callee, args),
            ExprKind::Concat(parts) => {
                let values: Vec<(Value, Option<Box<str>>)> =
                    parts.iter().map(|&p| (self.visit(at, p), self.path(at, p).map(Into::into))).collect();
                if values.iter().any(|(v, _)| matches!(v, Value::Dict(_) | Value::Seq(_))) {
                    return Value::Unknown;
                }
                Value::concat(values.into_iter())
            }
            ExprKind::Format { template, args } => self.format(at, *template, args),
            ExprKind::Operator { operands, .. } | ExprKind::Logic(operands) => {
                for operand in operands {
                    self.place(at, *operand, Role::Bare);
                }
                Value::Unknown
            }
            ExprKind::Compare { operands, .. } => {
                for (i, operand) in operands.iter().enumerate() {
                    let other = operands.get(if i == 0 { 1 } else { i - 1 });
                    let name = other.and_then(|o| self.path(at, *o)).unwrap_or_default();
                    let name: Box<str> = name.trim_end_matches("()").rsplit('.').next().unwrap_or("").into();
                    self.place(at, *operand, if name.is_empty() { Role::Bare } else { Role::Compare { name } });
                }
                Value::Unknown
            }
            ExprKind::Fallback { first, second } => {
                let value = self.visit(at, *first);
                let name = self.fallback_name(at, *first);
                let second = self.place(at, *second, Role::Fallback { name });
                match value {
                    Value::Unknown => second,
                    known => known,
                }
            }
            ExprKind::Cond { test, then, other } => {
                self.visit(at, *test);
                let value = self.visit(at, *then);
                self.emit(at, &value, Role::Bare, at.facts.expr(*then).span);
                let second = other.map(|o| self.visit(at, o)).unwrap_or_default();
                match value {
                    Value::Unknown => second,
                    known => known,
                }
            }
            ExprKind::Dict(entries) => {
                let items: Vec<(Option<ExprId>, ExprId)> = entries.iter().map(|e| (e.key, e.value)).collect();
                self.dict(at, &items)
            }
            ExprKind::Seq { kind, items } => self.seq(at, *kind, items),
            ExprKind::Pair { key, value } => {
                self.dict(at, &[(Some(*key), *value)]);
                Value::Unknown
            }
            ExprKind::Lambda(function) => {
                self.function(at, function);
                Value::Unknown
            }
            ExprKind::Comprehension { elements, clauses } => {
                for clause in clauses {
                    self.visit(at, clause.iter);
                    for condition in &clause.conditions {
                        self.visit(at, *condition);
                    }
                }
                for element in elements {
                    self.place(at, *element, Role::Bare);
                }
                Value::Unknown
            }
            ExprKind::Block(body) => match body.as_slice() {
                [Stmt { kind: StmtKind::Expr(only), .. }] => self.visit(at, *only),
                body => self.block(at, body),
            },
            ExprKind::Spread(inner) | ExprKind::Same(inner) => self.visit(at, *inner),
            ExprKind::Assign { target, value } => {
                let known = self.visit(at, *value);
                self.bind_target(at, target, &known, *value, at.facts.expr(*value).span);
                known
            }
            ExprKind::Yield(inner) => {
                if let Some(inner) = inner {
                    self.place(at, *inner, Role::Bare);
                }
                Value::Unknown
            }
            ExprKind::Other(children) => {
                for child in children {
                    self.place(at, *child, Role::Bare);
                }
                Value::Unknown
            }
        }
    }

    fn seq(&mut self, at: At<'_>, kind: SeqKind, items: &[ExprId]) -> Value {
        // `("password", "…")`: a pair is an entry.
        if let [key, value] = items
            && kind == SeqKind::Tuple
            && let Some(key) = self.constant(at, *key).known()
            && super::super::eval_key(key.expose())
        {
            let first = self.visit(at, items[0]);
            let second = self.visit(at, *value);
            let siblings: Siblings = Arc::new([(Box::from(key.expose()), second.known())]);
            self.emit(at, &first, Role::Bare, at.facts.expr(items[0]).span);
            self.emit(at, &second, Role::Entry { key: key.expose().into(), siblings }, at.facts.expr(*value).span);
            return Value::Seq(Rc::new([first, second]));
        }
        let mut values = Vec::with_capacity(items.len().min(64));
        for &item in items {
            let value = self.visit(at, item);
            self.emit(at, &value, Role::Bare, at.facts.expr(item).span);
            if values.len() < 64 {
                values.push(value);
            }
        }
        Value::Seq(values.into())
    }

    fn dict(&mut self, at: At<'_>, entries: &[(Option<ExprId>, ExprId)]) -> Value {
        let mut known: HashMap<Box<str>, Value> = HashMap::new();
        let mut rows: Vec<(Option<Secret>, Value, Span)> = Vec::new();
        for (key, id) in entries {
            let key_text = key.and_then(|k| {
                let value = self.visit(at, k);
                let text = value.known();
                // A key is looked at as a text too (tokens used as keys).
                self.emit(at, &value, Role::Bare, at.facts.expr(k).span);
                text
            });
            let value = self.visit(at, *id);
            match (&key_text, &value) {
                (Some(key), value) => {
                    known.insert(key.expose().into(), value.clone());
                }
                (None, Value::Dict(more)) => known.extend(more.iter().map(|(k, v)| (k.clone(), v.clone()))),
                _ => {}
            }
            rows.push((key_text, value, at.facts.expr(*id).span));
        }
        let siblings: Siblings = rows
            .iter()
            .take(64)
            .filter_map(|(key, value, _)| Some((Box::from(key.as_ref()?.expose()), value.known())))
            .collect();
        for (key, value, span) in rows {
            let role = match key {
                Some(key) => Role::Entry { key: key.expose().into(), siblings: siblings.clone() },
                None => Role::Bare,
            };
            self.emit(at, &value, role, span);
        }
        Value::Dict(Rc::new(known))
    }

    fn format(&mut self, at: At<'_>, template: ExprId, args: &[Arg]) -> Value {
        let text = self.visit(at, template);
        let values: Vec<(Option<Box<str>>, Value)> = args
            .iter()
            .map(|arg| {
                let value = self.visit(at, arg.value);
                self.emit(at, &value, Role::Bare, at.facts.expr(arg.value).span);
                (arg.name.as_ref().map(|(n, _)| n.clone()), value)
            })
            .collect();
        let Some(pieces) = text.pieces() else { return Value::Unknown };
        let mut out = Vec::new();
        let mut next = 0;
        for piece in pieces {
            let Piece::Text { value, map, cell, literal } = piece else {
                out.push(piece.clone());
                continue;
            };
            let text = value.expose();
            let mut start = 0;
            for (range, slot) in template_slots(text) {
                if range.start > start {
                    let span = Span::new(start, range.start);
                    out.push(Piece::Text {
                        value: span.of(text).into(),
                        map: map.slice(span),
                        cell: *cell,
                        literal: *literal,
                    });
                }
                let filler = match slot {
                    Slot::Next => {
                        next += 1;
                        values.iter().filter(|(k, _)| k.is_none()).nth(next - 1)
                    }
                    Slot::Number(n) => values.iter().filter(|(k, _)| k.is_none()).nth(n),
                    Slot::Name(name) => values.iter().find(|(k, _)| k.as_deref() == Some(name)),
                };
                match filler.and_then(|(_, v)| v.pieces()) {
                    Some(more) => out.extend_from_slice(more),
                    None => out.push(Piece::Hole { path: None }),
                }
                start = range.end;
            }
            if start < text.len() {
                let span = Span::new(start, text.len());
                out.push(Piece::Text {
                    value: span.of(text).into(),
                    map: map.slice(span),
                    cell: *cell,
                    literal: *literal,
                });
            }
            if out.len() > 64 {
                break;
            }
        }
        Value::text(out)
    }

    fn call(&mut self, at: At<'_>, id: ExprId, callee: ExprId, args: &[Arg]) -> Value {
        let receiver = match &at.facts.expr(callee).kind {
            ExprKind::Attr { base, .. } => Some(*base),
            _ => None,
        };
        let received = match receiver {
            Some(base) => self.visit(at, base),
            None => Value::Unknown,
        };
        let path = self.names.path(at.facts, callee).unwrap_or_default();
        let method = match &at.facts.expr(callee).kind {
            ExprKind::Attr { name, .. } | ExprKind::Name(name) => name.to_string(),
            _ => String::new(),
        };
        let values: Vec<Value> = args.iter().map(|arg| self.visit(at, arg.value)).collect();
        self.emit_arguments(at, id, callee, &path, &method, args, &values);
        self.result(&path, &method, received, args, values)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one call, used together once")]
    fn emit_arguments(
        &mut self,
        at: At<'_>,
        id: ExprId,
        callee: ExprId,
        path: &str,
        method: &str,
        args: &[Arg],
        values: &[Value],
    ) {
        if !values.iter().any(|v| matches!(v, Value::Text(_))) {
            return;
        }
        let siblings: super::super::Arguments = args
            .iter()
            .zip(values)
            .take(64)
            .map(|(a, v)| (a.name.as_ref().map(|(n, _)| n.clone()), v.known()))
            .collect();
        let chain = self.chain(at, callee);
        let call = Place { cell: at.frame.cell, span: at.frame.span(at.facts.expr(id).span) };
        let default_name = (values.len() == 2
            && WITH_DEFAULT.contains(&method)
            && !path.contains("secrets")
            && !path.contains("widgets"))
        .then(|| values[0].known())
        .flatten();
        let mut position = 0;
        for (arg, value) in args.iter().zip(values) {
            let index = arg.name.is_none().then(|| {
                position += 1;
                position - 1
            });
            let span = at.facts.expr(arg.value).span;
            if index == Some(1)
                && let Some(name) = &default_name
            {
                self.emit(at, value, Role::Fallback { name: name.expose().into() }, span);
                continue;
            }
            let argument = Argument {
                callee: path.into(),
                method: method.into(),
                index,
                keyword: arg.name.as_ref().map(|(n, _)| n.clone()),
                siblings: siblings.clone(),
                call,
                chain: chain.clone(),
            };
            self.emit(at, value, Role::Argument(Box::new(argument)), span);
        }
    }

    fn result(&mut self, path: &str, method: &str, received: Value, args: &[Arg], values: Vec<Value>) -> Value {
        if method == "join"
            && let [Value::Seq(items)] = values.as_slice()
            && let Some(separator) = received.pieces()
        {
            let mut parts = Vec::new();
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    parts.push((Value::Text(separator.into()), None));
                }
                parts.push((item.clone(), None));
            }
            return Value::concat(parts.into_iter());
        }
        if SAME_TEXT.contains(&method) {
            if matches!(received, Value::Text(_)) {
                return received;
            }
            if let Some(first) = values.into_iter().next()
                && matches!(first, Value::Text(_))
            {
                return first;
            }
            return Value::Unknown;
        }
        // A lookup in a known container: `conf.get("password")`, Scala `conf("password")`.
        if let Some(key) = values.first().and_then(Value::known) {
            let container = if method == "get" || method == "apply" { received } else { self.lookup(path) };
            let found = container.entry(key.expose());
            if !matches!(found, Value::Unknown) {
                return found;
            }
            let found = self.lookup(&format!("{path}.{}", key.expose()));
            if args.len() == 1 && !matches!(found, Value::Unknown) {
                return found;
            }
        }
        if method == "dict" || method == "options" || method == "Properties" {
            let mut known: HashMap<Box<str>, Value> = HashMap::new();
            for (arg, value) in args.iter().zip(&values) {
                if let Some((name, _)) = &arg.name {
                    known.insert(name.clone(), value.clone());
                }
            }
            return if known.is_empty() { Value::Unknown } else { Value::Dict(Rc::new(known)) };
        }
        self.lookup(&format!("{path}()"))
    }

    /// Constant arguments of the calls before this one in a chain, nearest last.
    fn chain(&mut self, at: At<'_>, callee: ExprId) -> Arc<[(Box<str>, Secret)]> {
        let mut chain: Vec<(Box<str>, Secret)> = Vec::new();
        let mut id = callee;
        for _ in 0..24 {
            match &at.facts.expr(id).kind {
                ExprKind::Attr { base, .. } => id = *base,
                ExprKind::Same(inner) => id = *inner,
                ExprKind::Call { callee, args, .. } => {
                    if let ExprKind::Attr { name, .. } = &at.facts.expr(*callee).kind
                        && matches!(name.as_ref(), "format" | "source" | "option")
                    {
                        for arg in args.iter().take(2) {
                            if let Some(lit) = at.facts.str_lit(arg.value)
                                && let Some(text) = lit.plain()
                                && text.len() < 200
                            {
                                chain.push((name.clone(), text));
                            }
                        }
                    }
                    id = *callee;
                }
                _ => break,
            }
        }
        chain.reverse();
        chain.into()
    }

    /// What a fallback stands in for: the name or key that was asked first.
    fn fallback_name(&mut self, at: At<'_>, first: ExprId) -> Box<str> {
        if let ExprKind::Call { args, .. } = &at.facts.expr(first).kind
            && let Some(arg) = args.last()
            && let Some(key) = self.constant(at, arg.value).known()
        {
            return key.expose().into();
        }
        let path = self.path(at, first).unwrap_or_default();
        path.trim_end_matches("()").rsplit('.').next().unwrap_or("").into()
    }
}

enum Slot<'a> {
    Next,
    Number(usize),
    Name(&'a str),
}

/// `{}`, `{0}`, `{name}`, `%s`, `%(name)s` of a template, with their ranges.
fn template_slots(text: &str) -> Vec<(std::ops::Range<usize>, Slot<'_>)> {
    let bytes = text.as_bytes();
    let mut slots = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => {
                let Some(close) = text[at..].find('}') else { break };
                let name = text[at + 1..at + close].split([':', '!', '.', '[']).next().unwrap_or("");
                let slot = match name.parse() {
                    Ok(n) => Slot::Number(n),
                    Err(_) if name.is_empty() => Slot::Next,
                    Err(_) => Slot::Name(name),
                };
                slots.push((at..at + close + 1, slot));
                at += close + 1;
            }
            b'%' if bytes.get(at + 1) == Some(&b'%') => at += 2,
            b'%' if bytes.get(at + 1) == Some(&b'(') => {
                let Some(close) = text[at..].find(')') else { break };
                slots.push((at..(at + close + 2).min(text.len()), Slot::Name(&text[at + 2..at + close])));
                at += close + 2;
            }
            b'%' if matches!(bytes.get(at + 1), Some(b's' | b'd' | b'r' | b'i' | b'f')) => {
                slots.push((at..at + 2, Slot::Next));
                at += 2;
            }
            _ => at += 1,
        }
    }
    slots.retain(|(range, _)| text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
    slots
}
