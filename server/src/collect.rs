//! The files of a run: those below the given paths that are not excluded, each with its settings. They are read while others
//! are still looked for.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicUsize},
};

use anyhow::Context;
use credscope_linter::{Settings, Severity};

use crate::{
    analysis::{FileResult, Source},
    cli::CheckOptions,
    configs::{Configs, Found},
    glance::Ahead,
    outcome::Outcome,
    report, walk,
};

/// What all files of a run have in common.
#[derive(Debug)]
pub struct Collection<'a> {
    options: &'a CheckOptions,
    configs: &'a Configs,
    base: &'a Settings,
    excludes: globset::GlobSet,
    /// The working folder.
    here: PathBuf,
    /// Bytes of files that are kept, see [`Ahead::of`].
    kept: AtomicUsize,
}

/// A path that was given.
struct Root<'a> {
    path: &'a Path,
    absolute: PathBuf,
    folders: Mutex<HashMap<PathBuf, Arc<Folder>>>,
}

/// What the files of a folder share.
struct Folder {
    path: PathBuf,
    /// How it is named in reports, up to the name of a file.
    reported: Option<String>,
    config: Arc<Found>,
    /// `None`: each file has settings of its own.
    shared: Option<Arc<Settings>>,
}

impl Folder {
    /// Name of a file that stands in this folder and not below it. By bytes: taking each path to pieces costs a large run
    /// as much as sorting it.
    fn name_of<'f>(&self, file: &'f Path) -> Option<&'f str> {
        let rest = file.as_os_str().as_encoded_bytes().strip_prefix(self.path.as_os_str().as_encoded_bytes())?;
        let name = rest.strip_prefix(std::path::MAIN_SEPARATOR_STR.as_bytes())?;
        std::str::from_utf8(name).ok().filter(|name| !name.contains(std::path::is_separator))
    }
}

impl Root<'_> {
    fn absolute(&self, file: &Path) -> PathBuf {
        if file == self.path {
            return self.absolute.clone();
        }
        self.absolute.join(file.strip_prefix(self.path).unwrap_or(file))
    }
}

/// A file of the run and what was seen of it: small where it is moved about, to be sorted.
struct Looked(Box<(Source, Ahead)>);

impl Looked {
    fn source(&self) -> &Source {
        &self.0.0
    }
}

impl<'a> Collection<'a> {
    /// # Errors
    /// An exclusion of the command line is no path pattern.
    pub fn new(options: &'a CheckOptions, configs: &'a Configs, base: &'a Settings) -> anyhow::Result<Self> {
        let here = std::env::current_dir().unwrap_or_default();
        let excludes = excludes(&options.exclude)?;
        Ok(Self { options, configs, base, excludes, here, kept: AtomicUsize::new(0) })
    }

    /// All files, sorted by the names that reports give them, and what was seen of each already. Paths that cannot be read are
    /// added to `outcome`.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub fn run(&self, pool: &rayon::ThreadPool, outcome: &mut Outcome) -> anyhow::Result<(Vec<Source>, Vec<Ahead>)> {
        let mut all = Vec::new();
        for root in &self.options.paths {
            if root.as_os_str() == "-" {
                all.push(Looked(Box::new((self.stdin()?, Ahead::Nothing))));
            } else if root.is_dir() || root.is_file() {
                all.append(&mut self.below(root, pool, outcome));
            } else if root.exists() {
                let message = "is no file or folder and was not read: give its text to standard input (`-`)";
                outcome.files.push(problem(root, message.into()));
            } else {
                outcome.files.push(problem(root, "does not exist: check the spelling".into()));
            }
        }
        // Sorted runs, which are merged.
        by_path(&mut all);
        all.dedup_by(|a, b| a.source().path == b.source().path && a.source().file == b.source().file);
        if self.options.paths.len() > 1 {
            once_each(&mut all);
        }
        Ok(all.into_iter().map(|looked| *looked.0).unzip())
    }

    /// The files below a path. They are walked and looked at by different threads: one waits for the disk, or for more
    /// folders, where the other can work.
    fn below(&self, path: &Path, pool: &rayon::ThreadPool, outcome: &mut Outcome) -> Vec<Looked> {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let root = Root { path, absolute, folders: Mutex::default() };
        let all = Mutex::new(Vec::new());
        let rest = pool.in_place_scope(|scope| {
            walk::batches(&[path], self.options.no_ignore, self.options.jobs, &|files| {
                scope.spawn(|_| {
                    let mut batch = self.look_at(files, &root);
                    all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut batch);
                });
            })
        });
        outcome.links += rest.links;
        // Named as the files beside them.
        outcome.files.extend(rest.problems.into_iter().map(|(file, message)| match file == path {
            true => problem(&file, message),
            false => FileResult { path: self.reported(path, &file), problems: vec![message], ..FileResult::default() },
        }));
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_at(&self, files: Vec<PathBuf>, root: &Root<'_>) -> Vec<Looked> {
        // Most files of a batch stand in one folder.
        let mut last: Option<Arc<Folder>> = None;
        let mut all = Vec::with_capacity(files.len());
        for file in files {
            let Some(source) = self.source(file, root, &mut last) else { continue };
            let ahead = Ahead::of(&source, &self.kept);
            all.push(Looked(Box::new((source, ahead))));
        }
        by_path(&mut all);
        all
    }

    /// `None`: it is excluded. `last`: the folder of the file before.
    fn source(&self, file: PathBuf, root: &Root<'_>, last: &mut Option<Arc<Folder>>) -> Option<Source> {
        if last.as_ref().is_none_or(|folder| folder.name_of(&file).is_none()) {
            *last = Some(self.folder_of(&file, root));
        }
        let folder = last.as_ref()?;
        let name = folder.name_of(&file).map(Cow::Borrowed);
        let name = name.unwrap_or_else(|| file.file_name().unwrap_or_default().to_string_lossy());
        let path = match &folder.reported {
            Some(reported) if !name.contains('\\') => [reported, &*name].concat(),
            _ => self.path_of(&file, root),
        };
        if !self.excludes.is_empty() && self.excludes.is_match(&path) {
            return None;
        }
        let Folder { config, shared, .. } = &**folder;
        // A file that is named on the command line is checked although the configuration excludes it.
        let excludes = config.resolved.excludes_any() && file != root.path;
        if excludes && config.resolved.is_excluded(&config.relative(&root.absolute(&file))) {
            return None;
        }
        let settings = shared.clone();
        let settings = settings.unwrap_or_else(|| Arc::new(config.settings(self.base, &root.absolute(&file))));
        let (least, is_unsettled) = (self.least(config), config.is_broken);
        Some(Source { path: shown(path), file: Some(file), text: None, settings, least, is_unsettled })
    }

    fn folder_of(&self, file: &Path, root: &Root<'_>) -> Arc<Folder> {
        let parent = file.parent().unwrap_or(Path::new(""));
        let mut known = root.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = known.get(parent) {
            return folder.clone();
        }
        let absolute = root.absolute(file);
        let config = self.configs.of_folder(absolute.parent().unwrap_or(&absolute));
        let shared = config.resolved.is_uniform().then(|| Arc::new(config.settings(self.base, &absolute)));
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let reported = self.path_of(file, root).strip_suffix(&*name).map(str::to_owned);
        let folder = Arc::new(Folder { path: parent.to_path_buf(), reported, config, shared });
        known.insert(parent.to_path_buf(), folder.clone());
        folder
    }

    fn path_of(&self, file: &Path, root: &Root<'_>) -> String {
        if self.options.paths.len() > 1 {
            // Below one of several folders a name alone does not say which file it is.
            return slashes(file.strip_prefix(&self.here).unwrap_or(file));
        }
        self.reported(root.path, file)
    }

    /// How a file is named in reports: as the user named the root; below an absolute root relative to that root.
    fn reported(&self, root: &Path, file: &Path) -> String {
        if root.is_absolute() && file != root {
            return slashes(file.strip_prefix(root).unwrap_or(file));
        }
        slashes(file.strip_prefix(&self.here).unwrap_or(file))
    }

    fn least(&self, config: &Found) -> Option<Severity> {
        config.resolved.config().min_severity.max(self.options.min_severity.map(Severity::from))
    }

    fn stdin(&self) -> anyhow::Result<Source> {
        let options = self.options;
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("standard input cannot be read")?;
        let path = options.stdin_filename.clone().unwrap_or_else(|| {
            let name = crate::unnamed::name_of(&bytes);
            if name.is_none() && !options.quiet {
                report::complain("standard input is read as Python; --stdin-filename NAME says what it is");
            }
            name.unwrap_or("stdin.py").to_owned()
        });
        let absolute = std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(&path));
        let config = self.configs.of(&absolute);
        let settings = config.settings(self.base, &absolute).into();
        let (least, is_unsettled) = (self.least(&config), config.is_broken);
        let path = shown(path.replace('\\', "/"));
        Ok(Source { path, file: None, text: Some(bytes), settings, least, is_unsettled })
    }
}

fn by_path(all: &mut [Looked]) {
    all.sort_by(|a, b| a.source().path.cmp(&b.source().path));
}

/// Leaves one of the names under which a file is given: its own before that of a link.
fn once_each(all: &mut Vec<Looked>) {
    let whole = |s: &Source| s.file.as_ref().and_then(|f| std::fs::canonicalize(f).ok());
    let is_link = |s: &Source| s.file.as_ref().is_some_and(|f| f.is_symlink());
    let mut kept: HashMap<PathBuf, usize> = HashMap::new();
    let mut gone = vec![false; all.len()];
    for (i, looked) in all.iter().enumerate() {
        let source = looked.source();
        let Some(path) = whole(source) else { continue };
        match kept.entry(path) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(i);
            }
            std::collections::hash_map::Entry::Occupied(_) if is_link(source) => gone[i] = true,
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                gone[*entry.get()] = is_link(all[*entry.get()].source());
                gone[i] = !gone[*entry.get()];
                if !gone[i] {
                    entry.insert(i);
                }
            }
        }
    }
    let mut gone = gone.into_iter();
    all.retain(|_| !gone.next().unwrap_or(false));
}

/// A path as reports and scripts may hold it: a line break in a name would begin a line of its own there.
fn shown(path: String) -> String {
    if path.contains(char::is_control) { path.replace(char::is_control, "\u{fffd}") } else { path }
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

/// Forward slashes, without a leading `./`; relative to the working directory where the file is below it.
pub fn display(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    slashes(path.strip_prefix(&here).unwrap_or(path))
}

fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

fn problem(path: &Path, message: String) -> FileResult {
    FileResult { path: display(path), problems: vec![message], ..FileResult::default() }
}
