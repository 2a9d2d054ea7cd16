//! Credentials that a text around them gives away: key blocks, URLs, headers.

use super::group::{HEADER, PRIVATE_KEY, URL};
use crate::value::tokens::{
    checks::{documents, services, userinfo},
    row::{Left, Place, Row},
};

pub static ROWS: &[Row] = &[
    Row::prefix("T50", "private key", PRIVATE_KEY, &["-----BEGIN"], "")
        .placed(Place::Block { max: 16_384 })
        .check(documents::pem),
    Row::prefix(
        "T50",
        "private key in base64",
        PRIVATE_KEY,
        &["LS0tLS1CRUdJTi"],
        r"(LS0tLS1CRUdJTi[A-Za-z0-9+/=]{100,})",
    )
    .left(Left::Base64)
    .at_most(16_384)
    .entropy(4.0)
    .check(documents::pem_line),
    Row::prefix(
        "T51",
        "PKCS#12 key store",
        PRIVATE_KEY,
        &["IBAzCC"],
        r"(MI[I-L][0-9A-Za-z/+]{2}[AQgw]IBAzCC[A-Za-z0-9+/=]{100,})",
    )
    .back(6)
    .left(Left::Base64)
    .at_most(16_384)
    .entropy(4.0),
    Row::prefix("T51", "Java key store", PRIVATE_KEY, &["/u3+7QAAAA"], r"(/u3\+7QAAAA[A-Za-z0-9+/=]{100,})")
        .left(Left::Base64)
        .at_most(16_384)
        .entropy(4.0),
    Row::near(
        "T37",
        "password of a MongoDB URL",
        URL,
        &["mongodb://", "mongodb+srv://"],
        r#"(?i)mongodb(?:\+srv)?://[^:\s/"'<>@]{3,50}:([^@\s"'<>]{3,88})@[A-Za-z0-9]"#,
    )
    .within(0, 400)
    .needs(b'@')
    .sure()
    .entropy(1.5)
    .check(userinfo::check),
    Row::near(
        "T38",
        "password of a URL",
        URL,
        &["://"],
        r#"(?i)[a-z][a-z0-9+.-]{2,20}://[^/\s:@"'<>`]{1,64}:([^@/\s"'<>`]{4,128})@[A-Za-z0-9]"#,
    )
    .within(21, 260)
    .needs(b'@')
    .entropy(1.5)
    .check(userinfo::check),
    Row::near(
        "T52",
        "credential of an authorization header",
        HEADER,
        &["authorization"],
        r#"(?i)authorization["'\\:=,\s]{1,8}(?:bearer|basic|token)\s+((?:[0-9]{1,8}\|)?[A-Za-z0-9_.~+/=-]{16,}(?:[:|][A-Za-z0-9_.~+/=-]+)*)"#,
    )
    .within(0, 2_050)
    .entropy(3.0)
    .check(services::authorization),
];
