//! Values that their author has masked.

/// A run of one masking character, alone or inside a value.
pub(super) fn is_masked(v: &str) -> bool {
    if v.contains('…') || v.contains("•••") || v.contains("***") || v == "**" || v == "*" {
        return true;
    }
    let bytes = v.as_bytes();
    let run = |c: u8| {
        let (mut best, mut now) = (0, 0);
        for &b in bytes {
            now = if b.eq_ignore_ascii_case(&c) { now + 1 } else { 0 };
            best = best.max(now);
        }
        best
    };
    // `xxxx…` and `....`; in the middle of a longer value only a clear run masks it.
    let x = run(b'x');
    let only = |c: u8| bytes.iter().all(|b| b.eq_ignore_ascii_case(&c));
    (bytes.len() >= 2 && only(b'x'))
        || x >= 4
        || bytes.len() >= 3 && (only(b'y') || only(b'z'))
        || only(b'.')
        || run(b'.') >= 3
        || only(b'-')
        || only(b'_')
        || only(b'#')
        || only(b'?')
        || only(b'*')
        || (bytes.len() >= 8 && bytes.windows(8).any(|w| w.iter().all(|b| *b == w[0])))
        || (bytes.len() >= 5 && only(bytes[0]) && !bytes[0].is_ascii_digit())
        || (bytes.len() >= 16 && only(b'0'))
}
