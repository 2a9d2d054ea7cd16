//! Key material in a text: PEM blocks (also with `\n` escapes or in one base64 line), PKCS#12, Java key stores.

use super::{CredentialSlot, SlotKind};

/// First bytes of the base64 of a PEM header.
const PEM_BASE64: &str = "LS0tLS1CRUdJTi";

/// The same of certificates and public keys.
const PUBLIC_BASE64: &[&str] = &["LS0tLS1CRUdJTiBD", "LS0tLS1CRUdJTiBQVU"];

/// Letters that the body of the shortest PEM block has.
const SHORTEST: usize = 64;

pub(super) fn scan(text: &str, found: &mut Vec<CredentialSlot>) {
    if text.len() < SHORTEST {
        return;
    }
    let mut from = 0;
    while let Some(step) = text[from..].find("-----BEGIN") {
        let start = from + step;
        from = start + 10;
        let Some(head_end) = text[from..].find("-----").map(|i| from + i + 5) else { return };
        let title = &text[from..head_end - 5];
        if title.len() > 110 || !title.contains("PRIVATE KEY") {
            continue;
        }
        let end = text[head_end..].find("-----END").map_or(text.len(), |i| {
            let footer = head_end + i + 8;
            text[footer..].find("-----").map_or(text.len(), |j| footer + j + 5)
        });
        let body = text[head_end..end].bytes().filter(u8::is_ascii_alphanumeric).count();
        if body >= SHORTEST {
            let key = title.trim().trim_end_matches(" BLOCK");
            found.push(CredentialSlot::new(SlotKind::KeyMaterial, start..end, key));
            from = end;
        }
    }
    if let Some(at) = text.find(PEM_BASE64).filter(|at| !PUBLIC_BASE64.iter().any(|p| text[*at..].starts_with(p))) {
        let end = base64_end(text, at);
        if end - at >= 200 {
            found.push(CredentialSlot::new(SlotKind::KeyMaterial, at..end, "PEM in base64"));
        }
    }
    // DER of PKCS#12: SEQUENCE, INTEGER 3 (catalog T51).
    let mut from = 0;
    while let Some(step) = text[from..].find("IBAzCC") {
        let mark = from + step;
        from = mark + 6;
        let Some(start) = mark.checked_sub(6) else { continue };
        let Some(head) = text.get(start..mark) else { continue };
        if head.starts_with("MI") && matches!(head.as_bytes()[2], b'I'..=b'L') {
            let end = base64_end(text, start);
            if end - start >= 200 {
                found.push(CredentialSlot::new(SlotKind::KeyMaterial, start..end, "PKCS#12 key store"));
                from = end;
            }
        }
    }
}

fn base64_end(text: &str, start: usize) -> usize {
    text[start..]
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')))
        .map_or(text.len(), |i| start + i)
}
