//! Every row of configuration (CS3xx) in every kind of document that the row names, and the forms of references, which
//! are silent in every kind. `¤` stands for a credential.

use credscope_linter::{Settings, Severity, Workspace};
use credscope_tests::positions::assert_none;

/// Looks random, has no character that a format escapes, is no token format.
const VALUE: &str = "q7Lm2vX9pLkT4wZs";

/// Codes of the findings of a file that cover `at`, and of all of at least a warning.
fn codes(path: &str, text: &str) -> Vec<(&'static str, Severity, std::ops::Range<usize>)> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let findings = credscope_linter::analyze(document, path, &Settings::default(), &Workspace::default()).findings;
    let place = |f: &credscope_linter::Finding| document.physical(f.place.cell as usize, f.place.span).range();
    findings.iter().map(|f| (f.rule.code, f.severity, place(f))).collect()
}

/// What is wrong with a file: each `¤` needs one finding of `code`, and nothing else is found.
fn wrong(code: &str, path: &str, row: &str) -> Option<String> {
    let text = row.replace('¤', VALUE);
    let mut found = codes(path, &text);
    found.retain(|(_, severity, _)| *severity >= Severity::Warning);
    let places: Vec<usize> = text.match_indices(VALUE).map(|(at, _)| at).collect();
    let each = places.iter().all(|at| {
        found.iter().filter(|(c, _, r)| *c == code && r.start <= *at && at + VALUE.len() <= r.end).count() == 1
    });
    // A file of accounts is read by its name.
    let prefilter =
        places.is_empty() || path.ends_with(".pgpass") || credscope_linter::prefilter::may_match(text.as_bytes());
    let right = each && found.len() == places.len() && prefilter;
    (!right).then(|| {
        let seen: Vec<String> = found.iter().map(|(c, _, r)| format!("{c} at {}", r.start)).collect();
        format!("{code} {path}: {row:?}: {}", seen.join(", "))
    })
}

fn assert_rows(code: &str, rows: &[(&str, &str)]) {
    assert_none(rows.iter().filter_map(|(path, row)| wrong(code, path, row)).collect());
}

#[test]
fn spark_confs() {
    assert_rows(
        "CS301",
        &[
            ("databricks.yml", "resources:\n  clusters:\n    c:\n      spark_conf:\n        fs.s3a.secret.key: ¤\n"),
            ("databricks.yml", "resources:\n  clusters:\n    c:\n      spark_conf: {\"fs.s3a.secret.key\": '¤'}\n"),
            ("databricks.yml", "resources:\n  pipelines:\n    p:\n      configuration:\n        source.password: ¤\n"),
            (
                "databricks.yml",
                "x: &x\n  fs.s3a.secret.key: ¤\nresources:\n  clusters:\n    c:\n      spark_conf: *x\n",
            ),
            (
                "databricks.yml",
                "resources:\n  clusters:\n    c:\n      spark_conf:\n        fs.s3a.secret.key: |\n          ¤\n",
            ),
            ("a.yml", "a: 1\n---\nspark_conf:\n  fs.s3a.secret.key: ¤\n"),
            ("a.yml.j2", "spark_conf:\n  fs.s3a.secret.key: ¤\n"),
            ("t.yml", "{% if prod %}\nspark_conf:\n  fs.s3a.secret.key: ¤\n{% endif %}\n"),
            ("job.json", "{\"new_cluster\": {\"spark_conf\": {\"fs.s3a.secret.key\": \"¤\"}}}"),
            ("job.jsonc", "{\n  // the cluster\n  \"spark_conf\": {\"fs.s3a.secret.key\": \"¤\",},\n}"),
            ("pipeline.json", "{\"name\": \"p\", \"configuration\": {\"source.password\": \"¤\"}, \"libraries\": []}"),
            ("policy.json", "{\"spark_conf.fs.s3a.secret.key\": {\"type\": \"fixed\", \"value\": \"¤\"}}"),
            ("policy.json", "{\"spark_conf.fs.s3a.secret.key\": {\"type\": \"unlimited\", \"defaultValue\": \"¤\"}}"),
            ("c.toml", "[spark_conf]\n\"fs.s3a.secret.key\" = \"¤\"\n"),
            (
                "main.tf",
                "resource \"databricks_cluster\" \"c\" {\n  spark_conf = {\n    \"fs.s3a.secret.key\" = \"¤\"\n  }\n}\n",
            ),
            (
                "main.tf.json",
                "{\"resource\": {\"databricks_cluster\": {\"c\": {\"spark_conf\": {\"fs.s3a.secret.key\": \"¤\"}}}}}",
            ),
            ("spark-defaults.conf", "spark.hadoop.fs.s3a.secret.key ¤\n"),
            ("spark-defaults.conf", "spark.hadoop.fs.s3a.secret.key\t¤\n"),
            ("spark-defaults.conf", "spark.hadoop.fs.s3a.secret.key=¤\n"),
            ("a.properties", "spark.hadoop.fs.s3a.secret.key = ¤\n"),
            ("a.ini", "[spark]\nspark.hadoop.fs.s3a.secret.key = ¤\n"),
            (
                "core-site.xml",
                "<configuration><property><name>fs.s3a.secret.key</name><value>¤</value></property></configuration>",
            ),
        ],
    );
}

#[test]
fn environments() {
    assert_rows(
        "CS302",
        &[
            ("databricks.yml", "resources:\n  clusters:\n    c:\n      spark_env_vars:\n        DB_PASSWORD: ¤\n"),
            ("job.json", "{\"new_cluster\": {\"spark_env_vars\": {\"DB_PASSWORD\": \"¤\"}}}"),
            ("policy.json", "{\"spark_env_vars.DB_PASSWORD\": {\"type\": \"fixed\", \"value\": \"¤\"}}"),
            ("main.tf", "resource \"databricks_cluster\" \"c\" {\n  spark_env_vars = { DB_PASSWORD = \"¤\" }\n}\n"),
            (
                "databricks.yml",
                "resources:\n  model_serving_endpoints:\n    e:\n      config:\n        served_entities:\n          - environment_vars: {API_TOKEN: ¤}\n",
            ),
            ("serving.json", "{\"served_entities\": [{\"environment_vars\": {\"API_TOKEN\": \"¤\"}}]}"),
            ("app.yaml", "command: [x]\nenv:\n  - name: API_TOKEN\n    value: ¤\n"),
            (
                "databricks.yml",
                "resources:\n  apps:\n    a:\n      config:\n        env:\n          - name: API_TOKEN\n            value: ¤\n",
            ),
            ("deployment.json", "{\"app_deployment\": {\"env_vars\": [{\"name\": \"API_TOKEN\", \"value\": \"¤\"}]}}"),
            ("databricks.yml", "bundle: {name: x}\nscripts:\n  s:\n    content: make\n    env: {DB_PASSWORD: ¤}\n"),
            (".env", "DB_PASSWORD=¤\nexport API_TOKEN=\"¤\"\n"),
            (".env.local", "DB_PASSWORD='¤'\n"),
            ("prod.env", "DB_PASSWORD=¤\n"),
            ("docker-compose.yml", "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: ¤\n"),
            ("compose.yaml", "services:\n  a:\n    build: .\n    environment:\n      - DB_PASSWORD=¤\n"),
            (
                "pod.yaml",
                "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - env:\n        - name: DB_PASSWORD\n          value: ¤\n",
            ),
            ("Dockerfile", "FROM x\nARG DB_PASSWORD=¤\nENV API_TOKEN=¤ \\\n  LEVEL=debug\n"),
        ],
    );
    assert_rows("CS405", &[("init.sh", "#!/bin/bash\nexport DB_PASSWORD=¤\n")]);
}

#[test]
fn clusters_jobs_and_bundles() {
    let auth = "docker_image";
    assert_rows(
        "CS304",
        &[
            (
                "databricks.yml",
                "resources:\n  clusters:\n    c:\n      docker_image:\n        basic_auth: {username: u, password: ¤}\n",
            ),
            (
                "job.json",
                "{\"new_cluster\": {\"docker_image\": {\"basic_auth\": {\"username\": \"u\", \"password\": \"¤\"}}}}",
            ),
            ("policy.json", "{\"docker_image.basic_auth.password\": {\"type\": \"fixed\", \"value\": \"¤\"}}"),
            (
                "main.tf",
                &format!(
                    "resource \"databricks_cluster\" \"c\" {{\n  {auth} {{\n    basic_auth {{\n      password = \"¤\"\n    }}\n  }}\n}}\n"
                ),
            ),
        ],
    );
    assert_rows(
        "CS310",
        &[
            ("databricks.yml", "bundle: {name: x}\nresources:\n  secrets:\n    db:\n      value: ¤\n"),
            (
                "databricks.json",
                "{\"bundle\": {\"name\": \"x\"}, \"resources\": {\"secrets\": {\"db\": {\"value\": \"¤\"}}}}",
            ),
        ],
    );
    assert_rows(
        "CS311",
        &[
            ("databricks.yml", "bundle: {name: x}\nvariables:\n  db_password:\n    default: ¤\n"),
            ("databricks.yml", "bundle: {name: x}\ntargets:\n  dev:\n    variables:\n      db_password: ¤\n"),
            (
                "databricks.yml",
                "bundle: {name: x}\ntargets:\n  dev:\n    variables:\n      db_password: {default: ¤}\n",
            ),
            (
                "databricks.json",
                "{\"bundle\": {\"name\": \"x\"}, \"variables\": {\"db_password\": {\"default\": \"¤\"}}}",
            ),
        ],
    );
    let task =
        |inner: &str| format!("resources:\n  jobs:\n    j:\n      tasks:\n        - task_key: t\n          {inner}\n");
    let mut rows: Vec<(&str, String)> = [
        "notebook_task: {base_parameters: {db_password: ¤}}",
        "python_wheel_task: {named_parameters: {db_password: ¤}}",
        "python_wheel_task: {parameters: [\"--db-password\", \"¤\"]}",
        "spark_python_task: {parameters: [\"--db-password=¤\"]}",
        "spark_jar_task: {parameters: [\"--token\", \"¤\"]}",
        "spark_submit_task: {parameters: [\"--conf\", \"spark.hadoop.fs.s3a.secret.key=¤\"]}",
        "sql_task: {parameters: {api_key: ¤}}",
        "run_job_task: {job_parameters: {db_password: ¤}}",
    ]
    .iter()
    .map(|inner| ("databricks.yml", task(inner)))
    .collect();
    for inner in [
        "\"notebook_params\": {\"db_password\": \"¤\"}",
        "\"python_params\": [\"--db-password\", \"¤\"]",
        "\"jar_params\": [\"--token=¤\"]",
        "\"python_named_params\": {\"db_password\": \"¤\"}",
        "\"job_parameters\": {\"db_password\": \"¤\"}",
        "\"sql_params\": {\"db_password\": \"¤\"}",
        "\"spark_submit_params\": [\"--conf\", \"fs.s3a.secret.key=¤\"]",
    ] {
        rows.push(("run.json", format!("{{\"job_id\": 1, {inner}}}")));
    }
    rows.push((
        "databricks.yml",
        "resources:\n  jobs:\n    j:\n      parameters:\n        - {name: db_password, default: ¤}\n".into(),
    ));
    rows.push(("main.tf", "resource \"databricks_job\" \"j\" {\n  parameter {\n    name    = \"db_password\"\n    default = \"¤\"\n  }\n}\n".into()));
    let rows: Vec<(&str, &str)> = rows.iter().map(|(p, r)| (*p, r.as_str())).collect();
    assert_rows("CS320", &rows);
}

/// The twelve fields, in four formats, and the fields that take a reference.
#[test]
fn fields_of_serving_endpoints() {
    let fields: &[(&str, &str)] = &[
        ("openai_config", "openai_api_key"),
        ("anthropic_config", "anthropic_api_key"),
        ("cohere_config", "cohere_api_key"),
        ("palm_config", "palm_api_key"),
        ("ai21labs_config", "ai21labs_api_key"),
        ("amazon_bedrock_config", "aws_access_key_id"),
        ("amazon_bedrock_config", "aws_secret_access_key"),
        ("databricks_model_serving_config", "databricks_api_token"),
        ("google_cloud_vertex_ai_config", "private_key"),
        ("openai_config", "microsoft_entra_client_secret"),
        ("bearer_token_auth", "token"),
        ("api_key_auth", "value"),
    ];
    let mut failed = Vec::new();
    for (config, field) in fields {
        for (code, ending) in [("CS305", "_plaintext"), ("CS306", "")] {
            let rows = [
                (
                    "databricks.yml",
                    format!(
                        "resources:\n  model_serving_endpoints:\n    e:\n      config:\n        served_entities:\n          - external_model:\n              {config}:\n                {field}{ending}: ¤\n"
                    ),
                ),
                (
                    "serving.json",
                    format!(
                        "{{\"served_entities\": [{{\"external_model\": {{\"{config}\": {{\"{field}{ending}\": \"¤\"}}}}}}]}}"
                    ),
                ),
                (
                    "main.tf",
                    format!(
                        "resource \"databricks_model_serving\" \"m\" {{\n  config {{\n    served_entities {{\n      external_model {{\n        {config} {{\n          {field}{ending} = \"¤\"\n        }}\n      }}\n    }}\n  }}\n}}\n"
                    ),
                ),
                (
                    "main.tf.json",
                    format!(
                        "{{\"resource\": {{\"databricks_model_serving\": {{\"m\": {{\"config\": {{\"served_entities\": {{\"external_model\": {{\"{config}\": {{\"{field}{ending}\": \"¤\"}}}}}}}}}}}}}}}}"
                    ),
                ),
            ];
            failed.extend(rows.iter().filter_map(|(path, row)| wrong(code, path, row)));
        }
    }
    assert_none(failed);
}

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

#[test]
fn terraform() {
    let attributes: &[(&str, &str, &str)] = &[
        ("databricks_secret", "", "string_value"),
        ("databricks_secret_uc", "", "value"),
        ("databricks_git_credential", "", "personal_access_token"),
        ("databricks_connection", "options =", "password"),
        ("databricks_mlflow_webhook", "http_url_spec", "secret"),
        ("databricks_mlflow_webhook", "http_url_spec", "authorization"),
        ("databricks_mlflow_webhook", "job_spec", "access_token"),
        ("databricks_notification_destination", "config", "integration_key"),
        ("databricks_notification_destination", "config", "password"),
        ("databricks_notification_destination", "config", "auth_secret"),
        ("databricks_notification_destination", "config", "oauth_token"),
        ("databricks_storage_credential", "azure_service_principal", "client_secret"),
        ("databricks_storage_credential", "gcp_service_account_key", "private_key"),
    ];
    let mut failed = Vec::new();
    for (kind, block, attribute) in attributes {
        let hcl = match *block {
            "" => format!("resource \"{kind}\" \"x\" {{\n  {attribute} = \"¤\"\n}}\n"),
            block => format!("resource \"{kind}\" \"x\" {{\n  {block} {{\n    {attribute} = \"¤\"\n  }}\n}}\n"),
        };
        let inner = match block.trim_end_matches([' ', '=']) {
            "" => format!("{{\"{attribute}\": \"¤\"}}"),
            block => format!("{{\"{block}\": {{\"{attribute}\": \"¤\"}}}}"),
        };
        let json = format!("{{\"resource\": {{\"{kind}\": {{\"x\": {inner}}}}}}}");
        failed.extend(wrong("CS340", "main.tf", &hcl));
        failed.extend(wrong("CS340", "main.tf.json", &json));
        let reference = hcl.replace("\"¤\"", "var.x");
        failed.extend(wrong("CS340", "main.tf", &reference));
    }
    for attribute in ["token", "client_secret", "password", "azure_client_secret", "google_credentials"] {
        failed.extend(wrong("CS340", "main.tf", &format!("provider \"databricks\" {{\n  {attribute} = \"¤\"\n}}\n")));
        let json = format!("{{\"provider\": {{\"databricks\": {{\"{attribute}\": \"¤\"}}}}}}");
        failed.extend(wrong("CS340", "main.tf.json", &json));
    }
    // A profile of Delta Sharing in a string: the finding is its token.
    for profile in [
        "\"{\\\"shareCredentialsVersion\\\": 1, \\\"bearerToken\\\": \\\"¤\\\"}\"",
        "<<EOT\n{\"shareCredentialsVersion\": 1, \"bearerToken\": \"¤\"}\nEOT",
    ] {
        let row = format!("resource \"databricks_provider\" \"p\" {{\n  recipient_profile_str = {profile}\n}}\n");
        failed.extend(wrong("CS108", "main.tf", &row));
    }
    assert_none(failed);
}

#[test]
fn pipelines_of_ci() {
    assert_rows(
        "CS350",
        &[
            (".github/workflows/a.yml", "on: push\nenv:\n  DATABRICKS_TOKEN: ¤\njobs: {a: {runs-on: x}}\n"),
            (
                ".github/workflows/a.yml",
                "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: acme/x@v1\n        with:\n          api-token: ¤\n",
            ),
            (
                "action.yml",
                "name: x\nruns:\n  using: composite\n  steps:\n    - run: make\n      shell: bash\n      env: {DB_PASSWORD: ¤}\n",
            ),
            ("azure-pipelines.yml", "trigger: [main]\nvariables:\n  db_password: ¤\nsteps:\n  - script: make\n"),
            ("ci/deploy.yml", "steps:\n  - bash: make\n    displayName: x\n    env: {DB_PASSWORD: ¤}\n"),
            (".gitlab-ci.yml", "stages: [a]\nvariables:\n  DB_PASSWORD: ¤\n"),
            (".circleci/config.yml", "version: 2.1\njobs:\n  a:\n    environment: {DB_PASSWORD: ¤}\n"),
            (
                ".github/workflows/a.yml",
                "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: databricks configure --token <<< ¤\n",
            ),
        ],
    );
}

/// Forms that a value is filled in by: something else has the credential.
const REFERENCES: &[&str] = &[
    "${var.pw}",
    "${env.DB_PASSWORD}",
    "${DB_PASSWORD}",
    "$DB_PASSWORD",
    "$(DB_PASSWORD)",
    "%DB_PASSWORD%",
    "${{ secrets.DB_PASSWORD }}",
    "$[variables.pw]",
    "{{secrets/sales/pw}}",
    "!vault secret/data/db",
    "vault:secret/data/db#pw",
    "op://vault/item/pw",
    "{{ env_var('DB_PASSWORD') }}",
    "{{ var.value.pw }}",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-pw",
    "ssm:/sales/db/pw",
    "{{resolve:ssm-secure:/sales/db/pw}}",
    "{{resolve:secretsmanager:db:SecretString:pw}}",
    "@Microsoft.KeyVault(SecretUri=https://kv.example.com/secrets/pw)",
    "keyvault://kv-sales/pw",
    "gcp:secretmanager:projects/1/secrets/pw",
    "sm://project/pw",
    "secretref:db-pw",
    "ref+vault://secret/db#pw",
    "awssm://db/pw",
    "file:///run/secrets/pw",
    "/run/secrets/pw",
    "env:DB_PASSWORD",
    "ENV[DB_PASSWORD]",
    "<password>",
    "#{DB_PASSWORD}#",
    "@@DB_PASSWORD@@",
    "__DB_PASSWORD__",
    "%(db_password)s",
    "{{ db_password }}",
    "ENC(q7Lm2vX9pLkT4wZs)",
    "{cipher}8a7b6c5d4e3f2a1b",
    "${ssm:/sales/db/pw}",
    "${file:/run/pw:password}",
    "${vault:secret/db:pw}",
    "${azkv:kv:pw}",
    "data.vault_generic_secret.db.data.pw",
    "local.pw",
    "var.db_password",
    "{{job.parameters.pw}}",
    "{{tasks.a.values.pw}}",
];

/// Documents with a credential's place: `§` is quoted as JSON is, `¶` is bare, `&` has the entities of XML.
const PLACES: &[(&str, &str)] = &[
    ("a.yaml", "db:\n  password: §\n"),
    ("b.yml", "spark_conf:\n  spark.db.password: §\n"),
    ("databricks.yml", "bundle: {name: x}\nvariables:\n  db_password:\n    default: §\n"),
    ("app.yaml", "command: [x]\nenv:\n  - name: DB_PASSWORD\n    value: §\n"),
    ("compose.yaml", "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: §\n"),
    ("profiles.yml", "s:\n  target: d\n  outputs:\n    d: {type: databricks, token: §}\n"),
    (".github/workflows/a.yml", "on: push\nenv:\n  DB_PASSWORD: §\njobs: {a: {runs-on: x}}\n"),
    ("a.json", "{\"db\": {\"password\": §}}"),
    ("run.json", "{\"job_id\": 1, \"notebook_params\": {\"password\": §}}"),
    ("a.toml", "[db]\npassword = §\n"),
    ("a.properties", "db.password=¶\n"),
    ("a.conf", "spark.db.password ¶\n"),
    ("b.conf", "db.password = ¶\n"),
    ("a.ini", "[db]\npassword = ¶\n"),
    (".databrickscfg", "[D]\ntoken = ¶\n"),
    (".env", "DB_PASSWORD=¶\n"),
    (".npmrc", "//r.example.com/:_authToken=¶\n"),
    (".pypirc", "[x]\npassword = ¶\n"),
    ("a.tfvars", "db_password = §\n"),
    ("a.tf", "provider \"databricks\" {\n  password = §\n}\n"),
    ("a.xml", "<configuration><property><name>fs.s3a.secret.key</name><value>&</value></property></configuration>"),
    (".m2/settings.xml", "<settings><servers><server><password>&</password></server></servers></settings>"),
    ("Dockerfile", "FROM x\nENV DB_PASSWORD=§\n"),
    ("a.sh", "export DB_PASSWORD=§\n"),
    ("a.sql", "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h.example.com', user 'u', password '¶');\n"),
    ("a.py", "password = §\n"),
    ("a.scala", "val password = §\n"),
    ("a.r", "password <- §\n"),
    ("notes.md", "password: ¶\n"),
];

#[test]
fn references_are_silent_in_every_document() {
    let mut failed = Vec::new();
    for (path, place) in PLACES {
        // Texts that the format itself would read as something else.
        let cannot_hold = |reference: &str| match () {
            () if path.ends_with(".sql") => reference.contains('\''),
            () if path.contains(".tf") => reference.starts_with("${") && reference.contains(':'),
            () => false,
        };
        for reference in REFERENCES.iter().filter(|r| !cannot_hold(r)) {
            let entities = reference.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let text = match place.split_once('&').filter(|_| place.starts_with('<')) {
                Some((before, after)) => format!("{before}{entities}{after}"),
                None => place.replace('§', &format!("\"{reference}\"")).replace('¶', reference),
            };
            // A reference of Databricks in a wrong place, and a parameter in the text of a statement, have rules of
            // their own.
            let found = codes(path, &text);
            let literal = found.iter().filter(|(c, ..)| !matches!(*c, "CS303" | "CS321" | "CS322" | "CS323" | "CS212"));
            let seen: Vec<&str> = literal.map(|(c, ..)| *c).collect();
            if !seen.is_empty() {
                failed.push(format!("{path}: {reference}: {}", seen.join(", ")));
            }
        }
        // The place is one: a credential there is found.
        let text = place.replace(['§', '¶'], &format!("{}{VALUE}{0}", if place.contains('§') { "\"" } else { "" }));
        let text = if place.starts_with('<') { place.replace('&', VALUE) } else { text };
        if !codes(path, &text).iter().any(|(_, severity, _)| *severity >= Severity::Warning) {
            failed.push(format!("{path}: nothing is found of a credential"));
        }
    }
    assert_none(failed);
}
