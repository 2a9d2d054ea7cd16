//! A search for all anchor words at once, run over raw bytes before anything is split or parsed.
//!
//! Each word is looked for by its rarest three bytes: a table of 16 KB, which stays in the cache, says whether three bytes
//! begin a comparison, so that text without an anchor costs one look-up a byte.

use std::{collections::BTreeMap, sync::LazyLock};

use credscope_grammars::Span;
use memchr::memmem::Finder;

use crate::value::tokens;

/// Words without which no rule finds anything. ASCII case is ignored. A rule that looks for something else adds its
/// word here; `tests/tests/prefilter.rs` compares findings with and without the filter over all cases and fixtures.
pub static WORDS: &[&str] = &[
    // names
    "pass", "pwd", "pw", "psw", "mdp", "senha", "contrasena", "_pat", "secret", "token", "key", "cred", "auth", "sas",
    "sig=", "bearer", "signature", "dsn", "webhook", // places
    "jdbc:", "connectionstring", "connection_string", "conn_str", "connstr", "conn-str", "getconnection", "dotenv",
    "dbutils", "conf.get", "environ", "getenv", "sys.env", "printenv", "identified by", "begin ", "hooks.", "userinfo",
    // targets and variables of bundles, which name scopes
    "targets:", "variables:", // dumps of whole configurations
    "getall", "set -v", "\nset;", "magic set;",
    "(\"set\")", // calls and programs whose arguments are credentials without a telling name
    "connect", "login", "jedispool", "jwt", "ftp(", "boto3.session", "curl", "wget", "put-secret", "docker", "fernet",
    "encrypt", "client(", "github import", "github(", "salesforce", "ftplib", "ftp_tls", "url.create", "sessionpool",
    "hmac.new", "aes.new", "blobservice", "clientv2(", "decrypt", "eventhubs", "logicapp", "powerplatform",
    "databricks secrets", "mysql ", "mysql\", \"-", "mysql', '-", "mysqldump", "mysqladmin", "mariadb", "sqlcmd",
    "twine ", "channels:", "channel_alias", "bcp ", "sqlplus", "sqlldr", "kinit", "ldap", "redis-cli", "mongo",
    "beeline", "cqlsh", "smbclient", "lftp", "gpg ", "openssl", "isql ", "sudo -s", "rabbitmqctl", "from-literal",
    "spark-submit", "zip -", "7z ", "b64encode", "encodetostring", "encodebase64", "| base64", "|base64", "clone http",
    "git+http", "index-url", "set-url", "extraheader", "helm ", "keytool", "sqoop", "wandb login", "securestring",
    "boto3.resource", "simple_bind", // dumps of the environment: the words alone are common
    "env |", "env|", "env >", "\nenv\n", "\nset\n", " env\n", "\tenv\n", " set\n", "!env", "run: env", "magic env",
    "magic set\n", "\"env\"]", "sh env", "(\"env\")", "('env')", "[\"env\"]", "['env']", "\"env\\n", "\"set\\n",
    "; env", "&& env", "export -p", "declare -", "typeset -", "gci env:", "dir env:", "get-childitem env:",
    "kubectl get secret", // token prefixes that stand alone
    "dapi", "dose", "doau", "dsapi", "dkea", "eyj", "akia", "asia", "abia", "acca", "absk", "+ast", "acdb", "8q~",
    "7q~", "jqqj9", "+aeh", "+asb", "+arm", "azca", "+acr", "+aba", "azfu", "azse", "aiot", "aiza", "ya29.", "gocspx-",
    "1//", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "npm_", "pypi-", "glpat", "gldt-", "glrt-", "glptt",
    "glcbt", "glsoat", "xox", "xapp-", "sk-", "sk_", "rk_", "hf_", "api_org_", "gsk_", "r8_", "pplx-", "pcsk_",
    "lsv2_", "wandb", "cflt", "mongodb", "sg.", "dbtc_", "dbtu_", "kgat_", "hvs.", "hvb.", "atlasv1", "dp.pt.",
    "ibazcc", "ls0t", "glsa_", "nrak-", "sntryu_", "ntn_", "atatt3", "pnu_", "pul-", "pat-", "ops_ey", "pscale_",
    "5aep861", "eya", "fwogzxivyxdze", "iqojb3jpz2lu", "+amc", "apim", "azeg", "==:", "/u3+7qaaaa",
    // services whose tokens have no prefix
    "datadog", "twilio", "vault", "okta", "servicebus", "documents.azure.com", "azure-devices.net", "dd_api", "dd-api",
    "ddapi",
];

/// Texts that are no anchors but say what else is to be looked for; found in the same search.
const SIGNS: &[(&str, Sign)] =
    &[("://", Sign::Url), ("import", Sign::Import), ("%run", Sign::Import), ("pat", Sign::Airtable)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// The text is an anchor.
    Word,
    Url,
    Import,
    /// `pat` begins a token format that is too short a word for an anchor.
    Airtable,
}

/// What a search over raw bytes has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Any rule could find something.
    pub may_match: bool,
    /// The text may bring in other files (`import`, `%run`). Not looked for to the end where `may_match` is set.
    pub imports: bool,
}

/// What stands in a file of these bytes.
pub fn look(bytes: &[u8]) -> Seen {
    see(bytes, false)
}

/// Whether any rule could find anything in a file of these bytes.
pub fn may_match(bytes: &[u8]) -> bool {
    look(bytes).may_match
}

/// As [`may_match`], for a part of a file of which other parts may say the rest.
pub fn part_may_match(bytes: &[u8]) -> bool {
    see(bytes, true).may_match
}

fn see(bytes: &[u8], is_part: bool) -> Seen {
    let mut signs = Signs::default();
    let may_match = FILTER.finds(bytes, &mut signs)
        || !is_part && is_escaped(bytes)
        || signs.url && has_userinfo(bytes, is_part)
        || tokens::without_anchor(bytes)
        // A cell that is one command.
        || ["env", "set", "set;"].iter().any(|w| bytes.trim_ascii().eq_ignore_ascii_case(w.as_bytes()));
    Seen { may_match, imports: signs.import }
}

/// Which [`SIGNS`] were seen.
#[derive(Clone, Copy, Debug, Default)]
struct Signs {
    url: bool,
    import: bool,
}

/// Parts of a large text are asked about in pieces of this size, in bytes.
const PIECE: usize = 4 << 10;

/// The parts of a large text in which a rule could find anything: whole lines, each with the line after it, in bytes of the
/// text, ascending. Facts of data with a word here and there cost what they say, not what the data is.
pub fn parts(text: &str) -> Vec<Span> {
    let line_end = |at: usize| memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |len| at + len + 1);
    let mut parts: Vec<Span> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = line_end((start + PIECE).min(text.len()));
        if may_match(&text.as_bytes()[start..end]) {
            let next = line_end(end);
            match parts.last_mut() {
                Some(last) if last.end as usize >= start => *last = Span::new(last.start as usize, next),
                _ => parts.push(Span::new(start, next)),
            }
        }
        start = end;
    }
    parts
}

static FILTER: LazyLock<Filter> =
    LazyLock::new(|| Filter::new(WORDS.iter().map(|w| (*w, Sign::Word)).chain(SIGNS.iter().copied())));

/// A word, where in it the three bytes stand, and what it says.
type Start = (&'static [u8], usize, Sign);

struct Filter {
    /// For each value of [`slot`] that begins a comparison the number of its words in `words`, from 1.
    starts: Box<[u8; 1 << SLOT_BITS]>,
    /// Words that begin alike, and where in each the three bytes stand. 0: none.
    words: Vec<Vec<Start>>,
    /// Words of two bytes, which may end a text.
    pairs: Vec<&'static [u8]>,
}

impl Filter {
    fn new(words: impl Iterator<Item = (&'static str, Sign)>) -> Self {
        let mut by_slot: BTreeMap<u16, Vec<Start>> = BTreeMap::new();
        let mut pairs = Vec::new();
        for (word, sign) in words.map(|(w, sign)| (w.as_bytes(), sign)).filter(|(w, _)| w.len() > 1) {
            if word.len() == 2 {
                pairs.push(word);
                for third in 0..=u8::MAX {
                    by_slot.entry(slot_of(&[word[0], word[1], third])).or_default().push((word, 0, sign));
                }
                continue;
            }
            let rarity = |at: &usize| {
                let three = &word[*at..*at + 3];
                let letters = three.iter().map(|b| commonness(*b)).sum::<u32>();
                (memchr::memmem::find(EVERYWHERE, three).is_some(), letters)
            };
            let at = (0..word.len() - 2).min_by_key(rarity).unwrap_or(0);
            by_slot.entry(slot_of(&word[at..at + 3])).or_default().push((word, at, sign));
        }
        let mut filter = Self { starts: Box::new([0; 1 << SLOT_BITS]), words: vec![Vec::new()], pairs };
        for (slot, mut list) in by_slot {
            // The third bytes of a pair fall together.
            list.dedup();
            let known = filter.words.iter().position(|other| *other == list);
            let number = known.unwrap_or_else(|| {
                // The last number is shared: its words are compared more often, and none is missed.
                if filter.words.len() <= usize::from(u8::MAX) {
                    filter.words.push(Vec::new());
                }
                filter.words.len() - 1
            });
            if known.is_none() {
                filter.words[number].append(&mut list);
            }
            filter.starts[usize::from(slot)] = number as u8;
        }
        filter
    }

    /// Whether an anchor stands in `bytes`. Sets the signs met before it.
    fn finds(&self, bytes: &[u8], signs: &mut Signs) -> bool {
        let starts = |block: u64, shift: u32| self.starts[usize::from(slot((block >> shift) as u32))];
        // Eight bytes hold six starts.
        let any = |block: u64| {
            starts(block, 0)
                | starts(block, 8)
                | starts(block, 16)
                | starts(block, 24)
                | starts(block, 32)
                | starts(block, 40)
        };
        let mut at = 0;
        // One branch for twelve starts.
        while let Some(both) = bytes[at..].first_chunk::<14>() {
            let block = |from: usize| {
                let bytes = both[from..].first_chunk::<8>().map_or(0, |eight| u64::from_le_bytes(*eight));
                bytes | CASE
            };
            let (first, second) = (block(0), block(6));
            if any(first) | any(second) != 0
                && (self.is_word_in(bytes, at, first, signs) || self.is_word_in(bytes, at + 6, second, signs))
            {
                return true;
            }
            at += 12;
        }
        let mut rest = bytes[at..].windows(3).enumerate();
        rest.any(|(i, three)| self.is_word(bytes, at + i, self.starts[usize::from(slot_of(three))], signs))
            || self.pairs.iter().any(|pair| bytes.len() >= 2 && bytes[bytes.len() - 2..].eq_ignore_ascii_case(pair))
    }

    /// Whether a word stands by one of the six starts in the eight bytes at `at`.
    #[cold]
    fn is_word_in(&self, bytes: &[u8], at: usize, block: u64, signs: &mut Signs) -> bool {
        (0..6).any(|i| {
            let number = self.starts[usize::from(slot((block >> (8 * i)) as u32))];
            number != 0 && self.is_word(bytes, at + i, number, signs)
        })
    }

    /// Whether one of the words with that number stands at `at` by its three bytes. A sign is none.
    fn is_word(&self, bytes: &[u8], at: usize, number: u8, signs: &mut Signs) -> bool {
        self.words[usize::from(number)].iter().any(|(word, offset, sign)| {
            let start = at.checked_sub(*offset);
            let text = start.and_then(|start| bytes.get(start..start + word.len()));
            if !text.is_some_and(|text| text.eq_ignore_ascii_case(word)) {
                return false;
            }
            match sign {
                Sign::Word => return true,
                Sign::Url => signs.url = true,
                Sign::Import => signs.import = true,
                Sign::Airtable => return start.is_some_and(|start| tokens::is_airtable(bytes, start)),
            }
            false
        })
    }
}

/// One bit of each byte: set, letters of both cases are the same. Other bytes may fall together, too; the comparison
/// tells them apart.
const CASE: u64 = 0x2020_2020_2020_2020;

const SLOT_BITS: u32 = 14;

/// Where in the table the three low bytes stand, whose case bits are set. The factor's low byte is 0, so that the fourth
/// byte counts for nothing; of the factors without such a byte it is one under which few texts of programs fall together
/// with words.
fn slot(bytes: u32) -> u16 {
    (bytes.wrapping_mul(0x40bb_7700) >> (u32::BITS - SLOT_BITS)) as u16
}

/// [`slot`] of the first three bytes.
fn slot_of(bytes: &[u8]) -> u16 {
    slot(bytes.iter().take(3).rev().fold(0, |r, b| r << 8 | u32::from(*b)) | CASE as u32)
}

/// Words of most programs: three bytes of them are no rare ones.
const EVERYWHERE: &[u8] = b"table column import select spark values variable print( return string magic container for \
type log output key append figure args tasks code account open among azure env query client service reason \
fern by function get blocks";

/// How common a byte is in programs: the letters of English by rank, below them digits and signs.
fn commonness(byte: u8) -> u32 {
    const RANKED: &[u8] = b"zqjxkvbpygfwmucldrhsnioate";
    RANKED
        .iter()
        .position(|b| *b == byte.to_ascii_lowercase())
        .map_or(12, |rank| rank as u32 + if rank > 18 { 8 } else { 0 })
}

/// `://user:password@`, and URLs that a program puts together: the only credential shape without a word.
fn has_userinfo(bytes: &[u8], is_part: bool) -> bool {
    static SCHEME_END: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"://"));
    let mut is_open = false;
    for at in SCHEME_END.find_iter(bytes) {
        let rest = &bytes[at + 3..bytes.len().min(at + 515)];
        let stop = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'/');
        let end = rest.iter().position(stop).unwrap_or(rest.len());
        let authority = &rest[..end];
        // `https://{account}@host`: what is filled in may be user and password.
        let begins = memchr::memchr3(b':', b'{', b'%', authority).or_else(|| memchr::memchr(b'$', authority));
        if begins.is_some_and(|from| authority[from..].contains(&b'@')) {
            return true;
        }
        // `"https://" + user + ":" + …`: the literal ends before the host does, also by a quote in `{conf["user"]}`.
        let ends_inside = matches!(rest.get(end), Some(b'"' | b'\'')) || authority.contains(&b'{');
        is_open |= ends_inside && !is_port(authority);
    }
    is_open && (is_part || has_inline_at(bytes))
}

/// JSON whose writer escapes letters or slashes: its words are not seen in its bytes.
fn is_escaped(bytes: &[u8]) -> bool {
    static ESCAPE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\\u00"));
    static SLASHES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b":\\/\\/"));
    let is_json = bytes.trim_ascii_start().first() == Some(&b'{');
    is_json
        && (SLASHES.find(bytes).is_some()
            || ESCAPE.find_iter(bytes).any(|at| matches!(bytes.get(at + 4), Some(b'4'..=b'7'))))
}

/// `host:8080` and `host.example`: complete, most of all what begins a text.
fn is_port(authority: &[u8]) -> bool {
    let (host, port) = match memchr::memchr(b':', authority) {
        Some(colon) => (&authority[..colon], &authority[colon + 1..]),
        None => (authority, &b"0"[..]),
    };
    let is_host = host.contains(&b'.') || host.eq_ignore_ascii_case(b"localhost");
    is_host && !port.is_empty() && port.iter().all(u8::is_ascii_digit)
}

/// An `@` that is no decorator: something stands before it in its line.
fn has_inline_at(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'@', bytes).any(|at| {
        let before = bytes[..at].iter().rev().find(|b| !matches!(b, b' ' | b'\t'));
        before.is_some_and(|b| !matches!(b, b'\n' | b'\r'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_code_is_skipped_and_credentials_are_not() {
        assert!(!may_match(b"df = spark.range(10)\ndf.show()\nurl = 'https://example.org/a:b'\n"));
        for text in ["db_PASSWORD = 1", "ftp://joe:x@host", "Jdbc:h2", "x = sys.env"] {
            assert!(may_match(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn urls_that_are_put_together_are_no_plain_code() {
        let parted = [
            "x = 'https://svc:' + 'q7' + '@h/r'", "x = \"a://\" + u + \":\" + m + \"@\" + h", "x = f'a://{m}@h'",
            "x = f\"a://{d['u']}:{d['p']}@h\"", "x = s\"a://$m@h\"", "x = 'a://%s@h' % m",
            "x = ('amqp://svc:'\n  'q7@' 'h/r')",
        ];
        for text in parted {
            assert!(may_match(text.as_bytes()), "{text}");
        }
        let whole =
            ["x = 'https://h.example:80'\ny = 'a@b'", "x = 'https://' + h\n@udf\ndef f(): return 1", "x = 'h/' + '@'"];
        for text in whole {
            assert!(!may_match(text.as_bytes()), "{text}");
        }
        assert!(part_may_match(b"x = 'https://'"));
        for text in [r#"{"source": "v = 'x:\/\/u'"}"#, r#"{"source": "\u0070\u0077"}"#] {
            assert!(may_match(text.as_bytes()), "{text}");
        }
        assert!(!may_match(br#"{"source": "a \u003c b"}"#));
    }

    #[test]
    fn calls_whose_arguments_are_credentials_have_a_word() {
        let positional = crate::catalog::clients::CLIENTS.iter().filter(|c| !c.positions.is_empty());
        let missed: Vec<_> = positional.filter(|c| !may_match(format!("x = {}(a)", c.callee).as_bytes())).collect();
        let missed: Vec<_> = missed.iter().map(|c| c.callee).collect();
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn files_that_bring_in_others_are_known_by_a_word() {
        for (text, imports) in [("import x", true), ("# MAGIC %run ./x", true), ("x = a.run(1)", false), ("ab", false)]
        {
            assert_eq!(look(text.as_bytes()), Seen { may_match: false, imports }, "{text}");
        }
    }

    #[test]
    fn parts_of_a_large_text_are_whole_lines_around_its_anchors() {
        let row = "x = 1, 2, 3\n";
        let rows = row.repeat(3 * PIECE / row.len());
        let text = format!("{rows}db:\n  password:\n  q7\n{rows}a password");
        let parts = parts(&text);
        assert!(parts.len() == 2 && parts.iter().map(|p| p.of(&text).len()).sum::<usize>() < 4 * PIECE, "{parts:?}");
        for part in &parts {
            assert!(part.start == 0 || text.as_bytes()[part.start as usize - 1] == b'\n', "{part:?}");
            assert!(part.of(&text).ends_with('\n') || part.end as usize == text.len(), "{part:?}");
        }
        assert!(parts[0].of(&text).contains("password:\n  q7\n"));
        assert!(super::parts(&rows).is_empty());
    }

    #[test]
    fn every_word_is_found_anywhere_in_any_case() {
        for word in WORDS {
            for text in [
                (*word).to_owned(),
                word.to_ascii_uppercase(),
                format!("\u{e9}{word}"),
                format!("x = {word}"),
                format!("{word} ="),
                format!("@[{{{word}"),
            ] {
                assert!(FILTER.finds(text.as_bytes(), &mut Signs::default()), "{text:?}");
            }
            let cut = &word[..word.len() - 1];
            let is_other = WORDS.iter().any(|w| cut.contains(w));
            assert_eq!(FILTER.finds(cut.as_bytes(), &mut Signs::default()), is_other, "{cut:?}");
        }
    }
}
