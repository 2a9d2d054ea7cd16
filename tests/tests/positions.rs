//! Every position that carries a credential, one row each: `¤` is where the credential stands. What a rule's page shows by
//! example is complete here: JDBC sub-protocols, connector options, conf keys, SQL statements, headers.

use credscope_tests::positions::{assert_none, each, wrong};

/// Keys of connection properties (CS101).
const PROPERTIES: &[&str] = &[
    "password", "pwd", "trustStorePassword", "keyStorePassword", "keyStoreSecret", "sslpassword", "accessToken",
    "clientSecret", "AADSecurePrincipalSecret", "oracle.net.wallet_password", "aws.secretKey",
];

#[test]
fn connection_properties() {
    let scala = PROPERTIES.iter().flat_map(|k| {
        [
            format!("props.put(\"{k}\", \"¤\")"),
            format!("props.setProperty(\"{k}\", \"¤\")"),
            format!("val p = new java.util.Properties()\np += (\"{k}\" -> \"¤\")"),
        ]
    });
    assert_none(wrong("a.scala", scala));
    let python = PROPERTIES.iter().flat_map(|k| {
        [
            format!("df.write.jdbc(url, 't', properties={{'user': 'u', '{k}': '¤'}})"),
            format!("p = {{'user': 'u', 'driver': 'd', '{k}': '¤'}}\ndf.write.jdbc(url, 't', properties=p)"),
        ]
    });
    assert_none(wrong("a.py", python));
}

/// JDBC URLs and their relatives: each sub-protocol with each slot, delimiter and quote.
const URLS: &[&str] = &[
    "jdbc:mysql://u:¤@h:3306/d",
    "jdbc:mysql://h:3306/d?user=u&password=¤",
    "jdbc:mysql://h/d?password1=¤&user=u",
    "jdbc:mysql://h/d?user=u&password2=¤&password3=¤",
    "jdbc:mysql://address=(host=h)(port=3306)(user=u)(password=¤)/d",
    "jdbc:mariadb://h:3306/d?user=u&password=¤",
    "jdbc:mysql:aurora://h:3306/d?user=u&password=¤",
    "jdbc:mysql:replication://h1,h2/d?user=u&password=¤&x=y",
    "jdbc:postgresql://h/d?user=u&password=¤",
    "jdbc:postgresql://u:¤@h/d",
    "jdbc:postgresql://h/d?sslpassword=¤",
    "jdbc:pgsql://h/d?user=u&password=¤",
    "jdbc:pivotal:greenplum://h:5432;DatabaseName=d;user=u;password=¤",
    "jdbc:redshift://h:5439/d?user=u&password=¤",
    "jdbc:redshift://h:5439/d?UID=u&PWD=¤",
    "jdbc:redshift://h:5439/d;UID=u;PWD=¤",
    "jdbc:redshift:iam://h/d?AccessKeyID=AKX&SecretAccessKey=¤&SessionToken=¤",
    "jdbc:sqlserver://h:1433;database=d;user=u@h;password=¤;encrypt=true",
    "jdbc:sqlserver://h:1433;databaseName=d;uid=u;pwd=¤",
    "jdbc:sqlserver://h;user id=u;Password={¤};x=y",
    "jdbc:sqlserver://h;accessToken=¤",
    "jdbc:sqlserver://h;authentication=ActiveDirectoryServicePrincipal;AADSecurePrincipalId=i;AADSecurePrincipalSecret=¤",
    "jdbc:sqlserver://h;keyStoreSecret=¤;trustStorePassword=¤",
    "jdbc:sqlserver://w.sql.azuresynapse.net:1433;database=d;user=u;password=¤",
    "jdbc:jtds:sqlserver://h:1433/d;user=u;password=¤",
    "jdbc:oracle:thin:u/¤@//h:1521/svc",
    "jdbc:oracle:thin:u/¤@h:1521:sid",
    "jdbc:oracle:thin:u/\\\"¤\\\"@h:1521:sid",
    "jdbc:snowflake://a.snowflakecomputing.com/?user=u&password=¤",
    "jdbc:snowflake://a.snowflakecomputing.com/?user=u&token=¤&passcode=¤",
    "jdbc:snowflake://a.snowflakecomputing.com/?private_key_file_pwd=¤",
    "jdbc:db2://h:50000/db:user=u;password=¤;",
    "jdbc:as400://h/lib;user=u;password=¤",
    "jdbc:databricks://h:443/default;transportMode=http;AuthMech=3;UID=token;PWD=¤",
    "jdbc:spark://h:443/default;AuthMech=11;Auth_Flow=0;Auth_AccessToken=¤",
    "jdbc:databricks://h:443;AuthMech=11;Auth_Flow=1;OAuth2ClientId=i;OAuth2Secret=¤",
    "jdbc:hive2://h:10000/default;user=u;password=¤",
    "jdbc:teradata://h/USER=u,PASSWORD=¤,DATABASE=d",
    "jdbc:teradata://h/DATABASE=d,USER=u,PASSWORD=¤",
    "jdbc:sap://h:30015/?user=u&password=¤",
    "jdbc:trino://h:443/c/s?user=u&password=¤",
    "jdbc:trino://h:443/c/s?accessToken=¤",
    "jdbc:presto://h:443/c/s?user=u&password=¤",
    "jdbc:vertica://h:5433/d?user=u&password=¤",
    "jdbc:clickhouse://h:8123/d?user=u&password=¤",
    "jdbc:ch://u:¤@h:8123/d",
    "jdbc:impala://h:21050;AuthMech=3;UID=u;PWD=¤",
    "jdbc:exa:h:8563;user=u;password=¤",
    "jdbc:drill:zk=h:2181;user=u;password=¤",
    "jdbc:dremio:direct=h:31010;user=u;password=¤",
    "jdbc:denodo://h:9999/d?user=u&password=¤",
    "jdbc:phoenix:thin:url=http://h:8765;authentication=BASIC;avatica_user=u;avatica_password=¤",
    "jdbc:h2:tcp://h/d;USER=u;PASSWORD=¤",
    "jdbc:informix-sqli://h:1533/d:INFORMIXSERVER=s;user=u;password=¤",
    "jdbc:sybase:Tds:h:5000/d?user=u&password=¤",
    "jdbc:netezza://h:5480/d;user=u;password=¤",
    "jdbc:salesforce:User=u;Password=¤;Security Token=¤;",
    "jdbc:salesforce:User=u;Password=x1y2z3w4;OAuthClientSecret=¤;",
    "jdbc:amazons3:AWSAccessKey=a;AWSSecretKey=¤;",
    "jdbc:adls:Account=a;AzureAccessKey=¤;",
    "jdbc:adls:AzureTenant=t;AzureClientId=c;AzureClientSecret=¤;",
    "jdbc:zendesk:URL=h;User=u;APIToken=¤;",
    "jdbc:bigquery://h:443;ProjectId=p;OAuthType=2;OAuthAccessToken=¤;",
    "jdbc:bigquery://h:443;OAuthType=2;OAuthRefreshToken=¤;OAuthClientId=i;OAuthClientSecret=¤;",
    "jdbc:neo4j:bolt://h:7687/?user=u&password=¤",
    "jdbc:mongodb://u:¤@h:27017/d",
    "databricks://token:¤@h?http_path=p",
    "sqlserver://h;PWD=¤;UID=u",
    "postgresql+psycopg2://u:¤@h/d",
    "mongodb+srv://u:¤@c.x.mongodb.net/d",
    "amqps://u:¤@h/v",
    "rediss://:¤@h:6379/0",
    "https://u:¤@h/x",
    "ftp://u:¤@h/x",
    "smtp://u:¤@h:587",
    "Driver={ODBC Driver 18 for SQL Server};Server=tcp:h,1433;UID=u;PWD={¤};Encrypt=yes",
    "DRIVER={Simba};HOST=h;AuthMech=3;UID=token;PWD=¤",
    "Server=h;Database=d;User ID=u;Password=¤;",
    "Data Source=h;Initial Catalog=d;User Id=u;Password=¤",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=¤;EndpointSuffix=core.windows.net",
    "BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=2022-11-02&sp=r&sig=¤",
    "Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=R;SharedAccessKey=¤;EntityPath=e",
    "AccountEndpoint=https://a.documents.azure.com:443/;AccountKey=¤;",
    "HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=¤",
    "host=h dbname=d user=u password=¤",
    "host=h password='¤' user=u",
    "sc://h:443/;token=¤;user_id=u",
];

#[test]
fn urls_and_connection_strings() {
    assert_none(wrong("a.py", URLS.iter().map(|u| format!("x = \"{u}\""))));
    assert_none(wrong("a.scala", URLS.iter().map(|u| format!("val x = \"{u}\""))));
    assert_none(wrong(
        "b.scala",
        URLS.iter().filter(|u| !u.contains('\\')).map(|u| format!("val x = \"\"\"{u}\"\"\"")),
    ));
}

#[test]
fn urls_filled_from_elsewhere() {
    let filled = |hole: &str| -> Vec<String> {
        let urls = URLS.iter().filter(|u| !u.contains('\\') && !u.contains("x1y2z3w4"));
        urls.map(|u| u.replace('{', "{{").replace('}', "}}").replace('¤', hole)).collect()
    };
    assert_none(wrong("a.py", filled("{pw}").into_iter().map(|u| format!("x = f\"{u}\""))));
    let plain = |hole: &str| -> Vec<String> {
        let urls = URLS.iter().filter(|u| !u.contains('\\') && !u.contains("x1y2z3w4"));
        urls.map(|u| format!("val x = s\"{}\"", u.replace('¤', hole))).collect()
    };
    assert_none(wrong("a.scala", plain("${pw}")));
    assert_none(wrong("a.scala", plain("$pw")));
    let quoted = |hole: &str| {
        URLS.iter()
            .filter(|u| !u.contains("x1y2"))
            .map(|u| format!("x = \"{}\"", u.replace('¤', hole)))
            .collect::<Vec<_>>()
    };
    assert_none(wrong("a.py", quoted("<password>")));
    assert_none(wrong("a.py", quoted("****")));
}

/// Connector options (catalog §C.3).
const OPTIONS: &[&str] = &[
    "password", "accessToken", "keyStorePassword", "trustStorePassword", "sfPassword", "sfToken", "oauthClientSecret",
    "pem_private_key", "awsAccessKey", "awsSecretKey", "temporary_aws_access_key_id",
    "temporary_aws_secret_access_key", "temporary_aws_session_token", "temporary_azure_sas_token", "proxy_password",
    "spark.cosmos.accountKey", "spark.cosmos.auth.aad.clientSecret", "Masterkey",
    "spark.sql.catalog.c1.spark.cosmos.accountKey", "eventhubs.connectionString", "eventhubs.AadAuthCallbackParams",
    "kafka.ssl.keystore.password", "kafka.ssl.truststore.password", "kafka.ssl.key.password", "kafka.ssl.keystore.key",
    "kafka.ssl.keystore.certificate.chain", "ssl.keystore.password", "ssl.truststore.password", "ssl.key.password",
    "confluent.schema.registry.basic.auth.user.info", "basic.auth.user.info", "sessionToken", "awsAccessKeyId",
    "awsSecretAccessKey", "credentials", "gcpAccessToken", "privateKey", "privateKeyId", "es.net.http.auth.pass",
    "es.net.ssl.keystore.pass", "es.net.ssl.truststore.pass", "es.net.proxy.http.pass", "es.net.proxy.https.pass",
    "es.net.proxy.socks.pass", "es.net.http.header.Authorization", "spark.cassandra.auth.password",
    "spark.cassandra.connection.ssl.trustStore.password", "spark.cassandra.connection.ssl.keyStore.password",
    "spark.redis.auth", "auth", "authentication.basic.password", "authentication.bearer.token",
    "authentication.custom.credentials", "authentication.kerberos.ticket", "spark.couchbase.password",
    "spark.couchbase.password:conn", "SF_PASSWORD", "pemPassphrase", "cryptoKey", "kustoAadAppSecret",
    "kutoAadAppCertPassword", "spark.sql.catalog.c1.password", "spark.sql.catalog.c1.token",
    "spark.sql.catalog.c1.credential", "bearerToken", "clientSecret",
];

const OPTIONS_OF_NO_SECRET: &[&str] = &[
    "user", "sfUser", "dbtable", "forwardSparkAzureStorageCredentials", "secret.id", "credentialsFile",
    "kafka.sasl.mechanism", "kafka.security.protocol", "spark.cosmos.accountEndpoint", "authentication.type", "sfURL",
    "subscribe", "tempdir", "es.nodes",
];

#[test]
fn connector_options() {
    let python = |k: &str, v: &str| {
        [
            format!("spark.read.format('x').option('{k}', '{v}').load()"),
            format!("spark.read.format('x').option('{}', '{v}').load()", k.to_ascii_lowercase()),
            format!("spark.read.format('x').options(**{{'url': u, '{k}': '{v}'}}).load()"),
            format!("o = {{'url': u, '{k}': '{v}'}}\nspark.read.format('x').options(**o).load()"),
        ]
    };
    let scala = |k: &str, v: &str| {
        [
            format!("spark.read.format(\"x\").option(\"{k}\", \"{v}\").load()"),
            format!("spark.read.format(\"x\").options(Map(\"url\" -> u, \"{k}\" -> \"{v}\")).load()"),
            format!("val o = Map(\"url\" -> u, \"{k}\" -> \"{v}\")\nspark.read.format(\"x\").options(o).load()"),
        ]
    };
    assert_none(wrong("a.py", OPTIONS.iter().flat_map(|k| python(k, "¤"))));
    assert_none(wrong("a.scala", OPTIONS.iter().flat_map(|k| scala(k, "¤"))));
    let silent = |k: &&str| python(k, "abc9value1x").into_iter().chain(python(k, "true"));
    assert_none(wrong("a.py", OPTIONS_OF_NO_SECRET.iter().flat_map(silent)));
    let keywords = ["password", "sfPassword", "accessToken", "awsSecretKey", "sfToken", "pem_private_key"];
    assert_none(wrong(
        "a.py",
        keywords.iter().map(|k| format!("spark.read.format('x').options(url=u, {k}='¤').load()")),
    ));
    let jaas =
        |class: &str, rest: &str| format!("df.option('kafka.sasl.jaas.config', '{class} required {rest};').load()");
    assert_none(wrong(
        "a.py",
        [
            jaas("org.apache.kafka.common.security.plain.PlainLoginModule", "username=\"u\" password=\"¤\""),
            jaas(
                "kafkashaded.org.apache.kafka.common.security.scram.ScramLoginModule",
                "username=\"u\" password=\"¤\"",
            ),
            jaas(
                "kafkashaded.org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
                "clientId=\"i\" clientSecret=\"¤\"",
            ),
            jaas(
                "kafkashaded.org.apache.kafka.common.security.plain.PlainLoginModule",
                "username=\"$ConnectionString\" password=\"Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=R;SharedAccessKey=¤\"",
            ),
        ],
    ));
    let uris = ["connection.uri", "spark.mongodb.read.connection.uri", "spark.mongodb.output.uri", "uri"];
    assert_none(wrong(
        "a.py",
        uris.iter().map(|k| format!("df.write.format('mongodb').option('{k}', 'mongodb://u:¤@h/d').save()")),
    ));
}

/// Spark and Hadoop configuration keys (catalog §C.4).
const CONFS: &[&str] = &[
    "fs.azure.account.key.a.dfs.core.windows.net",
    "fs.azure.account.key.a.blob.core.windows.net",
    "fs.azure.account.oauth2.client.secret",
    "fs.azure.account.oauth2.client.secret.a.dfs.core.windows.net",
    "fs.azure.account.oauth2.refresh.token",
    "fs.azure.account.oauth2.user.password",
    "fs.azure.sas.c.a.blob.core.windows.net",
    "fs.azure.sas.fixed.token",
    "fs.azure.sas.fixed.token.a.dfs.core.windows.net",
    "fs.s3a.secret.key",
    "fs.s3a.session.token",
    "fs.s3a.encryption.key",
    "fs.s3a.server-side-encryption.key",
    "fs.s3a.access.key",
    "fs.s3a.bucket.b.secret.key",
    "fs.s3n.awsSecretAccessKey",
    "fs.s3.awsSecretAccessKey",
    "fs.gs.auth.service.account.private.key",
    "fs.gs.auth.service.account.private.key.id",
    "google.cloud.auth.service.account.private.key",
    "fs.gs.auth.client.secret",
    "fs.gs.auth.refresh.token",
    "dfs.adls.oauth2.credential",
    "dfs.adls.oauth2.refresh.token",
    "javax.jdo.option.ConnectionPassword",
    "spark.ssl.ui.keyPassword",
    "spark.ssl.keyStorePassword",
    "spark.ssl.fs.trustStorePassword",
    "spark.authenticate.secret",
    "spark.databricks.token",
    "spark.databricks.service.token",
    "spark.executorEnv.DB_PASSWORD",
    "spark.yarn.appMasterEnv.API_TOKEN",
    "my.app.client.secret",
    "x.ssl.keystore.pass",
    "my.oauth2.token",
];

const CONFS_OF_NO_SECRET: &[&str] = &[
    "fs.azure.account.oauth2.client.id",
    "fs.azure.account.oauth2.client.endpoint.a.dfs.core.windows.net",
    "fs.azure.account.oauth2.msi.tenant",
    "fs.azure.account.auth.type.a.dfs.core.windows.net",
    "google.cloud.auth.service.account.json.keyfile",
    "spark.sql.shuffle.partitions",
    "spark.executorEnv.PYTHONPATH",
    "fs.s3a.aws.credentials.provider",
    "fs.azure.sas.token.provider.type",
];

#[test]
fn configuration_keys() {
    let python = |k: &str, v: &str| {
        [
            format!("spark.conf.set('{k}', '{v}')"),
            format!("spark.conf.set('spark.hadoop.{k}', '{v}')"),
            format!("sc._jsc.hadoopConfiguration().set('{k}', '{v}')"),
            format!("spark = SparkSession.builder.config('{k}', '{v}').getOrCreate()"),
            format!("conf = SparkConf().set('{k}', '{v}')"),
            format!("c = {{'{k}': '{v}'}}\ndbutils.fs.mount(source=s, mount_point=m, extra_configs=c)"),
            format!("spark.sql('SET {k}={v}')"),
            format!("k = '{k}'\nv = '{v}'\nspark.conf.set(k, v)"),
        ]
    };
    let scala = |k: &str, v: &str| {
        [
            format!("spark.conf.set(\"{k}\", \"{v}\")"),
            format!("sc.hadoopConfiguration.set(\"{k}\", \"{v}\")"),
            format!("val c = Map(\"{k}\" -> \"{v}\")\ndbutils.fs.mount(source = s, mountPoint = m, extraConfigs = c)"),
            format!("val s = SparkSession.builder().config(\"{k}\", \"{v}\").getOrCreate()"),
        ]
    };
    assert_none(wrong("a.py", CONFS.iter().flat_map(|k| python(k, "¤"))));
    assert_none(wrong("a.scala", CONFS.iter().flat_map(|k| scala(k, "¤"))));
    assert_none(wrong("a.sql", CONFS.iter().map(|k| format!("SET {k}=¤;"))));
    assert_none(wrong("a.sql", CONFS.iter().map(|k| format!("SET spark.hadoop.{k} = ¤;"))));
    assert_none(wrong("a.py", CONFS_OF_NO_SECRET.iter().flat_map(|k| python(k, "abc9value1x"))));
    assert_none(wrong("a.scala", CONFS_OF_NO_SECRET.iter().flat_map(|k| scala(k, "abc9value1x"))));
    assert_none(wrong(
        "a.py",
        each(&["spark.conf.set('spark.driver.extraJavaOptions', '-Dx=1 -Djavax.net.ssl.trustStorePassword=¤')"]),
    ));
}

/// SQL statements (catalog §C.5), in SQL and inside a program.
const STATEMENTS: &[&str] = &[
    "CREATE CONNECTION c TYPE postgresql OPTIONS (host 'h', user 'u', password '¤')",
    "CREATE FOREIGN CONNECTION IF NOT EXISTS c TYPE snowflake OPTIONS (client_secret '¤')",
    "CREATE CONNECTION c TYPE http OPTIONS (host 'h', bearer_token '¤')",
    "CREATE CONNECTION c TYPE bigquery OPTIONS (GoogleServiceAccountKeyJson '¤')",
    "CREATE CONNECTION c TYPE snowflake OPTIONS (pem_private_key '¤')",
    "CREATE CONNECTION c TYPE databricks OPTIONS (personalAccessToken '¤')",
    "CREATE CONNECTION c TYPE salesforce OPTIONS (access_token '¤', refresh_token '¤', security_token '¤')",
    "CREATE CONNECTION c TYPE workday_raas OPTIONS (authorization_code '¤', oauth_client_secret '¤')",
    "ALTER CONNECTION c OPTIONS (password '¤')",
    "CREATE TABLE t USING jdbc OPTIONS (url 'jdbc:mysql://h/d', dbtable 't', user 'u', password '¤')",
    "CREATE TEMPORARY VIEW t USING snowflake OPTIONS (sfUser 'u', sfPassword '¤')",
    "CREATE OR REPLACE TEMP VIEW t USING redshift OPTIONS (url 'jdbc:redshift://h/d?user=u&password=¤')",
    "CREATE TABLE t USING org.apache.spark.sql.jdbc OPTIONS (password \"¤\")",
    "COPY INTO t FROM 's3://b/p' WITH (CREDENTIAL (AWS_ACCESS_KEY = 'AKX', AWS_SECRET_KEY = '¤', AWS_SESSION_TOKEN = '¤')) FILEFORMAT = CSV",
    "COPY INTO t FROM 'abfss://c@a.dfs.core.windows.net/p' WITH (CREDENTIAL (AZURE_SAS_TOKEN = '¤')) FILEFORMAT = CSV",
    "COPY INTO t FROM 's3://b/p' WITH (ENCRYPTION (TYPE = 'AWS_SSE_C', MASTER_KEY = '¤')) FILEFORMAT = CSV",
    "CREATE TABLE t LOCATION 's3a://AKX:¤@b/p'",
    "CREATE TABLE t LOCATION 'wasbs://c@a.blob.core.windows.net/p?sv=2022-11-02&sp=r&sig=¤'",
    "SELECT * FROM read_files('https://a.blob.core.windows.net/c/p?sv=2022-11-02&sp=r&sig=¤')",
    "SELECT http_request(conn => 'c', method => 'GET', path => '/', headers => map('Authorization', 'Bearer ¤'))",
    "SELECT * FROM remote_query('c', password => '¤')",
    "CREATE USER joe IDENTIFIED BY '¤'",
    "CREATE USER joe WITH PASSWORD '¤'",
    "ALTER USER joe PASSWORD '¤'",
    "CREATE LOGIN joe WITH PASSWORD = '¤'",
    "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY = 'i', SECRET = '¤'",
    "CREATE MASTER KEY ENCRYPTION BY PASSWORD = '¤'",
    "ALTER LOGIN joe WITH PASSWORD = '¤'",
    "SET PASSWORD FOR 'joe'@'%' = PASSWORD('¤')",
    "CREATE ROLE r LOGIN PASSWORD '¤'",
    "GRANT ALL ON d.* TO 'u'@'h' IDENTIFIED BY '¤'",
];

#[test]
fn statements() {
    assert_none(wrong("a.sql", STATEMENTS.iter().map(|s| format!("{s};"))));
    let program = |s: &&str| !s.contains('"');
    assert_none(wrong("a.py", STATEMENTS.iter().filter(|s| program(s)).map(|s| format!("spark.sql(\"{s}\")"))));
    assert_none(wrong("a.py", STATEMENTS.iter().map(|s| format!("cursor.execute(\"\"\"\n{s}\n\"\"\")"))));
    assert_none(wrong("a.scala", STATEMENTS.iter().filter(|s| program(s)).map(|s| format!("spark.sql(\"{s}\")"))));
    let silent = STATEMENTS.iter().filter(|s| !s.contains("://") && !s.contains("Bearer"));
    assert_none(wrong(
        "b.sql",
        silent
            .clone()
            .map(|s| format!("{};", s.replace("'¤'", "secret('s', 'k')").replace("\"¤\"", "secret('s', 'k')"))),
    ));
    assert_none(wrong("c.sql", silent.map(|s| format!("{};", s.replace('¤', "${pw}")))));
}

#[test]
fn headers_of_keys() {
    let headers = [
        "x-api-key", "Ocp-Apim-Subscription-Key", "X-Vault-Token", "PRIVATE-TOKEN", "DD-API-KEY", "api-key",
        "X-Amz-Security-Token",
    ];
    assert_none(wrong("a.py", headers.iter().map(|h| format!("h = {{'{h}': '¤'}}"))));
    assert_none(wrong("a.py", headers.iter().map(|h| format!("headers['{h}'] = '¤'"))));
    assert_none(wrong("a.scala", headers.iter().map(|h| format!("post.setHeader(\"{h}\", \"¤\")"))));
}
