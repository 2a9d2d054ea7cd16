//! Checksums made with CRC32: GitHub, npm, Azure DevOps.

use super::{Found, Verdict};

/// A number in base 62, digits first, filled with zeros at the left.
pub fn base62(mut n: u32, width: usize) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = vec![b'0'; width];
    for slot in out.iter_mut().rev() {
        *slot = DIGITS[(n % 62) as usize];
        n /= 62;
    }
    out.into_iter().map(char::from).collect()
}

/// GitHub and npm: the last six characters are the CRC32 of those before them, behind the prefix and its `_`, in base 62.
pub fn suffix(found: &Found<'_>) -> Verdict {
    const DIGITS: usize = 6;
    let Some((_, body)) = found.value().rsplit_once('_') else { return Verdict::default() };
    let split = body.len().checked_sub(DIGITS).filter(|at| *at > 0).and_then(|at| body.split_at_checked(at));
    let Some((head, tail)) = split else { return Verdict::default() };
    Verdict::checksum(base62(crc32fast::hash(head.as_bytes()), DIGITS) == tail)
}

/// Seeds of Azure DevOps: token of a user, token of an application.
pub const DEVOPS_SEEDS: [u32; 2] = [0xE0B9_692D, 0x1019_F92E];
/// Bytes of the decoded token that hold the checksum, highest first as stored.
const DEVOPS_AT: [usize; 4] = [22, 8, 7, 2];

/// Azure DevOps: 52 base32 characters are 32 bytes, four of which are the CRC32 of the others.
pub fn devops(value: &str) -> Option<bool> {
    let bytes = base32(value)?;
    let body: Vec<u8> = bytes.iter().enumerate().filter(|(i, _)| !DEVOPS_AT.contains(i)).map(|(_, b)| *b).collect();
    let stored = u32::from_le_bytes(DEVOPS_AT.map(|i| bytes[i]));
    let seed = crc32fast::hash(&body) ^ stored;
    Some(DEVOPS_SEEDS.contains(&seed))
}

pub fn devops_row(found: &Found<'_>) -> Verdict {
    devops(found.value()).map_or(Verdict::no_token(), Verdict::checksum)
}

/// 52 base32 characters of either case → 32 bytes.
fn base32(text: &str) -> Option<[u8; 32]> {
    let mut out = [0u8; 32];
    let (mut bits, mut held, mut at) = (0u32, 0u32, 0);
    for c in text.bytes() {
        let digit = match c.to_ascii_lowercase() {
            c @ b'a'..=b'z' => c - b'a',
            c @ b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(digit);
        held += 5;
        if held >= 8 {
            held -= 8;
            *out.get_mut(at)? = (bits >> held) as u8;
            at += 1;
        }
    }
    (at == 32).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_base_62() {
        assert_eq!(base62(0, 6), "000000");
        assert_eq!(base62(61, 3), "00z");
        assert_eq!(base62(62, 2), "10");
    }

    #[test]
    fn base32_of_known_bytes() {
        let zero = "a".repeat(52);
        assert_eq!(base32(&zero), Some([0; 32]));
        assert_eq!(base32("77777777777777777777777777777777777777777777777777777"), None);
        assert_eq!(base32("0"), None);
    }
}
