//! Fields of the Databricks API, bundles and the Terraform provider that hold credentials (catalog §C.7). Data only.

/// Serving: fields with a `_plaintext` twin, without that ending (CS305, CS306).
pub const SERVING: &[&str] = &[
    "openai_api_key", "anthropic_api_key", "cohere_api_key", "palm_api_key", "ai21labs_api_key", "aws_access_key_id",
    "aws_secret_access_key", "databricks_api_token", "private_key", "microsoft_entra_client_secret", "token", "value",
];

/// Maps of Spark confs of a cluster.
pub const SPARK_CONF: &[&str] = &["spark_conf", "newClusterSparkConf"];
/// Maps of environment variables of a cluster, where `{{secrets/…}}` is expanded.
pub const CLUSTER_ENV: &[&str] = &["spark_env_vars", "newClusterSparkEnvVars"];
/// The same of a serving endpoint.
pub const SERVING_ENV: &str = "environment_vars";

/// Maps of parameters by name.
pub const PARAMETER_MAPS: &[&str] = &[
    "base_parameters", "baseParameters", "notebook_params", "named_parameters", "job_parameters", "sql_params",
    "python_named_params", "pipeline_params",
];
/// Lists of arguments of a program.
pub const PARAMETER_LISTS: &[&str] = &["python_params", "jar_params", "spark_submit_params"];
/// Tasks whose `parameters` are a list of arguments or a map.
pub const TASKS: &[&str] = &[
    "spark_python_task", "spark_jar_task", "spark_submit_task", "python_wheel_task", "sql_task", "notebook_task",
    "run_job_task", "dbt_task",
];

/// Terraform: resource or provider, and the end of the path below it (CS340); `*` is one part.
pub const TERRAFORM: &[(&str, &[&str])] = &[
    ("provider.databricks", &["token", "client_secret", "password", "azure_client_secret", "google_credentials"]),
    ("databricks_secret", &["string_value"]),
    ("databricks_secret_uc", &["value"]),
    ("databricks_git_credential", &["personal_access_token"]),
    ("databricks_mlflow_webhook", &["access_token", "secret", "authorization"]),
    ("databricks_notification_destination", &["integration_key", "password", "auth_secret", "oauth_token", "url"]),
    ("databricks_provider", &["recipient_profile_str"]),
    ("databricks_storage_credential", &["client_secret", "private_key"]),
    ("databricks_credential", &["client_secret", "private_key"]),
    ("databricks_metastore_data_access", &["client_secret", "private_key"]),
    ("azurerm_key_vault_secret", &["value"]),
    ("github_actions_secret", &["plaintext_value", "value"]),
    ("github_actions_organization_secret", &["plaintext_value", "value"]),
    ("github_actions_environment_secret", &["plaintext_value", "value"]),
    ("github_dependabot_secret", &["plaintext_value"]),
    ("databricks_aws_s3_mount", &["secret_key"]),
    ("databricks_azure_adls_gen2_mount", &["client_secret"]),
];

/// Attributes of Terraform resources that are secret (CS341): resource type, attribute.
pub const TERRAFORM_SECRETS: &[(&str, &str)] = &[
    ("databricks_token", "token_value"),
    ("databricks_obo_token", "token_value"),
    ("databricks_service_principal_secret", "secret"),
    ("databricks_secret", "string_value"),
    ("databricks_secret_uc", "value"),
    ("random_password", "result"),
    ("azuread_application_password", "value"),
    ("azuread_service_principal_password", "value"),
    ("azurerm_storage_account", "primary_access_key"),
    ("azurerm_storage_account", "primary_connection_string"),
    ("azurerm_key_vault_secret", "value"),
    ("aws_iam_access_key", "secret"),
    ("aws_secretsmanager_secret_version", "secret_string"),
    ("aws_ssm_parameter", "value"),
    ("google_service_account_key", "private_key"),
    ("google_secret_manager_secret_version", "secret_data"),
    ("tls_private_key", "private_key_pem"),
];
