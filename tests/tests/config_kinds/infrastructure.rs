//! Terraform and pipelines of CI.

use credscope_tests::positions::assert_none;

use super::{assert_rows, wrong};

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
        failed.extend(wrong("CS340", "main.tf", &row));
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
