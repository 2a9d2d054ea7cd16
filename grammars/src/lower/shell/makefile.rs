//! Makefiles: recipes are shell, a line at a time; `NAME = value` is a property, and a variable of the recipes.

use std::collections::HashMap;

use crate::{
    CellFacts, Span, TextMap,
    facts::{Comment, EmbeddedOrigin, Property, PropertyPlace, PropertyValue, Quote},
    lower::{
        LowerOptions,
        handed::{self, Form, Macros, Variable},
        text as lines,
    },
};

/// Facts of a Makefile.
pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let mut facts = CellFacts::default();
    let mut variables = Variables::default();
    let mut recipes: Vec<(Span, Vec<&str>)> = Vec::new();
    let mut targets: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = line_end(text, at);
        let line = Span::new(at, end);
        at = end + 1;
        let source = line.of(text);
        let trimmed = source.trim_start();
        let start = line.end as usize - trimmed.len();
        if let Some(inner) = trimmed.strip_prefix('#') {
            let span = Span::new(start, start + trimmed.trim_end().len());
            let said = Span::new(start + 1, start + 1 + inner.trim_end().len());
            facts.comments.push(Comment { span, text: said, is_doc: false });
            lines::scan(text, said, &mut facts.properties);
        } else if source.starts_with('\t') {
            recipes.push((line, targets.clone()));
        } else if let Some(assignment) = assignment(text, line) {
            variables.set(&assignment, facts.properties.len());
            facts.properties.push(assignment.property);
        } else if let Some((names, rest)) = source.split_once(':') {
            targets = names.split_whitespace().collect();
            // `all: ; command`
            if let Some(command) = rest.find(';') {
                let start = line.end as usize - rest.len() + command + 1;
                recipes.push((Span::new(start, line.end as usize), targets.clone()));
            }
        } else if trimmed.trim_end() == "export" {
            variables.all_exported = true;
        } else if let Some(names) = trimmed.strip_prefix("export ") {
            variables.exported.extend(names.split_whitespace());
        }
    }
    // A recipe sees the variables as the whole file leaves them.
    for (line, targets) in recipes {
        recipe(text, line, &mut facts, options, &|name, form| variables.find(name, form, &targets));
    }
    facts
}

/// End of the line at `at`, with the lines that `\` adds.
fn line_end(text: &str, at: usize) -> usize {
    let mut from = at;
    loop {
        let end = memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |i| from + i);
        if end == text.len() || !text[from..end].trim_end_matches('\r').ends_with('\\') {
            return end;
        }
        from = end + 1;
    }
}

fn recipe(
    text: &str,
    line: Span,
    facts: &mut CellFacts,
    options: LowerOptions,
    find: &dyn Fn(&str, Form) -> Option<Variable>,
) {
    let source = line.of(text);
    let command = source.trim_start_matches(['\t', '@', '-', '+', ' ']);
    let start = line.end as usize - command.len();
    if let Some(nested) = options.nested().filter(|_| !command.trim().is_empty()) {
        let script = (command.to_owned(), TextMap::verbatim(start, command.len()));
        let find = |_: &CellFacts, name: &str, form| find(name, form);
        let embedded = handed::script(facts, script, (Macros::Make, &find), EmbeddedOrigin::Shell, nested);
        facts.embedded.push(embedded);
    }
}

/// Where the values of variables are written.
#[derive(Default)]
struct Variables<'t> {
    everywhere: HashMap<Box<str>, usize>,
    /// `target: NAME = value`.
    of_targets: HashMap<(&'t str, Box<str>), usize>,
    exported: Vec<&'t str>,
    all_exported: bool,
}

impl<'t> Variables<'t> {
    fn set(&mut self, assignment: &Assignment<'t>, property: usize) {
        let Assignment { name, operator, targets, is_exported, .. } = assignment;
        if *is_exported {
            self.exported.push(name);
        }
        for target in targets {
            self.of_targets.insert((target, (*name).into()), property);
        }
        // `+=` goes on from what is there.
        let keeps = matches!(*operator, '?' | '+') && self.everywhere.contains_key(*name);
        if targets.is_empty() && !keeps {
            self.everywhere.insert((*name).into(), property);
        }
    }

    fn find(&self, name: &str, form: Form, targets: &[&'t str]) -> Option<Variable> {
        if form == Form::Shell && !self.all_exported && !self.exported.contains(&name) {
            return None;
        }
        let of_target = targets.iter().find_map(|target| self.of_targets.get(&(*target, name.into())));
        let property = *of_target.or_else(|| self.everywhere.get(name))?;
        Some(Variable { property, from: 0 })
    }
}

struct Assignment<'t> {
    name: &'t str,
    /// The character before `=`: `:`, `?`, `+`, `!`; a blank when there is none.
    operator: char,
    /// `target: NAME = value`.
    targets: Vec<&'t str>,
    is_exported: bool,
    property: Property,
}

/// `NAME = value`, `NAME := value`, `export NAME ?= value`, `target: NAME = value`.
fn assignment(text: &str, line: Span) -> Option<Assignment<'_>> {
    let source = line.of(text);
    let equals = source.find('=')?;
    let head = source[..equals].trim_end_matches([':', '?', '+', '!']);
    let operator = source[head.len()..equals].chars().next().unwrap_or(' ');
    let head = head.trim_end();
    let name = head.rsplit(|c: char| c.is_whitespace() || c == ':').next().unwrap_or("");
    let value = source[equals + 1..].trim();
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || value.is_empty() || !name.chars().all(word) {
        return None;
    }
    let before = &head[..head.len() - name.len()];
    let targets = before.split_once(':').map_or(Vec::new(), |(targets, _)| targets.split_whitespace().collect());
    let base = line.start as usize;
    let key_at = base + head.len() - name.len();
    let lead = source[equals + 1..].len() - source[equals + 1..].trim_start().len();
    let value_at = base + equals + 1 + lead;
    let value_span = Span::new(value_at, value_at + value.len());
    let property = Property {
        path: vec![name.into()],
        key_span: Span::new(key_at, key_at + name.len()),
        value: PropertyValue::Str(lines::literal(text, value_span, Quote::None)),
        value_span,
        place: PropertyPlace::Document,
        group: 0,
    };
    let is_exported = before.split_whitespace().any(|w| w == "export");
    Some(Assignment { name, operator, targets, is_exported, property })
}
