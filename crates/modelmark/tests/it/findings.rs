//! The page of finding codes: made from the code, so that it is complete.

use std::fmt::Write as _;
use std::fs;

use modelmark_formats::{FindingCode, Severity};

const PAGE: &str = "docs/reference/findings.md";
const OPENING: &str = "<!-- DO NOT EDIT: made by `MODELMARK_BLESS=1 cargo test -p modelmark --test it findings`. -->

# Findings

What `modelmark inspect` lists under `findings` in JSON: each has a `code`, a `severity`, perhaps a `file`, and a `message` for people. `publish` says the same
as remarks. Codes are public interface: they are never renamed or given another meaning. Nothing is executed to find any of this, and presence is all that
is told: not what code does, and not whether it is meant well.

| severity | meaning |
|---|---|
| high | using the model as usual runs code, or is not possible |
| medium | to be looked at before the model is used |
| low | nothing happens by itself |
| info | good to know |

## Of files

| code | severity | meaning |
|---|---|---|
";
const CODE: &str = "
`modelmark verify --deny-code` refuses a model with any of these (the check `code.none`): ";
const FACTS: &str = "

## Of the facts beside a model

All of severity info; `modelmark record` lists them too.

| code | meaning |
|---|---|
";

#[test]
fn the_page_of_findings_is_what_the_code_says() {
    let mut page = OPENING.to_owned();
    let mut codes = FindingCode::ALL.to_vec();
    codes.sort_by_key(|code| std::cmp::Reverse(code.severity()));
    assert!(codes.iter().any(|code| code.severity() == Severity::Info));
    for code in &codes {
        writeln!(page, "| `{}` | {} | {} |", code.as_str(), code.severity(), code.explanation()).unwrap();
    }
    let denied: Vec<String> = codes.iter().filter(|code| code.runs_code()).map(|code| format!("`{}`", code.as_str())).collect();
    write!(page, "{CODE}{}.{FACTS}", denied.join(", ")).unwrap();
    for code in modelmark_record::FindingCode::ALL {
        writeln!(page, "| `{code}` | {} |", code.explanation()).unwrap();
    }
    let file = modelmark_testkit::tools::workspace().join(PAGE);
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == page, "{PAGE} is out of date; run this test again with MODELMARK_BLESS=1");
}
