//! Edits of a plan: the dialect writes, imports are added, everything of one fix is put together.

use credscope_grammars::{
    Language, Span,
    dialect::{self, Accepts, Block, Insertion, Part, Program, Rewrite, SecretRef, Target},
};

use super::{CellEdit, Fix, Form, Fragment, Group, Plan, Resolver, SecretName, Slot};
use crate::{finding::Place, fix::url};

impl<'a> Resolver<'a> {
    /// Takes the first group, with those whose literals move together with its own.
    pub(super) fn moved_together(&self, groups: &mut Vec<Group<'a>>) -> Vec<Group<'a>> {
        let moved = |group: &Group<'_>| {
            let cell = self.document.cells.get(group.cell as usize)?;
            let facts = self.facts.get(group.cell as usize).filter(|_| group.inside.is_none())?;
            let place = dialect::moved_with(cell.language, facts, group.literal)?;
            Some((group.cell, place, group.accepts == Accepts::Expression))
        };
        let mut together = vec![groups.remove(0)];
        if !groups.is_empty()
            && let Some(place) = moved(&together[0]).filter(|(_, _, is_expression)| *is_expression)
        {
            together.extend(groups.extract_if(.., |group| moved(group) == Some(place)));
        }
        together
    }

    /// Lets the dialect rewrite a literal, or several that move together.
    pub(super) fn write(&self, mut groups: Vec<Group<'a>>, edits: &mut Vec<CellEdit>) -> Result<(), String> {
        for group in &mut groups {
            group.parts.sort_by_key(|(span, _, _)| *span);
            group.parts.dedup_by_key(|(span, _, _)| *span);
            if group.parts.windows(2).any(|w| w[0].0.end > w[1].0.start) {
                return Err("read the credentials from a secret scope".to_owned());
            }
        }
        let Some(group) = groups.first() else { return Ok(()) };
        let Some(cell) = self.document.cells.get(group.cell as usize) else { return Ok(()) };
        let parts: Vec<Vec<Part<'_>>> = groups.iter().map(|group| self.parts(group)).collect();
        let inner = group.inside.as_ref().map(|i| Program::new([i.facts]));
        let program = inner.as_ref().unwrap_or(&self.program);
        let targets: Vec<Target<'_>> = groups
            .iter()
            .zip(&parts)
            .map(|(group, parts)| Target { literal: group.literal, parts, rest: &group.rest, program })
            .collect();
        match (&group.inside, targets.as_slice()) {
            (None, [target]) => {
                let facts = &self.facts[group.cell as usize];
                let rewrite = dialect::rewrite(cell.language, &cell.text, facts, *target, group.accepts)?;
                self.add(group.cell, rewrite, edits);
            }
            (None, targets) => {
                let rewrite = dialect::rewrite_together(&cell.text, &self.facts[group.cell as usize], targets)?;
                self.add(group.cell, rewrite, edits);
            }
            (Some(inside), targets) => {
                let Some(target) = targets.first() else { return Ok(()) };
                // Commented-out code stays as it is, but for the value: no import, no new line.
                let rewrite =
                    dialect::rewrite(inside.language, inside.text.expose(), inside.facts, *target, group.accepts)?;
                for (span, text) in rewrite.edits {
                    if text.contains('\n') {
                        return Err("delete the line".to_owned());
                    }
                    let place = Place { cell: group.cell, span: inside.map.to_source(span) };
                    edits.push(CellEdit { place, text });
                }
            }
        }
        Ok(())
    }

    fn parts<'g>(&self, group: &'g Group<'a>) -> Vec<Part<'g>>
    where
        'a: 'g,
    {
        let unity = self.unity();
        let part = |(credential, name, coding): &'g (Span, SecretName, dialect::Coding)| Part {
            credential: *credential,
            secret: SecretRef { scope: &name.scope, key: &name.key, unity },
            coding: *coding,
        };
        group.parts.iter().map(part).collect()
    }

    /// Texts with references in them.
    pub(super) fn rewrite(&mut self, plan: &Plan) -> Option<Fix> {
        let Plan::Rewrite { title, edits, .. } = plan else { return None };
        self.written(title, edits)
    }

    pub(super) fn sight(&self) -> url::Sight<'_> {
        let is_partial = self.neighbours.is_partial;
        url::Sight { document: self.document, facts: self.facts, program: &self.program, is_partial }
    }

    pub(super) fn out_of_url(&mut self, slot: Slot, purpose: &str) -> Option<Fix> {
        let given = url::Given::Secrets { literal: slot.literal, purpose };
        let moved = url::out_of(self.sight(), Place { cell: slot.cell, span: slot.credential }, given)?;
        self.written(moved.title, &moved.edits)
    }

    fn written(&mut self, title: &str, edits: &[(Place, Vec<Fragment>)]) -> Option<Fix> {
        let (mut out, mut secrets) = (Vec::new(), Vec::new());
        self.form.set(Form::Plain);
        self.password_first(edits);
        for (place, fragments) in edits {
            let cell = self.document.cells.get(place.cell as usize)?;
            let mut text = String::new();
            let mut dbutils = false;
            for fragment in fragments {
                match fragment {
                    Fragment::Text(part) => text.push_str(part),
                    Fragment::Secret { slot, hint } => {
                        let value = self.text(*slot)?;
                        let name = self.name(self.value(&value, hint), hint, (None, None));
                        let secret = SecretRef { scope: &name.scope, key: &name.key, unity: self.unity() };
                        let read = dialect::read(cell.language, secret);
                        text.push_str(&read.or_else(|| dialect::read(self.document.language, secret))?);
                        dbutils = true;
                        if !secrets.contains(&name) {
                            secrets.push(name);
                        }
                    }
                }
            }
            self.add(place.cell, Rewrite { edits: vec![(place.span, text)], dbutils, imports: Vec::new() }, &mut out);
        }
        Some(self.finish(out, secrets, Some(title.to_owned())))
    }

    /// The rewrite's edits, and the imports that it needs: `dbutils` in a file that is no notebook, and in one that a
    /// notebook's cell writes.
    pub(super) fn add(&self, cell: u32, rewrite: Rewrite, edits: &mut Vec<CellEdit>) {
        let place = rewrite.edits.last().map(|(span, _)| *span);
        for (span, text) in rewrite.edits {
            let place = Place { cell, span };
            // Lines that are bound before one statement, for two literals in it.
            match edits.iter_mut().find(|e| e.place == place && span.is_empty() && text.ends_with('\n')) {
                Some(same) if same.text.contains(&text) => {}
                Some(same) => same.text.push_str(&text),
                None => edits.push(CellEdit { place, text }),
            }
        }
        let Some(source) = self.document.cells.get(cell as usize) else { return };
        // Imports go to the top of the module: of the file, or of the cell.
        let (first, own) = if self.document.is_in_blocks() { (0, cell as usize) } else { (cell, 0) };
        let cells = self.document.cells.iter().zip(self.facts).skip(first as usize);
        let take = if self.document.is_in_blocks() { usize::MAX } else { 1 };
        let blocks: Vec<Block<'_>> = cells.take(take).map(|(c, facts)| Block { text: &c.text, facts }).collect();
        let notebook = self.document.is_notebook() && !matches!(source.magic.as_deref(), Some("writefile" | "file"));
        let mut lines: Vec<Insertion> = Vec::new();
        let facts = self.facts.get(cell as usize);
        if rewrite.dbutils
            && let Some(place) = place
            && !facts.is_some_and(|facts| dialect::has_own_dbutils(source.language, facts, place))
        {
            let find = || dialect::dbutils_import(source.language, &blocks, own, place, notebook);
            if source.language == Language::Scala {
                lines.extend(self.imports.borrow_mut().entry(cell).or_insert_with(find).clone());
            } else {
                lines.extend(find());
            }
        }
        lines.extend(rewrite.imports.iter().filter_map(|i| dialect::import_line(source.language, &blocks, i)));
        for Insertion { block, offset, text } in lines {
            let (cell, span) = (first + block as u32, Span::new(offset, offset));
            match edits.iter_mut().find(|e| e.place.cell == cell && e.place.span == span) {
                Some(same) if same.text.contains(&text) => {}
                Some(same) => same.text.push_str(&text),
                None => edits.push(CellEdit { place: Place { cell, span }, text }),
            }
        }
    }
}
