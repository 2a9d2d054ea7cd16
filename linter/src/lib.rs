//! Judging side of credscope: facts → findings → fixes. No IO, no clock, no environment, no tree-sitter.

pub mod catalog;
pub mod config;
pub mod context;
mod demand;
mod early;
pub mod engine;
pub mod finding;
mod fingerprint;
pub mod fix;
pub mod flow;
pub mod incremental;
pub mod model;
pub mod prefilter;
pub mod recognise;
pub mod registry;
pub mod rule;
pub mod rules;
pub mod settings;
mod suppress;
pub mod uses;
pub mod value;
pub mod workspace;

pub use engine::{Report, analyze};
pub use finding::{Finding, HashKey, Place, Related, ValueKey};
pub use rule::{Confidence, RuleMeta, Severity};
pub use settings::Settings;
pub use workspace::Workspace;
