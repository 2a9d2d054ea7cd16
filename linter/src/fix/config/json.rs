//! Variables of Terraform's JSON form: `"variable": {"name": {…}}`.

/// Names that the text declares.
pub(super) fn variables(text: &str) -> Vec<&str> {
    let Some(object) = object(text) else { return Vec::new() };
    keys(text, object).map(|(_, key)| key).collect()
}

/// Where a variable is declared, and the text to insert there.
pub(super) fn declaration(text: &str, name: &str) -> Option<(usize, String)> {
    let entry = format!("\"{name}\": {{\"sensitive\": true}}");
    let follows = |at: usize| !text[at..].trim_start().starts_with('}');
    match object(text) {
        Some(open) => {
            let at = open + 1;
            Some((at, if follows(at) { format!("{entry}, ") } else { entry }))
        }
        None => {
            let at = text.find('{')? + 1;
            let whole = format!("\"variable\": {{{entry}}}");
            Some((at, if follows(at) { format!("{whole}, ") } else { whole }))
        }
    }
}

/// Place of the brace that opens the value of the root's `variable`.
fn object(text: &str) -> Option<usize> {
    let root = text.find('{')?;
    let (end, _) = keys(text, root).find(|(_, key)| *key == "variable")?;
    let rest = text[end..].trim_start().strip_prefix(':')?.trim_start();
    rest.starts_with('{').then(|| text.len() - rest.len())
}

/// Keys of the object whose brace is at `open`, each with the place behind its quotes.
fn keys(text: &str, open: usize) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (open, 0_u32);
    std::iter::from_fn(move || {
        while at < bytes.len() {
            match bytes[at] {
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth <= 1 => return None,
                b'}' | b']' => depth -= 1,
                b'"' => {
                    let start = at + 1;
                    at = start;
                    while at < bytes.len() && bytes[at] != b'"' {
                        at += if bytes[at] == b'\\' { 2 } else { 1 };
                    }
                    let (end, key) = ((at + 1).min(bytes.len()), text.get(start..at)?);
                    at = end;
                    if depth == 1 && text[end..].trim_start().starts_with(':') {
                        return Some((end, key));
                    }
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_declared_where_the_others_are() {
        let rows = [
            ("{}", "{\"variable\": {\"pw\": {\"sensitive\": true}}}"),
            ("{\"a\": 1}", "{\"variable\": {\"pw\": {\"sensitive\": true}}, \"a\": 1}"),
            ("{\"variable\": {}}", "{\"variable\": {\"pw\": {\"sensitive\": true}}}"),
            (
                "{\"x\": {\"variable\": {}}, \"variable\" : {\"b\": {}}}",
                "{\"x\": {\"variable\": {}}, \"variable\" : {\"pw\": {\"sensitive\": true}, \"b\": {}}}",
            ),
        ];
        for (before, after) in rows {
            let (at, text) = declaration(before, "pw").expect("a place");
            let mut seen = before.to_owned();
            seen.insert_str(at, &text);
            assert_eq!(seen, after, "{before}");
        }
        assert_eq!(variables("{\"variable\": {\"a\": {\"default\": \"x\"}, \"b\": {}}}"), ["a", "b"]);
        assert!(variables("{\"a").is_empty());
    }
}
