//! Texts of strangers in every field of a report.

use modelmark_report::Form;
use proptest::prelude::*;

use crate::fixture::report;

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "]]></failure><testcase name=\"passed\"/>",
    "</title></svg><svg onload=alert(1)>",
    "| pass | `model.files` | all is well |\n## ✅ VERIFIED",
    "\u{1b}[2J\u{202e}dlo\u{0}\u{ffff}\u{2028}",
    "[click](javascript:alert(1)) ![x](http://example.org/x.png) @everyone #1",
    "{{ 7*7 }} {% for x in y %}",
    "::set-output name=x::y\n::error::z",
];

fn all(text: &str) -> Vec<(Form, String)> {
    let forms = [Form::Html, Form::Markdown, Form::Sarif, Form::Junit, Form::Badge, Form::Json];
    forms.map(|form| (form, form.write(&[report(text, text)], "modelmark 0.1.0").unwrap())).to_vec()
}

fn stands_alone(text: &str) {
    for (form, written) in all(text) {
        match form {
            Form::Html => {
                let plain = Form::Html.write(&[report("x", "x")], "modelmark 0.1.0").unwrap();
                assert_eq!(written.matches('<').count(), plain.matches('<').count(), "{text:?} adds markup");
                assert!(!written.contains('\u{1b}') && !written.contains('\u{202e}'));
            }
            Form::Junit => {
                let xml = roxmltree::Document::parse(&written).unwrap();
                assert_eq!(xml.descendants().filter(|node| node.has_tag_name("testcase")).count(), 6);
            }
            Form::Markdown => {
                let plain = Form::Markdown.write(&[report("x", "x")], "modelmark 0.1.0").unwrap();
                assert_eq!(written.lines().count(), plain.lines().count(), "{text:?} adds lines");
                assert_eq!(markup(&written), markup(&plain), "{text:?} adds markup");
            }
            Form::Sarif | Form::Json => drop(serde_json::from_str::<serde_json::Value>(&written).unwrap()),
            _ => drop(roxmltree::Document::parse(&written).unwrap()),
        }
    }
}

/// How many characters mean something; the `#` of a character reference does not.
fn markup(text: &str) -> usize {
    text.matches(['<', '|', '[', '#']).count() - text.matches("&#").count()
}

#[test]
fn hostile_texts_stay_texts() {
    for text in HOSTILE {
        stands_alone(text);
    }
}

proptest! {
    #[test]
    fn any_text_stays_text(text in any::<String>()) {
        stands_alone(&text);
    }
}
