//! Edits of a plan: the dialect writes, imports are added, everything of one fix is put together.

use credscope_grammars::{
    Language, Span,
    dialect::{self, Block, Insertion, Part, Program, Rewrite, SecretRef, Target},
};

use super::{CellEdit, Fix, Fragment, Group, Plan, Resolver, Slot};
use crate::{finding::Place, fix::url};

impl<'a> Resolver<'a> {
    /// Lets the dialect rewrite a literal.
    pub(super) fn write(&self, mut group: Group<'a>, edits: &mut Vec<CellEdit>) -> Result<(), String> {
        group.parts.sort_by_key(|(span, _, _)| *span);
        group.parts.dedup_by_key(|(span, _, _)| *span);
        if group.parts.windows(2).any(|w| w[0].0.end > w[1].0.start) {
            return Err("read the credentials from a secret scope".to_owned());
        }
        let unity = self.unity();
        let parts: Vec<Part<'_>> = group
            .parts
            .iter()
            .map(|(credential, name, coding)| Part {
                credential: *credential,
                secret: SecretRef { scope: &name.scope, key: &name.key, unity },
                coding: *coding,
            })
            .collect();
        let inner = group.inside.as_ref().map(|i| Program::new([i.facts]));
        let program = inner.as_ref().unwrap_or(&self.program);
        let target = Target { literal: group.literal, parts: &parts, rest: &group.rest, program };
        let Some(cell) = self.document.cells.get(group.cell as usize) else { return Ok(()) };
        match &group.inside {
            None => {
                let facts = &self.facts[group.cell as usize];
                let rewrite = dialect::rewrite(cell.language, &cell.text, facts, target, group.accepts)?;
                self.add(group.cell, rewrite, edits);
            }
            Some(inside) => {
                // Commented-out code stays as it is, but for the value: no import, no new line.
                let rewrite =
                    dialect::rewrite(inside.language, inside.text.expose(), inside.facts, target, group.accepts)?;
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

    /// Texts with references in them.
    pub(super) fn rewrite(&mut self, plan: &Plan) -> Option<Fix> {
        let Plan::Rewrite { title, edits, .. } = plan else { return None };
        self.written(title, edits)
    }

    pub(super) fn out_of_url(&mut self, slot: Slot, purpose: &str) -> Option<Fix> {
        let given = url::Given::Secrets { literal: slot.literal, purpose };
        let sight = url::Sight { document: self.document, facts: self.facts, program: &self.program };
        let moved = url::out_of(sight, Place { cell: slot.cell, span: slot.credential }, given)?;
        self.written(moved.title, &moved.edits)
    }

    fn written(&mut self, title: &str, edits: &[(Place, Vec<Fragment>)]) -> Option<Fix> {
        let (mut out, mut secrets) = (Vec::new(), Vec::new());
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
