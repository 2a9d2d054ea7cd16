//! JSON schema of `credscope.toml`, for editors that complete TOML.

use serde_json::{Value, json};

/// Draft 2020-12. `tests` holds it equal to the keys that [`super::parse`] accepts.
pub fn schema() -> Value {
    let strings = |text: &str| json!({"type": "array", "items": {"type": "string"}, "description": text});
    let severity = json!({"enum": ["hint", "info", "warning", "error"]});
    let scopes =
        |text: &str| json!({"type": "object", "additionalProperties": {"type": "string"}, "description": text});
    let checks: Vec<&str> = crate::value::tokens::checks::NAMED.iter().map(|(name, _)| *name).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "credscope configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "select": strings("Rules to report: names, codes or code prefixes. Empty: all."),
            "ignore": strings("Rules not to report."),
            "severity": {"type": "object", "additionalProperties": severity, "description": "Severity by rule name or code."},
            "min-severity": severity,
            "exclude": strings("Path patterns that are not checked."),
            "per-file-ignores": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}, "description": "Rules to ignore by path pattern."},
            "pedantic": {"type": "boolean", "description": "Low-confidence findings too."},
            "strict": {"type": "boolean", "description": "Raise what documentation leaves open."},
            "respect": strings("Suppression marks of other tools that count: noqa, nosec, gitleaks:allow, pragma: allowlist secret."),
            "baseline": {"type": "string", "description": "Baseline file, relative to this file."},
            "secrets": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "scope": {"type": "string", "description": "Scope that fixes use."},
                    "key-case": {"enum": ["kebab", "snake"]},
                    "style": {"enum": ["scope", "unity-catalog"]},
                    "catalog": {"type": "string"},
                    "schema": {"type": "string"},
                    "declared": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}, "description": "Scopes and keys that exist: a fix to one of them is safe."},
                    "paths": scopes("Scope by path pattern."),
                    "targets": scopes("Scope by bundle target."),
                },
            },
            "extend": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "sources": strings("Dotted callee paths whose result is a secret."),
                    "sinks": strings("Dotted callee paths whose arguments reach an output."),
                    "sanitizers": strings("Functions whose result says nothing about their argument."),
                    "options": strings("Option and conf keys that carry credentials; * matches anything."),
                    "placeholders": strings("Values that are never credentials."),
                },
            },
            "detectors": {
                "type": "array",
                "description": "Token formats of your own.",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name", "pattern", "anchors"],
                    "properties": {
                        "name": {"type": "string", "description": "Lower-case letters, digits and -."},
                        "label": {"type": "string", "description": "For messages; the name when not given."},
                        "pattern": {"type": "string", "description": "Regular expression, the first group is the token."},
                        "anchors": strings("Words of which one stands in every match or near it."),
                        "keywords": strings("Another name of anchors."),
                        "context": strings("Words of which one has to stand within ten lines."),
                        "entropy": {"type": "number", "minimum": 0, "maximum": 8, "description": "Bits a character that the token has at least."},
                        "check": {"enum": checks, "description": "Offline verification, by the name of one that built-in formats have."},
                        "distinctive": {"type": "boolean", "description": "Whether the shape alone is proof enough: true when not given."},
                        "severity": severity,
                        "examples": strings("Texts in which a token has to be found."),
                        "counter-examples": strings("Texts in which none may be found."),
                    },
                },
            },
        },
    })
}
