//! Stable identity of a finding across runs.

use std::{collections::HashMap, hash::Hasher};

use siphasher::sip::SipHasher13;

use crate::finding::Finding;

/// Fills `fingerprint` of findings that are sorted by place. Made of rule, path, subject and the occurrence number among
/// findings with the same three: it survives line moves, other findings and rotation of the value, and says nothing
/// about the value, so it may stand in a baseline or a public report.
pub(crate) fn fill(path: &str, findings: &mut [Finding]) {
    let mut seen: HashMap<(&'static str, String), u32> = HashMap::new();
    for finding in findings {
        let occurrence = seen.entry((finding.rule.name, finding.subject.clone())).or_default();
        let mut hasher = SipHasher13::new_with_keys(0x6372_6564_7363_6f70, 1);
        for part in [finding.rule.name, path, &finding.subject] {
            hasher.write(part.as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.write_u32(*occurrence);
        *occurrence += 1;
        finding.fingerprint = format!("{:016x}", hasher.finish());
    }
}
