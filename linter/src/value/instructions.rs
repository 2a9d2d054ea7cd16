//! Texts that say what to write in their place (catalog §G.1): `your-cosmos-db-key`, `REPLACE-WITH-YOUR-CONNECTION-STRING`,
//! `#STORAGE_ACCOUNT_KEY#`.

use super::{letters::is_random, names::words, placeholder::is_filling, plausible::pronounceable};

/// Words that ask for a value.
const VERBS: &[&str] = &["replace", "insert", "enter", "put", "paste", "provide", "specify", "fill"];

/// What is asked for.
const ASKED: &[&str] = &[
    "password", "passwd", "pwd", "passphrase", "secret", "token", "key", "keys", "credential", "credentials", "string",
    "sas", "pat", "here",
];

/// Ends of one word that is written together: `yoursnowflakepassword`.
const GLUED: &[&str] =
    &["password", "passwd", "secret", "token", "apikey", "accesskey", "accountkey", "secretkey", "connectionstring"];

/// Longest text that asks for a value, in bytes.
const LONGEST: usize = 80;

/// Whether a text asks for a value: `your` with words for what it is, or a verb with the name of a credential. A real
/// password that begins with such a word ends with something else (`yourmom123`, `Enter-Sandman-99`).
pub fn asks(v: &str) -> bool {
    let spelled = v.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.'));
    if v.len() > LONGEST || !spelled || is_random(v) {
        return false;
    }
    let words = words(v);
    let Some((last, before)) = words.split_last() else { return false };
    let Some((first, _)) = before.split_first() else { return is_glued(last) };
    let products = words.iter().filter(|w| w.bytes().any(|b| b.is_ascii_digit())).count();
    if products > 1 || !words.iter().all(|w| is_plain(w)) {
        return false;
    }
    let asked = ASKED.contains(&last.as_str());
    match words.iter().position(|w| w == "your") {
        Some(at) => at + 1 < words.len() && words[..at].iter().all(|w| is_filling(w)) && (asked || is_filling(last)),
        None => asked && before.len() >= 2 && VERBS.contains(&first.as_str()),
    }
}

/// A word, or the name of a product with a digit: `neo4j`, `s3`, `oauth2`.
fn is_plain(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && match digits {
            0 => word.len() <= 16 && pronounceable(word),
            digits => digits <= 2 && word.len() <= 8,
        }
}

fn is_glued(word: &str) -> bool {
    word.starts_with("your")
        && word.bytes().all(|b| b.is_ascii_alphabetic())
        && GLUED.iter().any(|end| word.ends_with(end))
}

/// `#PASSWORD#`, `##STORAGE_ACCOUNT_KEY##`: a constant's name between marks, put in by whoever copies the template.
pub fn is_marked(v: &str) -> bool {
    let inner = v.trim_matches('#');
    let marks = v.len() - inner.len();
    let name = inner.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_constant = name.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-' | b'.'))
        && name.bytes().filter(u8::is_ascii_uppercase).count() >= 3
        && inner.len() - name.len() <= 2
        && !is_random(inner);
    (2..=6).contains(&marks)
        && v.starts_with(&"#".repeat(marks / 2))
        && v.ends_with(&"#".repeat(marks / 2))
        && marks.is_multiple_of(2)
        && is_constant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_ask_for_a_value_are_told_from_passwords() {
        let asking = [
            "your-security-token", "your_research_client_secret", "your-base64-private-key", "your-cosmos-db-key",
            "your_neo4j_password", "REPLACE-WITH-YOUR-EVENT-HUBS-CONNECTION-STRING", "enter_cosmos_key",
            "PASTE NEO4J PASSWORD", "insert-your-kinesis-token-here", "yourCosmosDbKey", "YOURSNOWFLAKEPASSWORD",
            "replace with real mongo password", "your-region-name",
        ];
        let real = [
            "yourmom123", "Your_Dog_77", "Enter-Sandman-99", "your-q7Lm2vX9-key", "put_q7Lm", "YourMonkey",
            "insertcoin", "your", "enter sandman", "replace-zXqPkVbT", "Your-Fancy-Pants", "password_your",
            "your key is q7#Lm2vX9", "fill_the_blank_7", "yourP@ssword",
        ];
        let wrong: Vec<&str> =
            asking.into_iter().filter(|v| !asks(v)).chain(real.into_iter().filter(|v| asks(v))).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn names_between_marks_are_told_from_passwords() {
        let marked = ["#PASSWORD#", "#STORAGE_ACCOUNT_KEY#", "##KEY1##", "#sql#"];
        let seen = marked.map(is_marked);
        assert_eq!(seen, [true, true, true, false]);
        for real in ["#Hunter2#", "#PASSWORD", "#Q7LM2#", "##X#", "#XKQZRTBVWPLM#", "###", "#A1B2C3#", "PASSWORD#"] {
            assert!(!is_marked(real), "{real}");
        }
    }
}
