//! The formats: rows of data (catalog §D). Where two cover the same text the earlier one counts.

use super::row::Row;

mod aws;
mod azure;
mod code;
mod databricks;
mod services;
mod texts;

/// Rules: code, name, what it finds.
pub static GROUPS: &[(&str, &str, &str)] = &[
    ("CS701", "databricks-token", "Databricks token"),
    ("CS702", "json-web-token", "JSON web token"),
    ("CS703", "aws-key", "AWS credential"),
    ("CS704", "azure-key", "Azure key or client secret"),
    ("CS705", "gcp-key", "Google Cloud credential"),
    ("CS706", "github-token", "GitHub token"),
    ("CS707", "package-registry-token", "token of a package registry"),
    ("CS708", "gitlab-token", "GitLab token"),
    ("CS709", "chat-token", "Slack, Teams or workflow token or webhook"),
    ("CS710", "ai-api-key", "key of an AI service"),
    ("CS711", "saas-token", "token of another service"),
    ("CS712", "private-key", "private key"),
    ("CS713", "url-password", "password in a URL"),
    ("CS714", "authorization-header", "credential in an authorization header"),
];

/// Positions in [`GROUPS`].
pub(super) mod group {
    pub const DATABRICKS: usize = 0;
    pub const JWT: usize = 1;
    pub const AWS: usize = 2;
    pub const AZURE: usize = 3;
    pub const GCP: usize = 4;
    pub const GITHUB: usize = 5;
    pub const REGISTRY: usize = 6;
    pub const GITLAB: usize = 7;
    pub const CHAT: usize = 8;
    pub const AI: usize = 9;
    pub const SAAS: usize = 10;
    pub const PRIVATE_KEY: usize = 11;
    pub const URL: usize = 12;
    pub const HEADER: usize = 13;
}

static FAMILIES: &[&[Row]] = &[databricks::ROWS, aws::ROWS, azure::ROWS, code::ROWS, services::ROWS, texts::ROWS];

/// All rows, in order of precedence.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    FAMILIES.iter().flat_map(|family| family.iter())
}
