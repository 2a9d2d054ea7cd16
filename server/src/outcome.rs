//! What a run found: the input of every reporter.

use credscope_linter::Finding;

use crate::analysis::{Checked, FileResult};

#[derive(Debug, Default)]
pub struct Outcome {
    /// Sorted by path.
    pub files: Vec<FileResult>,
    /// Path and text of the Terraform files beside those with findings: what their modules declare.
    pub modules: Vec<(String, String)>,
    /// Symbolic links that were not followed.
    pub links: usize,
}

impl Outcome {
    /// Path and message of everything that could not be read.
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().flat_map(|f| f.problems.iter().map(|p| (f.path.as_str(), p.as_str())))
    }

    /// How many files were read: what has nothing but a problem was not.
    pub fn read(&self) -> usize {
        self.files.iter().filter(|f| f.problems.is_empty() || f.bytes > 0 || !f.documents.is_empty()).count()
    }

    pub fn findings(&self) -> impl Iterator<Item = (&Checked, &Finding)> {
        self.files.iter().flat_map(|f| &f.documents).flat_map(|d| d.findings.iter().map(move |f| (d, f)))
    }

    /// Something was not read: never to be shown as clean.
    pub fn is_incomplete(&self) -> bool {
        self.problems().next().is_some()
    }
}
