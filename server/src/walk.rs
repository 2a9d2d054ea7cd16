//! Which files a check looks at.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use ignore::{WalkBuilder, WalkState};

/// Names that carry credentials although they are hidden.
const HIDDEN: &[&str] = &[
    ".databrickscfg", ".netrc", ".pgpass", ".pypirc", ".npmrc", ".gitmodules", ".git-credentials", ".s3cfg", ".boto",
    ".dockercfg", ".my.cnf", ".credscope.toml",
];
/// Hidden folders that are looked into.
const HIDDEN_FOLDERS: &[&str] = &[
    ".github", ".gitlab", ".azure", ".azuredevops", ".circleci", ".aws", ".streamlit", ".dbt", ".docker", ".config",
    ".databricks",
];

/// Folders that hold no files of the project.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".jj"];

/// All files below `root` (or `root` itself), sorted. Folders and files that cannot be read are problems.
pub fn files(root: &Path, no_ignore: bool) -> (Vec<PathBuf>, Vec<(PathBuf, String)>) {
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .parents(!no_ignore)
        .ignore(!no_ignore)
        .git_ignore(!no_ignore)
        .git_global(!no_ignore)
        .git_exclude(!no_ignore);
    builder.require_git(false).follow_links(false);
    builder.filter_entry(move |entry| {
        entry.depth() == 0
            || (no_ignore && !VERSION_CONTROL.contains(&entry.file_name().to_string_lossy().as_ref()))
            || wanted(entry.file_name().to_string_lossy().as_ref(), entry.file_type().is_some_and(|t| t.is_dir()))
    });
    let found = Mutex::new((Vec::new(), Vec::new()));
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            // A poisoned lock means that another thread has failed: what it had is kept.
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|t| t.is_file()) => found.0.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => found.1.push((root.to_path_buf(), format!("cannot be listed: {error}"))),
            }
            WalkState::Continue
        })
    });
    let (mut files, problems) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.sort();
    (files, problems)
}

fn wanted(name: &str, is_folder: bool) -> bool {
    if is_folder {
        return !name.starts_with('.') || HIDDEN_FOLDERS.contains(&name);
    }
    !name.starts_with('.') || HIDDEN.contains(&name) || name.starts_with(".env")
}
