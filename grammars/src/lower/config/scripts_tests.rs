//! Scripts of documents, Dockerfiles, Makefiles and Markdown as facts.

use crate::{Language, facts_debug::print, lower::LowerOptions};

const OPTIONS: LowerOptions = LowerOptions { notebook: false, depth: 2 };

#[test]
fn scripts_are_shell() {
    let rows: &[(Language, &str, &str)] = &[
        (Language::Yaml, "run: curl -u a:b h\n", "$ 'curl' '-u' 'a:b' 'h'"),
        (Language::Yaml, "run: >-\n  curl\n  -u a:b\n", "$ 'curl' '-u' 'a:b'"),
        (Language::Yaml, "script:\n  - ls -l\n", "$ 'ls' '-l'"),
        (Language::Yaml, "command: [\"x\", \"-p\", \"a b\"]\n", "$ 'x' '-p' 'a b'"),
        (Language::Yaml, "test: [CMD, mysqladmin, -pq7]\n", "$ 'mysqladmin' '-pq7'"),
        (Language::Json, "{\"scripts\": {\"deploy\": \"a -b c\"}}", "$ 'a' '-b' 'c'"),
        (Language::Yaml, "build: ./app\n", ""),
        (Language::Yaml, "scripts:\n  s:\n    content: printenv\n", "$ 'printenv'"),
        (Language::Yaml, "artifacts:\n  a:\n    build: make\n", "$ 'make'"),
        (Language::Dockerfile, "RUN a && \\\n  b -c\n", "$ 'a' | $ 'b' '-c'"),
        (Language::Dockerfile, "CMD [\"a\", \"b c\"]\n", "$ 'a' 'b c'"),
        (Language::Dockerfile, "RUN --mount=type=secret,id=x a b\n", "$ 'a' 'b'"),
        (Language::Makefile, "x: y\n\t@a -b \\\n\t  c\n", "$ 'a' '-b' 'c'"),
        (Language::Markdown, "```sh\na -b\n```\n\n```python\nc\n```\n", "$ 'a' '-b'"),
        (Language::Markdown, "```console\n$ a -b \\\n  c\nout -d\n$ A=x e\n```\n", "$ 'a' '-b' 'c' || $ A='x' 'e'"),
    ];
    let wrong: Vec<_> = rows
        .iter()
        .map(|(language, text, expected)| {
            let facts = crate::lower(*language, text, OPTIONS);
            let shell: Vec<String> = facts.embedded.iter().map(|e| print(&e.facts)).collect();
            (*text, shell.join(" || "), *expected)
        })
        .filter(|(_, seen, expected)| seen != expected)
        .collect();
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn variables_of_dockerfiles_and_makefiles_are_properties() {
    let rows: &[(Language, &str, &str)] = &[
        (
            Language::Dockerfile,
            "ENV A=b C=\"d e\" \\\n  F=g\nENV H i j\nARG K=l\n",
            "A -> 'b' | C -> 'd e' | F -> 'g' | H -> 'i j' | K -> 'l'",
        ),
        (Language::Makefile, "export A := b\nC ?= d e\n", "A -> 'b' | C -> 'd e'"),
    ];
    for (language, text, expected) in rows {
        assert_eq!(&print(&crate::lower(*language, text, OPTIONS)), expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(
        tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..40),
        language in proptest::sample::select(LANGUAGES),
    ) {
        let text = tokens.concat();
        let facts = crate::lower(language, &text, OPTIONS);
        for property in &facts.properties {
            assert!(text.get(property.value_span.range()).is_some());
        }
        for embedded in &facts.embedded {
            for command in &embedded.facts.commands {
                assert!(text.get(embedded.map.to_source(command.span).range()).is_some());
            }
        }
    }
}

const LANGUAGES: &[Language] = &[
    Language::Yaml,
    Language::Json,
    Language::Dockerfile,
    Language::Makefile,
    Language::Markdown,
    Language::Netrc,
    Language::Pgpass,
    Language::Npmrc,
    Language::Text,
    Language::Pip,
];

const TOKENS: &[&str] = &[
    "run: ", "script:\n", "- ", "\n", "  ", ">-\n", "|\n", "RUN ", "ENV ", "A=", "b", "\"", "'", "[", "]", "{", "}",
    ",", ":", "\\\n", "\t", "@", "```sh\n", "```\n", "<<EOF\n", "EOF\n", "é", "#", "://", "machine ", "login ",
    "password ", "=", "\r\n", "command: [", "--index-url ", "&&", "$(", "${", "\u{feff}",
];
