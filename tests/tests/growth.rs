//! Documents of many lines cost no more a line than short ones: what four times the lines cost, in processor time, is
//! compared with what they cost once. Linear work is 4, quadratic work 16.

#![cfg(unix)]

use std::{fmt::Write, hint::black_box, time::Duration};

use credscope_linter::{
    Settings, Workspace,
    fix::{self, Names},
};
use rustix::time::{ClockId, clock_gettime};

/// Lines or blocks of the short document.
const BLOCKS: usize = 400;

/// Between linear and quadratic growth.
const MOST: f64 = 8.0;

/// A file's name, what it begins with, and one block of it: `#` is its number.
const ROWS: &[(&str, &str, &str)] = &[
    (
        "chart.yaml",
        "password: x\n",
        "k#:\n  value: {{ .Values.k# }}\n{{- if .Values.a# }}\n  more: \"#\"\n{{- end }}\n",
    ),
    ("broken.yaml", "password: x\n{{ if }\n: [\n", "  - name: job_#\n    token: {{ secrets_# }}\n   x\n"),
    ("line.yaml", "password: ", "{{ a# }} ${b#} "),
    ("confs.yaml", "jobs:\n", "  j#:\n    spark_conf:\n      fs.azure.account.key.a#: Zq#hWv8x#kLm\n"),
    (
        "steps.yml",
        "jobs:\n",
        "  - run: |\n      export DB_PASSWORD=Zq#hWv8x\n      curl -u a:Zp#Lm9x http://x\n    env:\n      V#: x\n",
    ),
    (
        "a.json",
        "{\"password\": \"\"",
        ", \"k#\": {\"spark_env_vars\": {\"DB_PASSWORD\": \"Zq#hWv8x\"}, \"l\": [\"a\", \"#\"]}\n",
    ),
    ("main.tf", "", "resource \"databricks_secret\" \"s#\" {\n  string_value = \"Zq#hWv8x\"\n}\n"),
    ("app.properties", "", "app#.password=Zq#hWv8x\nurl#=jdbc:mysql://h/d?user=a&password=Zp#m9Lx\n"),
    (
        "run.sh",
        "TOKEN=x\n",
        "export V#=a#\nif [ -z \"$V#\" ]; then\n  echo \"$V# x\" >> log#\nfi\ncurl -H \"X: $V#\" http://h/$V#\np#=$(cat f#)\n",
    ),
    ("many.sh", "", "curl -u user:Zp#Lm9x http://h#/ | grep x\n"),
    ("text.sh", "TOKEN=x\ncat <<EOF\n", "line # $TOKEN password=a# {# \"# x\n"),
    ("notes.md", "", "## s#\n```bash\nexport DB_PASSWORD=Zq#hWv8x\ncurl -u a:Zp#Lm9x http://x\n```\n"),
    ("Dockerfile", "FROM x\n", "ENV DB_PASSWORD=Zq#hWv8x\nRUN curl -u a:Zp#Lm9x http://x\n"),
    ("elif.py", "pw = dbutils.secrets.get(\"a\", \"b\")\nif x == 0:\n    y = 0\n", "elif x == #:\n    y = pw\n"),
    ("concat.sql", "SELECT secret('a', 'b')", " || 'x#'"),
    ("union.sql", "SELECT secret('a', 'b')\n", "UNION ALL SELECT #\n"),
    ("list.toml", "password = \"Zq7hWv8x\"\nx = ", "["),
    ("match.scala", "val pw = dbutils.secrets.get(\"a\", \"b\")\nval y = x match {\n", "  case # => pw\n"),
    ("chain.py", "pw = dbutils.secrets.get(\"a\", \"b\")\ndf = spark.table(\"t\")", ".withColumn(\"c#\", lit(pw))"),
    ("Makefile", "A = b\n", "t#: t0\n\tcurl -u a:Zp#Lm9x http://x\n\techo $(A) $$TOKEN\n"),
];

fn document(head: &str, block: &str, blocks: usize) -> String {
    let mut text = head.to_owned();
    for n in 0..blocks {
        let mut parts = block.split('#');
        text.push_str(parts.next().unwrap_or(""));
        for part in parts {
            let _ = write!(text, "{n}{part}");
        }
    }
    text
}

/// Processor time for everything that a run does with a file, the better of two.
fn cost(path: &str, text: &str) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let settings = Settings::default();
    let once = || {
        let start = now();
        for document in credscope_grammars::open(path, text.as_bytes()).documents {
            let facts = credscope_linter::engine::document_facts(&document);
            let mut findings = credscope_linter::analyze(&document, path, &settings, &Workspace::default()).findings;
            fix::resolve(&document, &facts, &settings, &mut Names::default(), &mut findings);
            black_box(findings);
        }
        now() - start
    };
    once().min(once())
}

#[test]
fn four_times_the_lines_cost_four_times_as_much() {
    let mut wrong = Vec::new();
    for (path, head, block) in ROWS {
        let [one, four] = [BLOCKS, BLOCKS * 4].map(|blocks| cost(path, &document(head, block, blocks)));
        let factor = four.as_secs_f64() / one.as_secs_f64();
        if factor > MOST {
            wrong.push(format!("{path}: {factor:.1} times, {one:?} and {four:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
