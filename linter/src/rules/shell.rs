//! CS4xx: credentials on command lines, in scripts, in what commands read, and command lines that show them.

pub mod cli_password;
mod command;
pub mod curl_auth;
pub mod env_dump;
pub mod git_clone;
pub mod history_echo;
pub mod legacy_cli;
pub mod pip_index;
pub mod put_secret_literal;
mod urls;
