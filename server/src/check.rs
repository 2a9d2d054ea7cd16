//! `credscope check`.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use credscope_linter::{HashKey, Settings, Severity, Workspace};
use rayon::prelude::*;

use crate::{
    analysis::{self, FileResult},
    cli::{CheckOptions, Format},
    report, walk,
};

/// Everything a reporter gets.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Sorted by path.
    pub files: Vec<FileResult>,
}

impl Outcome {
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().flat_map(|f| f.problems.iter().map(|p| (f.path.as_str(), p.as_str())))
    }

    pub fn findings(&self) -> impl Iterator<Item = (&analysis::Checked, &credscope_linter::Finding)> {
        self.files.iter().flat_map(|f| &f.documents).flat_map(|d| d.findings.iter().map(move |f| (d, f)))
    }
}

pub fn run(options: &CheckOptions) -> anyhow::Result<ExitCode> {
    let settings = Settings { hash_key: random_key(), ..Settings::default() };
    let workspace = Workspace::default();
    let mut outcome = Outcome::default();
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for root in &options.paths {
        if root.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes)?;
            outcome.files.push(analysis::check_bytes(&bytes, "stdin.py", &settings, &workspace));
            continue;
        }
        if !root.exists() {
            let problems = vec!["does not exist: check the spelling".to_owned()];
            outcome.files.push(FileResult { path: display(root), problems, ..FileResult::default() });
            continue;
        }
        let (found, problems) = walk::files(root, options.no_ignore);
        files.extend(found.into_iter().map(|f| (f.clone(), display(&f))));
        for (path, problem) in problems {
            outcome.files.push(FileResult { path: display(&path), problems: vec![problem], ..FileResult::default() });
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs).stack_size(16 << 20).build()?;
    let mut results: Vec<FileResult> = pool.install(|| {
        files.par_iter().map(|(file, path)| analysis::check_file(file, path, &settings, &workspace)).collect()
    });
    outcome.files.append(&mut results);
    outcome.files.sort_by(|a, b| a.path.cmp(&b.path));
    let output = match options.format {
        Format::Json => report::json::render(&outcome),
        Format::Text => report::concise::render(&outcome),
    };
    report::write_stdout(&output)?;
    let incomplete = outcome.problems().next().is_some();
    let gate = outcome.findings().any(|(_, f)| f.severity >= Severity::Warning);
    Ok(ExitCode::from(if incomplete {
        2
    } else if gate && !options.exit_zero {
        1
    } else {
        0
    }))
}

/// Relative to the working directory where possible, forward slashes, without a leading `./`.
fn display(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

fn random_key() -> HashKey {
    use std::hash::{BuildHasher, Hasher};
    let state = std::collections::hash_map::RandomState::new();
    HashKey(state.build_hasher().finish(), state.hash_one(1))
}
