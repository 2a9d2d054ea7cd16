//! Walks the statements of all cells in run order, keeps what is known of names, and notes each site.
//!
//! Every expression is evaluated once where it runs, and at most once more without notes where only its value is asked
//! (see [`Walker::constant`]), so that the walk is linear in the facts.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use credscope_grammars::{
    CellFacts, Language, Secret, Span, TextMap,
    facts::{ConstKind, EmbeddedOrigin, ExprId, ExprKind, PropertyPlace, PropertyValue},
};

use super::{
    Names, Piece, PropertySite, Role, Siblings, Site,
    eval::{Frame, Value},
    history::{Given, History, Parameters},
    purpose,
    scopes::{Asked, Scopes, is_setting},
};
use crate::finding::Place;

mod bind;
mod call;
mod classes;
mod columns;
mod command;
mod comparisons;
mod entries;
mod lookups;
mod pairs;
mod secrets;
mod settings;
mod statements;
mod template;
mod visit;

/// Nesting that is followed, two for each block of a lowering; the literals of deeper code are noted as bare ones.
const DEPTH: usize = 260;

/// What the walk over one cell gives.
pub(super) struct Walked {
    /// In source order.
    pub sites: Vec<Site>,
    pub given: Given,
    pub asked: Asked,
    /// Functions whose parameters were asked for among those of earlier cells.
    pub asked_parameters: HashSet<Box<str>>,
}

/// Walks one cell over what earlier cells have bound.
pub(super) fn cell(
    (index, language): (u32, Language),
    facts: &CellFacts,
    names: &Names,
    history: &History,
    records: bool,
) -> Walked {
    let mut walker = Walker {
        names,
        history,
        cell: index,
        scopes: Scopes::new(history.process(language), history.settings(), index, records),
        out: Vec::new(),
        noted: HashSet::new(),
        cache: Vec::new(),
        quiet: 0,
        depth: 0,
        turn: 0,
        functions: Vec::new(),
        class: None,
        bound: None,
        names_of_secrets: HashSet::new(),
        passed_on: HashMap::new(),
        secrets: HashMap::new(),
        parameters: HashMap::new(),
        handed: command::Variables::default(),
        settings: settings::Settings::new(),
        asked_parameters: RefCell::default(),
    };
    let is_sql = language == Language::Sql;
    let updates = updates(language);
    let frame =
        Frame { cell: index, map: None, in_comment: false, is_shown: false, is_captured: false, is_sql, updates };
    walker.facts(facts, &frame, &[]);
    let mut sites = walker.out;
    sites.sort_by_key(|s| s.at);
    let (mut given, asked) = walker.scopes.finish();
    given.parameters = walker.parameters;
    Walked { sites, given, asked, asked_parameters: walker.asked_parameters.into_inner() }
}

/// Whether an assignment to a name that is bound around a block changes that, and does not bind another in the block.
fn updates(language: Language) -> bool {
    matches!(language, Language::Scala | Language::Java)
}

struct Walker<'a> {
    names: &'a Names,
    history: &'a History,
    cell: u32,
    scopes: Scopes<'a>,
    out: Vec<Site>,
    /// Literals that some site leads to: cell and whole literal.
    noted: HashSet<(u32, Span)>,
    /// Values of the expressions of the facts at hand, once known.
    cache: Vec<Option<Value>>,
    /// Above 0: values are asked, sites are not noted.
    quiet: usize,
    depth: usize,
    /// Which turn of a loop it is, where each is walked: what is known of the expressions is of the turn before.
    turn: usize,
    /// Functions around, innermost last: name, and what they return.
    functions: Vec<(Option<Box<str>>, Vec<Value>)>,
    class: Option<Box<str>>,
    /// Name that the expression at hand is being bound to.
    bound: Option<Box<str>>,
    /// Names that the function at hand passes on as scope or key of a secret.
    names_of_secrets: HashSet<Box<str>>,
    /// Names that the function at hand passes on as a credential, with what it is for.
    passed_on: HashMap<Box<str>, Box<str>>,
    /// Names that were bound to secrets of a scope, with their keys.
    secrets: HashMap<Box<str>, Box<str>>,
    /// Parameter names of the cell's functions and classes; empty for names of secrets.
    parameters: HashMap<Box<str>, Parameters>,
    asked_parameters: RefCell<HashSet<Box<str>>>,
    /// Variables that the script around fills into the script that is walked next.
    handed: command::Variables,
    /// What the SQL at hand sets, by name: where, and to what.
    settings: settings::Settings,
}

/// The facts being walked.
#[derive(Clone, Copy)]
struct At<'a> {
    facts: &'a CellFacts,
    frame: &'a Frame,
    /// Holes of the host in the facts' text, with what fills them, in order.
    fill: &'a [(Span, Value)],
}

impl Walker<'_> {
    fn facts(&mut self, facts: &CellFacts, frame: &Frame, fill: &[(Span, Value)]) {
        let outer = std::mem::replace(&mut self.cache, vec![None; facts.exprs.len()]);
        let at = At { facts, frame, fill };
        let settings = self.settings_of(at);
        let outer_settings = std::mem::replace(&mut self.settings, settings);
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
        let variables = self.commands(at);
        for embedded in &facts.embedded {
            let map = match &frame.map {
                Some(outer) => embedded.map.through(outer),
                None => embedded.map.clone(),
            };
            let in_comment = frame.in_comment || embedded.origin == EmbeddedOrigin::Comment;
            let mut fill: Vec<(Span, Value)> =
                embedded.holes.iter().map(|(span, expr)| (*span, self.constant(at, *expr))).collect();
            // What a document fills in, its scripts hand on in the texts that they quote.
            let outer = at.fill.iter().filter_map(|(span, value)| Some((embedded.map.to_text(*span)?, value.clone())));
            fill.extend(outer.filter(|(span, _)| !span.is_empty()));
            fill.sort_by_key(|(span, _)| *span);
            let is_shown = frame.is_shown || embedded.origin == EmbeddedOrigin::Fence;
            let is_captured = embedded.origin == EmbeddedOrigin::Captured;
            let is_sql = embedded.language == Language::Sql;
            let updates = updates(embedded.language);
            let inner = Frame { cell: frame.cell, map: Some(map), in_comment, is_shown, is_captured, is_sql, updates };
            self.handed = variables.handed_to(at, embedded);
            for (name, expr) in &embedded.variables {
                let value = self.constant(at, *expr);
                self.handed.export(name, value);
            }
            // What a comment binds is not bound; settings are those of the session.
            self.scopes.push_module();
            self.facts(&embedded.facts, &inner, &fill);
            let bound = self.scopes.pop(true);
            for (path, value) in bound.into_iter().filter(|(path, _)| !in_comment && is_setting(path)) {
                self.scopes.set(path, value);
            }
        }
        self.rest(at);
        self.cache = outer;
        self.leave_settings(outer_settings);
    }

    /// Every literal that no site leads to yet is a bare one.
    fn rest(&mut self, at: At<'_>) {
        for expr in &at.facts.exprs {
            if let ExprKind::Str(lit) = &expr.kind
                && !lit.parts.is_empty()
                && !self.noted.contains(&(at.frame.cell, at.frame.span(expr.span)))
            {
                let value = at.frame.literal(lit, expr.span, at.fill);
                self.emit(at, &value, Role::Bare, expr.span);
            }
        }
    }

    fn properties(&mut self, at: At<'_>) {
        let mut groups: Vec<((PropertyPlace, u32), Vec<usize>)> = Vec::new();
        let mut known: HashMap<(PropertyPlace, u32), usize> = HashMap::new();
        for (i, property) in at.facts.properties.iter().enumerate() {
            let key = (property.place, property.group);
            let group = *known.entry(key).or_insert_with(|| {
                groups.push((key, Vec::new()));
                groups.len() - 1
            });
            groups[group].1.push(i);
        }
        for ((place, _), members) in groups {
            let values: Vec<Value> = members.iter().map(|&i| self.property(at, i)).collect();
            let siblings: Siblings = members
                .iter()
                .zip(&values)
                .take(64)
                .map(|(&i, value)| (Box::from(at.facts.properties[i].key()), value.known()))
                .collect();
            let query = match place {
                PropertyPlace::Query(n) => at.facts.queries.get(n as usize),
                _ => None,
            };
            let verb = query.map(|q| q.verb);
            for (&i, value) in members.iter().zip(values) {
                let property = &at.facts.properties[i];
                let connects_to = query.and_then(|q| q.connects_to.clone());
                let (path, siblings) = (property.path.clone().into(), siblings.clone());
                let site = PropertySite { path, place, verb, connects_to, siblings };
                self.emit(at, &value, Role::Property(Box::new(site)), property.value_span);
            }
        }
    }

    fn property(&mut self, at: At<'_>, index: usize) -> Value {
        let property = &at.facts.properties[index];
        match &property.value {
            PropertyValue::Str(lit) => {
                let value = at.frame.literal(lit, property.value_span, at.fill);
                self.substituted(at, value, property.value_span)
            }
            PropertyValue::Const(c) if c.kind == ConstKind::Number => self.number(at, &c.text, property.value_span),
            PropertyValue::Expr(id) => self.visit(at, *id),
            _ => Value::Unknown,
        }
    }

    /// A number can be a password.
    fn number(&self, at: At<'_>, text: &Secret, span: Span) -> Value {
        let mut pieces = Vec::new();
        at.frame.text(text, &TextMap::verbatim(span.start as usize, text.len()), span, &[], &mut pieces);
        Value::text(pieces)
    }

    /// Visits and notes the value at its position.
    fn place(&mut self, at: At<'_>, id: ExprId, role: Role) -> Value {
        let value = self.visit(at, id);
        self.emit(at, &value, role, at.facts.expr(id).span);
        value
    }

    /// Visits; notes a text only when it is put together here (a literal alone is noted in the end, a name is not).
    fn bare(&mut self, at: At<'_>, id: ExprId) -> Value {
        match &at.facts.expr(id).kind {
            ExprKind::Concat(_) | ExprKind::Format { .. } | ExprKind::Call { .. } => self.place(at, id, Role::Bare),
            _ => self.visit(at, id),
        }
    }

    fn emit(&mut self, at: At<'_>, value: &Value, role: Role, span: Span) {
        if self.quiet > 0 {
            return;
        }
        let cell = at.frame.cell;
        for way in value.ways() {
            let Some(pieces) = way.pieces().filter(|p| !p.is_empty()) else { continue };
            for piece in pieces.iter() {
                if let Piece::Text { cell, literal, .. } = piece {
                    self.noted.insert((*cell, *literal));
                }
            }
            let purpose = purpose::of_site(&role, pieces);
            let place = Place { cell, span: at.frame.span(span) };
            let (role, in_comment) = (role.clone(), at.frame.in_comment);
            let site = Site { value: pieces.clone(), role, at: place, in_comment, purpose };
            self.out.push(site);
        }
    }

    /// What is known of an expression, without noting sites.
    fn constant(&mut self, at: At<'_>, id: ExprId) -> Value {
        if let Some(Some(value)) = self.cache.get(id.0 as usize).filter(|_| self.turn == 0) {
            return value.clone();
        }
        self.quiet += 1;
        let value = self.visit(at, id);
        self.quiet -= 1;
        value
    }
}

/// Known text, a hole for what is not.
fn flat(value: &Value) -> Secret {
    let mut text = String::new();
    for piece in value.pieces().map_or(&[Piece::Hole { path: None }][..], |p| p) {
        match piece {
            Piece::Text { value, .. } => text.push_str(value.expose()),
            Piece::Hole { .. } => text.push(crate::value::HOLE),
        }
    }
    text.into()
}
