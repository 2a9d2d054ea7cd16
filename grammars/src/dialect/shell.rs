//! Words of scripts: the credential becomes a variable, quoted as the word around it asks.

use crate::Span;

/// What is open where the credential stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Single,
    Double,
}

/// Writes the variable `name` over the credential, a part of the word `literal`. `None`: no spelling is surely right
/// (here-documents, values that end in another quote than they begin in).
pub(super) fn variable(text: &str, literal: Span, credential: Span, name: &str) -> Option<(Span, String)> {
    let word = literal.of(text);
    let value = credential.of(text);
    let goes_on = text[credential.end as usize..literal.end as usize]
        .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let plain = match (assigned(text, literal).is_some(), goes_on) {
        // A part of what a variable is set to has to come from outside, too.
        (true, _) => format!("${{{name}:?}}"),
        (false, true) => format!("${{{name}}}"),
        (false, false) => format!("${name}"),
    };
    // Quotes in a here-document are a part of its text.
    if let Some(fills) = here_document(text, literal) {
        let escaped = text[..credential.start as usize].ends_with('\\');
        return (fills && !escaped && !value.is_empty()).then_some((credential, plain));
    }
    if word.contains('\n') || value.is_empty() || is_default(text, literal) {
        return None;
    }
    // All of a word: its quotes go with it, and an assignment of its own says that the value has to come from outside.
    let quoted = |q: char| word.len() == value.len() + 2 && word.starts_with(q) && word.ends_with(q);
    if word == value || quoted('\'') || quoted('"') {
        let new = match assigned(text, literal) {
            Some(own) => format!("\"${{{own}:?}}\""),
            None => format!("\"${name}\""),
        };
        return Some((literal, new));
    }
    let open = open_at(text, literal.start as usize, credential.start as usize)?;
    let closes = text.get(credential.end as usize..literal.end as usize) == Some("'");
    let new = match open {
        Open::Single if closes && !value.contains('\'') => {
            return Some((Span { start: credential.start, end: literal.end }, format!("'\"{plain}\"")));
        }
        Open::Double if !value.contains('"') => plain,
        Open::Single if !value.contains('\'') => format!("'\"{plain}\"'"),
        Open::Nothing if !value.contains(['"', '\'']) => format!("\"{plain}\""),
        _ => return None,
    };
    Some((credential, new))
}

/// Whether the literal is the text of a here-document, and whether the shell fills variables in there: not behind `<<'EOF'`.
fn here_document(text: &str, literal: Span) -> Option<bool> {
    let before = text.get(..literal.start as usize)?.strip_suffix('\n')?;
    let line = &before[before.rfind('\n').map_or(0, |i| i + 1)..];
    let (lead, opened) = line.rsplit_once("<<").filter(|(lead, _)| !lead.ends_with('<'))?;
    let delimiter =
        opened.trim_start_matches(['-', ' ', '\t']).split([' ', '\t', '|', '>', '<', ';', '&', ')']).next()?;
    let word = delimiter.trim_matches(['\'', '"', '\\']);
    let ends = text[literal.start as usize..].lines().any(|line| line.trim() == word);
    (!lead.is_empty() && !word.is_empty() && ends).then_some(word == delimiter)
}

/// Name of the variable that `literal` is the value of: `export NAME=literal`.
pub fn assigned(text: &str, literal: Span) -> Option<&str> {
    let before = text.get(..literal.start as usize)?.strip_suffix('=')?;
    let name = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()?;
    let lead = &before[..before.len() - name.len()];
    let starts = lead.is_empty() || lead.ends_with([' ', '\t', '\n', ';', '&', '|', '(']);
    (starts && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')).then_some(name)
}

/// Whether the word is what a variable falls back to: `${NAME:-word}`.
fn is_default(text: &str, literal: Span) -> bool {
    let before = &text[..literal.start as usize];
    let head = before.trim_end_matches([':', '-', '=']);
    let name = head.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or("");
    head.len() < before.len() && head[..head.len() - name.len()].ends_with("${")
}

fn open_at(text: &str, from: usize, to: usize) -> Option<Open> {
    let mut open = Open::Nothing;
    let mut chars = text.get(from..to)?.chars();
    while let Some(c) = chars.next() {
        open = match (open, c) {
            (Open::Nothing, '\'') => Open::Single,
            (Open::Single, '\'') | (Open::Double, '"') => Open::Nothing,
            (Open::Nothing, '"') => Open::Double,
            (Open::Nothing | Open::Double, '\\') => {
                chars.next();
                open
            }
            // What a substitution quotes is quoted anew.
            (Open::Nothing | Open::Double, '`') => return None,
            _ => open,
        };
    }
    (!text[from..to].contains("$(")).then_some(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_quoted_as_its_word_asks() {
        let rows = [
            ("a -p ⟦⟨x⟩⟧ b", "a -p \"$N\" b"),
            ("a -p ⟦'⟨x⟩'⟧", "a -p \"$N\""),
            ("a -p ⟦\"⟨x⟩\"⟧", "a -p \"$N\""),
            ("a ⟦-p⟨x⟩⟧", "a -p\"$N\""),
            ("a ⟦\"u:⟨x⟩\"⟧", "a \"u:$N\""),
            ("a ⟦\"u:⟨x⟩y\"⟧", "a \"u:${N}y\""),
            ("a ⟦'u:⟨x⟩@h'⟧", "a 'u:'\"$N\"'@h'"),
            ("a ⟦'u:⟨x⟩'⟧", "a 'u:'\"$N\""),
            ("a ⟦https://u:⟨x⟩@h⟧", "a https://u:\"$N\"@h"),
            ("export DB=⟦'⟨x⟩'⟧", "export DB=\"${DB:?}\""),
            ("A=1;DB=⟦⟨x⟩⟧ psql", "A=1;DB=\"${DB:?}\" psql"),
            ("tool --pw=⟦⟨x⟩⟧", "tool --pw=\"$N\""),
            ("U=⟦pg://u:⟨x⟩@h⟧", "U=pg://u:\"${N:?}\"@h"),
            ("cat <<EOF\n⟦a\n\"⟨x⟩\"\n⟧EOF\n", "cat <<EOF\na\n\"$N\"\nEOF\n"),
            ("cat > f <<-EOF | tee g\n⟦⟨x⟩y\n⟧EOF\n", "cat > f <<-EOF | tee g\n${N}y\nEOF\n"),
        ];
        for (marked, expected) in rows {
            let (text, literal, credential) = read(marked);
            let (span, new) = variable(&text, literal, credential, "N").unwrap_or((credential, "?".into()));
            let mut seen = text.clone();
            seen.replace_range(span.range(), &new);
            assert_eq!(seen, expected, "{marked}");
        }
        for marked in
            ["A=\"${A:-⟦⟨x⟩⟧}\"", "cat <<'EOF'\n⟦a\n⟨x⟩\n⟧EOF", "cat <<\\EOF\n⟦⟨x⟩\n⟧EOF", "a ⟦\"$(echo '⟨x⟩')\"⟧"]
        {
            let (text, literal, credential) = read(marked);
            assert_eq!(variable(&text, literal, credential, "N"), None, "{marked}");
        }
    }

    /// `⟦literal⟧` with `⟨credential⟩` in it.
    fn read(marked: &str) -> (String, Span, Span) {
        let mut text = String::new();
        let mut at = [0; 4];
        for c in marked.chars() {
            match "⟦⟨⟩⟧".chars().position(|m| m == c) {
                Some(mark) => at[mark] = text.len(),
                None => text.push(c),
            }
        }
        (text, Span::new(at[0], at[3]), Span::new(at[1], at[2]))
    }
}
