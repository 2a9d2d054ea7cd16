//! Texts of user interfaces, documentation and schemas that stand where a credential could: what to write there
//! (`CCloud API Secret`), where a field is (`input[type=password]`), which type it has (`Optional[str]`).

use std::sync::LazyLock;

use regex::Regex;

use super::{
    names::{NameVerdict, verdict},
    plausible::is_wordy,
};

/// Longest label, in words.
const MAX_WORDS: usize = 6;

/// What a credential is called, in words and in a place for one: `lakeFS Secret Key`, `[CCloud API Secret]`, `AUTHENTICATION_KEY`.
pub fn is_label(v: &str) -> bool {
    let inner = v.strip_prefix('[').and_then(|r| r.strip_suffix(']'));
    let words: Vec<&str> = inner.unwrap_or(v).split_whitespace().collect();
    let spelled = words.iter().all(|w| w.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '/' | '\'')));
    let named = || verdict(&words.join(" ")) == NameVerdict::Secret;
    match words.len() {
        1 => {
            let constant = v.contains('_') && v.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            constant
                && (named()
                    || v.rsplit('_').next().is_some_and(|last| matches!(last, "KEY" | "SECRET" | "TOKEN" | "PASSWORD")))
        }
        2..=MAX_WORDS => spelled && (inner.is_some() || named()),
        _ => false,
    }
}

/// A simple selector with what follows it: `input#password.wide`, `[name=pw]`, `form > .field:first-child`.
static SELECTOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const ONE: &str = r"(?:[#.][A-Za-z][\w-]*|\[[A-Za-z][\w-]*(?:[~|^$*]?=[^\]]*)?\]|::?[a-z][a-z-]*(?:\([^)]*\))?)";
    Regex::new(&format!(
        r"^(?:css=)?[a-z][a-z0-9-]*{ONE}+(?:\s*[>+~ ]\s*[a-z#.\[][^=]*)?$|^(?:css=)?{ONE}+(?:\s*[>+~ ]\s*[a-z#.\[].*)?$"
    ))
    .ok()
});

/// Where a field is in a page. A bare `#name` may be a password: then it has to be words with a separator.
pub fn is_selector(v: &str) -> bool {
    if v.starts_with("xpath=") || v.starts_with("//") && v.contains(['[', '@']) {
        return true;
    }
    if !v.contains(['#', '.', '[', ':']) || !SELECTOR.as_ref().is_some_and(|s| s.is_match(v)) {
        return false;
    }
    let bare = v.trim_start_matches("css=").trim_start_matches(['#', '.']);
    v.contains(['[', '>']) || v.starts_with("css=") || bare.contains(['-', '_']) && is_wordy(&bare.replace('#', "."))
}

static TYPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:(?:Optional|Option|Union|List|Vec|Array|Set|Maybe|Promise|Annotated|Dict|Map|Record|Partial)\s*[\[<].*[\]>]|(?:String|ID|Int|Float|Boolean)!|\[?(?:String|ID|Int)!?\]!?|(?:string|str|String|bytes|number|SecretStr)(?:\[\])?(?:\s*\|\s*(?:null|undefined|None|string|str|bytes|number))+)$",
    )
    .ok()
});

pub fn is_type(v: &str) -> bool {
    TYPE.as_ref().is_some_and(|t| t.is_match(v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_selectors_and_types_are_told_from_values() {
        let labels = [
            "lakeFS Secret Key", "[CCloud API Secret]", "AUTHENTICATION_KEY", "Account Key", "[Cluster API Key]",
            "DB_PASSWORD", "Personal Access Token",
        ];
        let selectors = [
            "input[type=password]", "#login-password-field", "input#password.form-control", ".password-input > input",
            "css=#login_pass2", "[name='pw']", "xpath=//input", "#api-token-2", "input.field:first-child",
        ];
        let types = ["Optional[str]", "string | null", "String!", "List[str]", "Option<String>"];
        let none = [
            "correct horse battery staple", "#hunter2", "q7#Lm2vX9", "Welcome1", ".q7Lm-2vX9", "P@ss[1]", "#Zx9-kQ2b",
            "a.b:c", "str|9xK", "MY_DOG", "sommer sonne", "pa#ssword.1", "Secret!9", "abc:def#ghi",
        ];
        let wrong: Vec<&str> = labels
            .into_iter()
            .filter(|v| !is_label(v))
            .chain(selectors.into_iter().filter(|v| !is_selector(v)))
            .chain(types.into_iter().filter(|v| !is_type(v)))
            .chain(none.into_iter().filter(|v| is_label(v) || is_selector(v) || is_type(v)))
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
