//! Tokens with checksums, made the way their services make them.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use credscope_linter::value::tokens::checks::{
    azure::{CASK_SEED, annotated_tails, entra_digits},
    crc::{DEVOPS_SEEDS, base62},
    marvin::marvin32,
};

use super::{ALNUM, Fakes};

impl Fakes {
    /// Prefix, 30 characters, their CRC32 in base 62.
    pub fn crc(&mut self, prefix: &str) -> String {
        let body = self.of(ALNUM, 30);
        format!("{prefix}{body}{}", base62(crc32fast::hash(body.as_bytes()), 6))
    }

    /// An identifiable Azure key of `length` characters.
    pub fn identifiable(&mut self, signature: &str, length: usize, seed: u64) -> String {
        // 64 and 40 bytes leave one over, 32 leave two, 39 none.
        let padding = match length {
            88 | 56 => 2,
            44 => 1,
            _ => 0,
        };
        let at = length - padding - 10;
        loop {
            let mut text = STANDARD.encode(self.bytes(length / 4 * 3 - padding));
            // Bits between signature and checksum are zero.
            text.replace_range(at..at + 5, &format!("{signature}A"));
            // Base64 of URLs, and kinds whose alphabet has no signs.
            if matches!(signature, "AzFu" | "AzSe") {
                text = text.replace(['+', '/'], "x");
            }
            let Ok(mut bytes) = STANDARD.decode(&text) else { continue };
            let split = bytes.len() - 4;
            let hash = marvin32(&bytes[..split], seed).to_le_bytes();
            bytes[split..].copy_from_slice(&hash);
            let key = STANDARD.encode(&bytes);
            let plain = !matches!(signature, "AzFu" | "AzSe") || !key.contains(['+', '/']);
            if key.get(at..at + 4) == Some(signature) && plain {
                return key;
            }
        }
    }

    /// A common annotated key, 84 characters, or 88 in its long form.
    pub fn annotated(&mut self, provider: &str, base62: bool) -> String {
        let long = self.below(2) == 1;
        let (year, month) = (self.of("ABC", 1), self.of("ABCDEFGHIJKL", 1));
        let zeros = "A".repeat(12);
        let head = format!("{}JQQJ99{year}{month}{zeros}{}{provider}", self.of(ALNUM, 52), self.of(ALNUM, 4));
        let bytes = STANDARD.decode(&head).expect("60 bytes of base64");
        let tails = annotated_tails(marvin32(&bytes, CASK_SEED).to_le_bytes());
        let tail = &tails[usize::from(base62)];
        let tail = if long { tail.as_str() } else { &tail[..4] };
        // The first spelling may hold signs, which the format's shape does not allow.
        if tail.contains(['+', '/']) { self.annotated(provider, base62) } else { format!("{head}{tail}") }
    }

    pub fn entra(&mut self) -> String {
        let body = format!("{}8Q~{}", self.of(ALNUM, 3), self.of(&format!("{ALNUM}._~-"), 31));
        let digits = entra_digits(body.as_bytes());
        format!("{body}{}", String::from_utf8_lossy(&digits))
    }

    pub fn devops(&mut self) -> String {
        let mut bytes = self.bytes(32);
        let body: Vec<u8> = (0..32).filter(|i| ![2, 7, 8, 22].contains(i)).map(|i| bytes[i]).collect();
        let sum = (crc32fast::hash(&body) ^ DEVOPS_SEEDS[self.below(2)]).to_le_bytes();
        for (at, byte) in [22, 8, 7, 2].into_iter().zip(sum) {
            bytes[at] = byte;
        }
        base32(&bytes)
    }

    pub fn jwt(&mut self, claims: &str) -> String {
        let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
        format!("{head}.{}.{}", URL_SAFE_NO_PAD.encode(claims), URL_SAFE_NO_PAD.encode(self.bytes(64)))
    }

    pub fn pypi(&mut self, index: &str) -> String {
        let mut bytes = vec![2, 1, index.len() as u8];
        bytes.extend(index.bytes());
        bytes.extend([2, 16]);
        bytes.extend(self.bytes(60));
        format!("pypi-{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// `sig=` of a shared access signature, as it stands in a URL.
    pub fn signature(&mut self) -> String {
        self.base64(32).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
    }

    pub fn bedrock(&mut self) -> String {
        let text = format!("BedrockAPIKey-{}-at-123456789012:{}", self.of(ALNUM, 4), self.of(ALNUM, 60));
        format!("{}{}", "ABSK", STANDARD.encode(text))
    }
}

fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
    let (mut bits, mut held, mut out) = (0u32, 0, String::new());
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            out.push(char::from(DIGITS[(bits >> held) as usize & 31]));
        }
    }
    if held > 0 {
        out.push(char::from(DIGITS[(bits << (5 - held)) as usize & 31]));
    }
    out
}
