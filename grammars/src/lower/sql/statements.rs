//! Statements: what they do, their literals, calls and comparisons.

use super::{
    Lowering,
    tokens::{Kind, Token},
    verbs::{is_function, verb},
};
use crate::{
    Span,
    facts::{Embedded, EmbeddedOrigin, ExprId, ExprKind, Query, QueryLiteral, Quote, Stmt, StmtKind, StrPart, Verb},
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
                while start < i {
                    start = self.statement(start, i);
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

    /// Reads a statement; where the next one starts, which may be before `end`.
    fn statement(&mut self, start: usize, end: usize) -> usize {
        // `BEGIN` opens a body of statements.
        let opens = self.tokens[start].is("BEGIN")
            && self.tokens[start + 1..end].first().is_some_and(|t| {
                !["TRAN", "TRANSACTION", "WORK"].iter().any(|w| t.is(w)) && matches!(t.kind, Kind::Word(_))
            });
        if opens {
            return start + 1;
        }
        let verb = verb(&self.tokens[start..end]);
        let after = if verb == Verb::Set { self.set_end(start, end) } else { self.before_next(start, end, verb) };
        let span = self.tokens[start].span.cover(self.tokens[after - 1].span);
        let number = self.facts.queries.len() as u32;
        let parameters = self.parameters(start, after, verb);
        self.facts.queries.push(Query {
            span,
            verb,
            calls: Vec::new(),
            parameters,
            literals: Vec::new(),
            names: Vec::new(),
            items: self.selected(start, after, verb),
            connects_to: self.connects_to(start, after, verb),
        });
        if !(verb == Verb::Set && self.set(start, after, number)
            || self.tokens[start].is("DECLARE") && self.declare(start, after, number))
        {
            self.walk(start, after, number, verb);
        }
        after
    }

    /// Where a statement ends behind which a `;` is missing: before a line that begins with `SET a.b = …` or, as in scripts
    /// of T-SQL, with a statement about an account.
    fn before_next(&self, start: usize, end: usize, verb: Verb) -> usize {
        let is_next = |i: &usize| {
            let (word, before) = (&self.tokens[*i], &self.tokens[*i - 1]);
            let begins = || self.text[before.span.end as usize..word.span.start as usize].contains('\n');
            word.is("SET") && verb != Verb::Change && self.tokens.get(i + 2).is_some_and(|t| t.symbol(".")) && begins()
                || (word.is("CREATE") || word.is("ALTER"))
                    && self.names_account(*i + 1, end)
                    && !continues(before)
                    && begins()
        };
        (start + 1..end).find(is_next).unwrap_or(end)
    }

    /// `LOGIN name`, `MASTER KEY …`, `DATABASE SCOPED CREDENTIAL name` behind `CREATE` or `ALTER`.
    fn names_account(&self, at: usize, end: usize) -> bool {
        const OBJECTS: &[&[&str]] = &[
            &["LOGIN"],
            &["USER"],
            &["ROLE"],
            &["CREDENTIAL"],
            &["MASTER", "KEY"],
            &["DATABASE", "SCOPED", "CREDENTIAL"],
            &["SYMMETRIC", "KEY"],
            &["ASYMMETRIC", "KEY"],
            &["CERTIFICATE"],
            &["APPLICATION", "ROLE"],
        ];
        let rest = &self.tokens[at.min(end)..end];
        let named = |words: &&&[&str]| {
            words.iter().zip(rest).all(|(word, token)| token.is(word))
                && rest.get(words.len()).is_some_and(|t| !matches!(t.kind, Kind::Semicolon) && !t.is("ON"))
        };
        OBJECTS.iter().find(named).is_some_and(|words| words.len() < rest.len())
    }

    /// Templates and parameters of a statement, also those inside of its literals.
    fn parameters(&self, start: usize, end: usize, verb: Verb) -> Vec<(Box<str>, Span)> {
        let span = self.tokens[start].span.cover(self.tokens[end - 1].span);
        let from = self.templates.partition_point(|t| t.start < span.start);
        let templates = self.templates[from..].iter().take_while(|t| t.end <= span.end).copied();
        // In the body of a function `{x}` is the body's own: a field of an f-string.
        let bodies: Vec<Span> = match verb {
            Verb::CreateFunction => {
                self.tokens[start..end].iter().map(|t| t.span).filter(|s| is_body(s.of(self.text))).collect()
            }
            _ => Vec::new(),
        };
        let is_own = |t: &Span| {
            let source = t.of(self.text);
            source.starts_with('{') && !source.starts_with("{{") && bodies.iter().any(|body| body.contains(*t))
        };
        let templates = templates.filter(|t| !is_own(t));
        let marks = self.tokens[start..end].iter().filter(|t| t.kind == Kind::Parameter).map(|t| t.span);
        let mut spans: Vec<Span> = templates.chain(marks).collect();
        spans.sort_unstable();
        spans.dedup();
        spans.into_iter().map(|s| (s.of(self.text).trim_matches(['$', '{', '}', ':', ' ', '@']).into(), s)).collect()
    }

    fn walk(&mut self, start: usize, end: usize, number: u32, verb: Verb) {
        let projected = self.projected(start, end, verb);
        let mut clause = Clause { start, end, number, verb, words: Vec::new() };
        let mut i = start;
        while i < end {
            let token = self.tokens[i].clone();
            match &token.kind {
                Kind::Word(word) => {
                    let next = self.open_after(i, end);
                    let definition = self.is_definition(i, start);
                    let secret = definition && i > start && self.tokens[i - 1].is("SECRET") && verb != Verb::Select;
                    if let Some(open) = next
                        && (LISTS.contains(&word.as_str()) || secret)
                        && self.is_list(open, end)
                    {
                        clause.word(word);
                        i = self.option_list(open, end, word, number, 0);
                        continue;
                    }
                    if word == "SET" && verb == Verb::Change && i > start {
                        i = self.assign(i + 1, end, number).max(i + 1);
                        continue;
                    }
                    if word == "CASE" && self.asks_secret(i, end) {
                        let projected = projected.get(i - start).copied().unwrap_or(false);
                        let (choice, after) = self.case(i, end, number, &[], projected, 0);
                        let span = self.facts.expr(choice).span;
                        self.facts.body.push(Stmt { span, kind: StmtKind::Expr(choice) });
                        i = after;
                        continue;
                    }
                    // `= PASSWORD('x')` of MySQL says what kind of text follows.
                    let kind = word == "PASSWORD" && matches!(verb, Verb::Set | Verb::CreateUser | Verb::Grant);
                    if next == Some(i + 1) && is_function(word) && !definition && !kind {
                        let projected = projected.get(i - start).copied().unwrap_or(false);
                        let (_, after) = self.call(i, end, number, &[], projected, 0);
                        i = after;
                        continue;
                    }
                    // Words of the language stand there, too: no variable is called so.
                    if next.is_none() && !definition && projected.get(i - start).copied().unwrap_or(false) {
                        let name = word.to_lowercase().into();
                        self.facts.queries[number as usize].names.push((name, token.span));
                    }
                    if verb == Verb::Grant && word == "TO" && i + 1 < end {
                        self.principal(start, i, number);
                    }
                    // parquet.`s3a://…`: a path in the place of a table.
                    if word.contains("://") {
                        self.path(token.span, &clause);
                    }
                    if clause.words.ends_with(&["IDENTIFIED".into(), "BY".into()])
                        && i.checked_sub(1).is_some_and(|before| self.tokens[before].is("BY"))
                        && i.checked_sub(1).is_some_and(|before| self.tokens[before].is("BY"))
                        && !["VALUES", "PASSWORD", "RANDOM"].contains(&word.as_str())
                    {
                        let value = literal(self.text, token.span, Quote::None);
                        let expr = self.facts.push(token.span, ExprKind::Str(value));
                        let before = clause.words.clone();
                        self.facts.queries[number as usize].literals.push(QueryLiteral { before, expr });
                    }
                    clause.word(word);
                }
                Kind::Text => {
                    i = self.text_token(i, &clause);
                    continue;
                }
                _ => {}
            }
            i += 1;
        }
    }

    /// `GRANT READ SECRET, MANAGE ON … TO `account users``: the name behind `TO` (at `to`) as a literal, once for each
    /// privilege, with the words of the privilege and `TO` before it.
    fn principal(&mut self, start: usize, to: usize, number: u32) {
        let token = &self.tokens[to + 1];
        if token.kind == Kind::Text {
            return;
        }
        let span = token.span;
        let quoted = span.of(self.text).starts_with('`') && span.len() >= 2;
        let inner = if quoted { Span::new(span.start as usize + 1, span.end as usize - 1) } else { span };
        let quote = if quoted { Quote::Backtick } else { Quote::None };
        let on = (start + 1..to).find(|&i| self.tokens[i].is("ON")).unwrap_or(to);
        for (from, until) in self.items(start + 1, on).into_iter().take(20) {
            let mut before: Vec<Box<str>> =
                (from..until).filter_map(|i| self.tokens[i].word().map(Into::into)).collect();
            before.truncate(2);
            before.push("TO".into());
            let expr = self.facts.push(span, ExprKind::Str(literal(self.text, inner, quote)));
            self.facts.queries[number as usize].literals.push(QueryLiteral { before, expr });
        }
    }

    fn path(&mut self, span: Span, clause: &Clause) {
        let text = span.of(self.text);
        let Some(inner) = text.strip_prefix('`').and_then(|t| t.strip_suffix('`')) else { return };
        let inner = Span::new(span.start as usize + 1, span.start as usize + 1 + inner.len());
        let expr = self.facts.push(span, ExprKind::Str(literal(self.text, inner, Quote::Backtick)));
        let before = clause.words.clone();
        self.facts.queries[clause.number as usize].literals.push(QueryLiteral { before, expr });
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

    fn text_token(&mut self, i: usize, clause: &Clause) -> usize {
        let (start, verb) = (clause.start, clause.verb);
        let (expr, after) = self.string(i, clause.end);
        let span = self.facts.expr(expr).span;
        // `column = 'x'`: compared.
        let operator = i.checked_sub(1).filter(|&p| p >= start).map(|p| &self.tokens[p]);
        let compared = operator.is_some_and(|t| t.symbol("=") || t.symbol("<>") || t.symbol("!=") || t.is("LIKE"));
        let given = operator.is_some_and(|t| t.symbol("="));
        if compared
            && i >= start + 2
            && let Kind::Word(name) = &self.tokens[i - 2].kind
            && matches!(verb, Verb::Select | Verb::Change | Verb::Insert | Verb::CreateView)
        {
            let name_span = self.tokens[i - 2].span;
            let column = self.facts.push(name_span, ExprKind::Name(name.to_lowercase().into()));
            let kind = ExprKind::Compare { op: "=".into(), operands: vec![column, expr] };
            let compare = self.facts.push(name_span.cover(span), kind);
            self.facts.body.push(Stmt { span: name_span.cover(span), kind: StmtKind::Expr(compare) });
            return after;
        }
        if verb == Verb::CreateFunction && clause.words.iter().any(|w| &**w == "PYTHON") {
            self.body(expr, crate::Language::Python);
        }
        if verb == Verb::Execute && clause.words.last().is_some_and(|w| &**w == "IMMEDIATE") {
            self.body(expr, crate::Language::Sql);
        }
        // `SET PASSWORD FOR 'user'@'host' = 'x'`: whose password it is.
        let whose = verb == Verb::Set && clause.words.last().is_some_and(|w| &**w == "FOR") && !given;
        if !whose {
            let before = clause.words.clone();
            self.facts.queries[clause.number as usize].literals.push(QueryLiteral { before, expr });
        }
        after
    }

    /// `LANGUAGE PYTHON AS $$ … $$`, `EXECUTE IMMEDIATE '…'`.
    fn body(&mut self, expr: ExprId, language: crate::Language) {
        let Some(options) = self.options.nested() else { return };
        let ExprKind::Str(lit) = &self.facts.expr(expr).kind else { return };
        let [StrPart::Text { value, map }] = lit.parts.as_slice() else { return };
        let (text, map) = (value.clone(), map.clone());
        let facts = crate::lower::lower(language, text.expose(), options);
        let origin = EmbeddedOrigin::Document { literal: expr };
        self.facts.embedded.push(Embedded {
            language,
            origin,
            text,
            map,
            facts,
            holes: Vec::new(),
            variables: Vec::new(),
        });
    }
}

/// `$$ … $$`, `$tag$ … $tag$`
fn is_body(text: &str) -> bool {
    text.starts_with('$') && text.ends_with('$') && text.len() >= 4
}

/// Whether what stands behind a token belongs to the same statement: a list of privileges.
fn continues(token: &Token) -> bool {
    token.symbol(",") || token.is("GRANT") || token.is("REVOKE") || token.is("DENY") || token.is("EXPLAIN")
}

/// The part of a statement that is being read.
struct Clause {
    start: usize,
    end: usize,
    number: u32,
    verb: Verb,
    /// The last three words.
    words: Vec<Box<str>>,
}

impl Clause {
    fn word(&mut self, word: &str) {
        if word == "N" {
            return;
        }
        if self.words.len() == 3 {
            self.words.remove(0);
        }
        self.words.push(word.into());
    }
}
