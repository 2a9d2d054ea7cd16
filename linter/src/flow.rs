//! Secret flow: which secret values reach an output, and how.

use credscope_grammars::Secret;

use crate::{finding::Place, rule::Severity};

/// A secret value that reaches a sink.
#[derive(Clone, Debug)]
pub struct Leak {
    /// Rule code that reports it (`CS201`).
    pub code: &'static str,
    pub severity: Severity,
    /// The argument that carries the value.
    pub place: Place,
    pub message: String,
    /// Read here, put into here, printed here – in order.
    pub path: Vec<(String, Option<String>, Place)>,
    /// Scope and key or the name of what was read, for the fingerprint.
    pub subject: String,
    /// For plaintext sources: the literal's value.
    pub value: Option<Secret>,
}

/// Secret values of the document that reach an output, in source order. `facts` is parallel to `document.cells`.
pub fn analyze(
    _document: &credscope_grammars::Document,
    _facts: &[std::sync::Arc<credscope_grammars::CellFacts>],
    _model: &crate::model::Model,
    _settings: &crate::settings::Settings,
    _workspace: &crate::workspace::Workspace,
    _path: &str,
) -> Vec<Leak> {
    Vec::new()
}
