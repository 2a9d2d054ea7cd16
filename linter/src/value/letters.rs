//! Whether letters follow each other as in words or as a machine draws them. Words and names of things use a few of the
//! 676 pairs of letters for most of their length; random text uses all alike.

/// How common a pair is in words, of English and of programs: the row of its first letter, the place of its second.
/// `3`: most of all words are made of these; `0`: one pair in seventy of words, a third of random pairs.
const PAIRS: [&str; 26] = [
    "13331131302333030333221121", "31112110210311210221200110", "31213123203211310223210010",
    "31123111300211210221211010", "32333321211333232333122321", "21112310300211310222200010",
    "21113112200212210221200000", "30013000300110310212101010", "33333330001333320233120103",
    "10001000000000100010100000", "21013100200101110121100000", "31123110301311320122210030",
    "32113000301121330121200000", "31333231312212310133221010", "22331221212333230333322110",
    "31213112301311330323211010", "00000000000100000000200000", "31223120302222320233221020",
    "31313113302221331133311021", "31223213301221320333211130", "22212210200323120333000100",
    "20103100200011110011000000", "20112001200112110111000000", "10112100100010120012000100",
    "10101000100111120021000000", "10002000100000100000000000",
];

/// What a pair of each class says, in tenths of the natural logarithm of its odds (random : words), as counted over 20,000 words of
/// source code and documentation.
const ODDS: [i32; 4] = [32, 14, 0, -14];

/// Odds from which a run is random; names of programs reach it one time in a hundred, random letters all but four times.
const RANDOM: i32 = 20;

/// Shortest run of letters and digits that is judged.
const SHORTEST: usize = 10;

/// Whether the value has a run of letters and digits that no words make.
pub fn is_random(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| run.len() >= SHORTEST && odds(run) > RANDOM)
}

/// A capital behind a small letter begins a word: that pair says nothing.
fn odds(run: &str) -> i32 {
    let bytes = run.as_bytes();
    let pair = |w: &[u8]| {
        let starts_word = w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase();
        let letters = w[0].is_ascii_alphabetic() && w[1].is_ascii_alphabetic();
        (letters && !starts_word).then(|| ODDS[class(w[0], w[1])])
    };
    bytes.windows(2).filter_map(pair).sum()
}

fn class(first: u8, second: u8) -> usize {
    let at = |letter: u8| usize::from(letter.to_ascii_lowercase() - b'a');
    usize::from(PAIRS[at(first)].as_bytes()[at(second)] - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_random_letters() {
        let words = [
            "SalesDbAccessKey", "tokenForTheApi", "customerrepository", "AuthenticationStrategy", "DATABRICKS",
            "storageaccountname", "BenutzerVerwaltung", "configuracaopadrao", "PASSWORDAUTHENTICATION",
            "x86architecture",
        ];
        let random = ["nKqVQpyUZKhDcOqp", "ZBQuafkFoTThLjzT", "kqzrtbvxwpl", "XKQZRTBVWPLM", "q7xkzvbt9wqpld"];
        let wrong: Vec<_> =
            words.iter().filter(|v| is_random(v)).chain(random.iter().filter(|v| !is_random(v))).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
