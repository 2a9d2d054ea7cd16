//! Spark and Hadoop configuration keys (catalog §C.4).

/// Lower-case patterns without the `spark.hadoop.` prefix; `*` matches any run.
const CONFS: &[&str] = &[
    "fs.azure.account.key.*", "fs.azure.account.key", "fs.azure.account.oauth2.client.secret*",
    "fs.azure.account.oauth2.refresh.token*", "fs.azure.account.oauth2.user.password*", "fs.azure.sas.*",
    "fs.azure.account.oauth2.client.assertion*", "fs.s3a.secret.key", "fs.s3a.session.token", "fs.s3a.encryption.key",
    "fs.s3a.server-side-encryption.key", "fs.s3a.bucket.*.secret.key", "fs.s3a.bucket.*.session.token",
    "fs.s3a.access.key", "fs.s3a.bucket.*.access.key", "fs.s3n.awssecretaccesskey", "fs.s3.awssecretaccesskey",
    "fs.s3a.awssecretaccesskey", "fs.s3*.awsaccesskeyid", "fs.s3*secret*key", "fs.s3*encryption*key",
    "fs.gs.auth.service.account.private.key*", "google.cloud.auth.service.account.private.key*",
    "fs.gs.auth.client.secret", "fs.gs.auth.refresh.token", "dfs.adls.oauth2.credential",
    "dfs.adls.oauth2.refresh.token", "fs.adl.oauth2.credential", "fs.adl.oauth2.refresh.token",
    "javax.jdo.option.connectionpassword", "spark.ssl.*keypassword", "spark.ssl.*keystorepassword",
    "spark.ssl.*truststorepassword", "spark.authenticate.secret", "spark.databricks.token",
    "spark.databricks.service.token", "spark.cosmos.accountkey", "*.spark.cosmos.accountkey",
    "spark.cassandra.auth.password", "spark.redis.auth", "spark.mongodb.*uri", "spark.couchbase.password*",
    "spark.sql.catalog.*.password", "spark.sql.catalog.*.token", "spark.sql.catalog.*.credential",
    "*eventhubs.connectionstring", "*sasl.jaas.config", "*.http.header.authorization", "spark.snowflake.*password",
    "spark.jdbc.*password", "es.net.http.auth.pass", "spark.es.net.http.auth.pass",
    // Hadoop's own list of sensitive keys, as fallback.
    "*secret", "*password", "*.ssl.keystore.pass", "*credential", "*oauth*token", "*.secret.key", "*.sas.token",
    "*.account.key", "*.sastoken", "*.token.secret",
];

const CLEAN: &[&str] = &[
    "fs.azure.account.oauth2.client.id*", "fs.azure.account.oauth2.client.endpoint*",
    "fs.azure.account.oauth2.msi.tenant*", "fs.azure.account.auth.type*", "fs.azure.account.oauth.provider.type*",
    "fs.azure.sas.token.provider.type*", "google.cloud.auth.service.account.json.keyfile",
    "google.cloud.auth.service.account.enable", "*.provider", "*.provider.path", "*credentials.provider*",
    "encrypted*", "*.encrypted*", "spark.databricks.passthrough*", "*.enabled", "*.enable",
    "fs.s3a.aws.credentials.provider", "spark.hadoop.hadoop.security.credential.provider.path",
    "hadoop.security.credential.provider.path", "*.clientid", "dfs.adls.oauth2.access.token.provider*",
    "dfs.adls.oauth2.client.id*", "dfs.adls.oauth2.refresh.url*", "*.token.provider*",
];

/// Identifier-ish keys that are reported together with a secret and lowered alone.
const IDENTIFIERS: &[&str] = &["fs.s3a.access.key", "fs.s3a.bucket.*.access.key", "fs.s3*.awsaccesskeyid"];

/// Keys whose value is a credential as a whole: a connection string, a module with its password, a header.
const WHOLE: &[&str] =
    &["*eventhubs.connectionstring", "*sasl.jaas.config", "*.http.header.authorization", "spark.mongodb.*uri"];

/// Key without `spark.hadoop.`, lower case.
fn bare(key: &str) -> String {
    let key = key.trim().to_ascii_lowercase();
    key.strip_prefix("spark.hadoop.").map(str::to_owned).unwrap_or(key)
}

pub fn is_secret(key: &str) -> bool {
    let key = bare(key);
    let named = CONFS.iter().any(|p| super::matches(p, &key));
    let by_variable = ["spark.executorenv.", "spark.yarn.appmasterenv.", "spark.kubernetes.driverenv."]
        .iter()
        .find_map(|p| key.strip_prefix(p))
        .is_some_and(|name| crate::value::names::verdict(name) == crate::value::NameVerdict::Secret);
    (named || by_variable) && !is_clean(&key)
}

/// Whether the value as a whole is what a secret holds, and not only the password in it.
pub fn is_whole(key: &str) -> bool {
    let key = bare(key);
    WHOLE.iter().any(|p| super::matches(p, &key))
}

/// Whether the table has a row for the key itself, and not only for its ending.
pub fn is_listed(key: &str) -> bool {
    let key = bare(key);
    CONFS.iter().any(|p| !p.starts_with('*') && super::matches(p, &key)) && !is_clean(&key)
}

pub fn is_clean(key: &str) -> bool {
    let key = bare(key);
    CLEAN.iter().any(|p| super::matches(p, &key))
}

/// Whether the value is a list of options of the virtual machine, which may set passwords (`-Djavax.net.ssl.…`).
pub fn holds_java_options(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    // `JAVA_OPTS`, `SPARK_SUBMIT_OPTS`, `JAVA_TOOL_OPTIONS`.
    key.ends_with("javaoptions") || key.ends_with("_opts") || key.ends_with("java_tool_options")
}

pub fn is_identifier(key: &str) -> bool {
    let key = bare(key);
    IDENTIFIERS.iter().any(|p| super::matches(p, &key))
}
