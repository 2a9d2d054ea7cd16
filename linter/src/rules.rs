//! The rules, a folder a family.

pub mod config;
pub mod governance;
pub mod leak;
pub mod meta;
pub mod plaintext;
pub mod reference;
pub mod shared;
pub mod shell;
pub mod token;
