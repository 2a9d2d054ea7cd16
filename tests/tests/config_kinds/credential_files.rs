//! Files whose purpose is to hold a credential (CS330).

use super::assert_rows;

#[test]
fn files_of_credentials() {
    assert_rows(
        "CS330",
        &[
            (
                ".databrickscfg",
                "[D]\nhost = https://adb-1.azuredatabricks.net\ntoken = ¤\nclient_secret = ¤\npassword = ¤\nazure_client_secret = ¤\n",
            ),
            ("x/sales.share", "{\"shareCredentialsVersion\": 2, \"type\": \"oauth\", \"clientSecret\": \"¤\"}"),
            ("home/.netrc", "machine h.example.com login etl password ¤\n"),
            ("home/_netrc", "machine h.example.com\nlogin etl\npassword ¤\n"),
            ("kaggle.json", "{\"username\": \"u\", \"key\": \"¤\"}"),
            (
                "profiles.yml",
                "s:\n  target: d\n  outputs:\n    d: {type: databricks, token: ¤}\n    e: {type: postgres, host: h.example.com, password: ¤}\n",
            ),
            (
                "application_default_credentials.json",
                "{\"client_secret\": \"¤\", \"refresh_token\": \"¤\", \"type\": \"authorized_user\"}",
            ),
            (".pgpass", "h.example.com:5432:d:etl:¤\n"),
            (".npmrc", "//r.example.com/:_authToken=¤\n"),
            (".pypirc", "[pypi]\npassword = ¤\n"),
            (".aws/credentials", "[default]\naws_secret_access_key = ¤\naws_session_token = ¤\n"),
            ("terraform.tfvars", "db_password = \"¤\"\n"),
            ("prod.auto.tfvars", "passwords = { a = \"¤\" }\n"),
            ("terraform.tfvars.json", "{\"db_password\": \"¤\"}"),
            (".condarc", "channels:\n  - https://ci:¤@r.example.com/conda\n"),
            (".m2/settings.xml", "<settings><servers><server><password>¤</password></server></servers></settings>"),
            (".snowflake/connections.toml", "[a]\npassword = \"¤\"\n"),
            (".snowsql/config", "[connections]\npassword = ¤\n"),
            (".sbt/.credentials", "realm=R\nhost=r.example.com\nuser=ci\npassword=¤\n"),
            (".my.cnf", "[client]\nuser = etl\npassword = ¤\n"),
            (".s3cfg", "[default]\nsecret_key = ¤\n"),
            (".boto", "[Credentials]\naws_secret_access_key = ¤\n"),
            (".dockercfg", "{\"r.example.com\": {\"auth\": \"¤\"}}"),
            (".docker/config.json", "{\"auths\": {\"r.example.com\": {\"auth\": \"¤\"}}}"),
            (".streamlit/secrets.toml", "[connections.db]\npassword = \"¤\"\n"),
            (".terraformrc", "credentials \"app.terraform.io\" {\n  token = \"¤\"\n}\n"),
            ("credentials.tfrc.json", "{\"credentials\": {\"app.terraform.io\": {\"token\": \"¤\"}}}"),
            (".cargo/credentials.toml", "[registry]\ntoken = \"¤\"\n"),
            ("gh/hosts.yml", "github.com:\n  oauth_token: ¤\n"),
            (
                ".kube/config",
                "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers:\n- name: a\n  user:\n    token: ¤\n    password: ¤\n    client-key-data: ¤\n",
            ),
            (
                "ci/kubeconfig.yaml",
                "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers:\n- user: {token: ¤}\n",
            ),
            (
                "NuGet.Config",
                "<configuration><packageSourceCredentials><corp><add key=\"Username\" value=\"ci\"/><add key=\"ClearTextPassword\" value=\"¤\"/></corp></packageSourceCredentials></configuration>",
            ),
            ("accessTokens.json", "[{\"accessToken\": \"¤\", \"refreshToken\": \"¤\"}]"),
        ],
    );
    assert_rows("CS403", &[("pip.conf", "[global]\nindex-url = https://ci:¤@r.example.com/simple\n")]);
    assert_rows("CS108", &[(".gitconfig", "[url \"https://ci:¤@git.example.com/\"]\n\tinsteadOf = x\n")]);
}
