//! Command line, as clap reads it.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

#[derive(Debug, Parser)]
#[command(
    name = "credscope",
    version,
    about = "Finds and fixes credentials in Databricks notebooks and jobs. Offline; never prints a secret."
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check files and folders.
    Check(CheckOptions),
}

#[derive(Debug, clap::Args)]
pub struct CheckOptions {
    /// Files and folders; `-` reads standard input.
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Do not skip files that .gitignore and the like name.
    #[arg(long)]
    pub no_ignore: bool,
    /// Number of threads; 0 chooses.
    #[arg(long, default_value_t = 0)]
    pub jobs: usize,
    /// Findings do not make the command fail.
    #[arg(long)]
    pub exit_zero: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}
