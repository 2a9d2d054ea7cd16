//! CS6xx: secret references that are wrong or undermined.

pub mod dbutils_on_executor;
pub(crate) mod named;
pub mod names;
pub mod order;
pub mod plaintext_fallback;
pub mod sql_secret_nonconstant;
mod statements;
pub(crate) mod uses;
pub mod when_read;
