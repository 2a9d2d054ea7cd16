use super::LowerOptions;
use crate::{CellFacts, Language};

/// Configuration documents: YAML, JSON, TOML, properties, conf, ini, dotenv, HCL, XML, Dockerfile.
pub fn lower(_language: Language, _text: &str, _options: LowerOptions) -> CellFacts {
    CellFacts::default()
}
