//! Words of names around the word for a secret (catalog §G.3).

/// Words after the word for a secret that say how it is written or which of several it is.
const FORMS: &[&str] = &[
    "value", "val", "plaintext", "plain", "raw", "str", "string", "text", "b64", "base64", "encoded", "literal",
    "default", "temp", "tmp", "info", "data", "v",
];

/// Stages and places that a secret is of: one for each of them stands in a dictionary.
const STAGES: &[&str] = &[
    "dev", "develop", "development", "prod", "prd", "production", "qa", "uat", "sit", "stg", "stage", "staging",
    "preprod", "nonprod", "sandbox", "sbx", "test", "tst", "demo", "dr", "ci", "local", "onprem", "new", "old",
    "previous", "main", "primary", "secondary", "backup", "replica", "eu", "emea", "apac",
];

/// Whose secret it is: a role, or the system that it opens.
const SYSTEMS: &[&str] = &[
    "admin", "root", "sa", "readonly", "svc", "spn", "sp", "bot", "etl", "elt", "src", "target", "tgt", "dest",
    "destination", "upstream", "downstream", "internal", "external", "db", "sql", "dwh", "datalake", "lake",
    "lakehouse", "blob", "adls", "gen", "s", "gcs", "hdfs", "ftp", "sftp", "ssh", "smtp", "mail", "imap", "ldap", "ad",
    "aad", "entra", "api", "graphql", "webapp", "app", "backend", "jdbc", "odbc", "azure", "aws", "gcp", "google",
    "databricks", "dbx", "synapse", "fabric", "adf", "snowflake", "oracle", "postgres", "postgresql", "pg", "mysql",
    "mariadb", "mssql", "sqlserver", "teradata", "netezza", "hana", "sap", "vertica", "redshift", "bigquery", "athena",
    "hive", "impala", "presto", "trino", "clickhouse", "druid", "mongo", "mongodb", "cosmos", "cosmosdb", "cassandra",
    "scylla", "dynamo", "dynamodb", "neo4j", "redis", "elastic", "elasticsearch", "opensearch", "solr", "splunk",
    "kafka", "confluent", "rabbitmq", "mqtt", "eventhub", "servicebus", "iothub", "pubsub", "kinesis", "sqs", "sns",
    "github", "gitlab", "bitbucket", "git", "devops", "ado", "jenkins", "jira", "confluence", "artifactory", "nexus",
    "pypi", "npm", "docker", "acr", "ecr", "k8s", "kubernetes", "aks", "eks", "gke", "airflow", "dbt", "fivetran",
    "prefect", "dagster", "nifi", "terraform", "grafana", "datadog", "newrelic", "sentry", "pagerduty", "powerbi",
    "pbi", "tableau", "looker", "superset", "metabase", "qlik", "slack", "teams", "telegram", "discord", "twilio",
    "sendgrid", "mailgun", "stripe", "paypal", "salesforce", "sfdc", "hubspot", "zendesk", "servicenow", "workday",
    "netsuite", "shopify", "openai", "aoai", "anthropic", "claude", "gemini", "cohere", "mistral", "groq", "llm",
    "gpt", "huggingface", "hf", "pinecone", "langchain", "langsmith", "wandb", "mlflow", "kaggle", "serpapi", "tavily",
    "openweather", "twitter", "reddit", "youtube", "spotify", "linkedin", "facebook", "instagram", "strava", "notion",
    "airtable", "asana", "trello", "sharepoint", "onedrive", "dropbox", "minio", "dynamics", "crm", "erp",
];

/// Words after the word for a secret that make it a text, a step, an account or a thing on a chain, not the secret.
const OTHERS: &[&str] = &[
    "reset", "resets", "confirm", "confirmation", "change", "changed", "update", "updated", "input", "box", "button",
    "element", "xpath", "selector", "locator", "css", "rules", "rule", "requirements", "check", "checker", "match",
    "mismatch", "recovery", "link", "form", "view", "grant", "flow", "callback", "based", "less", "lite", "rate",
    "santa", "address", "addr", "mint", "contract", "symbol", "pair", "pool", "holder", "balance", "amount", "supply",
    "swap", "decimals", "metadata", "resolver", "factory", "builder", "handler", "fetcher", "getter", "loader",
    "parser", "cache", "created", "expired", "verified", "protected", "port", "ip", "no", "number", "order", "key",
    "keys", "salt", "iv", "nonce", "thumbprint", "fingerprint", "serial", "guid", "uuid", "slug", "hint", "question",
    "answer", "state", "scheme", "group", "role", "team",
];

/// Words that turn a name with a secret word into the name of something else, wherever they stand.
pub static EXCUSES: &[&str] = &[
    "scope", "name", "names", "path", "file", "filename", "filepath", "url", "uri", "endpoint", "host", "hostname",
    "type", "provider", "class", "length", "len", "size", "policy", "expiry", "expires", "expiration", "ttl", "count",
    "counts", "limit", "index", "idx", "column", "columns", "col", "cols", "field", "fields", "label", "regex",
    "pattern", "prefix", "suffix", "format", "version", "tokenizer", "tokenize", "tokenizers", "tokenized", "csrf",
    "encrypted", "primary", "foreign", "sort", "partition", "keyspace", "author", "passenger", "passengers",
    "passthrough", "bypass", "compass", "max", "min", "num", "total", "pad", "eos", "bos", "unk", "sep", "cls", "mask",
    "special", "next", "page", "continuation", "sync", "required", "enabled", "valid", "validator", "validation",
    "rotation", "strength", "hash", "hashed", "md5", "sha", "sha256", "digest", "error", "message", "msg", "exists",
    "missing", "placeholder", "prompt", "widget", "vault", "keyvault", "manager", "store", "client", "service",
    "helper", "util", "utils", "test", "tests", "hint", "help", "description", "title", "text", "status", "date",
    "time", "timestamp", "at", "days", "seconds", "minutes", "hours", "timeout", "lifetime", "duration", "rate",
    "parallelism", "list", "dict", "map", "set", "table", "schema", "database", "dataset", "mode", "env", "id", "ids",
    "usage", "function", "arn", "alias", "reference", "ref", "location", "dir", "directory", "folder", "region",
    "bucket", "container", "mechanism", "protocol", "method", "issuer", "audience", "aud", "realm", "algorithm", "alg",
    "header", "headers", "param", "params", "key_name", "filter", "words", "word", "embedding", "embeddings", "stream",
    "streaming", "idempotency", "budget", "cost", "price", "generator", "commit", "revision", "checksum", "etag",
    "invalid", "wrong", "incorrect", "bad", "forgot", "forgotten", "lifecycle",
];

/// Excuses that a secret word after them overrules: `client_secret`, `env_password`, `service_token`, `test_password`,
/// `function_key`, `header_token`, `hash_password` is still a password.
pub static WEAK_EXCUSES: &[&str] = &[
    "client", "service", "test", "tests", "env", "function", "database", "dataset", "bucket", "container", "store",
    "vault", "keyvault", "host", "hostname", "schema", "table", "region", "provider", "prompt", "file", "url",
    "stream", "streaming", "text", "widget", "manager", "sync", "helper", "util", "utils", "id", "partition", "realm",
    "page", "set", "map", "list", "name", "param", "params", "location", "date", "time", "at", "max", "min", "total",
    "version", "primary", "embedding", "embeddings", "rate", "status", "price", "cost", "budget", "usage", "directory",
    "dir", "folder", "path", "reference", "ref", "mode", "hash", "special", "commit", "revision", "endpoint", "uri",
    "policy", "index", "alias", "header", "headers", "filter", "method", "keyspace", "error", "message", "msg",
    "title", "description", "label",
];

/// Of these, words that say what a text is about when nothing stands before them: `error_password`, `label_token`.
pub static TEXTS: &[&str] = &["error", "message", "msg", "title", "description", "label"];

/// Whose keys come as a pair, the primary and the secondary one.
pub static PAIRED: &[&str] = &[
    "cosmos", "cosmosdb", "documentdb", "storage", "adls", "blob", "datalake", "eventhub", "eventgrid", "servicebus",
    "iothub", "search", "batch", "maps", "cognitive", "openai", "redis", "signalr", "functions", "subscription",
    "namespace", "speech", "translator", "vision",
];

/// Words before `pass` that make it a run, a ticket, a filter, or where a server sends requests: `first_pass`, `boarding_pass`,
/// `low_pass`, `uwsgi_pass`.
pub static RUNS: &[&str] = &[
    "first", "second", "third", "final", "single", "multi", "one", "two", "forward", "backward", "fwd", "bwd", "low",
    "high", "band", "all", "compiler", "render", "epoch", "train", "training", "boarding", "season", "ski", "hall",
    "bus", "rail", "travel", "day", "week", "month", "uwsgi", "fastcgi", "scgi", "grpc", "memcached",
];

/// Whether a key names a stage, a role or a system: `prod`, `azure-sql`.
pub fn is_of_place(key: &str) -> bool {
    let words = crate::value::names::words(key);
    !words.is_empty() && words.iter().all(|w| is_place(w.trim_end_matches(|c: char| c.is_ascii_digit())))
}

/// Whether words after the word for a secret leave the name that of the secret.
pub fn keeps_secret(word: &str) -> bool {
    FORMS.contains(&word) || is_place(word)
}

/// Whether a word says which of several secrets it is: of a stage, a role, a system.
fn is_place(word: &str) -> bool {
    STAGES.contains(&word) || SYSTEMS.contains(&word)
}

/// Whether a word after the word for a secret says that something else is meant.
pub fn is_other(word: &str) -> bool {
    OTHERS.contains(&word)
}
