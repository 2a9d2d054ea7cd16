//! The rules, a folder a family.

pub mod meta;
