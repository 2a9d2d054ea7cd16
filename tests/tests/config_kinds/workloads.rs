//! Clusters, jobs, bundles and serving endpoints.

use credscope_tests::positions::assert_none;

use super::{assert_rows, wrong};

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
