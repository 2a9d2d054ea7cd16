//! `credscope check`: collect files, analyse them in parallel, report.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use credscope_linter::{HashKey, Settings, Severity, config};
use rayon::prelude::*;

use crate::{
    analysis::{self, FileResult, Source},
    baseline,
    cli::CheckOptions,
    configs::Configs,
    outcome::Outcome,
    report, walk,
};

/// Stack of a worker: deep nesting is capped by the lowering, this leaves it room.
const STACK: usize = 16 << 20;

pub fn run(options: &CheckOptions) -> anyhow::Result<ExitCode> {
    for word in options.select.iter().chain(&options.ignore) {
        config::known_rule(word).map_err(|message| anyhow::anyhow!("{message}"))?;
    }
    let mut outcome = analyse(options)?;
    let known = options.baseline.as_deref().map(baseline::read).transpose()?;
    outcome.retain(|f| known.as_ref().is_none_or(|k| !k.contains(&f.fingerprint)));
    let output = report::render(options, &outcome)?;
    match &options.output {
        Some(file) => std::fs::write(file, output).with_context(|| format!("{}: cannot be written", file.display()))?,
        None => report::write_stdout(&output)?,
    }
    if options.output.is_some() || !report::shows_problems(options.format) {
        for (path, problem) in outcome.problems() {
            report::complain(&format!("{path}: {problem}"));
        }
    }
    Ok(exit_code(options, &outcome))
}

fn exit_code(options: &CheckOptions, outcome: &Outcome) -> ExitCode {
    let gate = options.min_severity.map_or(Severity::Warning, Severity::from);
    if outcome.is_incomplete() {
        ExitCode::from(2)
    } else if !options.exit_zero && outcome.findings().any(|(_, f)| f.severity >= gate) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

/// Everything that is found below the given paths, before baseline.
pub fn analyse(options: &CheckOptions) -> anyhow::Result<Outcome> {
    let base = Settings {
        hash_key: random_key(),
        select: options.select.clone(),
        ignore: options.ignore.clone(),
        pedantic: options.pedantic,
        ..Settings::default()
    };
    let configs = Configs::new(options.config.as_deref())?;
    let excludes = excludes(&options.exclude)?;
    let mut outcome = Outcome::default();
    let mut sources: Vec<Source> = Vec::new();
    for root in &options.paths {
        if root.as_os_str() == "-" {
            sources.push(stdin(options, &configs, &base)?);
        } else if root.exists() {
            collect(root, options, &configs, &base, &excludes, &mut sources, &mut outcome);
        } else {
            outcome.files.push(problem(root, "does not exist: check the spelling".into()));
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources.dedup_by(|a, b| a.path == b.path && a.file == b.file);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs).stack_size(STACK).build()?;
    let mut results: Vec<FileResult> = pool.install(|| analysis::check_all(&sources));
    outcome.files.append(&mut results);
    for (file, message) in configs.problems() {
        let path = display(&file);
        let message = message.strip_prefix(&format!("{}:", file.display())).unwrap_or(&message).trim().to_owned();
        outcome.files.push(FileResult { path, problems: vec![message], ..FileResult::default() });
    }
    outcome.files.sort_by(|a, b| a.path.cmp(&b.path));
    if let Some(level) = options.min_severity {
        let least = Severity::from(level);
        outcome.retain(|f| f.severity >= least);
    }
    Ok(outcome)
}

fn collect(
    root: &Path,
    options: &CheckOptions,
    configs: &Configs,
    base: &Settings,
    excludes: &globset::GlobSet,
    sources: &mut Vec<Source>,
    outcome: &mut Outcome,
) {
    let (found, problems) = walk::files(root, options.no_ignore);
    let whole = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
    let rows: Vec<Source> = found
        .par_iter()
        .filter_map(|file| {
            let path = reported(root, file);
            if excludes.is_match(&path) {
                return None;
            }
            let absolute = whole.join(file.strip_prefix(root).ok()?);
            let absolute = if file == root { whole.clone() } else { absolute };
            let config = configs.of(&absolute);
            // A file that is named on the command line is checked although the configuration excludes it.
            if file != root && config.resolved.is_excluded(&config.relative(&absolute)) {
                return None;
            }
            let settings = config.settings(base, &absolute);
            Some(Source {
                path,
                file: Some(file.clone()),
                text: None,
                settings,
                least: config.resolved.config().min_severity,
            })
        })
        .collect();
    sources.extend(rows);
    outcome.files.extend(problems.into_iter().map(|(path, message)| problem(&path, message)));
}

fn stdin(options: &CheckOptions, configs: &Configs, base: &Settings) -> anyhow::Result<Source> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("standard input cannot be read")?;
    let path = options.stdin_filename.clone().unwrap_or_else(|| "stdin.py".to_owned());
    let absolute = std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(&path));
    let config = configs.of(&absolute);
    let settings = config.settings(base, &absolute);
    let least = config.resolved.config().min_severity;
    Ok(Source { path: path.replace('\\', "/"), file: None, text: Some(bytes), settings, least })
}

fn excludes(patterns: &[String]) -> anyhow::Result<globset::GlobSet> {
    let mut set = globset::GlobSetBuilder::new();
    for pattern in patterns {
        for text in [pattern.clone(), format!("**/{pattern}"), format!("{}/**", pattern.trim_end_matches('/'))] {
            set.add(globset::Glob::new(&text).with_context(|| format!("--exclude {pattern}: is not a path pattern"))?);
        }
    }
    Ok(set.build()?)
}

/// How a file is named in reports: as the user named the root; below an absolute root relative to that root.
fn reported(root: &Path, file: &Path) -> String {
    if root.is_absolute() && file != root {
        return file.strip_prefix(root).map_or_else(|_| display(file), display);
    }
    display(file)
}

/// Forward slashes, without a leading `./`; relative to the working directory where the file is below it.
fn display(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

fn problem(path: &Path, message: String) -> FileResult {
    FileResult { path: display(path), problems: vec![message], ..FileResult::default() }
}

/// A key that no other process has: value hashes mean nothing outside this run.
pub fn random_key() -> HashKey {
    use std::hash::{BuildHasher, Hasher};
    let state = std::collections::hash_map::RandomState::new();
    HashKey(state.build_hasher().finish(), state.hash_one(1))
}
