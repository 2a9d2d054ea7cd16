//! What a host name says.

/// Whether a host is this machine or a container beside it.
pub fn is_local(host: &str) -> bool {
    let name = host.trim_start_matches('[').split([':', ']']).next().unwrap_or(host);
    matches!(name, "localhost" | "127.0.0.1" | "0.0.0.0" | "::1" | "host.docker.internal")
        || (!host.is_empty()
            && !host.contains('.')
            && matches!(
                name,
                "db" | "postgres" | "mysql" | "mongo" | "mongodb" | "redis" | "rabbitmq" | "minio" | "mssql"
            ))
}
