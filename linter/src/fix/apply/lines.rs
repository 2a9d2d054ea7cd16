//! Lines that fixes insert at one place.

use std::collections::HashSet;

/// What ends the lines of a new cell.
const CELL: &str = "\n\n# COMMAND ----------\n";

/// What is known of the lines that are inserted at a place.
pub(super) struct Lines {
    /// Without blanks around them.
    seen: HashSet<String>,
    is_whole: bool,
    /// The last line ends.
    is_ended: bool,
    /// Indentation of lines that each stand for themselves: imports, names that are bound. `None`: they are no such list.
    list: Option<usize>,
    /// They are a cell of their own.
    is_cell: bool,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let seen = text.lines().map(|l| l.trim().to_owned()).collect();
        let (is_ended, is_cell) = (text.ends_with('\n'), text.ends_with(CELL));
        Self { seen, is_whole: is_whole(text), is_ended, list: list(text), is_cell }
    }

    /// What of `new` goes behind them: what both share is written once. `None`: they are no whole lines, or belong together
    /// in ways that are not seen here.
    pub(super) fn join(&self, new: &str) -> Option<String> {
        if !self.is_whole || !is_whole(new) {
            return None;
        }
        // Another cell behind it.
        if self.is_cell && new.ends_with(CELL) {
            return Some(new.to_owned());
        }
        let known = |line: &str| self.seen.contains(line.trim());
        let mut shared = new.lines().filter(|l| !l.trim().is_empty() && known(l)).peekable();
        if shared.peek().is_none() {
            return Some(new.to_owned());
        }
        let (old_list, new_list) = (self.list.is_some(), list(new).is_some());
        if old_list && new_list {
            let missing = new.split_inclusive('\n').filter(|l| !known(l));
            return self.is_ended.then(|| missing.collect());
        }
        // `if a is None:` twice would be one block with two ends; a closing brace says nothing.
        (!old_list && !new_list && shared.all(|line| !opens(line))).then(|| new.to_owned())
    }

    /// Notes lines that [`Lines::join`] gave.
    pub(super) fn add(&mut self, new: &str) {
        if new.is_empty() {
            return;
        }
        self.seen.extend(new.lines().map(|l| l.trim().to_owned()));
        (self.is_ended, self.is_cell) = (new.ends_with('\n'), new.ends_with(CELL));
        let blank = new.lines().all(|l| l.trim().is_empty());
        self.list = self.list.filter(|indent| blank || list(new) == Some(*indent));
    }
}

fn is_whole(text: &str) -> bool {
    text.trim_end_matches([' ', '\t']).ends_with('\n')
}

/// See [`Lines::list`].
fn list(text: &str) -> Option<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let first = lines.clone().next().map_or(0, indent);
    lines.all(|line| indent(line) == first && !opens(line) && !line.trim().starts_with('}')).then_some(first)
}

fn opens(line: &str) -> bool {
    line.trim_end().ends_with([':', '{', '('])
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_at_one_place_are_written_together() {
        let rows = [
            ("import a\n", "import b\n", Some("import a\nimport b\n")),
            ("import a\nimport b\n", "import b\nimport c\n", Some("import a\nimport b\nimport c\n")),
            (
                "if a is None:\n    a = x\n",
                "if b is None:\n    b = x\n",
                Some("if a is None:\n    a = x\nif b is None:\n    b = x\n"),
            ),
            ("if a is None:\n    a = x\n", "if a is None:\n    a = y\n", None),
            ("v \"a\" {\n  t\n}\n", "v \"b\" {\n  t\n}\n", Some("v \"a\" {\n  t\n}\nv \"b\" {\n  t\n}\n")),
            ("import a; ", "import b; ", None),
            (
                "a = x\n\n# COMMAND ----------\n",
                "b = y\n\n# COMMAND ----------\n",
                Some("a = x\n\n# COMMAND ----------\nb = y\n\n# COMMAND ----------\n"),
            ),
        ];
        for (old, new, both) in rows {
            let joined = Lines::of(old).join(new).map(|more| format!("{old}{more}"));
            assert_eq!(joined.as_deref(), both, "{old} and {new}");
        }
    }

    #[test]
    fn what_was_added_is_known() {
        let mut lines = Lines::of("import a\n");
        for (new, more) in [("import b\n", "import b\n"), ("import b\nimport c\n", "import c\n"), ("import b\n", "")] {
            let joined = lines.join(new);
            assert_eq!(joined.as_deref(), Some(more), "{new}");
            lines.add(more);
        }
        lines.add("if a:\n    b\n");
        assert_eq!(lines.join("import b\nimport d\n"), None);
    }
}
