//! JSON as a bounded tree of text, as [`yaml`](super::yaml) gives it: numbers stay as they were written, and the `NaN` and `Infinity` that Python writes
//! spoil only their own value.

use std::collections::HashSet;

use super::yaml::Node;

/// Deepest nesting.
const MAX_DEPTH: usize = 32;
/// Most values.
const MAX_NODES: usize = 1 << 20;

/// Reads a JSON text.
pub(crate) fn parse(bytes: &[u8]) -> Result<Node, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = Reader { text, at: 0, nodes: 0 };
    let node = reader.value(0)?;
    reader.space();
    if reader.at == text.len() { Ok(node) } else { Err(reader.wrong("more than one value")) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn wrong(&self, what: &str) -> String {
        format!("{what} at byte {}", self.at)
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Goes past a character, if it comes next after white space.
    fn take(&mut self, expected: char) -> bool {
        self.space();
        let found = self.rest().starts_with(expected);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, String> {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(self.wrong(&format!("nested deeper than {MAX_DEPTH} levels or more than {MAX_NODES} values")));
        }
        self.space();
        match self.rest().as_bytes().first() {
            Some(b'"') => self.string().map(Node::Text),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.map(depth),
            _ => self.word(),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Node, String> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(']') {
            return Ok(Node::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(']') {
                return Ok(Node::List(items));
            }
            if !self.take(',') {
                return Err(self.wrong("neither a comma nor the end of a list"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Node, String> {
        self.at += 1;
        let (mut entries, mut seen) = (Vec::new(), HashSet::new());
        if self.take('}') {
            return Ok(Node::Map(entries));
        }
        loop {
            self.space();
            if !self.rest().starts_with('"') {
                return Err(self.wrong("no key"));
            }
            let key = self.string()?;
            if !seen.insert(key.clone()) {
                return Err(self.wrong("a key that occurs twice, before the value"));
            }
            if !self.take(':') {
                return Err(self.wrong("no colon after a key"));
            }
            entries.push((key, self.value(depth + 1)?));
            if self.take('}') {
                return Ok(Node::Map(entries));
            }
            if !self.take(',') {
                return Err(self.wrong("neither a comma nor the end of an object"));
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.bytes().enumerate().skip(1).find_map(|(at, byte)| match byte {
            _ if escaped => {
                escaped = false;
                None
            }
            b'\\' => {
                escaped = true;
                None
            }
            b'"' => Some(at + 1),
            _ => None,
        });
        let quoted = end.and_then(|end| rest.get(..end)).ok_or_else(|| self.wrong("text without an end"))?;
        let text = serde_json::from_str(quoted).map_err(|error| format!("{error}, in the text at byte {}", self.at))?;
        self.at += quoted.len();
        Ok(text)
    }

    /// A number, or one of the words; what a word may be is for the value's type to say.
    fn word(&mut self) -> Result<Node, String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        if !number && !matches!(word, "true" | "false" | "null" | "NaN" | "Infinity") {
            return Err(self.wrong("no value"));
        }
        self.at += end;
        Ok(if word == "null" { Node::Null } else { Node::Text(word.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn keeps_numbers_as_written_and_survives_what_python_writes() {
        let node =
            parse(b" {\"a\": 1e-05, \"b\": [0.10, NaN, -Infinity, true], \"c\\u0301\": \"\\ud83e\\udd8a\", \"d\": null, \"e\": {}}\n")
                .unwrap();
        let text = |key: &str| node.get(key).and_then(Node::text);
        assert_eq!((text("a"), text("c\u{301}"), node.get("d")), (Some("1e-05"), Some("🦊"), Some(&Node::Null)));
        let items: Vec<_> = node.get("b").unwrap().items().iter().filter_map(Node::text).collect();
        assert_eq!(items, ["0.10", "NaN", "-Infinity", "true"]);
    }

    #[test]
    fn refuses_hostile_texts() {
        let deep = "[".repeat(100_000);
        let wide = format!("[{}0]", "0,".repeat(MAX_NODES));
        for bad in [
            "",
            "{",
            "[1,]",
            "[1 2]",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "{a:1}",
            "\"\\ud800\"",
            "\"",
            "1 2",
            "nul",
            &deep,
            &wide,
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{}", bad.chars().take(40).collect::<String>());
        }
        assert!(parse(b"\"\xff\"").is_err());
    }
}
