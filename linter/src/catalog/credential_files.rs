//! Files whose purpose is to hold credentials (catalog §C.7 CS330): how they are named, and under which keys the
//! credential stands.

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub struct CredentialFile {
    /// What it is, for messages.
    pub what: &'static str,
    /// Lower-case endings of the path; `*` at the start stands for any file name.
    names: &'static [&'static str],
    /// Top-level keys that tell the file whatever its name: all of them.
    content: &'static [&'static str],
    /// Last keys that hold a credential, lower case; `*` matches any run. Empty: every key that is named like one.
    keys: &'static [&'static str],
}

const fn file(
    what: &'static str,
    names: &'static [&'static str],
    content: &'static [&'static str],
    keys: &'static [&'static str],
) -> CredentialFile {
    CredentialFile { what, names, content, keys }
}

const FILES: &[CredentialFile] = &[
    file(
        "Databricks CLI profile file",
        &[".databrickscfg"],
        &[],
        &["token", "client_secret", "password", "azure_client_secret", "google_credentials", "oidc_token"],
    ),
    file(
        "Delta Sharing profile",
        &["*.share"],
        &["shareCredentialsVersion", "endpoint"],
        &["bearertoken", "clientsecret", "password"],
    ),
    file("netrc file", &["/.netrc", "/_netrc", "=.netrc", "=_netrc"], &[], &["password"]),
    file("Kaggle API file", &["kaggle.json"], &[], &["key"]),
    file(
        "Google credentials file",
        &["application_default_credentials.json"],
        &["refresh_token", "client_secret"],
        &["client_secret", "refresh_token"],
    ),
    file("Google service account key", &[], &["private_key_id", "private_key"], &["private_key"]),
    file("PostgreSQL password file", &[".pgpass", "pgpass.conf"], &[], &["password"]),
    file("npm configuration", &[".npmrc"], &[], &["*_authtoken", "*_auth", "*_password"]),
    file("PyPI upload configuration", &[".pypirc"], &[], &["password", "repository"]),
    file(
        "AWS credentials file",
        &[".aws/credentials", "=credentials", "/credentials", ".aws/config"],
        &[],
        &["aws_secret_access_key", "aws_session_token", "aws_access_key_id"],
    ),
    file(
        "pip configuration",
        &["pip.conf", "pip.ini"],
        &[],
        &["index-url", "extra-index-url", "index_url", "proxy", "find-links"],
    ),
    file(
        "conda configuration",
        &[".condarc"],
        &[],
        &["channels", "default_channels", "channel_alias", "http", "https"],
    ),
    file(
        "Maven settings",
        &[".m2/settings.xml", "/settings-security.xml", "=settings.xml", "/settings.xml"],
        &[],
        &["password", "passphrase", "master"],
    ),
    file(
        "Snowflake connections file",
        &[
            ".snowflake/connections.toml", ".snowflake/config.toml", "=connections.toml", "/connections.toml",
            ".snowsql/config",
        ],
        &[],
        &["password", "token", "private_key_passphrase", "private_key", "passcode"],
    ),
    file(
        "sbt credentials file",
        &[".sbt/.credentials", ".ivy2/.credentials", "*.credentials", "/.credentials", "=.credentials"],
        &[],
        &["password"],
    ),
    file("MySQL client configuration", &[".my.cnf", ".mylogin.cnf"], &[], &["password"]),
    file(
        "S3 client configuration",
        &[".s3cfg", ".boto"],
        &[],
        &["secret_key", "access_token", "aws_secret_access_key", "gs_secret_access_key", "gs_oauth2_refresh_token"],
    ),
    file(
        "Docker registry configuration",
        &[".dockercfg", ".docker/config.json"],
        &["auths"],
        &["auth", "identitytoken", "registrytoken"],
    ),
    file("Streamlit secrets file", &[".streamlit/secrets.toml"], &[], &[]),
    file("Terraform variable file", &["*.tfvars", "*.tfvars.json"], &[], &[]),
    file("Terraform CLI configuration", &[".terraformrc", "terraform.rc", "credentials.tfrc.json"], &[], &["token"]),
    file("cargo credentials file", &[".cargo/credentials.toml", ".cargo/credentials"], &[], &["token"]),
    file("GitHub CLI configuration", &["gh/hosts.yml"], &[], &["oauth_token"]),
    file(
        "Kubernetes client configuration",
        &[".kube/config", "kubeconfig"],
        &["clusters", "contexts", "users"],
        &["token", "password", "client-key-data"],
    ),
    file("NuGet configuration", &["nuget.config"], &[], &["cleartextpassword", "password"]),
    file("Azure CLI token cache", &["accesstokens.json"], &[], &["accesstoken", "refreshtoken"]),
];

/// Endings of an old copy of a file.
const BACKUPS: &[&str] = &[".bak", ".old", ".orig"];

/// The row of a file: by its path in lower case, or by its top-level keys.
pub fn find(path: &str, has: impl Fn(&str) -> bool) -> Option<&'static CredentialFile> {
    let path = BACKUPS.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    FILES.iter().find(|f| {
        let named = f.names.iter().any(|n| match n.strip_prefix(['*', '=']) {
            Some(rest) if n.starts_with('*') => path.ends_with(rest),
            Some(rest) => path == rest,
            None => path.ends_with(n),
        });
        named || !f.content.is_empty() && f.content.iter().all(|k| has(k))
    })
}

impl CredentialFile {
    /// Whether the value of a key is a credential by the table.
    pub fn holds(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        self.keys.iter().any(|k| super::matches(k, &key))
    }

    /// Whether the keys name places to get packages from: only a password in their URL is a credential.
    pub fn holds_urls(&self) -> bool {
        self.keys.iter().any(|k| matches!(*k, "index-url" | "channels"))
    }

    /// Whether any key that is named like a secret holds one.
    pub fn by_name(&self) -> bool {
        self.keys.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_name_or_content() {
        let by_name = |path: &str| find(path, |_| false).map(|f| f.what);
        assert_eq!(by_name("home/.databrickscfg"), Some("Databricks CLI profile file"));
        assert_eq!(by_name("infra/prod.auto.tfvars"), Some("Terraform variable file"));
        assert_eq!(by_name("x/.m2/settings.xml"), Some("Maven settings"));
        assert_eq!(by_name("src/token.py"), None);
        let keys = ["shareCredentialsVersion", "endpoint", "bearerToken"];
        assert_eq!(find("x.json", |k| keys.contains(&k)).map(|f| f.what), Some("Delta Sharing profile"));
    }
}
