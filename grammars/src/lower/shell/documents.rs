//! Texts in other languages that commands are given: here-documents, `python -c`, `psql -c`, `--json '{…}'`.

use crate::{
    CellFacts, Language, Span, TextMap,
    facts::{Command, EmbeddedOrigin, ExprKind, ShellWord, StrPart},
    lower::{LowerOptions, embed, text_guess::guess},
};

/// Program, its flag before a text (`""`: the text is read from a here-document only), language.
const PROGRAMS: &[(&str, &str, Language)] = &[
    ("python", "-c", Language::Python),
    ("python3", "-c", Language::Python),
    ("bash", "-c", Language::Shell),
    ("sh", "-c", Language::Shell),
    ("psql", "-c", Language::Sql),
    ("mysql", "-e", Language::Sql),
    ("sqlcmd", "-Q", Language::Sql),
    ("sqlcmd", "-q", Language::Sql),
    ("snowsql", "-q", Language::Sql),
    ("spark-sql", "-e", Language::Sql),
    ("beeline", "-e", Language::Sql),
    ("hive", "-e", Language::Sql),
    ("sqlplus", "", Language::Sql),
    ("Rscript", "-e", Language::R),
    ("dbt", "--vars", Language::Yaml),
];

/// Shortest text that can be a document, in bytes.
const MIN_DOCUMENT: usize = 8;

/// Adds the embedded texts of all commands. `text` is the cell.
pub(super) fn after_reading(facts: &mut CellFacts, text: &str, options: LowerOptions) {
    let Some(nested) = options.nested() else { return };
    let mut found: Vec<(ShellWord, Language)> = Vec::new();
    for (n, command) in facts.commands.iter().enumerate() {
        let program = command.words.first().map_or("", |w| w.span.of(text).rsplit('/').next().unwrap_or(""));
        for (i, word) in command.words.iter().enumerate().skip(1) {
            let flag = command.words[i - 1].span.of(text);
            let named = PROGRAMS.iter().find(|(p, f, _)| *p == program && *f == flag).map(|p| p.2);
            let inner = (named.is_none() && is_script(command, i, text)).then_some(Language::Shell);
            if let Some(language) = named.or(inner).or_else(|| document(word)) {
                found.push((word.clone(), language));
            }
        }
        for word in command.words.iter().skip(1).filter(|_| matches!(program, "echo" | "printf")) {
            let language = written_language(facts.commands.get(n + 1), command, text);
            let is_line = word.span.of(text).contains([' ', '\t']);
            found.extend(language.filter(|_| is_line).map(|language| (word.clone(), language)));
        }
        for word in &command.input {
            let named = file_language(command, text)
                .or_else(|| PROGRAMS.iter().find(|(p, ..)| *p == program).map(|p| p.2))
                .or_else(|| document(word));
            if let Some(language) = named {
                found.push((word.clone(), language));
            }
        }
        for (_, _, word) in &command.assignments {
            found.extend(document(word).map(|language| (word.clone(), language)));
        }
    }
    for (word, language) in found {
        let (content, map) = composed(&word, text);
        if content.len() < MIN_DOCUMENT {
            continue;
        }
        let literal = facts.push(word.span, ExprKind::Str(word.value));
        let embedded = embed::mapped(content, map, language, EmbeddedOrigin::Document { literal }, nested);
        facts.embedded.push(embedded);
    }
}

/// Whether the word `at` is a script that a shell behind other words runs: `su -c "…"`, `docker exec x sh -c "…"`,
/// `ssh host "…"`, `eval "…"`.
fn is_script(command: &Command, at: usize, text: &str) -> bool {
    let name = |i: usize| command.words.get(i).map_or("", |w| w.span.of(text).rsplit('/').next().unwrap_or(""));
    let plain = || command.words[at].span.of(text);
    match name(0) {
        "ssh" | "plink" => at > 1 && plain().contains(' '),
        "eval" | "watch" => plain().contains(' '),
        _ => {
            let flag = command.words[at - 1].span.of(text);
            let runs = matches!(flag, "-c" | "-lc" | "-ec" | "-ic" | "-cx" | "-xc" | "/c" | "/C" | "--command");
            runs && (0..at)
                .any(|i| matches!(name(i), "bash" | "sh" | "zsh" | "dash" | "ksh" | "su" | "ash" | "cmd" | "runuser"))
        }
    }
}

/// The language of the file that a here-document is written to: `cat > ~/.databrickscfg <<EOF`.
fn file_language(command: &Command, text: &str) -> Option<Language> {
    let program = command.words.first().map_or("", |w| w.span.of(text));
    let tee = (program == "tee").then(|| command.words.last()).flatten();
    command.redirects.iter().chain(tee).find_map(|w| Language::of_path(w.span.of(text).trim_matches(['"', '\''])))
}

/// The language of the settings that a line is written to: `echo "key value" >> x.conf`, `echo … | tee -a x.conf`.
fn written_language(next: Option<&Command>, command: &Command, text: &str) -> Option<Language> {
    let piped = || next.filter(|_| command.piped).and_then(|next| file_language(next, text));
    let language = file_language(command, text).or_else(piped)?;
    matches!(
        language,
        Language::SparkConf | Language::Properties | Language::Netrc | Language::Pgpass | Language::Npmrc
    )
    .then_some(language)
}

/// A document by its looks.
fn document(word: &ShellWord) -> Option<Language> {
    let plain: String = word
        .value
        .parts
        .iter()
        .map(|p| match p {
            StrPart::Text { value, .. } => value.expose(),
            StrPart::Hole { .. } => "$",
        })
        .collect();
    // Words are rarely documents, and never without a blank or a quote.
    let may_be = plain.len() >= MIN_DOCUMENT && plain.contains([' ', '"', '\n']);
    if may_be { guess(&plain) } else { None }
}

/// The decoded text of a word, holes as written.
fn composed(word: &ShellWord, text: &str) -> (String, TextMap) {
    let (mut out, mut map) = (String::new(), TextMap::default());
    for part in &word.value.parts {
        match part {
            StrPart::Text { value, map: inner } => {
                out.push_str(value.expose());
                map.append(inner);
            }
            StrPart::Hole { span, .. } => {
                let source = Span::of(*span, text);
                out.push_str(source);
                map.push(span.start as usize, source.len(), source.len(), false);
            }
        }
    }
    (out, map)
}
