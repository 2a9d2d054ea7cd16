//! Expressions.

use tree_sitter::Node;

use super::{Lowering, field, fields, k, kids};
use crate::{
    Secret, Span,
    facts::{Arg, Clause, Const, ConstKind, Entry, ExprId, ExprKind, SeqKind, Stmt, StmtKind, Target},
};

/// Links of a method chain that stay one expression: what is further left is evaluated before.
const MAX_CHAIN: usize = 300;

impl Lowering<'_> {
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        match self.deeper(node, |this| this.expr_here(node)) {
            Some(id) => id,
            None => {
                let span = self.span(node);
                self.push(span, ExprKind::Other(Vec::new()))
            }
        }
    }

    fn expr_here(&mut self, node: Node<'_>) -> ExprId {
        match node.kind() {
            k::IDENTIFIER | k::DOTTED_NAME => self.name(node),
            k::STRING => self.string(node),
            k::CONCATENATED => self.implicit_concatenation(node),
            k::INTEGER | k::FLOAT => self.constant(node, ConstKind::Number),
            k::TRUE | k::FALSE => self.constant(node, ConstKind::Bool),
            k::NONE => self.constant(node, ConstKind::Null),
            k::ATTRIBUTE | k::CALL | k::SUBSCRIPT => self.postfix(node),
            k::BINARY => self.binary(node),
            k::BOOLEAN => self.boolean(node),
            k::UNARY => self.unary(node),
            k::NOT => self.with_kids(node, ExprKind::Logic),
            k::COMPARISON => self.comparison(node),
            k::PARENTHESIZED => self.only_kid(node),
            k::CONDITIONAL => self.conditional(node),
            k::DICT => self.dict(node),
            k::LIST => self.seq(node, SeqKind::List),
            k::TUPLE | k::EXPRESSION_LIST | k::PATTERN_LIST | k::TUPLE_PATTERN => self.seq(node, SeqKind::Tuple),
            k::SET => self.seq(node, SeqKind::Set),
            k::LIST_COMPREHENSION | k::SET_COMPREHENSION | k::GENERATOR | k::DICT_COMPREHENSION => {
                self.comprehension(node)
            }
            k::LAMBDA => self.lambda(node),
            k::NAMED => self.walrus(node),
            k::AS_PATTERN => self.as_expression(node),
            k::LIST_SPLAT | k::DICT_SPLAT | k::LIST_SPLAT_PATTERN | k::DICT_SPLAT_PATTERN => self.spread(node),
            k::AWAIT => self.same(node),
            k::YIELD => self.yielded(node),
            _ => self.other(node),
        }
    }

    /// Something without a word in the vocabulary: its children only.
    pub(super) fn other(&mut self, node: Node<'_>) -> ExprId {
        self.with_kids(node, ExprKind::Other)
    }

    fn with_kids(&mut self, node: Node<'_>, build: fn(Vec<ExprId>) -> ExprKind) -> ExprId {
        let ids = self.exprs(kids(node));
        let span = self.span(node);
        self.push(span, build(ids))
    }

    /// Expressions of a list of nodes; what is in an ERROR node is taken out of it.
    pub(super) fn exprs(&mut self, nodes: Vec<Node<'_>>) -> Vec<ExprId> {
        let mut ids = Vec::with_capacity(nodes.len());
        for node in nodes {
            if node.kind() == k::ERROR {
                ids.extend(kids(node).into_iter().map(|n| self.expr(n)).collect::<Vec<_>>());
            } else {
                ids.push(self.expr(node));
            }
        }
        ids
    }

    pub(super) fn name(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let kind =
            if node.is_missing() { ExprKind::Other(Vec::new()) } else { ExprKind::Name(self.slice(node).into()) };
        self.push(span, kind)
    }

    fn constant(&mut self, node: Node<'_>, kind: ConstKind) -> ExprId {
        let (span, text) = (self.span(node), Secret::from(self.slice(node)));
        self.push(span, ExprKind::Const(Const { kind, text }))
    }

    /// What stands in parentheses.
    fn only_kid(&mut self, node: Node<'_>) -> ExprId {
        match kids(node).as_slice() {
            [only] if only.kind() != k::ERROR => self.expr(*only),
            _ => self.other(node),
        }
    }

    fn same(&mut self, node: Node<'_>) -> ExprId {
        let inner = self.only_kid(node);
        let span = self.span(node);
        self.push(span, ExprKind::Same(inner))
    }

    fn spread(&mut self, node: Node<'_>) -> ExprId {
        let inner = self.only_kid(node);
        let span = self.span(node);
        self.push(span, ExprKind::Spread(inner))
    }

    fn yielded(&mut self, node: Node<'_>) -> ExprId {
        let inner = kids(node).first().map(|n| self.expr(*n));
        let span = self.span(node);
        let mut cursor = node.walk();
        let each = node.children(&mut cursor).any(|n| n.kind() == "from");
        let inner = inner.map(|inner| if each { self.push(span, ExprKind::Spread(inner)) } else { inner });
        self.push(span, ExprKind::Yield(inner))
    }

    /// A chain of attributes, calls and subscripts, from its left end, without recursion.
    fn postfix(&mut self, node: Node<'_>) -> ExprId {
        let mut chain = Vec::new();
        let mut at = node;
        while let Some(next) = match at.kind() {
            k::ATTRIBUTE => field(at, k::F_OBJECT),
            k::CALL => field(at, k::F_FUNCTION),
            k::SUBSCRIPT => field(at, k::F_VALUE),
            _ => None,
        } {
            chain.push(at);
            at = next;
        }
        if chain.is_empty() {
            return self.other(node);
        }
        let mut id = self.expr(at);
        for (i, link) in chain.into_iter().rev().enumerate() {
            if i % MAX_CHAIN == MAX_CHAIN - 1 {
                let span = self.facts.expr(id).span;
                self.pending.push(Stmt { span, kind: StmtKind::Expr(id) });
                id = self.push(span, ExprKind::Other(Vec::new()));
            }
            let span = self.span(link);
            let kind = match link.kind() {
                k::ATTRIBUTE => self.attribute(link, id),
                k::CALL => self.call(link, id),
                _ => self.subscript(link, id),
            };
            id = self.push(span, kind);
        }
        id
    }

    fn attribute(&mut self, node: Node<'_>, base: ExprId) -> ExprKind {
        let (name, name_span) = match field(node, k::F_ATTRIBUTE) {
            Some(n) => (self.slice(n).into(), self.span(n)),
            None => ("".into(), Span { start: self.span(node).end, end: self.span(node).end }),
        };
        ExprKind::Attr { base, name, name_span }
    }

    fn call(&mut self, node: Node<'_>, callee: ExprId) -> ExprKind {
        let args = field(node, k::F_ARGUMENTS).map_or_else(Vec::new, |n| self.args(n));
        if let Some(ExprKind::Attr { base, name, .. }) = self.kind(callee)
            && &**name == "format"
            && self.is_template(*base)
        {
            return ExprKind::Format { template: *base, args };
        }
        ExprKind::Call { callee, args, is_new: false }
    }

    pub(super) fn args(&mut self, node: Node<'_>) -> Vec<Arg> {
        if node.kind() == k::GENERATOR {
            let (span, value) = (self.span(node), self.expr(node));
            return vec![Arg { span, name: None, value }];
        }
        let mut args = Vec::new();
        for kid in kids(node) {
            if kid.kind() == k::ERROR {
                for inner in kids(kid) {
                    let arg = self.arg(inner);
                    args.push(arg);
                }
            } else {
                let arg = self.arg(kid);
                args.push(arg);
            }
        }
        args
    }

    pub(super) fn arg(&mut self, node: Node<'_>) -> Arg {
        let span = self.span(node);
        if node.kind() == k::KEYWORD_ARGUMENT
            && let (Some(name), Some(value)) = (field(node, k::F_NAME), field(node, k::F_VALUE))
        {
            let name = Some((self.slice(name).into(), self.span(name)));
            return Arg { span, name, value: self.expr(value) };
        }
        Arg { span, name: None, value: self.expr(node) }
    }

    fn subscript(&mut self, node: Node<'_>, base: ExprId) -> ExprKind {
        let subscripts = fields(node, k::F_SUBSCRIPT);
        if let [slice] = subscripts.as_slice()
            && slice.kind() == k::SLICE
        {
            return ExprKind::Slice { base, bounds: self.exprs(kids(*slice)) };
        }
        let mut ids = self.exprs(subscripts);
        let index = match (ids.pop(), ids.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                ids.extend(last);
                let span = self.span(node);
                self.push(span, ExprKind::Seq { kind: SeqKind::Tuple, items: ids })
            }
        };
        ExprKind::Index { base, index }
    }

    /// A left-leaning chain of binary operators, without recursion.
    fn binary(&mut self, node: Node<'_>) -> ExprId {
        let mut links = Vec::new();
        let mut at = node;
        while at.kind() == k::BINARY
            && let (Some(left), Some(op), Some(right)) =
                (field(at, k::F_LEFT), field(at, k::F_OPERATOR), field(at, k::F_RIGHT))
        {
            links.push((at, op, right));
            at = left;
        }
        if links.is_empty() {
            return self.other(node);
        }
        let mut id = self.expr(at);
        // The expression that is being extended: operators of one kind share it.
        let mut open: Option<(&str, ExprId)> = None;
        for (link, op, right) in links.into_iter().rev() {
            let (span, op) = (self.span(link), self.slice(op));
            if op == "%" && self.is_template(id) {
                let args = self.percent_args(right);
                id = self.push(span, ExprKind::Format { template: id, args });
                open = None;
                continue;
            }
            let right = self.expr(right);
            if let Some((open_op, target)) = open
                && open_op == op
                && let Some(expr) = self.facts.exprs.get_mut(target.0 as usize)
                && let ExprKind::Concat(parts) | ExprKind::Operator { operands: parts, .. } = &mut expr.kind
            {
                parts.push(right);
                expr.span = span;
                continue;
            }
            let numbers = [id, right].iter().all(|&i| matches!(self.kind(i), Some(ExprKind::Const(_))));
            let kind = if op == "+" && !numbers {
                let mut parts = Vec::new();
                for operand in [id, right] {
                    match self.kind(operand) {
                        Some(ExprKind::Concat(inner)) => parts.extend_from_slice(inner),
                        _ => parts.push(operand),
                    }
                }
                ExprKind::Concat(parts)
            } else {
                ExprKind::Operator { op: op.into(), operands: vec![id, right] }
            };
            id = self.push(span, kind);
            open = Some((op, id));
        }
        id
    }

    /// The right side of `"…" % right`.
    fn percent_args(&mut self, right: Node<'_>) -> Vec<Arg> {
        let nodes = if right.kind() == k::TUPLE { kids(right) } else { vec![right] };
        nodes.into_iter().map(|n| Arg { span: self.span(n), name: None, value: self.expr(n) }).collect()
    }

    fn unary(&mut self, node: Node<'_>) -> ExprId {
        let op = field(node, k::F_OPERATOR).map_or("", |n| self.slice(n)).into();
        let operands = self.exprs(kids(node));
        let span = self.span(node);
        self.push(span, ExprKind::Operator { op, operands })
    }

    /// `and` / `or` chains: `or` is a balanced tree of fallbacks (it is associative), `and` is flat.
    fn boolean(&mut self, node: Node<'_>) -> ExprId {
        let op = field(node, k::F_OPERATOR).map_or("", |n| self.slice(n));
        let mut nodes = Vec::new();
        let mut at = node;
        while at.kind() == k::BOOLEAN
            && field(at, k::F_OPERATOR).is_some_and(|n| self.slice(n) == op)
            && let (Some(left), Some(right)) = (field(at, k::F_LEFT), field(at, k::F_RIGHT))
        {
            nodes.push(right);
            at = left;
        }
        if nodes.is_empty() {
            return self.other(node);
        }
        nodes.push(at);
        nodes.reverse();
        let ids = self.exprs(nodes);
        if op == "or" {
            return self.fallbacks(&ids);
        }
        let span = self.span(node);
        self.push(span, ExprKind::Logic(ids))
    }

    fn fallbacks(&mut self, ids: &[ExprId]) -> ExprId {
        if let [only] = ids {
            return *only;
        }
        let (left, right) = ids.split_at(ids.len() / 2);
        let (first, second) = (self.fallbacks(left), self.fallbacks(right));
        let span = self.facts.expr(first).span.cover(self.facts.expr(second).span);
        self.push(span, ExprKind::Fallback { first, second })
    }

    fn comparison(&mut self, node: Node<'_>) -> ExprId {
        let op = fields(node, k::F_OPERATORS).first().map_or("", |n| self.slice(*n)).into();
        let mut cursor = node.walk();
        let operators: Vec<usize> = node.children_by_field_name(k::F_OPERATORS, &mut cursor).map(|n| n.id()).collect();
        let nodes = kids(node).into_iter().filter(|n| !operators.contains(&n.id())).collect();
        let operands = self.exprs(nodes);
        let span = self.span(node);
        self.push(span, ExprKind::Compare { op, operands })
    }

    fn conditional(&mut self, node: Node<'_>) -> ExprId {
        let ids = self.exprs(kids(node));
        let span = self.span(node);
        let kind = match ids.as_slice() {
            [then, test, other] => ExprKind::Cond { test: *test, then: *then, other: Some(*other) },
            _ => ExprKind::Other(ids),
        };
        self.push(span, kind)
    }

    fn dict(&mut self, node: Node<'_>) -> ExprId {
        let mut entries = Vec::new();
        for kid in kids(node) {
            self.entry(kid, &mut entries);
        }
        let span = self.span(node);
        self.push(span, ExprKind::Dict(entries))
    }

    fn entry(&mut self, node: Node<'_>, entries: &mut Vec<Entry>) {
        match node.kind() {
            k::PAIR => {
                if let (Some(key), Some(value)) = (field(node, k::F_KEY), field(node, k::F_VALUE)) {
                    let (key, value) = (Some(self.expr(key)), self.expr(value));
                    entries.push(Entry { key, value });
                }
            }
            k::DICT_SPLAT => {
                let value = self.only_kid(node);
                entries.push(Entry { key: None, value });
            }
            k::ERROR => {
                for kid in kids(node) {
                    if kid.kind() != k::ERROR {
                        self.entry(kid, entries);
                    }
                }
            }
            _ => {
                let value = self.expr(node);
                entries.push(Entry { key: None, value });
            }
        }
    }

    fn seq(&mut self, node: Node<'_>, kind: SeqKind) -> ExprId {
        let items = self.exprs(kids(node));
        let span = self.span(node);
        self.push(span, ExprKind::Seq { kind, items })
    }

    fn comprehension(&mut self, node: Node<'_>) -> ExprId {
        let mut elements = Vec::new();
        if let Some(body) = field(node, k::F_BODY) {
            let nodes = if body.kind() == k::PAIR { kids(body) } else { vec![body] };
            elements = self.exprs(nodes);
        }
        let mut clauses: Vec<Clause> = Vec::new();
        for kid in kids(node) {
            match kid.kind() {
                k::FOR_IN => {
                    let target = field(kid, k::F_LEFT).map_or(Target::Skip, |n| self.target(n));
                    let iters = self.exprs(fields(kid, k::F_RIGHT).into_iter().filter(|n| n.is_named()).collect());
                    let iter = match iters.as_slice() {
                        [only] => *only,
                        _ => {
                            let span = self.span(kid);
                            self.push(span, ExprKind::Seq { kind: SeqKind::Tuple, items: iters })
                        }
                    };
                    clauses.push(Clause { target, iter, conditions: Vec::new() });
                }
                k::IF_CLAUSE => {
                    let conditions = self.exprs(kids(kid));
                    if let Some(clause) = clauses.last_mut() {
                        clause.conditions.extend(conditions);
                    }
                }
                _ => {}
            }
        }
        let span = self.span(node);
        self.push(span, ExprKind::Comprehension { elements, clauses })
    }

    fn walrus(&mut self, node: Node<'_>) -> ExprId {
        let (Some(name), Some(value)) = (field(node, k::F_NAME), field(node, k::F_VALUE)) else {
            return self.other(node);
        };
        let (target, value) = (Box::new(self.target(name)), self.expr(value));
        let span = self.span(node);
        self.push(span, ExprKind::Assign { target, value })
    }

    /// `value as name`, outside `with` only in broken code.
    fn as_expression(&mut self, node: Node<'_>) -> ExprId {
        let (value, target) = self.as_item(node);
        let Some(target) = target else { return value };
        let span = self.span(node);
        self.push(span, ExprKind::Assign { target: Box::new(target), value })
    }

    /// The parts of `value as target`.
    pub(super) fn as_item(&mut self, node: Node<'_>) -> (ExprId, Option<Target>) {
        if node.kind() != k::AS_PATTERN {
            return (self.expr(node), None);
        }
        let Some(first) = kids(node).into_iter().next() else { return (self.other(node), None) };
        let value = self.expr(first);
        let target = field(node, k::F_ALIAS).and_then(|alias| kids(alias).into_iter().next()).map(|n| self.target(n));
        (value, target)
    }
}
