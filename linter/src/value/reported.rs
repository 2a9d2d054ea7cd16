//! Names in reports: what stands in a name's place may be a value.

use std::borrow::Cow;

use super::{HOLE, tokens};
use crate::settings::Settings;

/// Signs that passwords have and names of scopes, keys and vault secrets do not, in code and in templates.
const SIGNS: &[char] = &['!', '#', '%', '^', '&', '*', '+', '=', '~', '|', ';', ',', '?', '\\'];

/// The name of a secret as reports say it: masked when it has the form of a token or signs that no name has.
pub fn reported(name: &str) -> Cow<'_, str> {
    let is_value =
        name.contains(SIGNS) && !name.contains(HOLE) || tokens::describe(name, &Settings::default()).is_some();
    if is_value { Cow::Owned(credscope_grammars::secret::mask(name)) } else { Cow::Borrowed(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_the_place_of_names_are_masked() {
        let token = format!("{}{}", "dapi", "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
        assert_eq!(reported(&token), "dap***");
        assert_eq!(reported("Summer#2021!x"), "Sum***");
        for name in ["password", "my scope", "kv-prod.v2", "team@corp", "…", "${scope}", "<key>", "prod/{env}"] {
            assert_eq!(reported(name), name);
        }
    }
}
