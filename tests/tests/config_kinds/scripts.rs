//! Variables that a document sets are followed into the commands of its scripts: one finding, at the literal.

use super::assert_rows;

#[test]
fn makefiles() {
    assert_rows(
        "CS402",
        &[
            ("Makefile", "P = ¤\na:\n\tcurl -u etl:$(P) https://h.example.com\n"),
            ("Makefile", "P := ¤\na:\n\t@curl -u 'etl:${P}' https://h.example.com\n"),
            ("Makefile", "P ?= ¤\na:\n\tcurl -u \"etl:$(P)\" https://h.example.com\n"),
            ("rules.mk", "a: P = ¤\na:\n\tcurl -u etl:$(P) https://h.example.com\n"),
            ("Makefile", "a:\n\tcurl -u etl:$(P) https://h.example.com\nP = ¤\n"),
            ("Makefile", "export P = ¤\na:\n\tcurl -u etl:$$P https://h.example.com\n"),
            ("Makefile", "P = ¤\nexport P\na:\n\tcurl -u etl:$$P https://h.example.com\n"),
            ("Makefile", "P = ¤\nU := https://etl:$(P)@h.example.com/x\na:\n\tcurl $(U)\n"),
            ("Makefile", "P = ¤\na:\n\tbash -c 'curl -u etl:$(P) https://h.example.com'\n"),
            ("Makefile", "PASS = ¤\na:\n\tcurl -u etl:$(PASS) https://h.example.com\n"),
            // Of another target, not exported, set by who runs make.
            ("Makefile", "b: P = x\na:\n\tcurl -u etl:$(Q) https://h.example.com > /dev/null\n"),
        ],
    );
    assert_rows("CS405", &[("Makefile", "P = ¤\na:\n\tmysql -u etl -p$(P) db\n\tmysql -u etl -p$(P) db2\n")]);
}

#[test]
fn dockerfiles() {
    assert_rows(
        "CS402",
        &[
            ("Dockerfile", "FROM x\nENV P=¤\nRUN curl -u etl:$P https://h.example.com\n"),
            ("Dockerfile", "FROM x\nENV P ¤\nRUN make && \\\n  curl -u \"etl:${P}\" https://h.example.com\n"),
            ("Dockerfile", "FROM x\nARG P=¤\nRUN curl -u etl:$P https://h.example.com\n"),
            ("Dockerfile", "ARG P=¤\nFROM x\nARG P\nRUN curl -u etl:$P https://h.example.com\n"),
            ("Dockerfile", "FROM x AS a\nENV P=¤\nFROM a\nRUN curl -u etl:$P https://h.example.com\n"),
            ("Dockerfile", "FROM x\nENV P=¤\nCMD [\"sh\", \"-c\", \"curl -u etl:$P https://h.example.com\"]\n"),
            ("Dockerfile", "FROM x\nENV P=¤\nENV U=https://etl:$P@h.example.com\nRUN curl $U\n"),
        ],
    );
    assert_rows("CS405", &[("Dockerfile", "FROM x\nENV DB_PASSWORD=¤\nRUN mysql -u etl -p$DB_PASSWORD db\n")]);
}

#[test]
fn pipelines() {
    let github = "on: push\nenv:\n  P: ¤\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: ";
    let rows = [
        (".github/workflows/a.yml", format!("{github}curl -u \"etl:$P\" https://h.example.com\n")),
        (".github/workflows/a.yml", format!("{github}curl -u etl:${{{{ env.P }}}} https://h.example.com\n")),
        (".github/workflows/a.yml", format!("{github}curl -u 'etl:${{{{ env.P }}}}' https://h.example.com\n")),
        (
            ".github/workflows/a.yml",
            "on: push\njobs:\n  a:\n    runs-on: x\n    env: {P: other}\n    steps:\n      - run: curl -u etl:$P https://h.example.com\n        env:\n          P: ¤\n".into(),
        ),
        (
            "azure-pipelines.yml",
            "trigger: [main]\nvariables:\n  p.x: ¤\nsteps:\n  - script: curl -u 'etl:$(p.x)' https://h.example.com\n".into(),
        ),
        (
            "azure-pipelines.yml",
            "trigger: [main]\nvariables:\n  - name: p\n    value: ¤\nsteps:\n  - bash: |\n      set -e\n      curl -u etl:$P https://h.example.com\n".into(),
        ),
        (".gitlab-ci.yml", "stages: [a]\nvariables:\n  P: ¤\nj:\n  stage: a\n  script:\n    - curl -u etl:$P https://h.example.com\n".into()),
        (
            ".gitlab-ci.yml",
            "stages: [a]\nj:\n  stage: a\n  variables:\n    P: {value: ¤, description: x}\n  script: [\"curl -u etl:${P} https://h.example.com\"]\n".into(),
        ),
        (
            ".circleci/config.yml",
            "version: 2.1\njobs:\n  a:\n    environment: {P: ¤}\n    steps:\n      - run: curl -u etl:$P https://h.example.com\n".into(),
        ),
        ("databricks.yml", "bundle: {name: x}\nscripts:\n  s:\n    content: curl -u etl:$P https://h.example.com\n    env: {P: ¤}\n".into()),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(path, row)| (*path, row.as_str())).collect();
    assert_rows("CS402", &rows);
}

#[test]
fn containers() {
    assert_rows(
        "CS405",
        &[
            (
                "docker-compose.yml",
                "services:\n  a:\n    image: x\n    environment:\n      - P=¤\n    command: [\"sh\", \"-c\", \"mysql -p$$P\"]\n",
            ),
            (
                "compose.yaml",
                "services:\n  a:\n    image: x\n    environment: {P: ¤}\n    healthcheck: {test: [\"CMD-SHELL\", \"mysqladmin -p$$P ping\"]}\n",
            ),
            (
                "pod.yaml",
                "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - env:\n        - {name: P, value: ¤}\n      command: [\"mysql\", \"-p$(P)\"]\n",
            ),
        ],
    );
}

/// A name that the place does not see: another stage, another job, a shell variable of that name.
#[test]
fn other_scopes_are_silent() {
    assert_rows(
        "CS405",
        &[
            ("Dockerfile", "FROM x\nENV P=q7Lm2vX9pLkT4wZt\nFROM y\nRUN mysql -p$P\n"),
            ("Dockerfile", "FROM x AS a\nARG P=q7Lm2vX9pLkT4wZt\nFROM a\nRUN mysql -p$P\n"),
            ("Dockerfile", "FROM x\nRUN mysql -p$P\nENV P=q7Lm2vX9pLkT4wZt\n"),
            ("Makefile", "P = q7Lm2vX9pLkT4wZt\na:\n\tmysql -p$$P\n"),
            ("Makefile", "b: P = q7Lm2vX9pLkT4wZt\na:\n\tmysql -p$(P)\n"),
            (
                ".github/workflows/a.yml",
                "on: push\njobs:\n  a:\n    runs-on: x\n    env: {P: q7Lm2vX9pLkT4wZt}\n    steps: [{run: ls}]\n  b:\n    runs-on: x\n    steps:\n      - run: mysql -p$P\n",
            ),
            (
                "compose.yaml",
                "services:\n  a:\n    image: x\n    environment: {P: q7Lm2vX9pLkT4wZt}\n    command: mysql -p$P\n  b:\n    image: x\n    command: mysql -p$$P\n",
            ),
            (
                "azure-pipelines.yml",
                "trigger: [main]\nvariables: {p: q7Lm2vX9pLkT4wZt}\nsteps:\n  - script: |\n      P=\"$(cat x)\"\n      mysql -p$P\n",
            ),
        ],
    );
}
