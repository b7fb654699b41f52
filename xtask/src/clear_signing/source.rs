//! What only the Solidity sources say: typed messages, signing domains, and the names behind numbers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

/// The sources, read once.
pub(super) struct Source {
    text: String,
    enums: BTreeMap<String, Vec<String>>,
}

impl Source {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        files.sort();
        let mut text = String::new();
        for file in files {
            text.push_str(&fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?);
        }
        Ok(Self::new(text))
    }

    fn new(text: String) -> Self {
        let enums = enums(&text);
        Self { text, enums }
    }

    /// Returns a choice's words by number, as ERC-7730 writes it.
    pub(super) fn choice(&self, name: &str) -> Result<Value> {
        let members = self.enums.get(name).with_context(|| format!("no source has an enum {name}"))?;
        let words = members.iter().enumerate().map(|(number, member)| (number.to_string(), json!(words(member))));
        Ok(Value::Object(words.collect::<Map<_, _>>()))
    }

    /// Returns the members of an EIP-712 message as (type, name), from the text whose hash the contracts compare.
    pub(super) fn message(&self, name: &str) -> Result<Vec<(String, String)>> {
        let start = format!("\"{name}(");
        let mut found = self.text.split(&start).skip(1).filter_map(|rest| rest.split_once(")\"")).map(|(members, _)| members);
        let Some(members) = found.next() else { bail!("no source has the message {name}") };
        let pair = |member: &str| {
            let (kind, name) = member.split_once(' ').with_context(|| format!("`{member}` is no member"))?;
            Ok((kind.to_owned(), name.to_owned()))
        };
        members.split(',').map(pair).collect()
    }

    /// Fails when no contract signs in this domain.
    pub(super) fn check_domain(&self, name: &str, version: &str) -> Result<()> {
        let written = format!("EIP712(\"{name}\", \"{version}\")");
        if self.text.contains(&written) { Ok(()) } else { bail!("no source has the domain {written}") }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|kind| kind == "sol") {
            files.push(path);
        }
    }
    Ok(())
}

fn enums(text: &str) -> BTreeMap<String, Vec<String>> {
    let code: Vec<_> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let bodies = code.split("\nenum ").skip(1).filter_map(|rest| rest.split_once('}')).filter_map(|(head, _)| head.split_once('{'));
    let members = |body: &str| body.split(',').map(|member| member.trim().to_owned()).filter(|member| !member.is_empty()).collect();
    bodies.map(|(name, body)| (name.trim().to_owned(), members(body))).collect()
}

/// Returns `FineTune` as `Fine tune`.
fn words(member: &str) -> String {
    let mut words = String::new();
    for letter in member.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn choices_messages_and_domains_are_read_from_the_source() {
        let text = "/// @notice A\nenum Kind {\n    /// first, of two\n    Model, // one\n    FineTune\n}\nkeccak256(\n\"Pay(address to,uint256 sum)\"\n)\
                    EIP712(\"x\", \"1\")";
        let source = Source::new(text.to_owned());
        assert_eq!(source.choice("Kind").expect("there"), json!({"0": "Model", "1": "Fine tune"}));
        let members = source.message("Pay").expect("there");
        assert_eq!(members, [("address".to_owned(), "to".to_owned()), ("uint256".to_owned(), "sum".to_owned())]);
        assert!(source.check_domain("x", "1").is_ok());
        assert!(source.check_domain("x", "2").is_err() && source.message("Order").is_err() && source.choice("Side").is_err());
    }
}
