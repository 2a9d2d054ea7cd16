//! Files without an anchor word that bring in a secret, or a function that is given one, from another file: found after the others
//! are checked, when it is known which files export some.

use std::{collections::HashSet, sync::Arc};

use credscope_linter::workspace::{Carriers, Mention, Workspace, mentions as mentioned, stem};
use rayon::prelude::*;

use crate::{
    analysis::{self, FileResult, Source},
    library::Library,
};

/// How often a file that was brought in may bring in another.
const ROUNDS: usize = 4;

/// What a file may bring in.
pub fn mentions(path: &str, bytes: &[u8]) -> Vec<Mention> {
    if is_program(path) { mentioned(bytes) } else { Vec::new() }
}

pub fn is_program(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, e)| e);
    ["py", "ipynb", "scala", "sql", "r"].iter().any(|e| ending.eq_ignore_ascii_case(e))
}

/// Checks skipped files that mention an exporter of secrets. `results` is parallel to `sources`.
pub fn check(sources: &[Source], library: &Library<'_>, mut results: Vec<FileResult>) -> Vec<FileResult> {
    let wanted: HashSet<Mention> =
        results.iter().filter(|r| r.skipped).flat_map(|r| r.mentions.iter().copied()).collect();
    if wanted.is_empty() {
        return results;
    }
    let is_wanted = |source: &Source| is_program(&source.path) && wanted.contains(&stem(&source.path));
    let mut candidates: Vec<usize> =
        (0..sources.len()).filter(|&i| !results[i].skipped && is_wanted(&sources[i])).collect();
    for _ in 0..ROUNDS {
        let exporters: HashSet<Mention> = candidates
            .par_iter()
            .with_max_len(analysis::AT_ONCE)
            .filter(|&&i| {
                // As for the analysis: a bug met in one file must not end the run.
                let exports = std::panic::AssertUnwindSafe(|| exports(&sources[i], library));
                std::panic::catch_unwind(exports).unwrap_or(false)
            })
            .map(|&i| stem(&sources[i].path))
            .collect();
        if exporters.is_empty() {
            break;
        }
        let importers: Vec<usize> = (0..sources.len())
            .filter(|&i| results[i].skipped && results[i].mentions.iter().any(|m| exporters.contains(m)))
            .collect();
        let checked: Vec<(usize, FileResult)> =
            importers.par_iter().with_max_len(1).map(|&i| (i, analysis::check(&sources[i], library, true))).collect();
        for (i, result) in checked {
            results[i] = result;
        }
        candidates = importers.into_iter().filter(|&i| is_wanted(&sources[i])).collect();
    }
    results
}

/// Whether a name of the file's top level may carry a secret, or is a function that is given one.
fn exports(source: &Source, library: &Library<'_>) -> bool {
    let view = library.of(source);
    let Some(read) = credscope_linter::workspace::Files::read(&view, &source.path) else { return false };
    if read.takes_credentials() {
        return true;
    }
    let mut workspace = Workspace::gather(&source.path, &read.document, &read.facts, &view);
    workspace.documents.insert(source.path.clone(), Arc::clone(&read));
    Carriers::new(&workspace, &source.settings.extend.sources).any(&source.path)
}
