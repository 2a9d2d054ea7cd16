//! Other services: chat, AI, payment, data, observability.

use super::group::{AI, CHAT, SAAS};
use crate::value::tokens::{
    checks::{both_cases, mixed, opaque, services, test_mode},
    row::{Left, Row},
};

/// End of a token of word characters and dashes.
macro_rules! token {
    ($pattern:literal) => {
        concat!("(", $pattern, r")(?:[^A-Za-z0-9_-]|$)")
    };
}

pub static ROWS: &[Row] = &[
    Row::prefix("T27", "Slack token", CHAT, &["xox"], r"(xox[baprse]-[0-9]{8,14}-[A-Za-z0-9-]{10,250})"),
    Row::prefix("T27", "Slack app token", CHAT, &["xapp-"], r"(xapp-[0-9]-[A-Z0-9]{5,40}-[0-9]{5,20}-[a-z0-9]{10,200})"),
    Row::prefix(
        "T28",
        "Slack webhook",
        CHAT,
        &["https://hooks.slack.com/"],
        r"(https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{43,56})",
    )
    .left(Left::Any),
    Row::near(
        "T29",
        "Teams webhook",
        CHAT,
        &[".webhook.office.com/webhookb2/"],
        r"(?i)(https://[a-z0-9]{1,40}\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{40,300})",
    )
    .within(60, 320)
    .sure(),
    Row::prefix(
        "T30",
        "OpenAI key",
        AI,
        &["sk-"],
        token!("sk-(?:(?:proj|svcacct|admin)-(?:[A-Za-z0-9_-]{74}|[A-Za-z0-9_-]{58})T3BlbkFJ(?:[A-Za-z0-9_-]{74}|[A-Za-z0-9_-]{58})|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})"),
    )
    .entropy(3.5),
    Row::prefix("T31", "Anthropic key", AI, &["sk-ant-"], token!("sk-ant-(?:api03|admin01)-[A-Za-z0-9_-]{93}AA")).entropy(3.5),
    Row::prefix("T32", "Hugging Face token", AI, &["hf_"], token!("hf_[A-Za-z0-9]{34}")).entropy(3.5).check(both_cases),
    Row::prefix("T32", "Hugging Face token", AI, &["api_org_"], token!("api_org_[A-Za-z0-9]{34}")).entropy(3.5),
    Row::prefix("T33", "Groq key", AI, &["gsk_"], token!("gsk_[A-Za-z0-9]{52}")),
    Row::prefix("T33", "Replicate token", AI, &["r8_"], token!("r8_[A-Za-z0-9_-]{37}")).unsure().entropy(3.5),
    Row::prefix("T33", "Perplexity key", AI, &["pplx-"], token!("pplx-[A-Za-z0-9]{48}")),
    Row::prefix("T33", "Pinecone key", AI, &["pcsk_"], token!("pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{63}")),
    Row::prefix("T33", "LangSmith key", AI, &["lsv2_"], token!("lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}")),
    Row::near("T34", "Weights & Biases key", AI, &["wandb"], r"(?i)wandb.{0,30}?(?-u:\b)([0-9a-f]{40})(?-u:\b)")
        .within(0, 90),
    Row::prefix("T35", "Confluent Cloud secret", SAAS, &["cflt"], r"(cflt[A-Za-z0-9+/]{60})(?:[^A-Za-z0-9+/=]|$)")
        .left(Left::Base64)
        .entropy(3.5),
    Row::near(
        "T36",
        "Confluent Cloud secret",
        SAAS,
        &["sasl", "loginmodule", "confluent"],
        r"(?:^|[^A-Za-z0-9+/_-])([A-Za-z0-9+/]{64})(?:[^A-Za-z0-9+/=_-]|$)",
    )
    .within(300, 500)
    .entropy(4.5)
    .check(services::confluent_pair),
    Row::prefix(
        "T39",
        "Stripe key",
        SAAS,
        &["sk_live_", "rk_live_", "sk_test_", "rk_test_", "sk_prod_", "rk_prod_"],
        r"((?:sk|rk)_(?:live|prod|test)_[A-Za-z0-9]{10,247})(?-u:\b)",
    )
    .check(test_mode),
    Row::prefix("T40", "SendGrid key", SAAS, &["SG."], token!(r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"))
        .entropy(3.5)
        .check(mixed),
    Row::near("T41", "Twilio API key", SAAS, &["twilio"], r"(?-u:\b)(SK[0-9a-f]{32})(?-u:\b)").within(400, 400),
    Row::near(
        "T41",
        "Twilio auth token",
        SAAS,
        &["twilio"],
        r"(?-u:\b)AC[0-9a-f]{32}(?-u:\b)[\s\S]{1,160}?(?-u:\b)([0-9a-f]{32})(?-u:\b)",
    )
    .within(400, 500),
    Row::near(
        "T42",
        "Datadog key",
        SAAS,
        &["datadog", "dd_api", "dd-api", "ddapi"],
        r"(?i)(?:datadog|dd[_-]?api).{0,20}?(?-u:\b)([0-9a-f]{40}|[0-9a-f]{32})(?-u:\b)",
    )
    .within(0, 90),
    Row::prefix("T43", "dbt Cloud token", SAAS, &["dbtc_", "dbtu_"], r"(dbt[cu]_[A-Za-z0-9_-]{30,120})"),
    Row::near(
        "T44",
        "key of a data integration service",
        SAAS,
        &["fivetran", "airbyte", "qlik", "teradata"],
        r#"(?i)(?:fivetran|airbyte|qlik|teradata)[a-z0-9_.-]{0,24}(?:secret|token|api_?key|password)["']?\s*[:=]\s*["']?([A-Za-z0-9_.+/=-]{16,200})"#,
    )
    .within(0, 280)
    .entropy(3.0)
    .check(opaque),
    Row::prefix("T45", "Tableau token secret", SAAS, &["==:"], r"([A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32})(?-u:\b)")
        .back(22)
        .left(Left::Base64)
        .entropy(3.5),
    Row::prefix("T46", "Salesforce session", SAAS, &["!"], r"(00[A-Za-z0-9]{13}![A-Za-z0-9_.]{96})(?:[^A-Za-z0-9_.]|$)")
        .back(15)
        .probe(-15, b'0')
        .entropy(3.5),
    Row::prefix("T46", "Salesforce refresh token", SAAS, &["5Aep861"], r"(5Aep861[A-Za-z0-9._]{76,90})(?:[^A-Za-z0-9_.]|$)")
        .entropy(3.5),
    Row::prefix("T47", "Kaggle token", SAAS, &["KGAT_"], r"(KGAT_[0-9a-f]{32})(?-u:\b)"),
    Row::near(
        "T47",
        "Kaggle key",
        SAAS,
        &["kaggle"],
        r#"(?i)(?:kaggle_key|\\?["']key\\?["'])\s*\]?\s*[:=]\s*\\?["']?([0-9a-f]{32})(?-u:\b)"#,
    )
    .within(200, 300),
    Row::prefix("T49", "HashiCorp Vault token", SAAS, &["hvs."], token!(r"hvs\.[A-Za-z0-9_-]{90,120}")).entropy(3.5),
    Row::prefix("T49", "HashiCorp Vault batch token", SAAS, &["hvb."], token!(r"hvb\.[A-Za-z0-9_-]{138,300}")).entropy(3.5),
    Row::near(
        "T49",
        "HashiCorp Vault token",
        SAAS,
        &["vault"],
        r"(?:^|[^A-Za-z0-9_.])(s\.[A-Za-z0-9]{24})(?:[^A-Za-z0-9_.(]|$)",
    )
    .within(200, 400)
    .entropy(3.5)
    .check(mixed),
    Row::prefix("T49", "Terraform Cloud token", SAAS, &[".atlasv1."], token!(r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}"))
        .back(14)
        .entropy(3.5),
    Row::prefix("T49", "Doppler token", SAAS, &["dp.pt."], token!(r"dp\.pt\.[A-Za-z0-9]{43}")).entropy(3.5),
    Row::prefix("T54", "Grafana service account token", SAAS, &["glsa_"], token!("glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}")),
    Row::prefix("T54", "New Relic key", SAAS, &["NRAK-"], token!("NRAK-[A-Z0-9]{27}")),
    Row::prefix("T54", "Sentry token", SAAS, &["sntryu_"], token!("sntryu_[0-9a-f]{64}")),
    Row::prefix("T54", "Notion token", SAAS, &["ntn_"], token!("ntn_[0-9]{11}[A-Za-z0-9]{35}")),
    Row::prefix("T54", "Airtable token", SAAS, &["pat"], r"(pat[A-Za-z0-9]{14}\.[0-9a-f]{64})(?-u:\b)").probe(17, b'.'),
    Row::prefix("T54", "Atlassian token", SAAS, &["ATATT3"], r"(ATATT3[A-Za-z0-9_=-]{180,250})").entropy(3.5),
    Row::near("T54", "Okta token", SAAS, &["okta", "ssws"], r"(?:^|[^A-Za-z0-9_-])(00[A-Za-z0-9_-]{40})(?:[^A-Za-z0-9_-]|$)")
        .within(200, 300)
        .entropy(4.0)
        .check(mixed),
    Row::prefix("T54", "Prefect key", SAAS, &["pnu_"], token!("pnu_[A-Za-z0-9]{36}")),
    Row::prefix("T54", "Pulumi token", SAAS, &["pul-"], token!("pul-[0-9a-f]{40}")),
    Row::prefix(
        "T54",
        "HubSpot token",
        SAAS,
        &["pat-"],
        token!("pat-[a-z]{2}[0-9]-[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"),
    ),
    Row::prefix("T54", "1Password service account token", SAAS, &["ops_eyJ"], r"(ops_eyJ[A-Za-z0-9_=-]{200,})")
        .at_most(3_200)
        .entropy(3.5),
    Row::prefix("T54", "PlanetScale token", SAAS, &["pscale_tkn_"], r"(pscale_tkn_[A-Za-z0-9_.=-]{32,64})"),
];
