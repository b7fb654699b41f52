//! YAML 1.2 as a bounded tree of text: no schema turns `0.10` into a double or `no` into false, so a value is what its author typed.
//!
//! A typed YAML reader would hand over decimals as doubles and lose their spelling; the parser's events keep it.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle};

/// Longest YAML text that is read, in bytes.
const MAX_BYTES: usize = 1 << 18;
/// Deepest nesting.
const MAX_DEPTH: usize = 16;
/// Most nodes, counting every copy that an alias makes.
const MAX_NODES: usize = 20_000;

/// A YAML node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A scalar as it was typed. A plain empty, `~` or `null` is [`Node::Null`].
    Text(String),
    /// Nothing.
    Null,
    /// A sequence.
    List(Vec<Node>),
    /// A mapping with different keys, in order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Returns the value under a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns the text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the items of a sequence, or the node itself as the only item.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null => &[],
            other => std::slice::from_ref(other),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Text(_) | Self::Null => 1,
            Self::List(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Self::Map(entries) => 1 + entries.iter().map(|(_, value)| value.weight()).sum::<usize>(),
        }
    }
}

/// Reads the first document of a YAML text.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("has {} bytes of YAML; the limit is {MAX_BYTES}", text.len()));
    }
    let options = granit_parser::options! { flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        if let Some(root) = builder.take(event)? {
            return Ok(root);
        }
    }
    Ok(Node::Null)
}

/// A collection that is not yet closed.
enum Open {
    List(Vec<Node>),
    Map { entries: Vec<(String, Node)>, seen: HashSet<String>, key: Option<String> },
}

#[derive(Default)]
struct Builder {
    open: Vec<(Open, usize)>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl Builder {
    /// Takes one event; returns the root when the document is complete.
    fn take(&mut self, event: Event<'_>) -> Result<Option<Node>, String> {
        match event {
            Event::SequenceStart(_, anchor, _) => self.open(Open::List(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => self.open(Open::Map { entries: Vec::new(), seen: HashSet::new(), key: None }, anchor),
            Event::Scalar(text, style, anchor, _) => {
                let null = style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                let node = if null { Node::Null } else { Node::Text(text.into_owned()) };
                self.close(node, anchor)
            }
            Event::Alias(id) => {
                let node = self.anchors.get(&id).cloned().ok_or("an alias refers to a node around it")?;
                self.count(node.weight())?;
                self.close(node, 0)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((Open::List(items), anchor)) => self.close(Node::List(items), anchor),
                Some((Open::Map { entries, key: None, .. }, anchor)) => self.close(Node::Map(entries), anchor),
                _ => Err("a mapping ends after a key".to_owned()),
            },
            _ => Ok(None),
        }
    }

    fn open(&mut self, open: Open, anchor: usize) -> Result<Option<Node>, String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("nests deeper than {MAX_DEPTH} levels"));
        }
        self.open.push((open, anchor));
        Ok(None)
    }

    fn close(&mut self, node: Node, anchor: usize) -> Result<Option<Node>, String> {
        // Each node counts once where it is placed, and once more in every copy that an anchor or an alias makes.
        self.count(1)?;
        if anchor > 0 {
            self.count(node.weight())?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => return Ok(Some(node)),
            Some((Open::List(items), _)) => items.push(node),
            Some((Open::Map { entries, seen, key }, _)) => match key.take() {
                Some(name) => entries.push((name, node)),
                None => *key = Some(new_key(seen, node)?),
            },
        }
        Ok(None)
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES { Err(format!("has more than {MAX_NODES} nodes, counting every copy of an alias")) } else { Ok(()) }
    }
}

fn new_key(seen: &mut HashSet<String>, node: Node) -> Result<String, String> {
    let name = match node {
        Node::Text(text) => text,
        Node::Null => "null".to_owned(),
        Node::List(_) | Node::Map(_) => return Err("a key is not a scalar".to_owned()),
    };
    match seen.insert(name.clone()) {
        true => Ok(name),
        false => Err(format!("key {:?} occurs twice", name.chars().take(80).collect::<String>())),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn keeps_every_scalar_as_typed() {
        let node = parse("a: 0.10\nb: no\nc: 1e-5\nd: ~\ne: 0x1F\nf: \"null\"\ng: [1_000, 3.0]\nh: !!float 2.50\n").unwrap();
        let text = |key: &str| node.get(key).and_then(Node::text);
        assert_eq!(
            [text("a"), text("b"), text("c"), text("e"), text("f"), text("h")].map(Option::unwrap),
            ["0.10", "no", "1e-5", "0x1F", "null", "2.50"]
        );
        assert_eq!(node.get("d"), Some(&Node::Null));
        assert_eq!(node.get("g").unwrap().items(), [Node::Text("1_000".into()), Node::Text("3.0".into())]);
    }

    #[test]
    fn follows_aliases_within_bounds() {
        let node = parse("a: &x {k: v}\nb: *x\n").unwrap();
        assert_eq!(node.get("a"), node.get("b"));
    }

    #[test]
    fn bounds_hostile_documents() {
        let bomb: String = std::iter::once("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned())
            .chain((1..12).map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(","))))
            .collect();
        let deep = "[".repeat(10_000);
        let block: String = (0..200).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        let wide = format!("[{}]", "x,".repeat(100_000));
        let dashes = "- ".repeat(5_000);
        for bad in [
            bomb.as_str(),
            &deep,
            &block,
            &wide,
            &dashes,
            "a: 1\na: 2\n",
            "a: &x [*x]",
            "? [a]\n: b",
            "a: *nope",
            "a: [1",
            "\"\\ud800\"",
            "a: b: c",
            &"x".repeat(MAX_BYTES + 1),
        ] {
            assert!(parse(bad).is_err(), "{}", bad.chars().take(40).collect::<String>());
        }
    }
}
