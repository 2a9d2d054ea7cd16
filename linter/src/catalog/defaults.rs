//! Passwords that images and tutorials come with (catalog §G.2).

pub const PASSWORDS: &[&str] = &[
    "postgres", "root", "guest", "admin", "sa", "password", "mysql", "minio", "minioadmin", "test", "mongo", "redis",
    "secret", "changeme", "rabbitmq", "example", "hive", "airflow", "1234", "12345", "123456", "12345678", "toor",
    "user", "pass",
];

/// For whom a default is, in front of `password` or `pass`.
pub const ACCOUNTS: &[&str] = &["admin", "root", "user", "test"];
