//! What a text alone says: placeholder or real, which names mean secrets, where in a longer text a credential stands,
//! and which token formats occur. Pure functions of text; positions are bytes of that text.

pub mod bare;
pub mod development;
mod fallback;
pub mod hosts;
pub mod instructions;
pub mod labels;
pub mod letters;
pub mod names;
pub mod placeholder;
pub mod plausible;
mod reported;
pub mod slots;
pub mod tokens;

/// Stands for an interpolated hole in flattened text. Three bytes in UTF-8.
pub const HOLE: char = '\u{FFFC}';

pub use fallback::fallback;
pub use names::NameVerdict;
pub use placeholder::{Placeholder, placeholder};
pub use reported::{holds_token, is_name, reported, tokens_in, without_tokens};
pub use slots::{CredentialSlot, SlotKind, slots};
pub use tokens::{TokenHit, find};
