//! Lines that two fixes insert at one place.

/// Both, in order, what they share once. `None`: they are no whole lines, or belong together in ways that are not seen here.
pub(super) fn joined(old: &str, new: &str) -> Option<String> {
    let whole = |text: &str| text.trim_end_matches([' ', '\t']).ends_with('\n');
    if !whole(old) || !whole(new) {
        return None;
    }
    let known = |line: &str| old.lines().any(|l| l.trim() == line.trim());
    let mut shared = new.lines().filter(|l| !l.trim().is_empty() && known(l)).peekable();
    if shared.peek().is_none() {
        return Some([old, new].concat());
    }
    if is_list(old) && is_list(new) {
        let missing = new.split_inclusive('\n').filter(|l| !known(l));
        return old.ends_with('\n').then(|| old.chars().chain(missing.flat_map(str::chars)).collect());
    }
    // `if a is None:` twice would be one block with two ends; a closing brace says nothing.
    shared.all(|line| !opens(line)).then(|| [old, new].concat()).filter(|_| !is_list(old) && !is_list(new))
}

/// Lines that each stand for themselves: imports, names that are bound.
fn is_list(text: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let first = lines.clone().next().map_or(0, indent);
    lines.all(|line| indent(line) == first && !opens(line) && !line.trim().starts_with('}'))
}

fn opens(line: &str) -> bool {
    line.trim_end().ends_with([':', '{', '('])
}

#[cfg(test)]
mod tests {
    use super::joined;

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
        ];
        for (old, new, both) in rows {
            assert_eq!(joined(old, new).as_deref(), both, "{old} and {new}");
        }
    }
}
