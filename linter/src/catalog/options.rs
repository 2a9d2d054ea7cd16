//! Connector options and connection properties (catalog §C.1 CS101, §C.3). Spark options are case-insensitive.

/// Lower-case option keys whose value is a credential; `*` matches any run.
const OPTIONS: &[&str] = &[
    // jdbc, sqlserver, synapse, redshift
    "password", "pwd", "passwd", "accesstoken", "keystorepassword", "truststorepassword", "keystoresecret",
    "sslpassword", "clientsecret", "aadsecureprincipalsecret", "oracle.net.wallet_password", "aws.secretkey",
    "dbpassword", "db_password", "sslkeypassword", "javax.net.ssl.keystorepassword",
    "javax.net.ssl.truststorepassword", // snowflake
    "sfpassword", "sftoken", "oauthclientsecret", "pem_private_key", "awssecretkey", "awsaccesskey",
    "temporary_aws_access_key_id", "temporary_aws_secret_access_key", "temporary_aws_session_token",
    "temporary_azure_sas_token", "proxy_password", "sfprivatekey", "private_key_passphrase",
    // cosmos, mongo, event hubs
    "spark.cosmos.accountkey", "spark.cosmos.auth.aad.clientsecret", "masterkey", "*.spark.cosmos.accountkey",
    "cosmoskey", "eventhubs.connectionstring", "eventhubs.aadauthcallbackparams",
    // kafka, schema registry
    "kafka.sasl.jaas.config", "sasl.jaas.config", "kafka.ssl.keystore.password", "kafka.ssl.truststore.password",
    "kafka.ssl.key.password", "kafka.ssl.keystore.key", "kafka.ssl.keystore.certificate.chain",
    "ssl.keystore.password", "ssl.truststore.password", "ssl.key.password", "ssl.keystore.key",
    "confluent.schema.registry.basic.auth.user.info", "*basic.auth.user.info", "sasl.password", "sasl_plain_password",
    "sasl.oauthbearer.client.secret", "kafka.sasl.oauthbearer.client.secret", // aws, gcp
    "sessiontoken", "awsaccesskeyid", "awssecretaccesskey", "aws_secret_access_key", "aws_session_token",
    "aws_secret_key", "secretkey", "secretaccesskey", "credentials", "gcpaccesstoken", "googleserviceaccountkeyjson",
    "privatekey", "privatekeyid", "parentcredentials", // search, cassandra, redis, graph
    "es.net.http.auth.pass", "es.net.ssl.keystore.pass", "es.net.ssl.truststore.pass", "es.net.proxy.http.pass",
    "es.net.proxy.https.pass", "es.net.proxy.socks.pass", "es.net.http.header.authorization",
    "opensearch.net.http.auth.pass", "spark.cassandra.auth.password",
    "spark.cassandra.connection.ssl.truststore.password", "spark.cassandra.connection.ssl.keystore.password",
    "spark.redis.auth", "auth", "redis.auth", "authentication.basic.password", "authentication.bearer.token",
    "authentication.custom.credentials", "authentication.kerberos.ticket", "spark.couchbase.password*",
    // files, saas, kusto, catalogs
    "sf_password", "pempassphrase", "cryptokey", "securitytoken", "kustoaadappsecret", "kutoaadappcertpassword",
    "kustoaadappcertpassword", "spark.sql.catalog.*.password", "spark.sql.catalog.*.token",
    "spark.sql.catalog.*.credential", "spark.sql.catalog.*.oauth2*", "bearertoken", "token", "apikey", "api_key",
    "api-key", "secret", "passphrase", "refreshtoken", "refresh_token", "client_secret", "access_token",
    "personalaccesstoken", "sastoken", "sas_token", "sharedaccesskey", "accountkey", "connectionstring",
    "connection_string", "azurestorageaccountkey", "storageaccountkey", "consumersecret", "accesstokensecret",
    "twitter4j.oauth.consumersecret", "twitter4j.oauth.accesstokensecret", "twitter4j.oauth.consumerkey",
    "twitter4j.oauth.accesstoken",
];

/// Keys that look like secrets and are none (§C.3 clean rows, §G.3).
const CLEAN: &[&str] = &[
    "forwardsparkazurestoragecredentials", "secret.id", "credentialsfile", "kafka.sasl.mechanism",
    "kafka.security.protocol", "spark.cosmos.auth.type", "authentication.type", "use_aws_credentials", "tempdir",
    "credentialsprovider", "usemanagedidentity", "persist_credentials", "forward_spark_s3_credentials", "tokentype",
    "authenticator",
];

/// Users and ids that a plaintext password's fix moves along.
const USERS: &[&str] = &[
    "user", "username", "userid", "uid", "sfuser", "login", "es.net.http.auth.user", "authentication.basic.username",
    "spark.cassandra.auth.username", "dbuser",
];

/// Whether an option, property or `OPTIONS` key carries a credential by the table.
pub fn is_secret(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    !CLEAN.contains(&key.as_str()) && OPTIONS.iter().any(|o| super::matches(o, &key))
}

/// Readers and writers of R whose arguments are options (SparkR; those of sparklyr take a list of them).
const READERS: &[&str] =
    &["read.df", "loadDF", "read.stream", "write.df", "saveDF", "write.stream", "read.jdbc", "write.jdbc"];

/// Whether a callee without a receiver reads or writes a table.
pub fn is_reader(callee: &str) -> bool {
    // `SparkR::read.df`, `sparklyr:::spark_read`.
    let name = callee.rfind(':').map_or(callee, |colon| &callee[colon + 1..]);
    let name = name.strip_prefix("SparkR.").or_else(|| name.strip_prefix("sparklyr.")).unwrap_or(name);
    READERS.contains(&name)
        || ["spark_read", "spark_write", "stream_read", "stream_write"].iter().any(|start| name.starts_with(start))
}

/// Whether keywords of a call are options: `spark.read.load(path, format="jdbc", password=…)`.
pub fn takes_keywords(callee: &str, method: &str) -> bool {
    matches!(method, "load" | "save" | "saveAsTable" | "start" | "toTable")
        && callee.to_ascii_lowercase().contains("read")
        || matches!(method, "save" | "saveAsTable" | "start" | "toTable") && callee.contains("write")
        || is_reader(callee)
}

/// What the entries of a dict are that a call takes: the method that would take them one by one.
pub fn entries_as(callee: &str, method: &str, keyword: Option<&str>) -> Option<&'static str> {
    match (method, keyword) {
        ("options", _) => Some("options"),
        ("configs", _) => Some("configs"),
        // Of the connectors for Cosmos and MongoDB.
        ("Config" | "ReadConfig" | "WriteConfig", None) => Some("options"),
        ("headers", None) | (_, Some("headers")) => Some("headers"),
        ("update", None) if callee.ends_with("headers.update") => Some("headers"),
        ("jdbc", None | Some("properties" | "connectionProperties")) => Some("options"),
        (_, Some("options")) if is_reader(callee) => Some("options"),
        (_, None) if takes_keywords(callee, method) => Some("options"),
        _ => None,
    }
}

pub fn is_clean(key: &str) -> bool {
    CLEAN.contains(&key.trim().to_ascii_lowercase().as_str())
}

pub fn is_user(key: &str) -> bool {
    USERS.contains(&key.trim().to_ascii_lowercase().as_str())
}
