//! The built binary and files for it, for tests of what it writes.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

pub fn credscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
    command.env_clear();
    command
}

pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

pub fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}
