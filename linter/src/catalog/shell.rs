//! Programs and the places of their command lines that carry a credential (catalog §C.8, CS405).

/// How a credential stands on a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `--password X`, `--password=X`, `-p X`.
    Flag,
    /// `-pX` only: a blank means that the program asks.
    Attached,
    /// `-P X` and `-PX`.
    Either,
    /// `-u user:X`.
    UserColon,
    /// `-U user%X`.
    UserPercent,
    /// `-u user,X`.
    UserComma,
    /// `-passin pass:X`.
    Prefixed,
    /// `--from-literal=key=X`, `-e NAME=X`: the value of a pair whatever its name.
    Pair,
    /// The same where the name has to say that it is a secret.
    NamedPair,
    /// The word behind one that names a secret: `aws configure set aws_secret_access_key X`.
    AfterName,
    /// The last of so many words behind the row's sub-command that are no flags.
    Positional(usize),
    /// `user/X@host` as a word.
    Login,
}

/// One place of a credential.
#[derive(Debug)]
pub struct Row {
    /// Program names, without folder and `.exe`.
    pub programs: &'static [&'static str],
    /// Words one of which has to be there; none: always.
    pub sub: &'static [&'static str],
    /// Flags; none for [`Form::Positional`], [`Form::AfterName`] and [`Form::Login`].
    pub flags: &'static [&'static str],
    pub form: Form,
}

const fn row(
    programs: &'static [&'static str],
    sub: &'static [&'static str],
    flags: &'static [&'static str],
    form: Form,
) -> Row {
    Row { programs, sub, flags, form }
}

const MYSQL: &[&str] = &["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mariadb", "mariadb-dump"];
const MONGO: &[&str] = &["mongo", "mongosh", "mongodump", "mongorestore", "mongoimport", "mongoexport"];
const ORACLE: &[&str] = &["sqlplus", "sqlldr", "exp", "imp", "expdp", "impdp", "sql"];
const CONTAINERS: &[&str] = &["docker", "podman", "nerdctl", "docker-compose", "buildah"];

/// First fit decides; a program may have several rows.
pub static ROWS: &[Row] = &[
    row(CONTAINERS, &["login"], &["-p", "--password"], Form::Flag),
    row(CONTAINERS, &[], &["-e", "--env", "--build-arg", "-l", "--label"], Form::NamedPair),
    row(&["helm"], &["login", "add", "install", "upgrade"], &["-p", "--password"], Form::Flag),
    row(&["helm"], &[], &["--set", "--set-string"], Form::NamedPair),
    row(&["oc", "argocd", "cf", "ibmcloud"], &["login"], &["-p", "--password", "--token", "--apikey"], Form::Flag),
    row(&["az"], &["login"], &["-p", "--password"], Form::Flag),
    row(&["az"], &["keyvault"], &["--value"], Form::Flag),
    row(
        &["az"],
        &[],
        &[
            "--account-key", "--sas-token", "--connection-string", "--admin-password", "--password", "--client-secret",
            "--secret", "--docker-registry-server-password", "--registry-password",
        ],
        Form::Flag,
    ),
    row(&["aws"], &["configure"], &[], Form::AfterName),
    row(
        &["aws"],
        &[],
        &["--master-user-password", "--secret-string", "--password", "--auth-token", "--secret-access-key"],
        Form::Flag,
    ),
    row(&["aws"], &["SecureString"], &["--value"], Form::Flag),
    row(&["gcloud"], &[], &["--password", "--root-password"], Form::Flag),
    row(&["gh"], &["secret"], &["-b", "--body"], Form::Flag),
    row(MYSQL, &[], &["-p"], Form::Attached),
    row(MYSQL, &[], &["--password"], Form::Flag),
    row(MONGO, &[], &["-p", "--password"], Form::Flag),
    row(&["redis-cli"], &[], &["-a", "--pass"], Form::Flag),
    row(&["sqlcmd", "bcp", "tsql", "osql", "mssql-cli"], &[], &["-P"], Form::Either),
    row(&["isql"], &[], &[], Form::Positional(3)),
    row(&["sshpass"], &[], &["-p"], Form::Either),
    row(&["openssl"], &[], &["-passin", "-passout", "-pass"], Form::Prefixed),
    row(&["openssl"], &["enc"], &["-k"], Form::Flag),
    row(
        &["wget"],
        &[],
        &["--password", "--http-password", "--ftp-password", "--proxy-password", "--http-passwd"],
        Form::Flag,
    ),
    row(&["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami"], &[], &["-w"], Form::Either),
    row(&["smbclient", "rpcclient", "net"], &[], &["-U", "--user"], Form::UserPercent),
    row(&["lftp"], &[], &["-u", "--user"], Form::UserComma),
    row(
        &["keytool", "jarsigner"],
        &[],
        &["-storepass", "-keypass", "-srcstorepass", "-deststorepass", "-destkeypass"],
        Form::Flag,
    ),
    row(
        &["htpasswd"],
        &["-b", "-bc", "-cb", "-nb", "-nbB", "-Bb", "-bB", "-Bbn", "-bn", "-cbB"],
        &[],
        Form::Positional(3),
    ),
    row(&["gpg", "gpg2"], &[], &["--passphrase"], Form::Flag),
    row(&["zip", "unzip"], &[], &["-P"], Form::Either),
    row(&["7z", "7za", "7zr"], &[], &["-p"], Form::Attached),
    row(&["twine"], &["upload"], &["-p", "--password"], Form::Flag),
    row(&["nuget"], &[], &["-ApiKey", "-Password"], Form::Flag),
    row(&["dotnet"], &["nuget"], &["-k", "--api-key", "--password", "-p"], Form::Flag),
    row(&["beeline"], &[], &["-p"], Form::Flag),
    row(&["sqoop"], &[], &["--password"], Form::Flag),
    row(&["cqlsh"], &[], &["-p", "--password"], Form::Flag),
    row(&["influx"], &[], &["-password", "-t", "--token"], Form::Flag),
    row(&["spark-submit", "spark-shell", "pyspark", "spark-sql"], &[], &["--conf", "-c"], Form::NamedPair),
    row(&["kubectl", "oc", "k"], &["secret"], &["--from-literal"], Form::Pair),
    row(&["kubectl", "oc", "k"], &[], &["--docker-password", "--token", "--password"], Form::Flag),
    row(&["terraform", "tofu", "terragrunt"], &[], &["-var", "--var"], Form::NamedPair),
    row(&["ansible", "ansible-playbook"], &[], &["-e", "--extra-vars"], Form::NamedPair),
    row(&["databricks"], &[], &["--var"], Form::NamedPair),
    row(&["databricks"], &["configure"], &["--token"], Form::Flag),
    row(&["databricks"], &["git-credentials"], &["--personal-access-token"], Form::Flag),
    row(&["curl"], &[], &["-E", "--cert", "--proxy-cert"], Form::UserColon),
    row(&["vault"], &["login"], &[], Form::Positional(1)),
    row(&["wandb"], &["login"], &[], Form::Positional(1)),
    row(&["rabbitmqctl"], &["add_user", "change_password"], &[], Form::Positional(2)),
    row(&["huggingface-cli", "hf"], &["login"], &["--token"], Form::Flag),
    row(&["poetry"], &["config"], &[], Form::AfterName),
    row(&["npm", "yarn", "pnpm"], &["config", "set"], &[], Form::AfterName),
    row(&["snow", "snowsql"], &[], &["--password"], Form::Flag),
    row(ORACLE, &[], &[], Form::Login),
    row(&["cmdkey"], &[], &["/pass", "/p"], Form::Prefixed),
];

/// Long flags that say what they carry, of any program.
pub static FLAGS: &[&str] = &[
    "--password", "--passwd", "--pass", "--token", "--api-key", "--apikey", "--api-token", "--access-token",
    "--auth-token", "--secret", "--secret-key", "--client-secret", "--access-key", "--private-key", "--passphrase",
    "--db-password", "--db-pass", "--admin-password", "--root-password", "--user-password", "--bearer-token",
    "--sas-token", "--account-key", "--connection-string", "-password", "-Password", "-Token", "-ApiKey",
    "-ClientSecret", "-AccessToken", "--databricks-token", "--pat",
];

/// Programs that send a request.
pub static HTTP: &[&str] = &["curl", "curl.exe", "wget", "http", "https", "httpie", "xh", "aria2c", "grpcurl", "lynx"];

/// Flags of [`HTTP`] programs with `user:password`.
pub static HTTP_USER: &[&str] = &["-u", "--user", "-U", "--proxy-user", "-a", "--auth", "--proxy-auth"];

/// Flags of [`HTTP`] programs with a credential alone.
pub static HTTP_SECRET: &[&str] = &["--oauth2-bearer", "--pass", "--proxy-pass", "--tlspassword"];

/// Programs that install packages.
pub static INSTALLERS: &[&str] = &[
    "pip", "pip2", "pip3", "conda", "mamba", "micromamba", "uv", "uvx", "poetry", "pipenv", "pipx", "pdm",
    "easy_install", "hatch",
];

/// Variables that name a package index.
pub static INDEX_VARIABLES: &[&str] = &[
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX",
    "PIP_FIND_LINKS", "PIPENV_PYPI_MIRROR", "TWINE_REPOSITORY_URL", "CONDA_CHANNEL_ALIAS",
];

/// Keys of documents whose values are package sources, lower case.
pub static INDEX_KEYS: &[&str] = &[
    "index-url", "extra-index-url", "index_url", "extra_index_url", "find-links", "dependencies", "repo", "pip",
    "channels", "channel_alias", "install_requires", "requirements", "pypi_index", "default-index",
];

/// Commands whose `NAME=value` words last.
pub static SETTERS: &[&str] = &["export", "declare", "local", "readonly", "typeset"];

/// Commands that give the variables they name values from elsewhere.
pub static FORGETTERS: &[&str] = &["read", "for", "select", "unset", "mapfile", "readarray", "getopts"];

/// Commands behind which a script does not go on, or goes on elsewhere.
pub static ENDERS: &[&str] = &["exit", "return", "exec", "break", "continue"];

/// Programs that read a credential from their input: name, words one of which has to be there (none: always).
pub static READERS: &[(&str, &[&str])] = &[
    ("docker", &["--password-stdin"]),
    ("podman", &["--password-stdin"]),
    ("helm", &["--password-stdin"]),
    ("nerdctl", &["--password-stdin"]),
    ("az", &["login"]),
    ("sudo", &["-S", "-kS", "-Sk", "--stdin"]),
    ("su", &[]),
    ("passwd", &[]),
    ("chpasswd", &[]),
    ("kinit", &[]),
    ("kadmin", &[]),
    ("gpg", &["--passphrase-fd"]),
    ("gpg2", &["--passphrase-fd"]),
    ("openssl", &["stdin", "fd:0"]),
    ("cryptsetup", &[]),
    ("gh", &["--with-token", "set"]),
    ("databricks", &["configure", "put-secret", "--token", "put"]),
    ("vault", &["login", "-"]),
    ("npm", &["login", "adduser"]),
    ("wandb", &["login"]),
    ("huggingface-cli", &["login"]),
    ("heroku", &["login"]),
    ("wrangler", &["secret"]),
    ("fly", &["secrets"]),
    ("sshpass", &[]),
    ("smbpasswd", &[]),
    ("vncpasswd", &[]),
    ("pdbedit", &[]),
    ("skopeo", &["--password-stdin"]),
    ("oras", &["--password-stdin"]),
    ("crane", &["--password-stdin"]),
    ("pass", &["insert"]),
    ("security", &[]),
    ("aws", &["configure"]),
    ("gcloud", &["secrets"]),
    ("snowsql", &[]),
    ("cscli", &[]),
];

/// Whether the program among `words` (wrappers first) reads a credential from its input.
pub fn reads_credential(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(i, word)| {
        let name = word.rsplit('/').next().unwrap_or(word);
        READERS.iter().any(|(program, sub)| {
            *program == name
                && (i == 0 || words[0] == "sudo" || words[0] == "xargs")
                && (sub.is_empty() || words[i..].iter().any(|w| sub.contains(w)))
        })
    })
}
