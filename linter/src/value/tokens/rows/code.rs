//! Where code and packages live: GitHub, GitLab, npm, PyPI.

use super::group::{GITHUB, GITLAB, REGISTRY};
use crate::value::tokens::{
    checks::{crc, documents},
    row::Row,
};

pub static ROWS: &[Row] = &[
    Row::prefix(
        "T22",
        "GitHub token",
        GITHUB,
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        r"(gh[pousr]_[A-Za-z0-9]{36})(?-u:\b)",
    )
    .check(crc::suffix),
    Row::prefix(
        "T23",
        "GitHub fine-grained token",
        GITHUB,
        &["github_pat_"],
        r"(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})(?-u:\b)",
    ),
    Row::prefix("T24", "npm token", REGISTRY, &["npm_"], r"(npm_[A-Za-z0-9]{36})(?-u:\b)").check(crc::suffix),
    Row::prefix(
        "T25",
        "PyPI token",
        REGISTRY,
        &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"],
        r"(pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]{50,})",
    )
    .at_most(1_024)
    .entropy(3.5)
    .check(documents::pypi),
    Row::prefix(
        "T26",
        "GitLab personal access token",
        GITLAB,
        &["glpat-"],
        r"(glpat-(?:[A-Za-z0-9_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[A-Za-z0-9_-]{20}))(?:[^A-Za-z0-9_-]|$)",
    ),
    Row::prefix(
        "T26",
        "GitLab deploy token",
        GITLAB,
        &["gldt-"],
        r"(gldt-(?:[A-Za-z0-9_-]{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}|[A-Za-z0-9_-]{20}))(?:[^A-Za-z0-9_-]|$)",
    ),
    Row::prefix("T26", "GitLab runner token", GITLAB, &["glrt-"], r"(glrt-[A-Za-z0-9_-]{20,60})"),
    Row::prefix("T26", "GitLab CI job token", GITLAB, &["glcbt-"], r"(glcbt-[A-Za-z0-9_-]{20,80})"),
    Row::prefix("T26", "GitLab SCIM token", GITLAB, &["glsoat-"], r"(glsoat-[A-Za-z0-9_-]{20})(?:[^A-Za-z0-9_-]|$)"),
    Row::prefix("T26", "GitLab trigger token", GITLAB, &["glptt-"], r"(glptt-[0-9a-f]{40})(?-u:\b)"),
];
