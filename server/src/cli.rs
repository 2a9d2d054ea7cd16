//! Command line, as clap reads it.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use credscope_linter::Severity;

#[derive(Debug, Parser)]
#[command(
    name = "credscope",
    version,
    about = "Finds credentials and credential leaks in Databricks notebooks and jobs, and moves them into secret scopes.",
    long_about = "Finds credentials and credential leaks in Databricks notebooks and jobs, and moves them into secret scopes.\n\
                  Works offline, runs nothing it reads, never prints a secret.\n\n\
                  Exit status: 0 clean, 1 findings, 2 usage, configuration, or a file that could not be read."
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check files and folders.
    Check(Box<CheckOptions>),
    /// Run the language server on standard input and output.
    Server {
        /// Accepted and ignored: the server always speaks over standard input and output.
        #[arg(long)]
        stdio: bool,
    },
    /// Print a rule's page.
    Explain {
        /// Name or code.
        rule: String,
    },
    /// List the rules.
    Rules {
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Write a baseline: findings in it are not reported by `check --baseline`.
    Baseline {
        #[arg(default_value = ".")]
        paths: Vec<PathBuf>,
        /// File to write.
        #[arg(long, default_value = "credscope-baseline.json")]
        output: PathBuf,
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Print how to store the secrets that fixes read: names and places, never a value.
    Provision {
        #[arg(default_value = ".")]
        paths: Vec<PathBuf>,
        #[arg(long, value_enum, default_value_t = ProvisionFormat::Shell)]
        format: ProvisionFormat,
        /// Plan file that `check --fix --plan` wrote, instead of checking now.
        #[arg(long, value_name = "FILE")]
        from_fix: Option<PathBuf>,
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Show the configuration in force for a path, or its JSON schema.
    Config {
        #[arg(default_value = ".")]
        path: PathBuf,
        #[arg(long)]
        schema: bool,
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

#[derive(Debug, Default, clap::Args)]
pub struct CheckOptions {
    /// Files and folders; `-` reads standard input.
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the report to a file.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Apply safe fixes.
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: also fixes that need the secret stored first, or a look.
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Print what --fix would change as a unified diff and write nothing; status 1 when there is a change or a finding.
    #[arg(long)]
    pub diff: bool,
    /// With --fix: record which secret each fixed place reads (no values); what the file holds already is kept.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Rules to report: names, codes or code prefixes.
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    pub select: Vec<String>,
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    pub ignore: Vec<String>,
    /// Report findings of this severity and above.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub min_severity: Option<Level>,
    /// Findings in this file are neither reported nor fixed.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Configuration for all paths, instead of the nearest one of each file.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Settings as an editor has them (the value of `credscope`), for what configuration files leave open.
    #[arg(long, value_name = "JSON")]
    pub settings: Option<String>,
    /// Name that standard input is checked under.
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<String>,
    /// Paths not to check.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Check what .gitignore and the like leave out, and hidden files and folders, too.
    #[arg(long)]
    pub no_ignore: bool,
    /// Threads; 0 chooses.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub jobs: usize,
    /// Print counts by rule.
    #[arg(long)]
    pub statistics: bool,
    /// Print findings only, no summary.
    #[arg(long, short)]
    pub quiet: bool,
    /// Findings do not make the command fail.
    #[arg(long)]
    pub exit_zero: bool,
    /// Low-confidence findings too.
    #[arg(long)]
    pub pedantic: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Concise,
    Json,
    Sarif,
    Github,
    Gitlab,
    Junit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProvisionFormat {
    #[default]
    Shell,
    Terraform,
    Bundle,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    Hint,
    Info,
    Warning,
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Hint => Self::Hint,
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}
