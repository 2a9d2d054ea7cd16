//! Names in reports: what stands in a name's place, or in a name, may be a value.

use std::{borrow::Cow, ops::Range};

use credscope_grammars::secret::mask;

use super::{
    HOLE,
    tokens::{self, SHORTEST, TokenHit},
};
use crate::settings::Settings;

/// Signs that passwords have and names of scopes, keys and vault secrets do not, in code and in templates.
const SIGNS: &[char] = &['!', '#', '%', '^', '&', '*', '+', '=', '~', '|', ';', ',', '?', '\\'];

/// The name of a secret as reports say it: masked when it has the form of a token or signs that no name has.
pub fn reported(name: &str) -> Cow<'_, str> {
    let is_value =
        name.contains(SIGNS) && !name.contains(HOLE) || tokens::describe(name, &Settings::default()).is_some();
    if is_value { Cow::Owned(mask(name)) } else { Cow::Borrowed(name) }
}

/// Whether a text can be the name of a secret and holds nothing that has the form of a token: what is no name is never
/// learnt as one, and never written or shown anywhere else.
pub fn is_name(text: &str) -> bool {
    reported(text) == text && !holds_token(text)
}

/// Whether a token is a part of a name.
pub fn holds_token(name: &str) -> bool {
    !tokens_in(name, &Settings::default()).is_empty()
}

/// A text of a report with the tokens in it masked, whatever name they are a part of.
pub fn without_tokens(text: &mut String, settings: &Settings) {
    for range in tokens_in(text, settings).into_iter().rev() {
        let shown = mask(&text[range.clone()]);
        text.replace_range(range, &shown);
    }
}

/// Longest token that is looked for behind an underscore, in bytes.
const LONGEST: usize = 256;

/// Where tokens stand in a text, in order, those behind the underscore of a name (`token_dapi…`) included.
pub fn tokens_in(text: &str, settings: &Settings) -> Vec<Range<usize>> {
    if text.len() < SHORTEST {
        return Vec::new();
    }
    let tokens = |text: &str| {
        tokens::find(text, settings).into_iter().filter(TokenHit::has_form).map(|hit| hit.range).collect::<Vec<_>>()
    };
    let mut found = tokens(text);
    for (at, _) in text.match_indices('_') {
        let rest = &text[at + 1..];
        let name =
            rest.bytes().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        let behind = |range: &Range<usize>| range.start <= at && at < range.end;
        if name >= SHORTEST && !found.iter().any(behind) {
            let first = tokens(&rest[..name]).into_iter().find(|range| range.start == 0);
            found.extend(first.map(|range| at + 1..at + 1 + range.end));
        }
    }
    found.sort_by_key(|range| range.start);
    let mut end = 0;
    found.retain(|range| {
        let is_free = end <= range.start;
        end = end.max(range.end);
        is_free
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        format!("{}{}", "dapi", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    }

    #[test]
    fn values_in_the_place_of_names_are_masked() {
        assert_eq!(reported(&token()), "dap***");
        assert_eq!(reported("Summer#2021!x"), "Sum***");
        for name in ["password", "my scope", "kv-prod.v2", "team@corp", "…", "${scope}", "<key>", "prod/{env}"] {
            assert_eq!(reported(name), name);
        }
    }

    #[test]
    fn tokens_in_names_are_masked() {
        let token = token();
        let shown = |text: String| {
            let mut text = text;
            without_tokens(&mut text, &Settings::default());
            text
        };
        assert_eq!(shown(format!("put into `token_{token}`")), "put into `token_dap***`");
        assert_eq!(shown(format!("`{token}/{token}` is read")), "`dap***/dap***` is read");
        assert_eq!(shown(format!("`c.s.{token}`")), "`c.s.dap***`");
        for text in ["secret `prod-kv/db_password_of_the_warehouse` is printed", "`fs.azure.account.key.sales_2024`"] {
            assert_eq!(shown(text.to_owned()), text);
        }
        assert!(!is_name(&token) && !is_name(&format!("a_{token}")) && is_name("prod-kv") && is_name("db_password"));
    }
}
