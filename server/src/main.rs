//! credscope: language server and linter for credential hygiene in Databricks notebooks and jobs.

mod analysis;
mod check;
mod cli;
mod report;
mod walk;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = match cli::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = match args.command {
        cli::Command::Check(options) => check::run(&options),
    };
    result.unwrap_or_else(|error| {
        tracing::debug!(?error);
        report::complain(&format!("{error:#}"));
        ExitCode::from(2)
    })
}
