use proptest::prelude::*;

use crate::{
    CellFacts, Language, Span,
    facts::{StrPart, TurnKind},
    facts_debug::print,
    lower::LowerOptions,
};

const OPTIONS: LowerOptions = LowerOptions { notebook: true, depth: 2 };

fn wrong<'a>(language: Language, rows: &[(&'a str, &'a str)]) -> Vec<(&'a str, String, &'a str)> {
    rows.iter()
        .map(|(text, expected)| (*text, print(&crate::lower(language, text, OPTIONS)), *expected))
        .filter(|(_, seen, expected)| seen != expected)
        .collect()
}

/// All words of all commands with the bytes of the text that each decoded part stands for.
fn places(facts: &CellFacts, text: &str) -> Vec<(String, String)> {
    let words = facts
        .commands
        .iter()
        .flat_map(|c| c.assignments.iter().map(|a| &a.2).chain(&c.words).chain(&c.input).chain(&c.redirects));
    words
        .flat_map(|w| &w.value.parts)
        .filter_map(|part| match part {
            StrPart::Text { value, map } => {
                let source = map.to_source(Span::new(0, value.len()));
                Some((value.expose().to_owned(), source.of(text).to_owned()))
            }
            StrPart::Hole { .. } => None,
        })
        .collect()
}

#[test]
fn scripts_become_commands() {
    let rows: &[(&str, &str)] = &[
        ("a | b > f", "$ 'a' | | $ 'b' >'f'"),
        ("cat > f.txt <<EOF\npw=${X} y\nEOF\necho done", "$ 'cat' <'pw=${X} y' >'f.txt' | $ 'echo' 'done'"),
        ("cat <<EOF | grep x\npw\nEOF", "$ 'cat' <'pw' | | $ 'grep' 'x'"),
        (
            "cat <<EOF > out.json\n{\"a\": \"b\"}\nEOF",
            r#"$ 'cat' <'{\"a\": \"b\"}' >'out.json' | <json document: a -> 'b'>"#,
        ),
        ("psql <<'EOF' && echo hi\nselect 1\nEOF", "$ 'psql' <'select 1' | $ 'echo' 'hi' | <sql document: select 1>"),
        ("cat <<EOF arg1\nb\nEOF", "$ 'cat' 'arg1' <'b'"),
        (
            r#"PGPASSWORD=x psql -h y -c "select $X  $Y" <<< "abc""#,
            "$ PGPASSWORD='x' 'psql' '-h' 'y' '-c' 'select ${X}  ${Y}' <'abc' | <sql document: select $X  $Y>",
        ),
        (r#"export A=b C="d" E"#, "$ A='b' C='d' 'export' 'E'"),
        (r#"X=(a b "c d")"#, "$ X='a' X='b' X='c d'"),
        ("declare -A m=([password]=x)", "$ m[password]='x' 'declare' '-A'"),
        (
            "echo pw | docker login -u u --password-stdin",
            "$ 'echo' 'pw' | | $ 'docker' 'login' '-u' 'u' '--password-stdin'",
        ),
        (
            "curl -u user:\"$PW\" https://h/\\\nx 2>&1 >/dev/null",
            "$ 'curl' '-u' 'user:${PW}' 'https://h/x' >'/dev/null'",
        ),
        ("for i in 1 2; do echo $i; done < f", "$ 'for' 'i' 'in' '1' '2' | $ 'echo' '${i}'"),
        ("mysql -pabc -e 'x' ; A=1 B=2", "$ 'mysql' '-pabc' '-e' 'x' | $ A='1' B='2'"),
        (
            r#"foo $(bar `baz`) <(qux) "${A:-def}" ${B:=x y}"#,
            "$ A='def' | $ B='${(B ?? 'x y')}' | $ 'foo' '${?()}' '${?()}' '${(A ?? 'def')}' '${(B ?? 'x y')}' | $ 'bar' '${?()}' | $ 'baz' | $ 'qux'",
        ),
        ("if [ \"$A\" == \"b\" ]; then\n c\nfi", "$ '[' '${A}' '==' 'b' ']' | $ 'c'"),
        (r#"f() { echo "a"#, r#"$ 'echo' '\"a'"#),
        (
            "echo a; curl \"unterminated\nls -l\necho b",
            r#"$ 'echo' 'a' | $ 'curl' '\"unterminated' | $ 'ls' '-l' | $ 'echo' 'b'"#,
        ),
        ("(cd x && curl y) > out", "$ 'cd' 'x' | $ 'curl' 'y' >'out'"),
        (
            "x=$(databricks secrets get-secret a b | jq -r .value)",
            "$ x='${?()}' | $ 'databricks' 'secrets' 'get-secret' 'a' 'b' | | $ 'jq' '-r' '.value'",
        ),
        ("pip install git+https://x@y/z#egg=a", "$ 'pip' 'install' 'git+https://x@y/z#egg=a'"),
        ("cat <<-EOF\n\ta\n\tEOF", r#"$ 'cat' <'\ta'"#),
        (
            "case \"$1\" in\n  env) PASS=a;;\n  x|y) b \"q r\" ;;\n  *) c\nesac\nd",
            "$ PASS='a' | $ 'b' 'q r' | $ 'c' | $ 'd'",
        ),
        (
            "function deploy { curl -u u:p https://h; }\ndeploy() {\n  local pw=\"x y\"\n}",
            "$ 'curl' '-u' 'u:p' 'https://h' | $ pw='x y' 'local'",
        ),
        (
            "sudo -E docker login -u u -p 'p w' reg.io || exit 1",
            "$ ('sudo' '-E') 'docker' 'login' '-u' 'u' '-p' 'p w' 'reg.io' | $ 'exit' '1'",
        ),
        ("$env:DATABRICKS_TOKEN = \"abc\"\n$x=\"y\"", "$ DATABRICKS_TOKEN='abc' | $ x='y'"),
        ("echo don't stop\nls", r#"$ 'echo' 'don\'t' 'stop' | $ 'ls'"#),
        (
            r#"curl -H "Authorization: Bearer <your token>" -d '{"token": "x", "n": 1}' {url} {{secrets/a/b}} ${{ secrets.X }}"#,
            r#"$ 'curl' '-H' 'Authorization: Bearer <your token>' '-d' '{\"token\": \"x\", \"n\": 1}' '{url}' '{{secrets/a/b}}' '${secrets.X}' | <json document: token -> 'x' | n -> 1>"#,
        ),
        (
            "cat > ~/.databrickscfg <<EOF\n[DEFAULT]\ntoken = x\nEOF",
            "$ 'cat' <'[DEFAULT]\\ntoken = x' >'~/.databrickscfg' | <ini document: DEFAULT.token -> 'x'>",
        ),
        (
            r#"printf '%s' "$PW" | databricks secrets put-secret s k"#,
            "$ 'printf' '%s' '${PW}' | | $ 'databricks' 'secrets' 'put-secret' 's' 'k'",
        ),
        (
            r#"a=$'it\'s\n' b=${C:-lit} c="${D:=l x}" d=${#E}"#,
            r#"$ C='lit' | $ D='${(D ?? 'l x')}' | $ a=$'it\'s\n' b='${(C ?? 'lit')}' c='${(D ?? 'l x')}' d='${?()}'"#,
        ),
        (
            r#"diff <(a b) <(c) 2> err.log &> all.log > "o$X""#,
            "$ 'diff' '${?()}' '${?()}' >'all.log' >'o${X}' | $ 'a' 'b' | $ 'c'",
        ),
        (
            r#"VAR=x; VAR2= cmd; [[ $a == "b" && -z $c ]] && x"#,
            "$ VAR='x' | $ VAR2='' 'cmd' | $ '[[' '${a}' '==' 'b' '-z' '${c}' ']]' | $ 'x'",
        ),
        (
            r#"python -c "print('a')" ; psql -c "SELECT secret('a','b')""#,
            r#"$ 'python' '-c' 'print(\'a\')' | $ 'psql' '-c' 'SELECT secret(\'a\',\'b\')' | <python document: print('a')> | <sql document: SELECT secret('a','b')>"#,
        ),
        ("curl a\\\n b \\\n  c\\ d \"e\\\nf\"", "$ 'curl' 'a' 'b' 'c d' 'ef'"),
        ("cat <<EOF\nnever closed\nls x", "$ 'cat' | $ 'never' 'closed' | $ 'ls' 'x'"),
        ("# export TOKEN=abc\necho a # tail", "$ 'echo' 'a' | <shell comment: export TOKEN=abc>"),
        (
            "mysql -p{creds['pw']} -h {h} '{print $1}' {a,b}",
            r#"$ 'mysql' '-p{creds[\'pw\']}' '-h' '{h}' '{print $1}' '{a,b}'"#,
        ),
        (
            "declare -A m=([password]=x [b]=\"y z\")\narr+=(q)",
            "$ m[password]='x' m[b]='y z' 'declare' '-A' | $ arr='q'",
        ),
        (r#"echo "a" >> f 2>&1; cmd < in"#, "$ 'echo' 'a' >'f' | $ 'cmd'"),
        (r#"export A=b C="d" E; unset A; export -p"#, "$ A='b' C='d' 'export' 'E' | $ 'unset' 'A' | $ 'export' '-p'"),
        (r#"while read -r l; do echo "$l"; done <<< "$X""#, "$ 'read' '-r' 'l' | $ 'echo' '${l}' <'${X}'"),
        (r#"((i++)); x=$((1+2)); echo "$(( 3 * (2) ))""#, "$ x='${?()}' | $ 'echo' '${?()}'"),
        ("a \"b\nc\" 'd\ne'", r#"$ 'a' 'b\nc' 'd\ne'"#),
        ("{ echo $PW; echo b; } > f | tee x", "$ 'echo' '${PW}' | $ 'echo' 'b' >'f' | | $ 'tee' 'x'"),
        ("while read l; do c; done <<EOF\npw\nEOF\ne", "$ 'read' 'l' | $ 'c' <'pw' | $ 'e'"),
        (r#"if [[ -z "$A" || $b < c ]]; then d; fi"#, "$ '[[' '-z' '${A}' '${b}' '<' 'c' ']]' | $ 'd'"),
        (r#"docker run -e PW=x -e "B=$C" img"#, "$ 'docker' 'run' '-e' 'PW=x' '-e' 'B=${C}' 'img'"),
        (
            "az login --service-principal -u a -p 'b' --tenant c & wait",
            "$ 'az' 'login' '--service-principal' '-u' 'a' '-p' 'b' '--tenant' 'c' | $ 'wait'",
        ),
        ("echo a \\\n# no comment\necho é \"ü$X\"\n", "$ 'echo' 'a' | $ 'echo' 'é' 'ü${X}'"),
    ];
    let wrong = wrong(Language::Shell, rows);
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn package_lines_become_commands() {
    let rows: &[(&str, &str)] = &[
        (
            "%pip install --index-url https://u:p@h/simple \"a>=1\" b[c] \\\n  git+https://$TOKEN@github.com/x # c\n%conda install d\n\n# note",
            "$ 'pip' 'install' '--index-url' 'https://u:p@h/simple' 'a>=1' 'b[c]' 'git+https://${TOKEN}@github.com/x' | $ 'conda' 'install' 'd'",
        ),
        ("install -i https://u:p@h a>=1,<2; python", "$ 'pip' 'install' '-i' 'https://u:p@h' 'a>=1,<2;' 'python'"),
    ];
    let wrong = wrong(Language::Pip, rows);
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn parts_of_words_lead_to_their_bytes() {
    let text = "X=a\\\n b\r\necho \"p\\\"q$Y r\" 's'$'t\\n'";
    let facts = crate::lower(Language::Shell, text, OPTIONS);
    let seen = places(&facts, text);
    let expected = [("a", "a"), ("b", "b"), ("echo", "echo"), ("p\"q", "p\\\"q"), (" r", " r"), ("st\n", "s'$'t\\n")];
    assert_eq!(seen.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect::<Vec<_>>(), expected);
}

#[test]
fn endless_openings_are_read_in_linear_time() {
    let start = std::time::Instant::now();
    for piece in
        ["$(", "\"$(", "`", "'a\"", "${", "\"${", "<<E\n", "{{", "<a", "(", "((", "case x in\n", "[[ ", "a[", "\\"]
    {
        let text = piece.repeat(100_000 / piece.len());
        let facts = crate::lower(Language::Shell, &text, OPTIONS);
        assert!(facts.commands.iter().all(|c| c.span.end as usize <= text.len()), "{piece}");
    }
    // A quadratic reader takes minutes.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn any_text_is_read(pieces in proptest::collection::vec(
        prop_oneof![
            Just("$("), Just("${"), Just("`"), Just("\""), Just("'"), Just("\\"), Just("\n"), Just("\r\n"), Just("<<"),
            Just("E"), Just("é"), Just("{{"), Just("}}"), Just("}"), Just(")"), Just("("), Just("|"), Just("&"),
            Just(";"), Just(">"), Just("<"), Just("a=b"), Just("case x in"), Just(" "), Just("[["), Just("x["),
            Just("]"), Just("$'"), Just(":-"), Just("%"), Just("#"), Just("export "), Just("1"), Just("{a"),
        ], 0..40)) {
        let text = pieces.concat();
        for language in [Language::Shell, Language::Pip] {
            let facts = crate::lower(language, &text, OPTIONS);
            for command in &facts.commands {
                prop_assert!(text.get(command.span.range()).is_some());
                for word in command.words.iter().chain(&command.input).chain(&command.redirects) {
                    prop_assert!(text.get(word.span.range()).is_some());
                    prop_assert!(text.get(word.value.style.inner.range()).is_some());
                }
            }
            for (_, source) in places(&facts, &text) {
                prop_assert!(source.len() <= text.len());
            }
        }
    }
}

#[test]
fn names_in_magic_lines_are_filled_by_the_host() {
    let text = "pw = 1\n!curl -u me:{pw} ${HOME} {{x}}";
    let facts = crate::lower(Language::Python, text, OPTIONS);
    let [embedded] = facts.embedded.as_slice() else { panic!("one line") };
    let [(hole, expr)] = embedded.holes.as_slice() else { panic!("one hole") };
    assert_eq!(hole.of(embedded.text.expose()), "{pw}");
    assert_eq!(facts.path(*expr).as_deref(), Some("pw"));
    assert_eq!(facts.expr(*expr).span.of(text), "pw");
}

/// `n[` begins the first way before command `n`, `n/` another one, `n]` ends them; `n}` when one is always taken.
#[test]
fn ways_of_scripts_are_told() {
    let rows: &[(&str, &str)] = &[
        ("if a; then b; elif c; then d; else e; fi\nf", "1[ 2/ 4/ 5}"),
        ("if a\nthen\n b\nfi; c", "1[ 2]"),
        ("case $x in\n a) b;;\n c|d) e;;\n *) f ;;\nesac\ng", "0[ 1/ 2/ 3}"),
        ("case $x in (a) b ;; esac", "0[ 1]"),
        ("for i in 1 2; do a; b; done; c", "1[ 3]"),
        ("a && b\nc", "1[ 2]"),
        ("a && b || c; d", "1[ 2/ 3}"),
        ("a || { b; c; }\nd", "1[ 3]"),
        ("a &&\n  b && c\nd", "1[ 3]"),
        ("f() { a; b; }\nc", ""),
        ("if ($x) {\n a\n} elseif ($y) {\n b\n} else {\n c\n}\nd", "1[ 2/ 4/ 5}"),
        ("if a; then b; ", "1[ 2]"),
        ("fi; done; esac; } a", ""),
        ("x=$(a || b)\nc", "2[ 3]"),
    ];
    for (text, expected) in rows {
        let facts = crate::lower(Language::Shell, text, OPTIONS);
        let marks: Vec<String> = facts
            .turns
            .iter()
            .map(|turn| match turn.kind {
                TurnKind::Open => format!("{}[", turn.before),
                TurnKind::Other => format!("{}/", turn.before),
                TurnKind::Close { all } => format!("{}{}", turn.before, if all { "}" } else { "]" }),
            })
            .collect();
        assert_eq!(marks.join(" "), *expected, "{text}");
    }
}
