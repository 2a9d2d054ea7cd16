//! Terraform: before and after a fix both parse, and differ at one attribute and in the variable that the fix declares.

use credscope_tests::fakes::Fakes;
use hcl::{Attribute, Block, Body, Expression, Structure};

use super::fixed;

/// A file with the place `¤`, the way to the attribute, its name and expression after the fix, and the variable declared.
struct Kind {
    text: &'static str,
    way: &'static [&'static str],
    old: &'static str,
    new: &'static str,
    expr: &'static str,
    declares: Option<&'static str>,
}

const KINDS: &[Kind] = &[
    Kind {
        text: "provider \"databricks\" {\n  host  = \"https://adb-1.azuredatabricks.net\"\n  token = \"¤\" # now\n}\n",
        way: &["provider"],
        old: "token",
        new: "token",
        expr: "var.databricks_token",
        declares: Some("databricks_token"),
    },
    Kind {
        text: "resource \"databricks_secret\" \"db\" {\n  key          = \"k\"\n  string_value = \"¤\"\n  scope        = \"s\"\n}\n",
        way: &["resource"],
        old: "string_value",
        new: "string_value",
        expr: "var.db_string_value",
        declares: Some("db_string_value"),
    },
    Kind {
        text: "resource \"databricks_mlflow_webhook\" \"w\" {\n  http_url_spec {\n    url           = \"https://h.example.com\"\n    authorization = \"Bearer ¤\"\n  }\n}\n",
        way: &["resource", "http_url_spec"],
        old: "authorization",
        new: "authorization",
        expr: "\"Bearer ${var.w_authorization}\"",
        declares: Some("w_authorization"),
    },
    Kind {
        text: "resource \"databricks_model_serving\" \"m\" {\n  config {\n    served_entities {\n      external_model {\n        openai_config {\n          openai_api_key_plaintext = \"¤\"\n        }\n      }\n    }\n  }\n}\n",
        way: &["resource", "config", "served_entities", "external_model", "openai_config"],
        old: "openai_api_key_plaintext",
        new: "openai_api_key",
        expr: "?",
        declares: None,
    },
    Kind {
        text: "resource \"databricks_cluster\" \"c\" {\n  num_workers = 2\n  docker_image {\n    url = \"x\"\n    basic_auth {\n      username = \"u\"\n      password = \"¤\"\n    }\n  }\n}\n",
        way: &["resource", "docker_image", "basic_auth"],
        old: "password",
        new: "password",
        expr: "?",
        declares: None,
    },
    Kind {
        text: "output \"t\" {\n  value = databricks_token.t.token_value\n}\n",
        way: &["output"],
        old: "sensitive",
        new: "sensitive",
        expr: "true",
        declares: None,
    },
];

fn parse(text: &str, what: &str) -> Body {
    hcl::from_str(text).unwrap_or_else(|e| panic!("{what}: {e}\n{text}"))
}

/// Attributes and blocks that no rule is about.
fn noise(fakes: &mut Fakes, number: usize) -> String {
    const TEXTS: &[&str] = &[
        "locals {\n  n£ = {\n    \"a b\" = [1, 2, { x = true }]\n    c     = \"q\\\"${var.y}\\\" # no comment\"\n  }\n}\n",
        "# note\nmodule \"m£\" {\n  source = \"./m\" // there\n  count  = var.on ? 1 : 0\n}\n",
        "resource \"aws_s3_bucket\" \"b£\" {\n  bucket = \"x-${local.n}\"\n  policy = <<-EOT\n    {\"a\": \"${var.y}\"}\n  EOT\n}\n",
        "/* two\n   lines */\ndata \"x\" \"d£\" { id = upper(\"é\") }\n",
    ];
    TEXTS[fakes.below(TEXTS.len())].replace('£', &number.to_string())
}

/// The body that a way leads to, from the last block of the first kind that holds it.
fn at<'b>(body: &'b mut Body, way: &[&str], labels: &[String]) -> &'b mut Body {
    let Some((first, rest)) = way.split_first() else { return body };
    let found = body.0.iter_mut().find_map(|structure| match structure {
        Structure::Block(block) if block.identifier.as_str() == *first => {
            let own: Vec<String> = block.labels.iter().map(|l| l.as_str().to_owned()).collect();
            (labels.is_empty() || own == labels).then_some(&mut block.body)
        }
        _ => None,
    });
    at(found.unwrap_or_else(|| panic!("no block `{first}`")), rest, &[])
}

/// The name and expression of an attribute, taken out.
fn take(body: &mut Body, name: &str) -> Option<Expression> {
    let index = body.0.iter().position(|s| matches!(s, Structure::Attribute(a) if a.key.as_str() == name))?;
    match body.0.remove(index) {
        Structure::Attribute(Attribute { expr, .. }) => Some(expr),
        Structure::Block(_) => None,
    }
}

#[test]
fn terraform_changes_at_the_credential_only() {
    let mut fakes = Fakes::new(15);
    for round in 0..KINDS.len() * 40 {
        let kind = &KINDS[round % KINDS.len()];
        let value = format!("{}xY3", fakes.make("password").replace(['"', '\\', '$', '%'], "q"));
        let text = format!("{}{}{}", noise(&mut fakes, 0), kind.text.replace('¤', &value), noise(&mut fakes, 1));
        let what = format!("round {round}, {}", kind.old);
        let (mut before, after) = (parse(&text, &what), fixed("main.tf", &text));
        let mut rest = parse(&after, &what);
        let labels: Vec<String> = before
            .0
            .iter()
            .filter_map(|s| match s {
                Structure::Block(b) if b.identifier.as_str() == kind.way[0] => Some(b),
                _ => None,
            })
            .filter(|b| b.labels.first().is_none_or(|l| l.as_str() != "aws_s3_bucket"))
            .flat_map(|b| b.labels.iter().map(|l| l.as_str().to_owned()))
            .collect();
        take(at(&mut before, kind.way, &labels), kind.old);
        let new = take(at(&mut rest, kind.way, &labels), kind.new);
        let Some(new) = new else { panic!("{what}: no `{}` after the fix:\n{after}", kind.new) };
        if kind.expr == "?" {
            let text = new.to_string();
            let reference = text.contains("{{secrets/") || text.contains("config_reference");
            assert!(reference, "{what}: {text}");
        } else {
            let mut wanted = parse(&format!("x = {}\n", kind.expr), &what);
            assert_eq!(Some(&new), take(&mut wanted, "x").as_ref(), "{what}");
        }
        if let Some(name) = kind.declares {
            let declared = rest.0.pop();
            let expected = Block::builder("variable")
                .add_label(name)
                .add_attribute(("type", hcl::Variable::new("string").unwrap()))
                .add_attribute(("sensitive", true))
                .build();
            assert_eq!(declared, Some(Structure::Block(expected)), "{what}");
        }
        assert_eq!(rest, before, "{what}");
        // Comments stay, too, which the parser does not show.
        for comment in ["# note", "// there", "# now", "/* two\n   lines */"] {
            assert_eq!(after.contains(comment), text.contains(comment), "{what}: {comment}");
        }
    }
}
