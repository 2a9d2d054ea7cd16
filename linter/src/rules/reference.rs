//! CS6xx: secret references that are wrong or undermined.

pub mod plaintext_fallback;
