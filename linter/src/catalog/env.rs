//! Readers and writers of the process environment (catalog §A SRC13, CS221).

/// Callees whose first argument names a variable that is read; `[]` is a subscript.
const READERS: &[&str] = &[
    "os.environ[]", "os.environ.get", "os.getenv", "environ[]", "environ.get", "getenv", "os.environ.pop", "sys.env",
    "sys.env[]", "sys.env.get", "sys.env.getOrElse", "scala.sys.env", "scala.sys.env.get", "System.getenv",
    "java.lang.System.getenv", "System.getenv().get", "scala.util.Properties.envOrElse", "Properties.envOrElse",
    "util.Properties.envOrElse", "scala.util.Properties.envOrNone", "Properties.envOrNone", "Sys.getenv",
    "dotenv.get_key",
];

/// Callees that put a variable into the environment: name, then value.
const WRITERS: &[&str] = &[
    "os.putenv", "os.environ.setdefault", "environ.setdefault", "os.environ.update", "environ.update", "Sys.setenv",
    "System.setProperty", "java.lang.System.setProperty", "sys.props.put", "sys.props.update",
];

pub fn is_reader(callee: &str) -> bool {
    READERS.contains(&callee)
}

pub fn is_writer(callee: &str) -> bool {
    WRITERS.contains(&callee) || callee.ends_with(".setSystemProperty")
}

/// Writers of the environment itself; Java's properties are no part of it.
pub fn sets_environment(callee: &str) -> bool {
    is_writer(callee) && !sets_properties(callee)
}

/// Writers of Java's system properties.
pub fn sets_properties(callee: &str) -> bool {
    callee.ends_with("Property") || callee.contains("sys.props")
}

/// The mapping that the environment is in Python.
pub fn is_environment(path: &str) -> bool {
    matches!(path, "os.environ" | "environ")
}

/// Path of a bound name that is a variable of the environment: `os.environ.X`, `sys.props.X`.
pub fn variable(path: &str) -> Option<&str> {
    ["os.environ.", "environ.", "sys.props."].iter().find_map(|p| path.strip_prefix(p))
}

/// Variables of the machine and of CI that only look like secrets, or hold what CI itself gives.
pub fn is_harmless(name: &str) -> bool {
    const CI: &[&str] = &["GITHUB_", "CI_", "ACTIONS_", "SYSTEM_", "BITBUCKET_", "CIRCLE_", "JENKINS_", "RUNNER_"];
    is_no_secret(name) || CI.iter().any(|p| name.starts_with(p))
}

/// Variables that hold no secret whoever sets them. A literal for `GITHUB_TOKEN` is one.
pub fn is_no_secret(name: &str) -> bool {
    matches!(
        name,
        "PWD" | "OLDPWD" | "SSH_AUTH_SOCK" | "TOKENIZERS_PARALLELISM" | "XAUTHORITY" | "GOOGLE_APPLICATION_CREDENTIALS"
    )
}

/// Variables that Databricks' own clients and tools sign in with, before there is anything to read a secret with.
pub fn is_sign_in(name: &str) -> bool {
    ["DATABRICKS_", "DBT_", "ARM_", "AZURE_DEVOPS_"].iter().any(|p| name.starts_with(p))
}

/// Parts of a credential of AWS that ends by itself: whoever hands it out sets all of them, for a while.
pub const TEMPORARY: &[&str] = &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", SESSION_TOKEN];
/// What only such a credential has.
pub const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// Modules of programs that something else than a cluster runs: schedulers, web servers, functions in the cloud.
pub fn is_service(module: &str) -> bool {
    const ROOTS: &[&str] = &[
        "airflow", "flask", "django", "fastapi", "starlette", "aws_lambda_powertools", "functions_framework", "celery",
        "prefect", "dagster", "streamlit", "dash", "gradio", "chalice", "tornado", "sanic",
    ];
    module.starts_with("azure.functions") || module.split('.').next().is_some_and(|root| ROOTS.contains(&root))
}

/// Variables that a library reads and has no other way to take (CS221 allow-list).
pub fn is_library_variable(name: &str) -> bool {
    [
        "OPENAI_", "SNOWFLAKE_", "HF_", "HUGGING", "WANDB_", "ANTHROPIC_", "DATABRICKS_", "MLFLOW_", "AZURE_", "AWS_",
        "GOOGLE_", "KAGGLE_", "COHERE_", "LANGCHAIN_", "PINECONE_",
    ]
    .iter()
    .any(|p| name.starts_with(p))
}
