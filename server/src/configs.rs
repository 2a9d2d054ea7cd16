//! Finding and reading configuration files: the nearest one up the tree decides for a file.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use credscope_linter::{Settings, config};

/// A configuration with the folder that its patterns are relative to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub folder: PathBuf,
    /// `None`: defaults.
    pub file: Option<PathBuf>,
    pub resolved: config::Resolved,
    /// It could not be read: `resolved` is the default.
    pub is_broken: bool,
}

impl Found {
    /// Path of a file as the configuration's patterns see it.
    pub fn relative(&self, file: &Path) -> String {
        let path = file.strip_prefix(&self.folder).unwrap_or(file);
        path.to_string_lossy().replace('\\', "/")
    }

    pub fn settings(&self, base: &Settings, file: &Path) -> Settings {
        self.resolved.settings(base, &self.relative(file))
    }
}

/// Configurations by folder, each read once.
#[derive(Debug, Default)]
pub struct Configs {
    fixed: Option<Arc<Found>>,
    by_folder: Mutex<HashMap<PathBuf, Arc<Found>>>,
    problems: Mutex<Vec<(PathBuf, String)>>,
}

impl Configs {
    /// With `file` given it decides for every path; an error in it is an error of the command.
    pub fn new(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text =
            std::fs::read_to_string(file).map_err(|e| anyhow::anyhow!("{}: cannot be read: {e}", file.display()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let config = config::parse(&name, &text).map_err(|e| anyhow::anyhow!("{}", located(file, &text, &e)))?;
        let folder = std::path::absolute(file)?.parent().map(Path::to_path_buf).unwrap_or_default();
        let resolved = config::Resolved::new(config.unwrap_or_default());
        let found = Found { folder, file: Some(file.to_path_buf()), resolved, is_broken: false };
        Ok(Self { fixed: Some(Arc::new(found)), ..Self::default() })
    }

    /// Configuration for a file or folder, by absolute path.
    pub fn of(&self, path: &Path) -> Arc<Found> {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        self.of_folder(folder)
    }

    /// Configuration for the files of a folder, by absolute path.
    pub fn of_folder(&self, folder: &Path) -> Arc<Found> {
        if let Some(found) = &self.fixed {
            return found.clone();
        }
        if let Some(found) = self.by_folder.lock().ok().and_then(|map| map.get(folder).cloned()) {
            return found;
        }
        let found = self.read(folder).unwrap_or_else(|| match folder.parent() {
            Some(parent) => self.of_folder(parent),
            None => Arc::default(),
        });
        if let Ok(mut map) = self.by_folder.lock() {
            map.insert(folder.to_path_buf(), found.clone());
        }
        found
    }

    fn read(&self, folder: &Path) -> Option<Arc<Found>> {
        for name in config::FILE_NAMES {
            let file = folder.join(name);
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let mut is_broken = false;
            let config = match config::parse(name, &text) {
                Ok(Some(config)) => config,
                Ok(None) => continue,
                Err(error) => {
                    let problem = (file.clone(), located(&file, &text, &error));
                    // Two threads may read it.
                    if let Ok(mut problems) = self.problems.lock()
                        && !problems.contains(&problem)
                    {
                        problems.push(problem);
                    }
                    is_broken = true;
                    config::Config::default()
                }
            };
            let resolved = config::Resolved::new(config);
            return Some(Arc::new(Found { folder: folder.to_path_buf(), file: Some(file), resolved, is_broken }));
        }
        None
    }

    /// Files are read again when asked for next.
    pub fn forget(&mut self) {
        if let Ok(mut map) = self.by_folder.lock() {
            map.clear();
        }
        if let Ok(mut problems) = self.problems.lock() {
            problems.clear();
        }
    }

    /// Configuration files that could not be read; defaults were used in their place.
    pub fn problems(&self) -> Vec<(PathBuf, String)> {
        self.problems.lock().map(|p| p.clone()).unwrap_or_default()
    }
}

/// `path:line:column: message`.
fn located(file: &Path, text: &str, error: &config::ConfigError) -> String {
    let Some(span) = &error.span else { return format!("{}: {}", file.display(), error.message) };
    let before = text.get(..span.start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    format!("{}:{line}:{column}: {}", file.display(), error.message)
}
