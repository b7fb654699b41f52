//! `modelmark record --explain`: which source says what of a model, before it becomes a record.

use std::fmt::Write as _;

use modelmark_record::{Capture, Statement};
use serde_json::{Value, json};

use crate::error::Result;
use crate::facts;
use crate::output::{Tone, paint, printable};
use crate::session::Session;

/// Most characters of a value that are shown; JSON has all of them.
const SHOWN: usize = 100;

/// Prints what each source says and what became of it.
pub(super) fn print(session: &Session<'_>, capture: &Capture) -> Result<()> {
    let statements: Vec<Value> = capture.statements.iter().map(statement).collect();
    let (findings, left_out) = super::remarks(capture);
    let missing = facts::check_complete(capture).err();
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let value = json!({"statements": statements, "findings": findings, "leftOut": left_out, "missing": missing});
    session.output.result(&value, || page(capture, &missing))
}

fn statement(statement: &Statement) -> Value {
    let sha256 = statement.sha256.map(|sha256| sha256.to_0x());
    json!({"field": statement.field, "value": statement.value, "source": statement.source, "sha256": sha256, "taken": statement.taken})
}

fn page(capture: &Capture, missing: &[String]) -> String {
    let mut page = String::new();
    let mut fields: Vec<&str> = Vec::new();
    for statement in &capture.statements {
        if !fields.contains(&statement.field.as_str()) {
            fields.push(&statement.field);
        }
    }
    for field in fields {
        line(&mut page, &paint(Tone::Strong, &printable(field)));
        let said: Vec<&Statement> = capture.statements.iter().filter(|statement| statement.field == field).collect();
        for statement in &said {
            let agrees = || said.iter().any(|other| other.taken && other.value == statement.value);
            let note = if statement.taken {
                ""
            } else if agrees() {
                " (the same)"
            } else {
                " (not taken)"
            };
            line(
                &mut page,
                &format!(
                    "  {}  {}{}",
                    shown(&statement.value),
                    paint(Tone::Faint, &printable(&statement.source)),
                    paint(Tone::Doubt, note)
                ),
            );
        }
    }
    if !capture.findings.is_empty() {
        line(&mut page, &paint(Tone::Strong, "noticed"));
    }
    for finding in &capture.findings {
        line(&mut page, &format!("  {}: {}", paint(Tone::Doubt, finding.code.as_str()), printable(&finding.message)));
    }
    if !capture.left_out.is_empty() {
        line(&mut page, &paint(Tone::Strong, "left out"));
    }
    for left_out in &capture.left_out {
        line(&mut page, &format!("  {} in {}: {}", printable(&left_out.field), printable(&left_out.file), left_out.reason));
    }
    if !missing.is_empty() {
        line(&mut page, &paint(Tone::Strong, "missing"));
    }
    for missing in missing {
        line(&mut page, &format!("  {}", printable(missing)));
    }
    if page.is_empty() { "nothing is known of this model".to_owned() } else { page }
}

fn line(page: &mut String, text: &str) {
    // A string takes any line.
    let _ = writeln!(page, "{text}");
}

/// A value on one line.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cut: String = text.chars().take(SHOWN).collect();
    format!("{}{}", printable(&cut), if cut.len() < text.len() { "…" } else { "" })
}
