//! A program of the flow table, made of a template, a source and a sink.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Python,
    Scala,
}

impl Language {
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Scala => "Scala",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::Scala => "scala",
        }
    }

    pub fn comment(self) -> &'static str {
        match self {
            Self::Python => "#",
            Self::Scala => "//",
        }
    }
}

/// What a shape does to a value on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Keeps,
    /// Redaction does not know the result.
    Changes,
}

/// Where a secret is read.
pub struct Source {
    pub name: &'static str,
    python: Option<&'static str>,
    scala: Option<&'static str>,
    /// Databricks redacts it.
    redacted: bool,
}

impl Source {
    pub fn text(&self, language: Language) -> Option<&'static str> {
        match language {
            Language::Python => self.python,
            Language::Scala => self.scala,
        }
    }
}

pub const SOURCES: &[Source] = &[
    Source {
        name: "scope",
        python: Some("dbutils.secrets.get(\"jdbc\", \"password\")"),
        scala: Some("dbutils.secrets.get(scope = \"jdbc\", key = \"password\")"),
        redacted: true,
    },
    Source {
        name: "vault",
        python: Some("mssparkutils.credentials.getSecret(\"vault\", \"db-password\")"),
        scala: Some("mssparkutils.credentials.getSecret(\"vault\", \"db-password\")"),
        redacted: false,
    },
    Source { name: "prompt", python: Some("getpass.getpass()"), scala: None, redacted: false },
];

/// Where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Sink {
    pub name: &'static str,
    code: &'static str,
    python: &'static str,
    scala: &'static str,
    /// Stored: an error whatever the source.
    stored: bool,
}

pub const SINKS: &[Sink] = &[
    Sink { name: "print", code: "CS201", python: "print(⟦X⟧)", scala: "println(⟦X⟧)", stored: false },
    Sink { name: "log", code: "CS206", python: "logging.info(⟦X⟧)", scala: "logger.info(⟦X⟧)", stored: false },
    Sink {
        name: "exit",
        code: "CS214",
        python: "dbutils.notebook.exit(⟦X⟧)",
        scala: "dbutils.notebook.exit(⟦X⟧)",
        stored: true,
    },
];

#[derive(Debug)]
pub struct Expected {
    pub severity: &'static str,
    /// Text of the argument that carries the value.
    pub argument: String,
    /// Texts of the places of the path, the read first.
    pub path: Vec<String>,
}

#[derive(Debug)]
pub struct Program {
    pub code: String,
    pub code_of_rule: &'static str,
    /// `None`: silent.
    pub expected: Option<Expected>,
}

impl Program {
    /// `{S}` in the template is the source, `OUT(x)` the sink with an argument, `«n:…»` the n-th place of the path.
    pub fn new(template: &str, language: Language, source: &Source, sink: &Sink, effect: Effect, leaks: bool) -> Self {
        let text = source.text(language).unwrap_or("");
        let call = match language {
            Language::Python => sink.python,
            Language::Scala => sink.scala,
        };
        let mut code = String::new();
        let mut rest = template;
        while let Some(at) = rest.find("OUT(") {
            code.push_str(&rest[..at]);
            let inner = &rest[at + 4..];
            let end = closing(inner);
            code.push_str(&call.replace('X', &inner[..end]));
            rest = &inner[end + 1..];
        }
        code.push_str(rest);
        let code = code.replace("{S}", text);
        let (code, argument, mut hops) = unmarked(&code);
        hops.sort();
        let mut path = vec![text.to_owned()];
        path.extend(hops.into_iter().map(|(_, t)| t));
        let changed = effect == Effect::Changes;
        let shown = !sink.stored;
        let severity = if sink.stored || changed || !source.redacted { "error" } else { "warning" };
        let bypass = changed && source.redacted && shown;
        let expected = leaks.then_some(Expected { severity, argument, path });
        Self { code, code_of_rule: if bypass { "CS208" } else { sink.code }, expected }
    }
}

/// Position of the parenthesis that closes the text.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return i,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    panic!("a sink without an end: {text}")
}

/// The program without marks, the marked argument, the marked places.
fn unmarked(code: &str) -> (String, String, Vec<(u32, String)>) {
    let (mut out, mut argument, mut hops) = (String::new(), String::new(), Vec::new());
    let mut open: Vec<(Option<u32>, usize)> = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '⟦' => open.push((None, out.len())),
            '«' => {
                let mut number = String::new();
                for c in chars.by_ref().take_while(|c| *c != ':') {
                    number.push(c);
                }
                open.push((number.parse().ok(), out.len()));
            }
            '⟧' | '»' => match open.pop() {
                Some((Some(number), start)) => hops.push((number, out[start..].to_owned())),
                Some((None, start)) if argument.is_empty() => argument = out[start..].to_owned(),
                Some((None, _)) => {}
                None => panic!("a mark without a beginning: {code}"),
            },
            _ => out.push(c),
        }
    }
    (out, argument, hops)
}
