//! Parameters of client libraries that carry credentials (catalog §C.6 and its Scala/Java twins).

use std::sync::LazyLock;

/// One callee: how its path ends, which positional arguments (0-based) and which keywords are credentials.
pub struct Client {
    /// Dotted end of the resolved path; matched at a dot. With `new` the path is the class.
    pub callee: &'static str,
    pub positions: &'static [u32],
    pub keywords: &'static [&'static str],
    /// Number of positional arguments that the call must have at least for `positions` to count.
    pub at_least: usize,
}

const fn row(callee: &'static str, positions: &'static [u32], keywords: &'static [&'static str]) -> Client {
    Client { callee, positions, keywords, at_least: 0 }
}

const fn when(callee: &'static str, at_least: usize, positions: &'static [u32]) -> Client {
    Client { callee, positions, keywords: &[], at_least }
}

const AI: &[&str] = &[
    "api_key", "admin_api_key", "azure_ad_token", "auth_token", "webhook_secret", "openai_api_key",
    "anthropic_api_key", "google_api_key", "cohere_api_key", "huggingfacehub_api_token",
];

/// Settings of librdkafka; given in a dict.
const LIBRDKAFKA: &[&str] = &[
    "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret",
    "basic.auth.user.info",
];

const SNOWFLAKE: &[&str] = &[
    "password", "token", "private_key", "private_key_file_pwd", "private_key_passphrase", "passcode",
    "oauth_client_secret",
];

pub static CLIENTS: &[Client] = &[
    row(
        "databricks.sql.connect",
        &[2],
        &["access_token", "password", "oauth_client_secret", "_tls_client_cert_key_password"],
    ),
    row(
        "sql.client.Connection",
        &[2],
        &["access_token", "password", "oauth_client_secret", "_tls_client_cert_key_password"],
    ),
    row("sql.connect", &[], &["access_token", "password", "oauth_client_secret"]),
    row(
        "WorkspaceClient",
        &[],
        &["token", "password", "client_secret", "azure_client_secret", "google_credentials", "metadata_service_url"],
    ),
    row("AccountClient", &[], &["token", "password", "client_secret", "azure_client_secret", "google_credentials"]),
    row("sdk.core.Config", &[], &["token", "password", "client_secret", "azure_client_secret", "google_credentials"]),
    row("builder.remote", &[], &["token"]),
    row("remote().token", &[0], &[]),
    row("builder.token", &[0], &[]),
    row("host().token", &[0], &[]),
    row("clusterId().token", &[0], &[]),
    row("snowflake.connector.connect", &[], SNOWFLAKE),
    row("snowflake.sqlalchemy.URL", &[], SNOWFLAKE),
    row("Session.builder.configs", &[], SNOWFLAKE),
    row("snowpark.Session.builder.config", &[], SNOWFLAKE),
    row("pymysql.connect", &[2], &["password", "passwd", "ssl_key_password"]),
    row("MySQLdb.connect", &[2], &["password", "passwd", "ssl_key_password"]),
    row(
        "mysql.connector.connect",
        &[],
        &["password", "passwd", "password1", "password2", "password3", "ssl_key_password"],
    ),
    row("psycopg2.connect", &[], &["password"]),
    row("psycopg.connect", &[], &["password"]),
    row("pool.SimpleConnectionPool", &[], &["password"]),
    row("pool.ThreadedConnectionPool", &[], &["password"]),
    row("asyncpg.connect", &[], &["password"]),
    row("pymssql.connect", &[2], &["password"]),
    row(
        "redshift_connector.connect",
        &[],
        &["password", "access_key_id", "secret_access_key", "session_token", "client_secret", "web_identity_token"],
    ),
    row("oracledb.connect", &[1], &["password", "newpassword", "wallet_password", "access_token"]),
    row("cx_Oracle.connect", &[1], &["password", "newpassword", "wallet_password", "access_token"]),
    row("cx_Oracle.SessionPool", &[1], &["password"]),
    row("teradatasql.connect", &[2], &["password"]),
    row("pyodbc.connect", &[], &["password", "pwd", "PWD"]),
    row("URL.create", &[2], &["password"]),
    row("boto3.client", &[6, 7, 8], &["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]),
    row("boto3.resource", &[6, 7, 8], &["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]),
    row("boto3.Session", &[1, 2], &["aws_secret_access_key", "aws_session_token", "aws_access_key_id"]),
    row("boto3.session.Session", &[1, 2], &["aws_secret_access_key", "aws_session_token", "aws_access_key_id"]),
    row("s3fs.S3FileSystem", &[], &["secret", "key", "token"]),
    row("ClientSecretCredential", &[2], &["client_secret"]),
    row("UsernamePasswordCredential", &[2], &["password", "client_credential"]),
    row("CertificateCredential", &[], &["password"]),
    row("OnBehalfOfCredential", &[], &["client_secret", "client_certificate"]),
    row("ServicePrincipalCredentials", &[], &["secret"]),
    row("ConfidentialClientApplication", &[], &["client_credential"]),
    row("from_connection_string", &[0], &["conn_str", "connection_string"]),
    row("BlobServiceClient", &[1], &["credential"]),
    row("ContainerClient", &[2], &["credential"]),
    row("BlobClient", &[], &["credential"]),
    row("DataLakeServiceClient", &[1], &["credential"]),
    row("FileSystemClient", &[], &["credential"]),
    row("ShareServiceClient", &[1], &["credential"]),
    row("QueueServiceClient", &[1], &["credential"]),
    row("QueueClient", &[], &["credential"]),
    row("TableServiceClient", &[], &["credential"]),
    row("BlockBlobService", &[1], &["account_key", "sas_token", "connection_string"]),
    row("FileService", &[], &["account_key", "sas_token"]),
    row("BlobService", &[], &["account_key", "sas_token"]),
    row("AzureKeyCredential", &[0], &["key"]),
    row("AzureNamedKeyCredential", &[1], &["key"]),
    row("AzureSasCredential", &[0], &["signature"]),
    row("CognitiveServicesCredentials", &[0], &["subscription_key"]),
    row("generate_blob_sas", &[4], &["account_key"]),
    row("generate_container_sas", &[2], &["account_key"]),
    row("generate_account_sas", &[1], &["account_key"]),
    row("generate_file_system_sas", &[], &["account_key", "credential"]),
    row("generate_directory_sas", &[], &["account_key", "credential"]),
    row("generate_file_sas", &[], &["account_key", "credential"]),
    row("generate_queue_sas", &[], &["account_key"]),
    row("generate_share_sas", &[], &["account_key"]),
    row("generate_table_sas", &[], &["account_key", "credential"]),
    row("EventHubSharedKeyCredential", &[1], &["key"]),
    row("ServiceBusSharedKeyCredential", &[1], &["key"]),
    row("CosmosClient", &[1], &["credential", "key"]),
    row("EventHubProducerClient", &[2], &["credential"]),
    row("EventHubConsumerClient", &[3], &["credential"]),
    row("ServiceBusClient", &[1], &["credential"]),
    row("genai.configure", &[], &["api_key"]),
    row("genai.Client", &[], &["api_key"]),
    row("generativeai.configure", &[], &["api_key"]),
    row("OpenAI", &[], AI),
    row("AsyncOpenAI", &[], AI),
    row("AzureOpenAI", &[], AI),
    row("AsyncAzureOpenAI", &[], AI),
    row("ChatOpenAI", &[], AI),
    row("AzureChatOpenAI", &[], AI),
    row("OpenAIEmbeddings", &[], AI),
    row("Anthropic", &[], AI),
    row("AsyncAnthropic", &[], AI),
    row("ChatAnthropic", &[], AI),
    row("cohere.Client", &[0], AI),
    row("cohere.ClientV2", &[0], AI),
    row("cohere.AsyncClient", &[0], AI),
    row("cohere.AsyncClientV2", &[0], AI),
    row("Mistral", &[], AI),
    row("Groq", &[], AI),
    row("AsyncGroq", &[], AI),
    row("ChatGroq", &[], &["api_key", "groq_api_key"]),
    row("airflow.models.Connection", &[], &["password"]),
    row("models.connection.Connection", &[], &["password"]),
    row("Pinecone", &[], AI),
    row("pinecone.init", &[], AI),
    row("WebClient", &[0], &["token"]),
    row("WebhookClient", &[0], &["url"]),
    row(
        "OAuth1UserHandler",
        &[0, 1, 2, 3],
        &["consumer_key", "consumer_secret", "access_token", "access_token_secret"],
    ),
    row(
        "tweepy.OAuthHandler",
        &[0, 1, 2, 3],
        &["consumer_key", "consumer_secret", "access_token", "access_token_secret"],
    ),
    row("OAuthHandler", &[0, 1], &[]),
    row("set_access_token", &[0, 1], &[]),
    row(
        "tweepy.Client",
        &[0],
        &["bearer_token", "consumer_key", "consumer_secret", "access_token", "access_token_secret"],
    ),
    row("OAuth1", &[1, 2, 3], &["client_secret", "resource_owner_key", "resource_owner_secret"]),
    row("twilio.rest.Client", &[1], &["password"]),
    row("SendGridAPIClient", &[0], &["api_key"]),
    row("StripeClient", &[0], &["api_key"]),
    row("Github", &[0], &["login_or_token", "password", "jwt"]),
    row("Auth.Token", &[0], &["token"]),
    row("Salesforce", &[1, 2], &["password", "security_token", "consumer_secret", "privatekey"]),
    row("redis.Redis", &[], &["password", "ssl_password"]),
    row("redis.StrictRedis", &[], &["password", "ssl_password"]),
    row("MongoClient", &[], &["password"]),
    row("Elasticsearch", &[], &["api_key", "bearer_auth", "http_auth", "basic_auth"]),
    row("neo4j.basic_auth", &[1], &["password"]),
    row("basic_auth", &[1], &["password"]),
    row("bearer_token", &[0], &[]),
    row("bearer_auth", &[0], &[]),
    row("Producer", &[], LIBRDKAFKA),
    row("Consumer", &[], LIBRDKAFKA),
    row("SerializingProducer", &[], LIBRDKAFKA),
    row("DeserializingConsumer", &[], LIBRDKAFKA),
    row("AvroProducer", &[], LIBRDKAFKA),
    row("AvroConsumer", &[], LIBRDKAFKA),
    row("admin.AdminClient", &[], LIBRDKAFKA),
    row("SchemaRegistryClient", &[], LIBRDKAFKA),
    row("KafkaProducer", &[], &["sasl_plain_password", "ssl_password"]),
    row("KafkaConsumer", &[], &["sasl_plain_password", "ssl_password"]),
    row("HTTPBasicAuth", &[1], &["password"]),
    row("BasicAuth", &[1], &["password"]),
    row("HTTPDigestAuth", &[1], &["password"]),
    row("HttpNtlmAuth", &[1], &["password"]),
    row("paramiko.Transport().connect", &[2], &["password", "passphrase"]),
    when("SSHClient().connect", 4, &[3]),
    row("pysftp.Connection", &[3], &["password", "private_key_pass"]),
    row("FTP", &[2], &["passwd"]),
    row("FTP_TLS", &[2], &["passwd"]),
    row("FTP().login", &[1], &["passwd"]),
    row("FTP_TLS().login", &[1], &["passwd"]),
    when("login", 2, &[1]),
    row("login", &[], &["passwd"]),
    when("ssh.connect", 4, &[3]),
    when("ssh_client.connect", 4, &[3]),
    row("BasicAuthentication", &[1], &["password"]),
    row("UserCredential", &[1], &["password"]),
    row("ibm_db.connect", &[2], &["password"]),
    row("PlainTextAuthProvider", &[1], &["password"]),
    row("TableauAuth", &[1], &["password"]),
    row("PersonalAccessTokenAuth", &[1], &["personal_access_token"]),
    row("acquire_token_with_client_credentials", &[2], &["client_secret"]),
    row("ClientCredential", &[1], &["client_secret"]),
    row("JIRA", &[], &["token_auth"]),
    row("notion_client.Client", &[], &["auth"]),
    row("googlemaps.Client", &[0], &["key"]),
    row("JWTAuthentication", &[0], &["token"]),
    row("simple_bind_s", &[1], &["cred"]),
    row("aes_encrypt", &[1], &["key"]),
    row("aes_decrypt", &[1], &["key"]),
    row("try_aes_decrypt", &[1], &["key"]),
    // R
    row("authenticate", &[1], &["password"]),
    row("req_auth_basic", &[2], &["password"]),
    row("req_auth_bearer_token", &[1], &["token"]),
    when("dbConnect", 4, &[3]),
    // Any driver's `connect(password=…)`.
    row("connect", &[], &["password", "passwd", "passphrase"]),
    row("connect_async", &[], &["password"]),
    row("create_pool", &[], &["password"]),
    row("ConnectionPool", &[], &["password"]),
    row("ldap3.Connection", &[2], &["password"]),
    row("hdfs.InsecureClient", &[], &["password"]),
    row("hvac.Client", &[1], &["token"]),
    row("approle.login", &[1], &["secret_id"]),
    row("userpass.login", &[1], &["password"]),
    row("wandb.login", &[], &["key"]),
    row("huggingface_hub.login", &[0], &["token"]),
    row("huggingface_hub.HfApi", &[], &["token"]),
    row("from_pretrained", &[], &["token", "use_auth_token"]),
    row("load_dataset", &[], &["token", "use_auth_token"]),
    row("Fernet", &[0], &["key"]),
    row("jwt.encode", &[1], &["key"]),
    row("hmac.new", &[0], &["key"]),
    row("AES.new", &[0], &["key"]),
    row("smtplib.SMTP().login", &[1], &["password"]),
    row("KustoConnectionStringBuilder.with_aad_application_key_authentication", &[2], &["app_key"]),
    // Scala and Java
    when("DriverManager.getConnection", 3, &[2]),
    // sbt: realm, host, user, password.
    when("Credentials", 4, &[3]),
    when("getConnection", 3, &[2]),
    row("BasicAWSCredentials", &[0, 1], &[]),
    row("BasicSessionCredentials", &[0, 1, 2], &[]),
    row("AwsBasicCredentials.create", &[0, 1], &[]),
    row("AwsSessionCredentials.create", &[0, 1, 2], &[]),
    row("clientSecret", &[0], &[]),
    row("StorageSharedKeyCredential", &[1], &[]),
    row("MongoCredential.createCredential", &[2], &[]),
    row("MongoCredential.createScramSha1Credential", &[2], &[]),
    row("MongoCredential.createScramSha256Credential", &[2], &[]),
    row("JedisPool", &[4], &[]),
    row("setPassword", &[0], &[]),
    row("().password", &[0], &[]),
    row("Jwt.encode", &[1], &[]),
    row("EventHubsConf", &[0], &[]),
    row("setSasKey", &[0], &[]),
    row("setOAuthConsumerSecret", &[0], &[]),
    row("setOAuthConsumerKey", &[0], &[]),
    row("setOAuthAccessTokenSecret", &[0], &[]),
    row("setOAuthAccessToken", &[0], &[]),
    row("setAccountKey", &[0], &[]),
    row("setAccessToken", &[0], &[]),
    row("setApiKey", &[0], &[]),
    row("setSecretKey", &[0], &[]),
    row("accountKey", &[0], &[]),
    row("endpoint().key", &[0], &[]),
    when("InfluxDBFactory.connect", 3, &[2]),
    row("PasswordAuthentication", &[1], &[]),
    row("UsernamePasswordCredentials", &[1], &[]),
    row("auth.basic", &[1], &["password"]),
    when("auth", 2, &[1]),
    when("withAuth", 2, &[1]),
    when("withBasicAuth", 2, &[1]),
    when("withCredentials", 2, &[1]),
    when("withAuthCredentials", 2, &[1]),
    when("basicAuth", 2, &[1]),
    when("setBasicAuth", 2, &[1]),
    row("setBearerAuth", &[0], &[]),
    when("Credentials.basic", 2, &[1]),
    when("AuthTokens.basic", 2, &[1]),
    row("AuthTokens.bearer", &[0], &[]),
    when("RequestAuth.Basic", 2, &[1]),
    row("RequestAuth.Bearer", &[0], &[]),
    when("BasicCredentials", 2, &[1]),
    when("BasicHttpCredentials", 2, &[1]),
    row("OAuth2BearerToken", &[0], &[]),
    row("auth.bearer", &[0], &["token"]),
    row("jedis.auth", &[0], &["password"]),
    row("KeyStore().load", &[1], &["password"]),
    row("KeyStore().getKey", &[1], &["password"]),
    row("KeyStore().setKeyEntry", &[2], &["password"]),
    row("KeyManagerFactory().init", &[1], &["password"]),
    row("SecretKeySpec", &[0], &[]),
    row("PBEKeySpec", &[0], &[]),
];

/// The rows by their last byte, in which most differ already.
static BY_LAST_LETTER: LazyLock<Vec<Vec<&'static Client>>> = LazyLock::new(|| {
    let mut rows = vec![Vec::new(); 256];
    for client in CLIENTS {
        if let Some(last) = client.callee.as_bytes().last() {
            rows[usize::from(*last)].push(client);
        }
    }
    rows
});

/// Rows for a resolved callee path. A row that begins with `()` is a link of a chain of calls.
pub fn of(callee: &str) -> impl Iterator<Item = &'static Client> + '_ {
    let rows = BY_LAST_LETTER.get(callee.as_bytes().last().map_or(0, |last| usize::from(*last)));
    rows.into_iter().flatten().copied().filter(move |c| {
        callee
            .strip_suffix(c.callee)
            .is_some_and(|head| head.is_empty() || head.ends_with('.') || c.callee.starts_with("()"))
    })
}

/// Whether a callee decodes its argument: `java.util.Base64.getDecoder.decode`.
pub fn is_decoder(path: &str) -> bool {
    ["Decoder", "Base64"].iter().any(|word| path.contains(word)) && path.contains("decode")
}

/// Keywords, attributes and keys whose value is a pair of user and password, or id and key (requests, httpx, aiohttp, elasticsearch, neo4j).
const PAIRS: &[&str] = &["auth", "http_auth", "basic_auth", "proxy_auth", "api_key"];

/// What the second of such a pair stands under.
pub const SECOND: &str = "[1]";

pub fn takes_pair(name: &str) -> bool {
    PAIRS.contains(&name)
}

/// What the parameter at a position is called. Where several positions are credentials the keywords stand in their order.
pub fn name_at(client: &Client, index: u32) -> String {
    // What has a second way to be called takes user and password in this one.
    if client.at_least > 0 {
        return "password".to_owned();
    }
    let nth = client.positions.iter().position(|p| *p == index).unwrap_or(0);
    let keyword = match client.positions.len() {
        1 => client.keywords.first(),
        _ => client.keywords.get(nth),
    };
    keyword.map_or_else(|| guess(client.callee, nth), |k| (*k).to_owned())
}

/// A parameter's name from its callee: `setPassword` → `password`, `getConnection` → `password`. `nth` of its credentials.
fn guess(callee: &str, nth: usize) -> String {
    let last = callee.rsplit('.').next().unwrap_or(callee);
    let last = last.strip_prefix("set").filter(|r| r.starts_with(|c: char| c.is_uppercase())).unwrap_or(last);
    let of = |names: &[&str]| names.get(nth).copied().unwrap_or("secret").to_owned();
    match last {
        "getConnection"
        | "login"
        | "connect"
        | "dbConnect"
        | "createCredential"
        | "createScramSha1Credential"
        | "createScramSha256Credential"
        | "basic_auth"
        | "JedisPool"
        | "PasswordAuthentication"
        | "UsernamePasswordCredentials"
        | "PBEKeySpec" => "password".to_owned(),
        "BasicAWSCredentials" | "create" | "BasicSessionCredentials" => {
            of(&["access-key-id", "secret-key", "session-token"])
        }
        "OAuthHandler" => of(&["consumer-key", "consumer-secret"]),
        "set_access_token" => of(&["access-token", "access-token-secret"]),
        "StorageSharedKeyCredential" => "account-key".to_owned(),
        "SecretKeySpec" => "secret-key".to_owned(),
        "bearer_auth" => "bearer-token".to_owned(),
        "EventHubsConf" => "connection-string".to_owned(),
        other => crate::value::names::words(other).join("-"),
    }
}

/// What the positional argument `index` of `positional` ones is, where a call takes a credential there. Only of callees whose module or
/// class is known.
pub fn positional(callee: &str, index: u32, positional: usize) -> Option<String> {
    if !callee.contains('.') && !callee.starts_with(char::is_uppercase)
        || callee.starts_with(['?', '.'])
        || callee.starts_with("self.")
    {
        return None;
    }
    let takes = |client: &&Client| client.positions.contains(&index) && positional >= client.at_least;
    let name = of(callee).find(takes).map(|client| name_at(client, index))?;
    // `key` alone says nothing.
    Some(if name == "key" { "secret_key".to_owned() } else { name })
}
