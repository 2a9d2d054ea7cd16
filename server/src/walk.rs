//! Which files a check looks at.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use ignore::{WalkBuilder, WalkState};

/// Names that carry credentials although they are hidden (catalog CS330).
const HIDDEN: &[&str] = &[
    ".databrickscfg", ".netrc", "_netrc", ".pgpass", ".pypirc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".gitmodules",
    ".git-credentials", ".gitconfig", ".s3cfg", ".boto", ".dockercfg", ".dockerconfigjson", ".my.cnf", ".condarc",
    ".credentials", ".terraformrc", ".flaskenv", ".snowsql", ".bashrc", ".bash_profile", ".profile", ".zshrc",
    ".bash_history", ".zsh_history", ".psql_history", ".mysql_history", ".python_history", ".Rprofile", ".Renviron",
    ".gitlab-ci.yml", ".gitlab-ci.yaml", ".travis.yml", ".drone.yml", ".woodpecker.yml", ".cirrus.yml",
    ".appveyor.yml", ".pre-commit-config.yaml", ".sops.yaml", ".credscope.toml", ".htpasswd", ".wgetrc", ".curlrc",
    ".gradle.properties", ".mcp.json", ".secrets.toml",
];
/// Beginnings of such names.
const HIDDEN_STARTS: &[&str] =
    &[".env", ".gitlab-ci", ".azure-pipelines", ".npmrc.", ".databricks-connect", ".secrets"];
/// Endings of such names, whatever stands before.
const HIDDEN_ENDINGS: &[&str] = &[".share", ".tfvars", ".env"];

/// Hidden folders that are looked into.
const HIDDEN_FOLDERS: &[&str] = &[
    ".github", ".gitlab", ".azure", ".azuredevops", ".azure-pipelines", ".pipelines", ".circleci", ".buildkite",
    ".aws", ".streamlit", ".dbt", ".docker", ".config", ".databricks", ".m2", ".sbt", ".ivy2", ".snowflake",
    ".snowsql", ".kaggle", ".kube", ".pip", ".pypa", ".gradle", ".devcontainer", ".vscode", ".idea", ".ssh", ".gcloud",
    ".jupyter", ".ipython", ".jenkins", ".woodpecker", ".semaphore", ".harness", ".cloudbuild", ".terraform.d",
    ".hooks", ".husky", ".cargo", ".composer", ".gem", ".bundle", ".ci", ".env", ".envs", ".secrets", ".s2i",
    ".ebextensions", ".platform",
];

/// Folders that hold no files of the project.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".jj"];

/// Folders that programs fill: environments, caches, packages of others.
const CACHES: &[&str] = &[
    ".venv", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".eggs",
    ".hypothesis", ".terraform", ".bloop", ".metals", ".cache",
];

/// Endings of files that are no text. Archives of notebooks (`.dbc`) are not among them.
const BINARY: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "bmp", "ico", "webp", "tif", "tiff", "psd", "mp3", "mp4", "mov", "avi", "mkv", "wav",
    "ogg", "webm", "woff", "woff2", "ttf", "otf", "eot", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip",
    "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "tar", "jar", "war", "whl", "egg", "class", "o", "a", "so", "dll",
    "dylib", "exe", "pyc", "pyd", "parquet", "avro", "orc", "feather", "arrow", "npy", "npz", "h5", "hdf5", "pkl",
    "pickle", "joblib", "pt", "pth", "onnx", "safetensors", "bin", "dat", "db", "sqlite", "sqlite3", "mdb", "rds",
    "rdata", "wasm", "iso", "img", "dmg", "crc", "snappy", "tflite", "pb",
];

/// What a walk comes across beside files.
#[derive(Debug, Default)]
pub struct Rest {
    /// Folders and files that cannot be read.
    pub problems: Vec<(PathBuf, String)>,
    /// Symbolic links that lead to nothing, or out of the folder.
    pub links: usize,
}

/// Files that are handed on at once: enough that handing on costs nothing, few enough that work begins early.
const BATCH: usize = 64;

/// All files below `roots`, or the roots themselves, sorted. In one walk: each has threads of its own, which wait for each
/// other.
pub fn files(roots: &[&Path]) -> Vec<PathBuf> {
    let files = Mutex::new(Vec::new());
    // What cannot be listed was said when it was checked.
    batches(roots, false, 0, &|mut batch| lock(&files).append(&mut batch));
    let mut files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
    // By bytes, not by components: the files of a folder follow each other just as well, at a tenth of the cost.
    files.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    files
}

/// Hands on the files below `roots` while it walks, in any order, on its own `threads` (0: as many as there are cores).
pub fn batches(roots: &[&Path], no_ignore: bool, threads: usize, take: &(dyn Fn(Vec<PathBuf>) + Sync)) -> Rest {
    let Some((root, others)) = roots.split_first() else { return Rest::default() };
    let mut builder = WalkBuilder::new(root);
    others.iter().for_each(|other| {
        builder.add(other);
    });
    builder
        .threads(threads)
        .hidden(false)
        .parents(!no_ignore)
        .ignore(!no_ignore)
        .git_ignore(!no_ignore)
        .git_global(!no_ignore)
        .git_exclude(!no_ignore);
    builder.require_git(false).follow_links(false);
    builder.filter_entry(move |entry| {
        let name = entry.file_name().to_string_lossy();
        let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
        entry.depth() == 0 || !is_left_out(&name, is_folder, entry.path()) && (no_ignore || is_wanted(&name, is_folder))
    });
    let all = Mutex::new(Rest::default());
    builder.build_parallel().run(|| {
        let mut mine = Collector { files: Vec::new(), rest: Rest::default(), take, all: &all };
        Box::new(move |entry| {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|t| t.is_file()) => mine.push(entry.into_path()),
                Ok(entry) if entry.path_is_symlink() => {
                    mine.rest.links += usize::from(roots.iter().all(|root| leads_out(entry.path(), root)));
                }
                Ok(_) => {}
                Err(error) => mine.rest.problems.push(unlisted(error, root)),
            }
            WalkState::Continue
        })
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Whether nothing that the walk reads stands behind a link. What it leads to inside the folder is read where it is.
fn leads_out(link: &Path, root: &Path) -> bool {
    let inside = |target: PathBuf| root.canonicalize().is_ok_and(|root| target.starts_with(root));
    !link.canonicalize().is_ok_and(inside)
}

/// The path that an error is about, and what it says.
fn unlisted(error: ignore::Error, root: &Path) -> (PathBuf, String) {
    match error {
        ignore::Error::WithPath { path, err } => (path, format!("cannot be listed: {err}")),
        ignore::Error::WithDepth { err, .. } => unlisted(*err, root),
        other => (root.to_path_buf(), format!("cannot be listed: {other}")),
    }
}

/// What one thread of the walk finds. What was not handed on is when the thread ends.
struct Collector<'a> {
    files: Vec<PathBuf>,
    rest: Rest,
    take: &'a (dyn Fn(Vec<PathBuf>) + Sync),
    all: &'a Mutex<Rest>,
}

impl Collector<'_> {
    fn push(&mut self, file: PathBuf) {
        self.files.push(file);
        if self.files.len() >= BATCH {
            (self.take)(std::mem::take(&mut self.files));
        }
    }
}

impl Drop for Collector<'_> {
    fn drop(&mut self) {
        if !self.files.is_empty() {
            (self.take)(std::mem::take(&mut self.files));
        }
        let mut all = lock(self.all);
        all.problems.append(&mut self.rest.problems);
        all.links += self.rest.links;
    }
}

/// A poisoned lock means that another thread has failed: what it had is kept.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What no option brings in.
fn is_left_out(name: &str, is_folder: bool, path: &Path) -> bool {
    if is_folder {
        // An environment by another name says that it is one.
        let environment =
            || matches!(name, "venv" | "env" | "virtualenv" | ".env") && path.join("pyvenv.cfg").is_file();
        return VERSION_CONTROL.contains(&name) || CACHES.contains(&name) || environment();
    }
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
    // Asked of every file: most endings are as long as few of these.
    BINARY.iter().any(|b| b.len() == ending.len() && b.eq_ignore_ascii_case(ending))
}

fn is_wanted(name: &str, is_folder: bool) -> bool {
    if !name.starts_with('.') {
        return true;
    }
    if is_folder {
        return HIDDEN_FOLDERS.contains(&name);
    }
    HIDDEN.contains(&name)
        || HIDDEN_STARTS.iter().any(|s| name.starts_with(s))
        || HIDDEN_ENDINGS.iter().any(|e| name.ends_with(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_that_carry_credentials_are_walked() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let seen = [
            ".env", ".env.local", ".databrickscfg", ".netrc", ".pgpass", ".pypirc", ".npmrc", ".gitmodules", "x.share",
            ".x.share", "requirements-dev.txt", "pip.conf", ".github/workflows/ci.yml", ".gitlab-ci.yml",
            ".circleci/config.yml", ".azure-pipelines/x.yml", ".m2/settings.xml", ".docker/config.json",
            ".aws/credentials", "notes", "a.unknown", "README.md", "env/main.tf", "a.dbc",
            ".snowflake/connections.toml", ".sbt/.credentials", ".kaggle/kaggle.json",
        ];
        let unseen = [
            ".git/config", ".venv/x.py", "venv/x.py", "venv/pyvenv.cfg", "__pycache__/x.py", "node_modules/a/x.js",
            ".mypy_cache/x.json", "a.png", "b.JPG", "c.parquet", ".hidden", ".DS_Store", ".unknown/x.py",
        ];
        for name in seen.iter().chain(&unseen) {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
            std::fs::write(path, "x")?;
        }
        let names = |no_ignore| -> Vec<String> {
            let found = Mutex::new(Vec::new());
            let rest = batches(&[folder.path()], no_ignore, 1, &|mut batch| lock(&found).append(&mut batch));
            assert!(rest.problems.is_empty());
            lock(&found)
                .iter()
                .filter_map(|f| Some(f.strip_prefix(folder.path()).ok()?.to_string_lossy().replace('\\', "/")))
                .collect()
        };
        let mut expected: Vec<String> = seen.iter().map(|s| (*s).to_owned()).collect();
        expected.sort();
        let mut found = names(false);
        found.sort();
        assert_eq!(found, expected);
        let all = names(true);
        assert!(all.iter().any(|n| n == ".hidden") && all.iter().any(|n| n == ".unknown/x.py"));
        assert!(!all.iter().any(|n| n.starts_with(".git/") || n.starts_with(".venv/") || n.starts_with("venv/")));
        Ok(())
    }
}
