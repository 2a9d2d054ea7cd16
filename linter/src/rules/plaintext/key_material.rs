use crate::{
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::SlotKind,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS109",
    name: "key-material",
    summary: "private key or key store in a literal",
    docs: include_str!("key_material.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 85,
    cwe: &[798],
    since: "0.1.0",
};

pub struct KeyMaterial;

impl CellRule for KeyMaterial {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            for slot in cx.slots(i).iter().filter(|s| s.kind == SlotKind::KeyMaterial) {
                let encrypted = slot.key.contains("ENCRYPTED")
                    || shared::hit_text(site, Some(&slot.range)).expose().contains("Proc-Type");
                let mut hit =
                    Hit::part(site, slot.range.clone(), "private-key", slot.key.to_lowercase().replace("rsa ", "RSA "));
                hit.severity = encrypted.then_some(Severity::Warning);
                shared::report(cx, &META, hit);
            }
        }
    }
}
