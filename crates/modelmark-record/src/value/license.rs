//! Licence names: SPDX expressions in one spelling, and what the Hugging Face hub writes instead of them.

use std::borrow::Cow;

use crate::value::{Refusal, text_value};

/// Longest licence expression in characters.
const MAX_EXPRESSION: usize = 500;

text_value! {
    /// An SPDX licence expression (SPDX 3.0 annex B) in one spelling: ids as the SPDX list writes them, operators in capitals, single spaces.
    ///
    /// Reading forgives: case is ignored (`apache-2.0`), bare GNU ids become `-only`, and the hub's own ids become `LicenseRef-…`
    /// (`llama3.1` is `LicenseRef-llama3.1`).
    ///
    /// ```
    /// use modelmark_record::Spdx;
    /// assert_eq!("apache-2.0 or mit".parse::<Spdx>()?.as_str(), "Apache-2.0 OR MIT");
    /// assert_eq!("gemma".parse::<Spdx>()?.as_str(), "LicenseRef-gemma");
    /// assert!("apache two".parse::<Spdx>().is_err());
    /// # Ok::<(), modelmark_record::ValueError>(())
    /// ```
    Spdx, "licence", normalise,
    { "type": "string", "minLength": 1, "maxLength": 500, "pattern": "^[A-Za-z0-9.:+() -]+$" }
}

impl Spdx {
    /// Returns `LicenseRef-<name>`, for terms that are not on the SPDX list; characters that a reference cannot hold become `-`.
    #[must_use]
    pub fn reference(name: &str) -> Self {
        let name = name.replace('+', "-plus");
        let safe: String = name.chars().take(100).map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        let trimmed = safe.trim_matches('-');
        Self(format!("LicenseRef-{}", if trimmed.is_empty() { "other" } else { trimmed }))
    }

    /// Tells whether the expression names terms outside the SPDX list.
    #[must_use]
    pub fn has_reference(&self) -> bool {
        self.0.contains("LicenseRef-")
    }
}

/// Ids of the hub's licence list that are not SPDX ids (case ignored) and what they stand for; `None` becomes a `LicenseRef-`.
const HUB_IDS: [(&str, Option<&str>); 33] = [
    ("apple-amlr", None),
    ("apple-ascl", None),
    ("bigcode-openrail-m", None),
    ("bigscience-bloom-rail-1.0", None),
    ("bigscience-openrail-m", None),
    ("bsd", None),
    ("cc", None),
    ("creativeml-openrail-m", None),
    ("deepfloyd-if-license", None),
    ("fair-noncommercial-research-license", None),
    ("gemma", None),
    ("gfdl", None),
    ("gpl", None),
    ("h-research", None),
    ("intel-research", None),
    ("lgpl", None),
    ("lgpl-lr", None),
    ("llama2", None),
    ("llama3", None),
    ("llama3.1", None),
    ("llama3.2", None),
    ("llama3.3", None),
    ("llama4", None),
    ("odbl", Some("ODbL-1.0")),
    ("odc-by", Some("ODC-By-1.0")),
    ("openmdw-1.0", None),
    ("openrail", None),
    ("openrail++", None),
    ("osl", None),
    ("other", None),
    ("pddl", Some("PDDL-1.0")),
    ("tencent-hunyuan-community", None),
    ("unknown", None),
];

fn normalise(text: String) -> Result<String, Refusal> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.chars().count() > MAX_EXPRESSION {
        return Err(format!("is empty or longer than {MAX_EXPRESSION} characters").into());
    }
    if let Some((id, spdx)) = HUB_IDS.iter().find(|(id, _)| id.eq_ignore_ascii_case(trimmed)) {
        return Ok(spdx.map_or_else(|| Spdx::reference(id).0, str::to_owned));
    }
    let spelled = tokens(trimmed).map(|token| spell(token).ok_or_else(|| unknown(token, token == trimmed)));
    let expression = spelled.collect::<Result<Vec<_>, _>>()?.join(" ").replace("( ", "(").replace(" )", ")");
    match spdx::Expression::parse(&expression) {
        Ok(_) => Ok(expression),
        Err(error) => {
            let after = expression.get(..error.span.start).map(str::trim_end).filter(|before| !before.is_empty());
            let place = after.map_or_else(|| "at its beginning".to_owned(), |before| format!("after {before:?}"));
            Err(format!("is not an SPDX licence expression: {} ({place}); write for example MIT OR Apache-2.0", wrong(&error.reason))
                .into())
        }
    }
}

/// What is wrong with an expression, in words.
fn wrong(reason: &spdx::error::Reason) -> &'static str {
    use spdx::error::Reason;
    match reason {
        Reason::Unexpected(expected) if expected.contains(&"<license>") => "a licence is missing",
        Reason::Unexpected(_) => "AND, OR or WITH is missing",
        Reason::UnclosedParens => "a parenthesis is not closed",
        Reason::UnopenedParens => "a parenthesis was never opened",
        _ => "it holds what no expression does",
    }
}

/// Splits an expression at white space and around parentheses.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['(', ')'])
        .flat_map(|part| match part.char_indices().next_back() {
            Some((at, '(' | ')')) => {
                let (words, parenthesis) = part.split_at(at);
                [words, parenthesis]
            }
            _ => [part, ""],
        })
        .flat_map(str::split_whitespace)
}

/// Returns a token as the SPDX list spells it; `None` when it is not there.
fn spell(token: &str) -> Option<Cow<'_, str>> {
    if let Some(operator) = ["AND", "OR", "WITH"].into_iter().find(|operator| operator.eq_ignore_ascii_case(token)) {
        return Some(operator.into());
    }
    if token == "("
        || token == ")"
        || token.starts_with("LicenseRef-")
        || token.starts_with("DocumentRef-")
        || token.starts_with("AdditionRef-")
    {
        return Some(token.into());
    }
    let (id, later) = token.strip_suffix('+').map_or((token, false), |id| (id, true));
    if let Some(license) = spdx::identifiers::LICENSES.iter().find(|license| license.name.eq_ignore_ascii_case(id)) {
        return Some(listed(license.name, later));
    }
    let exception = spdx::identifiers::EXCEPTIONS.iter().find(|exception| exception.name.eq_ignore_ascii_case(token));
    exception.map(|exception| exception.name.into())
}

/// GNU ids say `-only` or `-or-later`; their bare forms are deprecated and mean the same (SPDX licence list 3.0).
fn listed(name: &'static str, later: bool) -> Cow<'static, str> {
    let gnu = ["GPL-", "LGPL-", "AGPL-", "GFDL-"].iter().any(|family| name.starts_with(family));
    let settled = name.contains("-only") || name.contains("-or-later") || name.contains("-with-");
    match (gnu && !settled, later) {
        (true, true) => format!("{name}-or-later").into(),
        (true, false) => format!("{name}-only").into(),
        (false, true) => format!("{name}+").into(),
        (false, false) => name.into(),
    }
}

/// Refuses a token, which is named where it is not all of the expression.
fn unknown(token: &str, alone: bool) -> Refusal {
    let token: String = token.chars().take(60).collect();
    let meant = spdx::imprecise_license_id(&token).map(|(id, _)| format!("; did you mean {}?", id.name)).unwrap_or_default();
    let own = Spdx::reference(&token);
    let named = if alone { String::new() } else { format!("names {token:?}, which ") };
    format!("{named}is not on the SPDX licence list{meant} (terms of your own are written {own})").into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn spells_expressions_one_way() {
        for (text, want) in [
            ("apache-2.0", "Apache-2.0"),
            ("MIT", "MIT"),
            (" ( mit and  bsd-3-clause )or apache-2.0 with llvm-exception", "(MIT AND BSD-3-Clause) OR Apache-2.0 WITH LLVM-exception"),
            ("gpl-3.0", "GPL-3.0-only"),
            ("gpl-2.0+", "GPL-2.0-or-later"),
            ("agpl-3.0-or-later", "AGPL-3.0-or-later"),
            ("mpl-1.1+", "MPL-1.1+"),
            ("cc-by-nc-4.0", "CC-BY-NC-4.0"),
            ("odbl", "ODbL-1.0"),
            ("Llama3.1", "LicenseRef-llama3.1"),
            ("openrail++", "LicenseRef-openrail-plus-plus"),
            ("other", "LicenseRef-other"),
            ("LicenseRef-acme-1", "LicenseRef-acme-1"),
        ] {
            let spdx: Spdx = text.parse().unwrap();
            assert_eq!(spdx.as_str(), want);
            assert_eq!(spdx.as_str().parse::<Spdx>().unwrap(), spdx, "one spelling");
        }
    }

    #[test]
    fn explains_what_is_wrong() {
        let message = "apache2".parse::<Spdx>().unwrap_err().to_string();
        assert!(message.contains("did you mean Apache-2.0?") && message.contains("LicenseRef-apache2"), "{message}");
        for (text, words) in [
            ("MIT OR", "a licence is missing (after \"MIT OR\")"),
            ("AND MIT", "a licence is missing (at its beginning)"),
            ("MIT Apache-2.0", "AND, OR or WITH is missing (after \"MIT\")"),
            ("(MIT", "a parenthesis is not closed"),
        ] {
            let message = text.parse::<Spdx>().unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
        let deep = "(".repeat(400);
        for bad in ["", "  ", "MIT AND", "MIT Apache-2.0", "(MIT", "MIT/Apache-2.0", "MIT\0", "ミット", &deep, &"a".repeat(501)] {
            assert!(bad.parse::<Spdx>().is_err(), "{bad}");
        }
        assert_eq!(Spdx::reference("Acme Model Licence, v2").as_str(), "LicenseRef-Acme-Model-Licence--v2");
    }
}
