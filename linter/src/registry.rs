//! The only list of rules.

use crate::{
    rule::{CellRule, NotebookRule, RuleMeta},
    rules::{config, governance, leak, plaintext, reference, shell, token},
};

pub static CELL_RULES: &[&dyn CellRule] = &[
    &plaintext::jdbc_properties::JdbcProperties,
    &plaintext::option_literal::OptionLiteral,
    &plaintext::conf_literal::ConfLiteral,
    &plaintext::jdbc_url::JdbcUrl,
    &plaintext::client_argument::ClientArgument,
    &plaintext::named_variable::NamedVariable,
    &plaintext::header::Header,
    &plaintext::connection_string::ConnectionString,
    &plaintext::key_material::KeyMaterial,
    &plaintext::wrapped_literal::WrappedLiteral,
    &plaintext::create_connection::CreateConnection,
    &plaintext::create_table_using_jdbc::CreateTableUsingJdbc,
    &plaintext::copy_into::CopyInto,
    &plaintext::secret_in_fs_url::SecretInFsUrl,
    &plaintext::set_conf::SetConf,
    &plaintext::sql_http_request::SqlHttpRequest,
    &plaintext::create_user::CreateUser,
    &plaintext::function_body::FunctionBody,
    &plaintext::environment::EnvRead,
    &plaintext::environment::EnvWrite,
    &plaintext::environment::DotEnv,
    &config::spark_conf_plain::SparkConfPlain,
    &config::env_vars_plain::EnvVarsPlain,
    &config::env_var_secret_ref::EnvVarSecretRef,
    &config::docker_basic_auth::DockerBasicAuth,
    &config::serving::ServingPlaintext,
    &config::serving::ServingReference,
    &config::uc_secret_value::UcSecretValue,
    &config::bundle_variable_default::BundleVariableDefault,
    &config::job_param_secret::JobParamSecret,
    &config::reference_form::RefInWrongPlace,
    &config::reference_form::PartialRef,
    &config::reference_form::RefTypo,
    &config::credential_file::CredentialFile,
    &config::tf_plain::TerraformPlain,
    &config::tf_output_not_sensitive::TerraformOutput,
    &config::ci_yaml::CiYaml,
    &reference::plaintext_fallback::PlaintextFallback,
    &reference::names::BadName,
    &reference::names::SecretishName,
    &reference::sql_secret_nonconstant::SqlSecretNonconstant,
    &reference::when_read::SecretReadInLoop,
    &reference::when_read::SecretAtImport,
    &shell::put_secret_literal::PutSecretLiteral,
    &shell::curl_auth::CurlAuth,
    &shell::pip_index::PipIndex,
    &shell::git_clone::GitClone,
    &shell::cli_password::CliPassword,
    &shell::legacy_cli::LegacyCli,
    &shell::legacy_cli::HybridCli,
    &shell::env_dump::EnvDump,
    &shell::history_echo::HistoryEcho,
    &token::TokenRule,
    &leak::comment_secret::CommentSecret,
];

pub static NOTEBOOK_RULES: &[&dyn NotebookRule] = &[
    &leak::LeakRule(0),
    &leak::LeakRule(1),
    &leak::LeakRule(2),
    &leak::LeakRule(3),
    &leak::LeakRule(4),
    &leak::LeakRule(5),
    &leak::LeakRule(6),
    &leak::LeakRule(7),
    &leak::LeakRule(8),
    &leak::LeakRule(9),
    &leak::LeakRule(10),
    &leak::LeakRule(11),
    &leak::LeakRule(12),
    &leak::LeakRule(13),
    &leak::LeakRule(14),
    &leak::LeakRule(15),
    &leak::LeakRule(16),
    &leak::LeakRule(17),
    &leak::LeakRule(18),
    &leak::LeakRule(19),
    &leak::LeakRule(20),
    &leak::LeakRule(21),
    &leak::LeakRule(22),
    &leak::LeakRule(23),
    &leak::LeakRule(24),
    &leak::LeakRule(25),
    &leak::LeakRule(26),
    &leak::LeakRule(27),
    &leak::output_contains_secret::StoredOutputRule,
    &governance::same_credential_many_places::SameCredential,
    &governance::same_scope_all_targets::SameScope,
    &governance::hardcoded_scope_in_code::HardcodedScope,
    &reference::dbutils_on_executor::DbutilsOnExecutor,
    &reference::order::SwappedArgs,
    &reference::order::UnknownScope,
    &reference::names::LowEntropySecret,
];

/// Rules that the engine itself reports.
pub static ENGINE_RULES: &[&RuleMeta] = &[&crate::rules::meta::unused_suppression::META];

/// All rules, by code.
pub fn all() -> impl Iterator<Item = &'static RuleMeta> {
    let mut metas: Vec<&'static RuleMeta> = CELL_RULES
        .iter()
        .map(|r| r.meta())
        .chain(NOTEBOOK_RULES.iter().map(|r| r.meta()))
        .chain(ENGINE_RULES.iter().copied())
        .chain(token::others())
        .collect();
    metas.sort_by_key(|m| m.code);
    metas.dedup_by_key(|m| m.code);
    metas.into_iter()
}

/// By name or code, case-insensitively.
pub fn find(name: &str) -> Option<&'static RuleMeta> {
    all().find(|m| m.name.eq_ignore_ascii_case(name) || m.code.eq_ignore_ascii_case(name))
}
