//! credscope: language server and linter for credential hygiene in Databricks notebooks and jobs.

mod analysis;
mod baseline;
mod check;
mod cli;
mod collect;
mod configs;
mod fixes;
mod glance;
mod importers;
mod library;
mod lsp;
mod outcome;
mod pages;
mod provision;
mod report;
mod surroundings;
mod unnamed;
mod walk;

use std::process::ExitCode;

use clap::Parser;

use cli::Command;

/// Trees and facts are many small pieces that several threads make at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Says where a bug is, and nothing else: the message of a panic may quote the text that was worked on.
fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        report::complain(&format!("internal error{place}; please report it"));
    }));
}

fn main() -> ExitCode {
    hide_panic_messages();
    let args = match cli::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = match args.command {
        Command::Check(options) => check::run(&options),
        Command::Server { stdio: _ } => lsp::serve(),
        Command::Explain { rule } => pages::explain(&rule),
        Command::Rules { format } => pages::rules(format),
        Command::Baseline { paths, output, config } => {
            let options = cli::CheckOptions { paths, config, ..cli::CheckOptions::default() };
            write_baseline(&options, &output)
        }
        Command::Provision { paths, format, from_fix, config } => {
            let options = cli::CheckOptions { paths, config, ..cli::CheckOptions::default() };
            provision::run(&options, format, from_fix.as_deref())
        }
        Command::Config { path, schema, config } => pages::config(&path, schema, config.as_deref()),
    };
    result.unwrap_or_else(|error| {
        report::complain(&format!("{error:#}"));
        ExitCode::from(2)
    })
}

fn write_baseline(options: &cli::CheckOptions, output: &std::path::Path) -> anyhow::Result<ExitCode> {
    let outcome = check::analyse(options)?;
    for (path, problem) in outcome.problems() {
        report::complain(&format!("{path}: {problem}"));
    }
    std::fs::write(output, baseline::render(&outcome))?;
    report::complain(&format!("{}: {} findings", output.display(), outcome.findings().count()));
    Ok(ExitCode::from(if outcome.is_incomplete() { 2 } else { 0 }))
}
