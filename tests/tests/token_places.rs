//! Where a token ends, and how far the words reach that give a token without a form of its own away. Everything is generated.

use credscope_linter::{
    Settings,
    value::tokens::{TokenHit, find},
};
use credscope_tests::fakes::Fakes;

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn hits(text: &str) -> Vec<TokenHit> {
    find(text, &Settings::default())
}

/// What a pattern leaves over would be shown beside a masked token.
#[test]
fn a_token_ends_where_its_text_ends() {
    let mut fakes = Fakes::new(21);
    let guid = |f: &mut Fakes| [8, 4, 4, 4, 12].map(|n| f.of(HEX, n)).join("-");
    let host = "https://hooks.slack.com";
    let mut texts = Vec::new();
    for _ in 0..50 {
        let [a, b, c, d] = [11, 11, 18, 24].map(|n| fakes.of(ALNUM, n));
        texts.push(format!("{host}/workflows/T{a}/A{b}/{c}/{d}"));
        texts.push(format!("{host}/triggers/E{a}/{}/{}", fakes.of("0123456789", 13), fakes.of(HEX, 32)));
        let [one, two, three] = [0; 3].map(|_: u8| guid(&mut fakes));
        let path = format!(
            "{one}@{two}/IncomingWebhook/{}/{three}/V2{}_-{}1",
            fakes.of(HEX, 32),
            fakes.of(ALNUM, 9),
            fakes.of(ALNUM, 32)
        );
        texts.push(format!("https://corp.webhook.office.com/webhookb2/{path}"));
        texts.push(
            format!("{}-{}-{}-{}", "xapp", 1, fakes.of("ABCDEFGHIJ", 11), fakes.of("0123456789", 13))
                + "-"
                + &fakes.of(HEX, 240),
        );
        texts.push(format!("{}{}", "ABSK", fakes.of(BASE64, 300)));
    }
    for text in texts {
        for (before, after) in [("url: ", "\n"), ("x = \"", "\"\n"), ("see ", " and more"), ("(", ")")] {
            let whole = format!("{before}{text}{after}");
            let ranges: Vec<_> = hits(&whole).into_iter().map(|h| h.range).collect();
            let wanted = before.len()..before.len() + text.len();
            assert_eq!(ranges, std::slice::from_ref(&wanted), "{whole}");
        }
    }
}

/// Ten lines, however short they are (catalog §D, T07, T11, T16, T17).
#[test]
fn context_reaches_ten_lines() {
    let mut fakes = Fakes::new(22);
    for _ in 0..20 {
        let id = format!("id {}{}", "AKIA", fakes.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16));
        let pairs = [
            (id, fakes.of(BASE64, 40), "T07"),
            ("host ns.servicebus.windows.net".to_owned(), fakes.base64(32), "T16"),
            ("host a.documents.azure.com".to_owned(), fakes.base64(64), "T17"),
            ("AccountKey of the store".to_owned(), fakes.base64(64), "T11"),
        ];
        for (context, value, row) in pairs {
            let found = |lines: usize| {
                let text = format!("{context}\n{}next {value}\n", "-\n".repeat(lines - 1));
                hits(&text).iter().any(|h| h.id == row)
            };
            // A key without a digit or with words in it is none.
            let near = found(1);
            assert!(near || row == "T07", "{row}");
            assert_eq!(found(10), near, "{row}");
            assert!(!found(11) && !found(40), "{row}");
        }
    }
}

/// The key of a connection string is called by the service that its endpoint names.
#[test]
fn the_endpoint_says_whose_key_it_is() {
    let mut fakes = Fakes::new(23);
    for _ in 0..50 {
        let key = fakes.base64(64);
        let cosmos = format!("AccountEndpoint=https://x.documents.azure.com:443/;AccountKey={key};");
        let storage = format!("AccountName=x;AccountKey={key};EndpointSuffix=core.windows.net");
        let rows = |text: &str| hits(text).into_iter().map(|h| (h.id, h.label)).collect::<Vec<_>>();
        assert_eq!(rows(&cosmos), [("T17", "Cosmos DB key")]);
        assert_eq!(rows(&storage), [("T11", "Azure storage account key")]);
        assert_eq!(rows(&format!("{storage}\n{cosmos}"))[0].0, "T11");
    }
}
