//! `scheme://user:password@host`: when it is a credential and when an example.

use super::{Found, Verdict, sas};
use crate::{rule::Severity, settings::Extensions, value};

/// Hosts of examples: reserved names, and words that stand for a host.
const EXAMPLE_HOSTS: &[&str] = &[
    "host", "hostname", "server", "servername", "domain", "proxy", "proxyserver", "yourhost", "myhost", "address",
    "ip", "foo", "bar", "baz", "site", "remote", "registry", "ftp", "example", "test", "h", "x", "a", "b", "host1",
    "host2", "proxyhost", "my-proxy", "proxy.com", "domain.com", "domain.tld", "foo.com", "foo.bar", "bar.com",
    "host.com", "hostname.com", "server.com", "site.com", "your-host", "my-host", "your-server.com", "mydomain.com",
    "test.com", "yourdomain.com", "url", "ip_address", "google.com", "company.com", "mycompany.com", "acme.com",
    "a.com", "b.com", "myproxy", "proxy.company.com", "proxy.example", "somewhere", "somewhere.com", "email.com",
    "user.com",
];
const EXAMPLE_ENDS: &[&str] = &[
    "example.com", "example.org", "example.net", "example.edu", ".example", ".invalid", ".test", ".localhost", ".tld",
    "python.org", "httpbin.org",
];

/// User and password that documentation is filled with.
pub fn is_dummy(user: &str, password: &str) -> bool {
    const WORDS: &[&str] = &[
        "user", "username", "usr", "uname", "pass", "passwd", "password", "pwd", "pw", "secret", "test", "foo", "bar",
        "baz", "me", "login", "u", "p", "a", "b", "x", "name", "example", "joe", "john", "jane", "alice", "bob",
        "admin", "root", "guest", "scott", "tiger", "hunter2", "bar", "pas", "token", "auth", "oauth2", "anything",
        "mypassword", "mypass", "user1", "pass1", "userpass", "123", "1234", "abc", "qwerty", "s3cr3t", "s3cret",
        "pa55word", "passw0rd", "p4ssw0rd", "secret123", "password123", "xyz", "xxx", "yyy", "zzz", "dummy", "some",
    ];
    let known = |text: &str| {
        let lower = text.to_ascii_lowercase();
        WORDS.contains(&lower.as_str()) || WORDS.contains(&lower.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
    };
    known(password) && (known(user) || user.is_empty())
        || user.eq_ignore_ascii_case(password)
        || value::placeholder(password, &Extensions::default()).is_some()
}

/// Password between the `:` and the `@` of a URL.
pub fn check(found: &Found<'_>) -> Verdict {
    let password = sas::percent(found.value());
    let before = found.around(160, 0);
    let before = &before[..before.len() - found.value().len().min(before.len())];
    let user = before.trim_end_matches(':').rsplit("//").next().unwrap_or("");
    let after = found.around(0, 120);
    let after = after.get(found.value().len()..).unwrap_or("").trim_start_matches('@');
    let host_end =
        after.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(after.len());
    let host = after[..host_end].trim_end_matches('.').to_ascii_lowercase();
    let filled_in = |t: &str| {
        t.contains("%s") || t.contains(['$', '{', '}', '<', '>', '*', '(', ')', '[', ']', '"', '\\', '|', value::HOLE])
    };
    let by_hand = filled_in(user) || filled_in(after.get(..1).unwrap_or("")) || host.is_empty();
    let pattern = value::plausible::is_regex(&password) || password.contains(['<', '>', '{', '}', '\\', '[', '(']);
    if by_hand || pattern || is_dummy(user, &password) || password.starts_with('$') || is_example(&host) {
        return Verdict::no_token();
    }
    // A bare word is a word before it is a password; a number behind the `:` is a port.
    let word = password.bytes().all(|b| b.is_ascii_alphabetic()) && password.len() <= 12;
    let port = password.split([';', '?', ',']).next().unwrap_or("");
    if port.bytes().all(|b| b.is_ascii_digit()) && port.len() <= 5 {
        return Verdict::no_token();
    }
    let verdict = Verdict::default().fact(format!("for {host}"));
    if value::hosts::is_local(&host) || word { verdict.at_most(Severity::Info) } else { verdict }
}

fn is_example(host: &str) -> bool {
    EXAMPLE_HOSTS.contains(&host) || EXAMPLE_ENDS.iter().any(|end| host.ends_with(end))
}
