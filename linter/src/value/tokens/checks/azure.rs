//! Azure keys that carry a signature and a checksum: identifiable keys, common annotated keys, Entra secrets.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose},
};

use super::{Found, Verdict, marvin::marvin32};

/// An identifiable key: the four bytes at the end are the Marvin hash of the rest; the seed says what it may do.
pub struct Kind {
    /// Four characters before the six that hold the checksum.
    pub signature: &'static str,
    /// Characters with padding.
    pub length: usize,
    /// Seed and what a key made with it is.
    pub seeds: &'static [(u64, &'static str)],
}

const MESSAGING: &[(u64, &str)] = &[
    (0x5365_6e64_3030_3030, "Send right"),
    (0x4c69_7374_656e_3030, "Listen right"),
    (0x4d61_6e61_6765_3030, "Manage right"),
    (0x5379_7374_656d_3030, "system key"),
    (0x556e_6b6e_6f77_6e30, ""),
];

pub static KINDS: &[Kind] = &[
    Kind { signature: "+ASt", length: 88, seeds: &[(0x4465_6661_756c_7430, "")] },
    Kind {
        signature: "ACDb",
        length: 88,
        seeds: &[
            (0x4d61_7374_5257_3030, "read-write"),
            (0x4d61_7374_524f_3030, "read-only"),
            (0x5379_7374_5257_3030, "system, read-write"),
            (0x5379_7374_524f_3030, "system, read-only"),
            (0x5379_7341_6c6c_3030, "system"),
            (0x5265_736f_7572_3030, "resource key"),
            (0x456e_6372_7970_3030, "encryption key"),
        ],
    },
    Kind { signature: "+AEh", length: 44, seeds: MESSAGING },
    Kind { signature: "+ASb", length: 44, seeds: MESSAGING },
    Kind { signature: "+ARm", length: 44, seeds: MESSAGING },
    Kind { signature: "AzCa", length: 44, seeds: &[(0x4163_6365_7373_3030, "")] },
    Kind { signature: "AZEG", length: 44, seeds: &[(0x5365_6e64_5265_6376, "")] },
    Kind {
        signature: "AIoT",
        length: 44,
        seeds: &[
            (0x496f_5448_7562_3030, "hub key"),
            (0x4470_734b_6579_3030, "provisioning key"),
            (0x4465_7669_6365_3030, "device key"),
        ],
    },
    Kind { signature: "+ACR", length: 52, seeds: &[(0x4143_5244_666c_7430, "")] },
    Kind {
        signature: "AzSe",
        length: 52,
        seeds: &[(0x5041_646d_696e_3030, "admin key"), (0x5175_6572_7930_3030, "query key")],
    },
    Kind {
        signature: "AzFu",
        length: 56,
        seeds: &[
            (0x4d61_7374_6572_3030, "master key"),
            (0x5379_7374_656d_3030, "system key"),
            (0x4675_6e63_7469_3030, "function key"),
        ],
    },
    Kind { signature: "+ABa", length: 88, seeds: &[(0x4162_4163_6374_3030, "")] },
    Kind { signature: "+AMC", length: 88, seeds: &[(0x436c_6173_7369_6330, "")] },
    Kind {
        signature: "APIM",
        length: 88,
        seeds: &[
            (0x5465_6e61_6e74_3030, "direct management"),
            (0x496f_5448_7562_3030, "subscription"),
            (0x4761_7465_7779_3030, "gateway"),
            (0x4769_744b_6579_3030, "repository"),
        ],
    },
];

/// Padding wanted or not, bits behind the last byte ignored: whether they are zero is not the question.
fn lenient(url: bool) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(if url { &URL_SAFE } else { &STANDARD }, config)
}

/// Base64 of either alphabet, padded or not.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    lenient(text.contains(['-', '_'])).decode(text).ok()
}

/// Whether an identifiable key's checksum holds, and what the key may do. `None`: it carries no signature.
pub fn identifiable(value: &str) -> Option<(bool, &'static str)> {
    let unpadded = value.trim_end_matches('=');
    let at = unpadded.len().checked_sub(10)?;
    let signature = unpadded.get(at..at + 4)?;
    let kind = KINDS.iter().find(|k| k.signature == signature && k.length == value.len())?;
    let Some(bytes) = decode(value).filter(|b| b.len() > 4) else { return Some((false, "")) };
    let (body, stored) = bytes.split_at(bytes.len() - 4);
    let hash = u32::from_le_bytes([stored[0], stored[1], stored[2], stored[3]]);
    if let Some((_, what)) = kind.seeds.iter().find(|(seed, _)| marvin32(body, *seed) == hash) {
        return Some((true, what));
    }
    Some((kind.signature == "AzCa" && redis_without_signs(value, body, kind.seeds[0].0), ""))
}

/// Keys of Redis caches are stored with `P` for `+` and `F` for `/`, in the checksum too.
fn redis_without_signs(value: &str, body: &[u8], seed: u64) -> bool {
    let mut bytes = body.to_vec();
    bytes.extend(marvin32(body, seed).to_le_bytes());
    let text = general_purpose::STANDARD.encode(&bytes).replace('+', "P").replace('/', "F");
    text == value
}

pub fn identifiable_row(found: &Found<'_>) -> Verdict {
    match identifiable(found.value()) {
        Some((valid, what)) => Verdict::checksum(valid).fact(what),
        None => Verdict::default(),
    }
}

/// The account key of a connection string: of a Cosmos DB account when its endpoint says so.
pub fn account_key(found: &Found<'_>) -> Verdict {
    let verdict = bytes_64(found);
    let before = found.around(400, 0);
    let string = before.rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next().unwrap_or(before);
    match string.to_ascii_lowercase().contains("documents.azure.com") {
        true => Verdict { better: Some(("T17", "Cosmos DB key")), ..verdict },
        false => verdict,
    }
}

/// Keys without a signature: base64 of so many bytes, written as base64 is written.
pub fn bytes_64(found: &Found<'_>) -> Verdict {
    plain_key(found, 64)
}

pub fn bytes_32(found: &Found<'_>) -> Verdict {
    plain_key(found, 32)
}

fn plain_key(found: &Found<'_>, length: usize) -> Verdict {
    match identifiable(found.value()) {
        Some((valid, what)) => Verdict::checksum(valid).fact(what),
        // An edited last character leaves bits behind the last byte.
        None => match general_purpose::STANDARD.decode(found.value()) {
            Ok(bytes) if bytes.len() == length => Verdict::default(),
            _ => Verdict::fails("it does not decode: edited or made up"),
        },
    }
}

pub const ENTRA_ALPHABET: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
pub const ENTRA_SEED: u64 = 0x4161_6450_7764_3030;

/// First three of the six digits of the checksum of an Entra client secret, highest digit first: as
/// `CustomAlphabetEncoder` of Microsoft's `security-utilities` writes numbers.
pub fn entra_digits(body: &[u8]) -> [u8; 3] {
    entra_places(body, [5, 4, 3])
}

/// Digits of the hash by their places, lowest first.
fn entra_places(body: &[u8], places: [u32; 3]) -> [u8; 3] {
    let base = ENTRA_ALPHABET.len();
    let hash = marvin32(body, ENTRA_SEED) as usize;
    places.map(|place| ENTRA_ALPHABET[hash / base.pow(place) % base])
}

/// `8Q~`: the last three characters are a checksum. `7Q~` has none. A full stop behind a secret in a sentence is a
/// character of its alphabet: without the signs at its end it is tried, too.
pub fn entra(found: &Found<'_>) -> Verdict {
    let value = found.value();
    if value.get(3..6) != Some("8Q~") {
        return Verdict::default();
    }
    let mut tried = value;
    while tried.len() >= 37 {
        let (body, tail) = tried.as_bytes().split_at(tried.len() - 3);
        // Some descriptions of the format write the lowest digit first: a secret that fits one of the two was not made up.
        if entra_digits(body) == *tail || entra_places(body, [0, 1, 2]) == *tail {
            return Verdict::checksum(true).length(tried.len());
        }
        match tried.strip_suffix(['.', '-', '_', '~']) {
            Some(shorter) => tried = shorter,
            None => break,
        }
    }
    Verdict::checksum(false)
}

pub const CASK_SEED: u64 = 0x4465_6661_756c_7430;

/// A common annotated key: the hash of the first 60 bytes follows in base64 or in base 62; two letters say when it was
/// issued, four whose it is.
pub fn annotated(found: &Found<'_>) -> Verdict {
    let value = found.value();
    let (Some(head), Some(tail)) = (value.get(..80), value.get(80..)) else { return Verdict::default() };
    let Some(bytes) = decode(head) else { return Verdict::checksum(false) };
    let hash = marvin32(&bytes, CASK_SEED).to_le_bytes();
    let tail = tail.trim_end_matches('=');
    let valid = annotated_tails(hash).iter().any(|t| t.starts_with(tail));
    let owner = match value.get(76..80) {
        Some("AZDO") => "of Azure DevOps",
        Some("ACOG") => "of Azure OpenAI or Cognitive Services",
        Some("AZAC") => "of App Configuration",
        Some("AZEG") => "of Event Grid",
        Some("AZMP") => "of Azure Maps",
        Some("AZCS") => "of Communication Services",
        Some("AZFR") => "of Fluid Relay",
        Some("AZMR") => "of Mixed Reality",
        Some("msql" | "MSQL") => "of Azure SQL",
        _ => "",
    };
    let kind = match value.as_bytes().get(57) {
        Some(b'D') => "derived key",
        Some(b'H') => "hash of a text made with a key",
        _ => "",
    };
    let issued = annotated_month(value).map_or(String::new(), |(y, m)| format!("issued {y}-{m:02}"));
    Verdict::checksum(valid).fact(owner).fact(kind).fact(issued)
}

/// Both spellings of the checksum.
pub fn annotated_tails(hash: [u8; 4]) -> [String; 2] {
    let mut base62 = super::crc::base62(u32::from_be_bytes(hash), 6).trim_start_matches('0').to_owned();
    while base62.len() < 6 {
        base62.push('0');
    }
    let base62 = decode(&base62).map_or(String::new(), |b| general_purpose::STANDARD.encode(b));
    [general_purpose::STANDARD.encode(hash), base62]
}

/// Year and month (1-based): letters behind the signature, counted from 2024 and January.
pub fn annotated_month(value: &str) -> Option<(u32, u32)> {
    let digit = |at: usize| {
        Some(match *value.as_bytes().get(at)? {
            c @ b'A'..=b'Z' => c - b'A',
            c @ b'a'..=b'z' => c - b'a' + 26,
            c @ b'0'..=b'9' => c - b'0' + 52,
            _ => return None,
        })
    };
    let (year, month) = (digit(58)?, digit(59)?);
    (value.get(52..57) == Some("JQQJ9") && month < 12).then(|| (2024 + u32::from(year), u32::from(month) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the source of the format is tested with.
    #[test]
    fn checksums_of_client_secrets_are_written_with_the_highest_digit_first() {
        let body = format!("{0}8Q~{1}", "z".repeat(3), "z".repeat(31));
        assert_eq!(entra_digits(body.as_bytes()), *b"blP");
        let last = |digits: [u8; 3]| format!("{body}{}", String::from_utf8_lossy(&digits));
        let valid = |text: &str| entra(&Found { text, range: 0..text.len(), now: None }).valid;
        assert_eq!(valid(&last(entra_digits(body.as_bytes()))), Some(true));
        assert_eq!(valid(&last(entra_places(body.as_bytes(), [0, 1, 2]))), Some(true));
        assert_eq!(valid(&last(*b"abc")), Some(false));
    }
}
