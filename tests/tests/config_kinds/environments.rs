//! Spark confs (CS301) and variables (CS302).

use super::assert_rows;

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
