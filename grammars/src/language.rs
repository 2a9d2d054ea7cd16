//! Languages and text formats that a cell can be written in.

/// What a cell is written in. Decides which lowering reads it and which dialect writes into it; rules never see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    Python,
    Scala,
    Java,
    Sql,
    R,
    /// Shell scripts, `%sh` and `!` cells.
    Shell,
    /// `%pip` and `%conda` lines.
    Pip,
    Markdown,
    Yaml,
    /// JSON, also with comments.
    Json,
    Toml,
    /// Java `.properties`.
    Properties,
    /// Spark `.conf`: key and value separated by space, tab or `=`.
    SparkConf,
    /// `.ini`, `.cfg`, `.databrickscfg`, `.pypirc`, `pip.conf`.
    Ini,
    DotEnv,
    /// Terraform.
    Hcl,
    /// Hadoop `core-site.xml` and the like.
    Xml,
    Dockerfile,
    /// `.netrc`: accounts by host.
    Netrc,
    /// `.pgpass`: an account a line.
    Pgpass,
    /// `.npmrc`: settings, those of a registry below its address.
    Npmrc,
    /// Recipes of a Makefile are shell.
    Makefile,
    /// Jenkins pipelines: what they set, and the shell of their steps.
    Groovy,
    /// A program in a language that is not read (Rust, JavaScript, C …): its quoted texts and comments only.
    Source,
    /// Anything else: searched for token formats, URLs with userinfo and `name: value`.
    Text,
}

/// Endings of programs in languages that are not read. An unquoted word in them is a name, a type or a number.
const SOURCES: &[&str] = &[
    "rs", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "kt", "kts", "go", "c", "h", "cc",
    "cpp", "cxx", "hh", "hpp", "m", "mm", "cs", "fs", "fsx", "vb", "swift", "dart", "rb", "php", "pl", "pm", "t",
    "lua", "tcl", "ex", "exs", "erl", "hs", "ml", "mli", "clj", "cljs", "elm", "jl", "nim", "zig", "f90", "asm", "s",
    "el", "lisp", "scm", "css", "scss", "less", "proto", "thrift", "graphql", "wat",
];

impl Language {
    /// Lower-case name, as in the `language` field of the JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Scala => "scala",
            Self::Java => "java",
            Self::Sql => "sql",
            Self::R => "r",
            Self::Shell => "shell",
            Self::Pip => "pip",
            Self::Markdown => "markdown",
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Properties => "properties",
            Self::SparkConf => "spark-conf",
            Self::Ini => "ini",
            Self::DotEnv => "dotenv",
            Self::Hcl => "terraform",
            Self::Xml => "xml",
            Self::Dockerfile => "dockerfile",
            Self::Netrc => "netrc",
            Self::Pgpass => "pgpass",
            Self::Npmrc => "npmrc",
            Self::Makefile => "makefile",
            Self::Groovy => "groovy",
            Self::Source | Self::Text => "text",
        }
    }

    /// The language of a plain file, by its name (any folder part is ignored). `None`: not a known name or ending.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
        if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
            return Some(Self::DotEnv);
        }
        match name.as_str() {
            ".databrickscfg" | ".pypirc" | "pip.conf" | "pip.ini" | ".gitmodules" | ".gitconfig" | ".wgetrc"
            | "credentials" => {
                return Some(Self::Ini);
            }
            "spark-defaults.conf" => return Some(Self::SparkConf),
            "pipfile" => return Some(Self::Toml),
            ".netrc" | "_netrc" | "netrc" => return Some(Self::Netrc),
            ".npmrc" => return Some(Self::Npmrc),
            ".credentials" => return Some(Self::Properties),
            ".pgpass" | "pgpass.conf" | "pgpass" => return Some(Self::Pgpass),
            "nuget.config" | "web.config" | "app.config" => return Some(Self::Xml),
            ".my.cnf" | ".s3cfg" | ".boto" => return Some(Self::Ini),
            ".condarc" => return Some(Self::Yaml),
            ".flaskenv" => return Some(Self::DotEnv),
            ".envrc" | ".bashrc" | ".bash_profile" | ".profile" | ".zshrc" | ".bash_history" | ".zsh_history" => {
                return Some(Self::Shell);
            }
            "jenkinsfile" => return Some(Self::Groovy),
            ".dockercfg" | ".dockerconfigjson" => return Some(Self::Json),
            "makefile" | "gnumakefile" => return Some(Self::Makefile),
            ".terraformrc" | "terraform.rc" => return Some(Self::Hcl),
            // Files without an ending whose folder says what they are.
            "environment" if path.ends_with("etc/environment") => return Some(Self::DotEnv),
            "profile" if path.ends_with("etc/profile") => return Some(Self::Shell),
            "config" if path.ends_with(".kube/config") => return Some(Self::Yaml),
            "config" if path.ends_with(".aws/config") || path.ends_with(".snowsql/config") => return Some(Self::Ini),
            _ => {}
        }
        if name.starts_with("jenkinsfile.") || name.ends_with(".jenkinsfile") {
            return Some(Self::Groovy);
        }
        // `requirements.txt`, `requirements-dev.txt`, `constraints.txt`.
        if name.ends_with(".txt") && (name.starts_with("requirements") || name.starts_with("constraints"))
            || name.ends_with("-requirements.txt")
            || name.ends_with("_requirements.txt")
        {
            return Some(Self::Pip);
        }
        if matches!(name.as_str(), "dockerfile" | "containerfile")
            || name.starts_with("dockerfile.")
            || name.ends_with(".dockerfile")
        {
            return Some(Self::Dockerfile);
        }
        // `databricks.yml.tmpl`: what it renders to; `.npmrc.bak`: what it was.
        let (stem, ending) = name.rsplit_once('.')?;
        if matches!(
            ending,
            "j2" | "jinja"
                | "jinja2"
                | "tmpl"
                | "tpl"
                | "template"
                | "gotmpl"
                | "erb"
                | "mustache"
                | "bak"
                | "old"
                | "orig"
        ) && let Some(rendered) = Self::of_path(stem)
        {
            return Some(rendered);
        }
        Some(match ending {
            "py" | "pyw" | "pyi" => Self::Python,
            "scala" | "sc" | "sbt" => Self::Scala,
            "java" => Self::Java,
            "sql" | "hql" | "ddl" => Self::Sql,
            "r" => Self::R,
            "sh" | "bash" | "zsh" | "ksh" => Self::Shell,
            "md" | "markdown" => Self::Markdown,
            "yml" | "yaml" => Self::Yaml,
            "json" | "jsonc" | "share" | "tfstate" => Self::Json,
            "toml" => Self::Toml,
            "properties" | "credentials" => Self::Properties,
            "conf" => Self::SparkConf,
            "ini" | "cfg" => Self::Ini,
            "tf" | "tfvars" | "hcl" => Self::Hcl,
            "xml" => Self::Xml,
            "mk" | "mak" => Self::Makefile,
            "groovy" => Self::Groovy,
            "ps1" | "psm1" | "bat" | "cmd" | "command" => Self::Shell,
            ending if SOURCES.contains(&ending) => Self::Source,
            _ => return None,
        })
    }

    /// The language that a notebook magic (`%sql`, `%%bash`) or an editor's language id names.
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "python" | "py" | "pyspark" | "python3" | "ipython" => Self::Python,
            "scala" | "spark" => Self::Scala,
            "java" => Self::Java,
            "sql" | "sparksql" | "sqldf" | "bigquery" => Self::Sql,
            "r" | "sparkr" => Self::R,
            "sh" | "bash" | "shell" | "shellscript" | "script" | "zsh" => Self::Shell,
            "pip" | "conda" | "mamba" | "uv" => Self::Pip,
            "md" | "markdown" | "md-sandbox" | "html" => Self::Markdown,
            "yaml" | "yml" => Self::Yaml,
            "json" | "jsonc" => Self::Json,
            "toml" => Self::Toml,
            "properties" | "java-properties" => Self::Properties,
            "ini" => Self::Ini,
            "dotenv" => Self::DotEnv,
            "terraform" | "tf" | "hcl" | "terraform-vars" => Self::Hcl,
            "xml" => Self::Xml,
            "dockerfile" => Self::Dockerfile,
            "makefile" => Self::Makefile,
            "plaintext" | "text" => Self::Text,
            _ => return None,
        })
    }

    /// Languages whose cells are programs (lowered to statements).
    pub fn is_program(self) -> bool {
        matches!(self, Self::Python | Self::Scala | Self::Java | Self::Sql | Self::R)
    }
}
