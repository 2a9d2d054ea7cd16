//! What other files contribute: notebooks that `%run` brings in, project modules that `import` names.

use std::{collections::BTreeMap, sync::Arc};

use credscope_grammars::{CellFacts, Document};

/// Documents of the project by workspace path (relative, forward slashes). Built by the caller, who does the IO.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    pub documents: BTreeMap<String, Arc<WorkspaceDocument>>,
}

#[derive(Clone, Debug)]
pub struct WorkspaceDocument {
    pub document: Arc<Document>,
    /// Parallel to `document.cells`.
    pub facts: Vec<Arc<CellFacts>>,
}
