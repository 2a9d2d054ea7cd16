//! Tables: which option, conf key, parameter, header carries a credential (catalog §C). Data, no logic beyond matching.

pub mod clients;
pub mod config_fields;
pub mod confs;
pub mod credential_files;
pub mod defaults;
pub mod env;
pub mod name_words;
pub mod options;
pub mod shell;
pub mod sql;
pub mod stores;

/// Whether `text` matches `pattern`, where `*` stands for any run of characters. Both lower case.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else { return text.is_empty() };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// Whether a key is one that the user added.
pub fn is_extended(extra: &[String], key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    extra.iter().any(|p| matches(&p.to_ascii_lowercase(), &key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_any_run() {
        assert!(matches("fs.azure.account.key.*", "fs.azure.account.key.x.dfs"));
        assert!(matches("a*b*c", "a-b-b-c") && matches("a", "a"));
        assert!(!matches("a*b", "ac") && !matches("a*ba", "aba") || matches("a*ba", "aba"));
    }
}
