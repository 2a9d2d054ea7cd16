//! Amazon and Google.

use super::group::{AWS, GCP};
use crate::value::tokens::{
    checks::{aws, documents, mixed, services},
    row::{Left, Place, Row},
};

pub static ROWS: &[Row] = &[
    Row::prefix(
        "T06",
        "AWS access key id",
        AWS,
        &["AKIA", "ASIA", "ABIA", "ACCA"],
        r"((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})(?-u:\b)",
    )
    .check(aws::key_id),
    Row::prefix(
        "T08",
        "AWS session token",
        AWS,
        &["FwoGZXIvYXdzE", "IQoJb3JpZ2lu"],
        r"((?:FwoGZXIvYXdzE|IQoJb3JpZ2lu)[A-Za-z0-9+/=]{100,})",
    )
    .left(Left::Base64)
    .at_most(4_096)
    .entropy(4.0)
    .check(services::short_lived),
    Row::prefix("T09", "AWS Bedrock key", AWS, &["ABSK"], r"(ABSK[A-Za-z0-9+/]{109,269}={0,2})")
        .left(Left::Base64)
        .entropy(4.0)
        .check(aws::bedrock),
    Row::prefix(
        "T09",
        "AWS Bedrock key",
        AWS,
        &["bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t"],
        r"(bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/_=-]{40,})",
    )
    .at_most(4_096)
    .entropy(4.0)
    .check(services::short_lived),
    Row::prefix("T19", "key of a Google service account", GCP, &["-----BEGIN"], "")
        .placed(Place::Block { max: 16_384 })
        .context(&["service_account"])
        .check(documents::service_account),
    Row::prefix("T20", "Google API key", GCP, &["AIza"], r"(AIza[A-Za-z0-9_-]{35})(?:[^A-Za-z0-9_-]|$)").entropy(4.0),
    Row::prefix("T21", "Google OAuth access token", GCP, &["ya29."], r"(ya29\.[A-Za-z0-9_-]{20,})")
        .at_most(2_048)
        .check(services::short_lived),
    Row::prefix(
        "T21",
        "Google OAuth client secret",
        GCP,
        &["GOCSPX-"],
        r"(GOCSPX-[A-Za-z0-9_-]{28})(?:[^A-Za-z0-9_-]|$)",
    ),
    Row::prefix("T21", "Google OAuth refresh token", GCP, &["1//"], r"(1//[A-Za-z0-9_-]{40,})(?:[^A-Za-z0-9_/.-]|$)")
        .at_most(600)
        .unsure()
        .entropy(4.2)
        .check(mixed),
    Row::near("T07", "AWS secret access key", AWS, &["AKIA", "ASIA"], SECRET_KEY)
        .exact_case()
        .within(600, 620)
        .entropy(4.25)
        .check(aws::secret_key_near_id),
    Row::near(
        "T07",
        "AWS secret access key",
        AWS,
        &[
            "secret_access_key", "secretaccesskey", "secret-access-key", "aws_secret", "awssecret", "aws.secret",
            "s3a.secret.key", "s3.secret.key",
        ],
        SECRET_KEY,
    )
    .within(0, 120)
    .entropy(4.25)
    .check(aws::secret_key),
];

const SECRET_KEY: &str = r"(?:^|[^A-Za-z0-9+/_.-])([A-Za-z0-9+/]{40})(?:[^A-Za-z0-9+/=_-]|$)";
