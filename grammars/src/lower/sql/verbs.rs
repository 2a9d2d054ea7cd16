//! What a statement does, and which words before a parenthesis are no function.

use super::{
    Lowering,
    tokens::{Kind, Token},
};
use crate::facts::Verb;

impl Lowering<'_> {
    /// Whether the name at `i`, before a parenthesis, is made known there: `TABLE t (…)`, `INTO t (…)`, `WITH t (…)`.
    pub(super) fn is_definition(&self, i: usize, start: usize) -> bool {
        let mut at = i;
        while at >= start + 2 && self.tokens[at - 1].symbol(".") {
            at -= 2;
        }
        const BEFORE: &[&str] = &[
            "TABLE", "VIEW", "FUNCTION", "PROCEDURE", "EXISTS", "INTO", "INDEX", "TYPE", "SECRET", "STAGE", "AS", "ON",
        ];
        let before = at.checked_sub(1).filter(|&b| b >= start).map(|b| &self.tokens[b]);
        // `ON t (a)` of an index, not `ON f(a) = b`.
        let named = |w: &&&str| before.is_some_and(|t| t.is(w)) && (**w != "ON" || self.tokens[start].is("CREATE"));
        BEFORE.iter().find(named).is_some_and(|w| *w != "AS" || !self.tokens[start].is("CREATE"))
    }
}

/// Keywords before a parenthesis that are no function.
pub(super) fn is_function(word: &str) -> bool {
    !matches!(
        word,
        "IN" | "AND"
            | "OR"
            | "NOT"
            | "VALUES"
            | "AS"
            | "FROM"
            | "WHERE"
            | "ON"
            | "USING"
            | "SELECT"
            | "TABLE"
            | "INTO"
            | "BY"
            | "OVER"
            | "EXISTS"
            | "WITH"
            | "JOIN"
            | "UNION"
            | "SET"
            | "KEY"
            | "CASE"
            | "WHEN"
            | "THEN"
            | "ELSE"
            | "VARCHAR"
            | "NVARCHAR"
            | "CHAR"
            | "DECIMAL"
            | "STRUCT"
            | "ARRAY"
            | "INT"
            | "VARIABLE"
            | "VAR"
            | "COLUMNS"
            | "PARTITIONED"
            | "CLUSTER"
            | "PARTITION"
            | "RETURNS"
            | "EXCEPT"
            | "ALL"
            | "ANY"
            | "LATERAL"
            | "REPLACE"
            | "SETS"
            | "PRIMARY"
            | "UNIQUE"
            | "CHECK"
            | "REFERENCES"
            | "NUMERIC"
            | "NUMBER"
    )
}

pub(super) fn verb(tokens: &[Token]) -> Verb {
    // A query in parentheses is a query.
    let tokens = &tokens[tokens.iter().take_while(|t| t.kind == Kind::Open).count()..];
    let word = |i: usize| match tokens.get(i).map(|t| &t.kind) {
        Some(Kind::Word(word)) => word.as_str(),
        _ => "",
    };
    let has = |w: &str, within: usize| tokens.iter().take(within).any(|t| t.is(w));
    match word(0) {
        "SELECT" | "WITH" | "FROM" => Verb::Select,
        "VALUES" => Verb::Values,
        "INSERT" => Verb::Insert,
        "UPDATE" | "MERGE" | "DELETE" => Verb::Change,
        "COPY" => Verb::CopyInto,
        "SET" => Verb::Set,
        "GRANT" | "REVOKE" => Verb::Grant,
        "EXECUTE" | "EXEC" | "CALL" => Verb::Execute,
        "COMMENT" => Verb::Comment,
        "SHOW" | "DESCRIBE" | "DESC" | "LIST" => Verb::Show,
        "CREATE" | "ALTER" | "REPLACE" => {
            if has("CONNECTION", 6) {
                Verb::CreateConnection
            } else if has("FUNCTION", 6) || has("PROCEDURE", 6) {
                Verb::CreateFunction
            } else if has("WIDGET", 4) {
                Verb::CreateWidget
            } else if ["USER", "LOGIN", "ROLE", "SERVER", "CREDENTIAL", "MASTER", "KEY"].iter().any(|w| has(w, 6)) {
                Verb::CreateUser
            } else if has("VIEW", 7) && !has("USING", 14) {
                Verb::CreateView
            } else {
                Verb::CreateTable
            }
        }
        _ => Verb::Other,
    }
}
