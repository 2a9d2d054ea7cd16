//! `credscope check`: collect files, analyse them in parallel, report.

use std::{
    collections::{BTreeSet, HashMap},
    process::ExitCode,
};

use crate::{
    analysis::{self, Checked, FileResult, Source},
    baseline::{self, Left},
    cli::CheckOptions,
    collect,
    configs::Configs,
    fixes,
    library::Library,
    outcome::Outcome,
    provision, report,
};
use anyhow::Context;
use credscope_linter::{
    HashKey, Settings, Severity, config,
    fix::{self, Applicability, Names},
};

/// Stack of a worker: deep nesting is capped by the lowering, this leaves it room.
const STACK: usize = 16 << 20;

pub fn run(options: &CheckOptions) -> anyhow::Result<ExitCode> {
    for word in options.select.iter().chain(&options.ignore) {
        config::known_rule(word).map_err(|message| anyhow::anyhow!("{message}"))?;
    }
    if options.plan.is_some() && options.diff {
        anyhow::bail!("--diff writes nothing, and --plan records what was written: use --plan with --fix alone");
    }
    if options.plan.is_some() && !options.fix {
        anyhow::bail!("--plan records what is fixed: use it with --fix");
    }
    if options.unsafe_fixes && !options.fix && !options.diff && !options.quiet {
        report::complain("--unsafe-fixes says which fixes --fix and --diff apply, and does nothing without them");
    }
    let known = options.baseline.as_deref().map(baseline::read).transpose()?;
    let mut names = Names::default();
    let (sources, mut outcome, diff, is_left) = if options.fix || options.diff {
        fixed(options, &mut names, known.as_ref())?
    } else {
        let (sources, mut outcome) = collect_all(options)?;
        outcome.files.iter_mut().for_each(|file| without_known(file, known.as_ref()));
        (sources, outcome, String::new(), false)
    };
    if report::shows_fixes(options.format) {
        outcome = with_fixes(outcome, &sources, &mut names);
    }
    // Standard input is a filter: what comes out is the fixed text.
    let is_filter = options.fix && options.paths.iter().any(|p| p.as_os_str() == "-");
    let diff_is_empty = diff.is_empty();
    let output = if options.diff || is_filter { diff } else { report::render(options, &outcome)? };
    match &options.output {
        Some(file) => std::fs::write(file, output).with_context(|| format!("{}: cannot be written", file.display()))?,
        None => report::write_stdout(&output)?,
    }
    if options.output.is_some() || !report::shows_problems(options.format) {
        for (path, problem) in outcome.problems() {
            report::complain(&format!("{path}: {problem}"));
        }
    }
    if outcome.links > 0 && !options.quiet {
        let links = if outcome.links == 1 { "link was" } else { "links were" };
        let message = "not followed: they lead out of the folder or to nothing; name what they lead to";
        report::complain(&format!("{} symbolic {links} {message}", outcome.links));
    }
    // What a diff shows stands in the files still.
    let unapplied = options.diff && !diff_is_empty || is_left;
    let code = exit_code(options, &outcome, unapplied);
    // The process ends here: taking apart what it holds would cost a large run more than writing the report.
    std::mem::forget((sources, outcome));
    Ok(code)
}

/// The Terraform files of folders where a Terraform file has findings.
fn modules(sources: &[Source], outcome: &Outcome) -> Vec<(String, String)> {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let with_findings = outcome.files.iter().filter(|f| f.path.ends_with(".tf") && !f.documents.is_empty());
    let folders: std::collections::BTreeSet<String> = with_findings.map(|f| folder(&f.path)).collect();
    let wanted = sources.iter().filter(|s| s.path.ends_with(".tf") && folders.contains(&folder(&s.path)));
    // What cannot be read now was reported as a problem of the file.
    wanted.filter_map(|s| Some((s.path.clone(), std::fs::read_to_string(s.file.as_ref()?).ok()?))).collect()
}

/// Names that are taken before anything is fixed: variables of Terraform modules, secrets that the run's files and those beside them read.
fn note(outcome: &Outcome, library: &Library<'_>, names: &mut Names) {
    outcome.modules.iter().for_each(|(path, text)| names.declares(path, text));
    for checked in outcome.files.iter().flat_map(|f| &f.documents) {
        names.reads(&checked.document, &checked.facts);
    }
    outcome.files.iter().for_each(|file| names.reads_also(&file.reads));
    names.reads_also(&library.read_beside());
}

/// Findings with what would fix them.
pub fn with_fixes(mut outcome: Outcome, sources: &[Source], names: &mut Names) -> Outcome {
    let by_path: HashMap<&str, &Source> = sources.iter().map(|s| (s.path.as_str(), s)).collect();
    let library = Library::after(sources, &outcome.files);
    note(&outcome, &library, names);
    for file in &mut outcome.files {
        let source = by_path.get(file.path.as_str());
        for Checked { path, document, facts, settings, findings, .. } in &mut file.documents {
            let neighbours = source.map(|s| library.of(s).neighbours(path, document, facts)).unwrap_or_default();
            fix::resolve_among(document, facts, settings, (names, &neighbours), findings);
        }
    }
    outcome
}

/// `--fix`: files are written; `--diff`: nothing is, and the diff is returned. What remains is the outcome.
fn fixed(
    options: &CheckOptions,
    names: &mut Names,
    known: Option<&BTreeSet<String>>,
) -> anyhow::Result<(Vec<Source>, Outcome, String, bool)> {
    let least = if options.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    // Nothing is fixed that could not be recorded.
    let recorded = options.plan.as_deref().map(provision::recorded).transpose()?;
    let (sources, mut outcome) = collect_all(options)?;
    let by_path: HashMap<&str, &Source> = sources.iter().map(|s| (s.path.as_str(), s)).collect();
    let library = Library::after(&sources, &outcome.files);
    note(&outcome, &library, names);
    provision::note(recorded.as_deref().unwrap_or_default(), &outcome, names);
    let (mut diff, mut records, mut count, mut is_left) = (String::new(), Vec::new(), 0, false);
    for file in &mut outcome.files {
        let Some(source) = by_path.get(file.path.as_str()) else { continue };
        let masks = if options.diff { credentials(file) } else { Vec::new() };
        let decoded = if options.diff { decoded(file) } else { Vec::new() };
        // With a configuration that could not be read nobody knows what was to be left alone, or which scope was meant.
        let mut left = Left::new(known);
        let fixed = if source.is_unsettled {
            fixes::Fixed::default()
        } else {
            fixes::fix(source, file, (names, least), &library, &mut left)
        };
        let Some((before, after)) = &fixed.change else {
            without_known(file, known);
            // A filter that changes nothing still passes its text on.
            if let (None, Some(text), false) = (&source.file, &source.text, options.diff) {
                diff.push_str(&String::from_utf8_lossy(text));
            }
            continue;
        };
        let remaining = credentials(file);
        file.documents.iter_mut().for_each(|d| left.remove(&mut d.findings));
        if options.diff {
            let hidden = fixed.hidden.iter().cloned().chain(decoded).collect();
            diff.push_str(&fixes::diff(&file.path, (before, &masks), (after, &remaining), &hidden));
        } else if let Some(path) = &source.file {
            if let Err(error) = fixes::write(path, before, after) {
                // What was to be fixed still stands there.
                *file = analysis::check(source, &library, true);
                without_known(file, known);
                file.problems.push(format!("{error:#}"));
                continue;
            }
        } else {
            // Standard input: the fixed text goes to standard output in place of a report.
            diff.push_str(after);
        }
        for line in fixed.left(&remaining) {
            is_left = true;
            let path = &file.path;
            report::complain(&format!("{path}:{line}: a value that moved still stands here; take it out by hand"));
        }
        for (line, title) in fixed.later.iter().filter(|_| !options.quiet) {
            report::complain(&format!("{}:{line}: seen after other fixes: {title}", file.path));
        }
        if fixed.is_unfinished && !options.quiet {
            report::complain(&format!("{}: more can be fixed; run again", file.path));
        }
        count += fixed.count;
        records.extend(fixed.records);
    }
    if let Some(file) = &options.plan {
        let all = provision::merged(recorded.unwrap_or_default(), records);
        std::fs::write(file, provision::plan(&all)?)
            .with_context(|| format!("{}: cannot be written", file.display()))?;
    }
    if !options.quiet && !options.diff && count == 0 {
        let hint = if options.unsafe_fixes { "" } else { "; --unsafe-fixes applies those that need a look, too" };
        report::complain(&format!("nothing to fix{hint}"));
    } else if !options.quiet && !options.diff {
        report::complain(&format!(
            "{count} fixed; `credscope provision` lists the secrets that must exist. Rotate the old values."
        ));
    }
    Ok((sources, outcome, diff, is_left))
}

/// Drops the findings that a baseline knows.
fn without_known(file: &mut FileResult, known: Option<&BTreeSet<String>>) {
    if let Some(known) = known {
        file.documents.iter_mut().for_each(|d| d.findings.retain(|f| !known.contains(&f.fingerprint)));
    }
}

/// Physical byte ranges of the credentials of a file, for masking.
fn credentials(file: &FileResult) -> Vec<(usize, usize)> {
    let documents = file.documents.iter().filter(|d| d.document.entry.is_none());
    documents
        .flat_map(|d| {
            d.credentials().iter().map(|place| {
                let span = d.document.physical(place.cell as usize, place.span);
                (span.start as usize, span.end as usize)
            })
        })
        .collect()
}

/// Values of a file's credentials that are written with escapes.
fn decoded(file: &FileResult) -> Vec<String> {
    file.documents.iter().filter(|d| d.document.entry.is_none()).flat_map(crate::report::excerpt::decoded).collect()
}

fn exit_code(options: &CheckOptions, outcome: &Outcome, unapplied: bool) -> ExitCode {
    let gate = options.min_severity.map_or(Severity::Warning, Severity::from);
    if outcome.is_incomplete() {
        ExitCode::from(2)
    } else if !options.exit_zero && (unapplied || outcome.findings().any(|(_, f)| f.severity >= gate)) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

/// Seconds since 1970, for the expiry of tokens.
pub fn now() -> Option<u64> {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok().map(|d| d.as_secs())
}

/// Everything that is found below the given paths, before baseline.
pub fn analyse(options: &CheckOptions) -> anyhow::Result<Outcome> {
    Ok(collect_all(options)?.1)
}

/// [`analyse`], with the files that were looked at.
pub fn analyse_sources(options: &CheckOptions) -> anyhow::Result<(Vec<Source>, Outcome)> {
    collect_all(options)
}

fn collect_all(options: &CheckOptions) -> anyhow::Result<(Vec<Source>, Outcome)> {
    let mut base = options.settings.as_deref().map_or_else(|| Ok(Settings::default()), crate::lsp::settings_of)?;
    base.hash_key = random_key();
    base.now = now();
    base.pedantic = options.pedantic;
    if !options.select.is_empty() {
        base.select.clone_from(&options.select);
    }
    base.ignore.extend(options.ignore.iter().cloned());
    let configs = Configs::new(options.config.as_deref())?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs).stack_size(STACK).build()?;
    let mut outcome = Outcome::default();
    let (sources, ahead) = collect::Collection::new(options, &configs, &base)?.run(&pool, &mut outcome)?;
    let mut results: Vec<FileResult> = pool.install(|| analysis::check_all(&sources, ahead));
    let problems = configs.problems();
    let is_sorted = outcome.files.is_empty() && problems.is_empty();
    outcome.files.append(&mut results);
    for (file, message) in problems {
        let path = collect::display(&file);
        let message = message.strip_prefix(&format!("{}:", file.display())).unwrap_or(&message).trim().to_owned();
        outcome.files.push(FileResult { path, problems: vec![message], ..FileResult::default() });
    }
    if !is_sorted {
        outcome.files.sort_by(|a, b| a.path.cmp(&b.path));
    }
    analysis::relate(&mut outcome.files);
    outcome.modules = modules(&sources, &outcome);
    Ok((sources, outcome))
}

/// A key that no other process has: value hashes mean nothing outside this run.
pub fn random_key() -> HashKey {
    use std::hash::{BuildHasher, Hasher};
    let state = std::collections::hash_map::RandomState::new();
    HashKey(state.build_hasher().finish(), state.hash_one(1))
}
