//! Databricks, and the web tokens that it and others issue.

use super::group::{DATABRICKS, JWT};
use crate::value::tokens::{
    checks::{documents, jwt, services},
    row::{Place, Row},
};

pub static ROWS: &[Row] = &[
    Row::prefix(
        "T01",
        "Databricks personal access token",
        DATABRICKS,
        &["dapi"],
        r"(dapi[0-9a-f]{32}(?:-[0-9])?)(?-u:\b)",
    )
    .check(services::databricks),
    Row::prefix("T02", "Databricks OAuth client secret", DATABRICKS, &["dose"], r"(dose[0-9a-f]{32})(?-u:\b)")
        .check(services::databricks),
    Row::prefix(
        "T03",
        "Databricks token",
        DATABRICKS,
        &["doau", "dsapi", "dkea"],
        r"((?:doau|dsapi|dkea)[0-9a-f]{32})(?-u:\b)",
    )
    .unsure()
    .check(services::databricks),
    Row::near(
        "T53",
        "Delta Sharing token",
        DATABRICKS,
        &["bearerToken"],
        r#"bearerToken\\*["']?\s*[:=]\s*\\*["']?([A-Za-z0-9_.~+/=-]{8,})"#,
    )
    .within(0, 4_100)
    .sure()
    .entropy(2.0)
    .check(documents::sharing_profile),
    Row::prefix("T48", "Snowflake token", JWT, &[".ey"], TOKEN)
        .placed(Place::Behind { max: 8_192 })
        .context(&["snowflake", "programmatic_access_token"])
        .entropy(3.5)
        .check(jwt::snowflake),
    Row::prefix("T04", "JSON web token", JWT, &[".ey"], TOKEN)
        .placed(Place::Behind { max: 8_192 })
        .entropy(3.5)
        .check(jwt::check),
];

const TOKEN: &str = r"(ey[A-Za-z0-9_-]{17,}\.ey[A-Za-z0-9_-]{17,}\.[A-Za-z0-9_-]{10,})";
