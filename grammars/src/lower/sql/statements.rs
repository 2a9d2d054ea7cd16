//! Statements: what they do, their literals, calls and comparisons.

use super::{
    Lowering,
    tokens::{Kind, Token},
};
use crate::{
    Span,
    facts::{
        BindKind, Embedded, EmbeddedOrigin, ExprKind, Property, PropertyPlace, PropertyValue, Query, QueryLiteral,
        Quote, Stmt, StmtKind, Target, Verb,
    },
    lower::text::literal,
};

/// Words before `(…)` that make it a list of keys and values.
pub(super) const LISTS: &[&str] = &[
    "OPTIONS", "TBLPROPERTIES", "PROPERTIES", "DBPROPERTIES", "CREDENTIAL", "CREDENTIALS", "ENCRYPTION", "WITH",
    "COPY_OPTIONS", "FORMAT_OPTIONS", "SERDEPROPERTIES",
];

impl Lowering<'_> {
    pub(super) fn statements(&mut self) {
        let mut start = 0;
        for i in 0..=self.tokens.len() {
            let ends = i == self.tokens.len() || self.tokens[i].kind == Kind::Semicolon || self.is_go(i);
            if ends {
                if i > start {
                    self.statement(start, i);
                }
                start = i + 1;
            }
        }
    }

    /// `GO` alone on its line separates batches of T-SQL.
    fn is_go(&self, i: usize) -> bool {
        self.tokens[i].is("GO") && {
            let span = self.tokens[i].span.range();
            let before = self.text[..span.start].rsplit('\n').next().unwrap_or("");
            let after = self.text[span.end..].split('\n').next().unwrap_or("");
            before.trim().is_empty() && after.trim().is_empty()
        }
    }

    fn statement(&mut self, start: usize, end: usize) {
        let span = self.tokens[start].span.cover(self.tokens[end - 1].span);
        let verb = verb(&self.tokens[start..end]);
        let number = self.facts.queries.len() as u32;
        let parameters = self.tokens[start..end]
            .iter()
            .filter(|t| t.kind == Kind::Parameter)
            .map(|t| (t.span.of(self.text).trim_matches(['$', '{', '}', ':', ' ']).into(), t.span))
            .collect();
        self.facts.queries.push(Query { span, verb, calls: Vec::new(), parameters, literals: Vec::new() });
        if verb == Verb::Set && self.set(start, end) {
            return;
        }
        self.walk(start, end, number, verb);
    }

    /// `SET key = value`; false when it is something else (`SET VAR x = …`).
    fn set(&mut self, start: usize, end: usize) -> bool {
        let Some(first) = self.tokens.get(start + 1).filter(|_| start + 1 < end) else { return true };
        if first.is("VAR") || first.is("VARIABLE") || first.is("SESSION") {
            return false;
        }
        let from = first.span.start as usize;
        let to = self.tokens[end - 1].span.end as usize;
        let source = &self.text[from..to];
        let Some(equals) = source.find('=') else { return true };
        let key = source[..equals].trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return false;
        }
        let value = &source[equals + 1..];
        let value = value.split('\n').next().unwrap_or("");
        let lead = value.len() - value.trim_start().len();
        let start = from + equals + 1 + lead;
        let span = Span::new(start, start + value.trim().len());
        let quoted = span.len() >= 2 && value.trim().starts_with(['\'', '"']) && value.trim().ends_with(['\'', '"']);
        let inner = if quoted { Span::new(start + 1, span.end as usize - 1) } else { span };
        self.group += 1;
        let value = PropertyValue::Str(literal(self.text, inner, if quoted { Quote::Single } else { Quote::None }));
        let key_span = Span::new(from, from + key.len());
        let path = vec![key.trim_matches('`').into()];
        self.facts.properties.push(Property {
            path,
            key_span,
            value,
            value_span: span,
            place: PropertyPlace::SqlSet,
            group: self.group,
        });
        true
    }

    fn walk(&mut self, start: usize, end: usize, number: u32, verb: Verb) {
        // What the statement's select list covers.
        let list_end = (start..end)
            .scan(0i32, |depth, i| {
                match self.tokens[i].kind {
                    Kind::Open => *depth += 1,
                    Kind::Close => *depth -= 1,
                    _ => {}
                }
                Some((i, *depth))
            })
            .find(|(i, depth)| *depth == 0 && self.tokens[*i].is("FROM"))
            .map_or(end, |(i, _)| i);
        let mut i = start;
        while i < end {
            let token = self.tokens[i].clone();
            match &token.kind {
                Kind::Word(word) => {
                    let next = self.open_after(i, end);
                    if let Some(open) = next
                        && LISTS.contains(&word.as_str())
                        && self.is_list(open, end)
                    {
                        i = self.option_list(open, end, word, number, 0);
                        continue;
                    }
                    if next == Some(i + 1) && is_function(word) {
                        let projected = i < list_end
                            && matches!(verb, Verb::Select | Verb::Values | Verb::CreateView | Verb::Insert);
                        let (_, after) = self.call(i, end, number, &[], projected, 0);
                        i = after;
                        continue;
                    }
                }
                Kind::Text => {
                    i = self.text_token(i, start, end, number, verb);
                    continue;
                }
                _ => {}
            }
            i += 1;
        }
    }

    /// `OPTIONS (`, `CREDENTIALS = (`: position of the parenthesis.
    pub(super) fn open_after(&self, i: usize, end: usize) -> Option<usize> {
        let next = self.tokens.get(i + 1).filter(|_| i + 1 < end)?;
        if next.kind == Kind::Open {
            return Some(i + 1);
        }
        (next.symbol("=") && i + 2 < end && self.tokens[i + 2].kind == Kind::Open).then_some(i + 2)
    }

    /// Whether the parenthesis holds keys and values (and is no query, `WITH x AS (SELECT …)`).
    pub(super) fn is_list(&self, open: usize, end: usize) -> bool {
        let first = self.tokens.get(open + 1).filter(|_| open + 1 < end);
        first.is_some_and(|t| {
            !t.is("SELECT") && !t.is("WITH") && matches!(t.kind, Kind::Word(_) | Kind::Text | Kind::Parameter)
        })
    }

    fn text_token(&mut self, i: usize, start: usize, end: usize, number: u32, verb: Verb) -> usize {
        let (expr, after) = self.string(i, end);
        let span = self.facts.expr(expr).span;
        let before: Vec<Box<str>> = self.tokens[start..i]
            .iter()
            .rev()
            .filter_map(|t| match &t.kind {
                Kind::Word(word) if word != "N" => Some(word.as_str().into()),
                _ => None,
            })
            .take(3)
            .collect::<Vec<Box<str>>>()
            .into_iter()
            .rev()
            .collect();
        // `column = 'x'`: compared or set.
        let operator = i.checked_sub(1).filter(|&p| p >= start).map(|p| &self.tokens[p]);
        let compared = operator.is_some_and(|t| t.symbol("=") || t.symbol("<>") || t.symbol("!=") || t.is("LIKE"));
        if compared
            && i >= start + 2
            && let Kind::Word(name) = &self.tokens[i - 2].kind
        {
            let name_span = self.tokens[i - 2].span;
            let name: Box<str> = name.to_lowercase().into();
            let sets = verb == Verb::Change && !self.tokens[start..i].iter().any(|t| t.is("WHERE"));
            let variable = verb == Verb::Set;
            if sets || variable {
                let target = Target::Name { name, span: name_span };
                let kind =
                    StmtKind::Bind { targets: vec![target], value: expr, kind: BindKind::Assign, annotation: None };
                self.facts.body.push(Stmt { span: name_span.cover(span), kind });
                return after;
            }
            if matches!(verb, Verb::Select | Verb::Change | Verb::Insert | Verb::CreateView) {
                let column = self.facts.push(name_span, ExprKind::Name(name));
                let kind = ExprKind::Compare { op: "=".into(), operands: vec![column, expr] };
                let compare = self.facts.push(name_span.cover(span), kind);
                self.facts.body.push(Stmt { span: name_span.cover(span), kind: StmtKind::Expr(compare) });
                return after;
            }
        }
        // `DECLARE x STRING DEFAULT '…'`.
        if verb == Verb::Other
            && self.tokens[start].is("DECLARE")
            && let Some(at) = (start + 1..i)
                .find(|&k| !["OR", "REPLACE", "VARIABLE", "TEMPORARY", "TEMP"].iter().any(|w| self.tokens[k].is(w)))
            && let Kind::Word(name) = self.tokens[at].kind.clone()
        {
            let target = Target::Name { name: name.to_lowercase().into(), span: self.tokens[at].span };
            let kind = StmtKind::Bind { targets: vec![target], value: expr, kind: BindKind::Assign, annotation: None };
            self.facts.body.push(Stmt { span, kind });
            return after;
        }
        if verb == Verb::CreateFunction && self.tokens[start..i].iter().any(|t| t.is("PYTHON")) {
            self.body(expr, span);
        }
        self.facts.queries[number as usize].literals.push(QueryLiteral { before, expr });
        after
    }

    /// `LANGUAGE PYTHON AS $$ … $$`.
    fn body(&mut self, expr: crate::facts::ExprId, span: Span) {
        let Some(options) = self.options.nested() else { return };
        let ExprKind::Str(lit) = &self.facts.expr(expr).kind else { return };
        let inner = lit.style.inner;
        let text = inner.of(self.text);
        let facts = crate::lower::lower(crate::Language::Python, text, options);
        self.facts.embedded.push(Embedded {
            language: crate::Language::Python,
            origin: EmbeddedOrigin::Document { literal: expr },
            text: text.into(),
            map: crate::TextMap::verbatim(inner.start as usize, inner.len()),
            facts,
            holes: Vec::new(),
        });
        let _ = span;
    }
}

/// Keywords before a parenthesis that are no function.
fn is_function(word: &str) -> bool {
    !matches!(
        word,
        "IN" | "AND"
            | "OR"
            | "NOT"
            | "VALUES"
            | "AS"
            | "FROM"
            | "WHERE"
            | "ON"
            | "USING"
            | "SELECT"
            | "TABLE"
            | "INTO"
            | "BY"
            | "OVER"
            | "EXISTS"
            | "WITH"
            | "JOIN"
            | "UNION"
            | "SET"
            | "KEY"
            | "CASE"
            | "WHEN"
            | "THEN"
            | "ELSE"
            | "VARCHAR"
            | "NVARCHAR"
            | "CHAR"
            | "DECIMAL"
            | "STRUCT"
            | "ARRAY"
            | "INT"
    )
}

fn verb(tokens: &[Token]) -> Verb {
    let word = |i: usize| match tokens.get(i).map(|t| &t.kind) {
        Some(Kind::Word(word)) => word.as_str(),
        _ => "",
    };
    let has = |w: &str, within: usize| tokens.iter().take(within).any(|t| t.is(w));
    match word(0) {
        "SELECT" | "WITH" | "FROM" => Verb::Select,
        "VALUES" => Verb::Values,
        "INSERT" => Verb::Insert,
        "UPDATE" | "MERGE" | "DELETE" => Verb::Change,
        "COPY" => Verb::CopyInto,
        "SET" => Verb::Set,
        "GRANT" | "REVOKE" => Verb::Grant,
        "EXECUTE" | "EXEC" | "CALL" => Verb::Execute,
        "COMMENT" => Verb::Comment,
        "SHOW" | "DESCRIBE" | "DESC" | "LIST" => Verb::Show,
        "CREATE" | "ALTER" | "REPLACE" => {
            if has("CONNECTION", 6) {
                Verb::CreateConnection
            } else if has("FUNCTION", 6) || has("PROCEDURE", 6) {
                Verb::CreateFunction
            } else if has("WIDGET", 4) {
                Verb::CreateWidget
            } else if ["USER", "LOGIN", "ROLE", "SERVER", "CREDENTIAL", "MASTER", "KEY"].iter().any(|w| has(w, 6)) {
                Verb::CreateUser
            } else if has("VIEW", 7) && !has("USING", 14) {
                Verb::CreateView
            } else {
                Verb::CreateTable
            }
        }
        _ => Verb::Other,
    }
}
