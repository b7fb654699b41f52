//! Graphs, nodes and attributes: the way to the tensors.

use super::{FormatError, Reader};
use crate::protobuf::{Field, Message};

impl Reader<'_> {
    /// Reads a `GraphProto`; `way` stands before the names of what it holds.
    pub(super) fn graph(&mut self, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut nodes = 0_u64;
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => {
                    self.node(&message, &field, way, nodes)?;
                    nodes += 1;
                }
                5 => self.initializer(&message, &field, way)?,
                15 => self.sparse_initializer(&message, &field, way)?,
                2 | 11 | 12 if way.is_empty() => self.described(&message, &field)?,
                2 | 10..=14 | 16 => {}
                _ => self.skip_unknown(),
            }
        }
        Ok(())
    }

    /// Reads a `NodeProto`. What names it may stand after its attributes, so that it is walked twice; no attribute is entered in the first walk.
    pub(super) fn node(&mut self, outer: &Message, field: &Field, way: &str, index: u64) -> Result<(), FormatError> {
        let start = self.wire.inside(outer, field)?;
        let (mut output, mut name, mut domain, mut operator) = (String::new(), String::new(), String::new(), String::new());
        let (mut outputs, mut attributes) = (false, false);
        let mut message = start;
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                2 if !outputs => {
                    outputs = true;
                    output = self.name(&field, "a node's output")?;
                }
                3 => {
                    message.once(&field)?;
                    name = self.name(&field, "a node's name")?;
                }
                4 => {
                    message.once(&field)?;
                    operator = self.name(&field, "an operator")?;
                }
                5 => attributes = true,
                7 => {
                    message.once(&field)?;
                    domain = self.name(&field, "a domain")?;
                }
                1 | 2 | 6 | 8..=10 => {}
                _ => self.skip_unknown(),
            }
        }
        self.summary.operator(&domain, &operator);
        self.uses(domain);
        if !attributes {
            return Ok(());
        }
        let position = format!("#{index}");
        let own = [&output, &name].into_iter().find(|name| !name.is_empty()).unwrap_or(&position);
        let way = self.way(field.at, &[way, own, ":"])?;
        let mut message = start;
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 5 {
                self.attribute(&message, &field, &way)?;
            }
        }
        Ok(())
    }

    /// Reads an `AttributeProto`: tensors and graphs, one or lists of them. Its name may stand after them.
    pub(super) fn attribute(&mut self, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
        let start = self.wire.inside(outer, field)?;
        let mut name = String::new();
        let mut inside = false;
        let mut message = start;
        while let Some(field) = self.wire.next(&mut message)? {
            if matches!(field.number, 1 | 5 | 6 | 22) {
                message.once(&field)?;
            }
            match field.number {
                1 => name = self.name(&field, "an attribute's name")?,
                5 | 6 | 10 | 11 | 22 | 23 => inside = true,
                2..=4 | 7..=9 | 13..=15 | 20 | 21 => {}
                _ => self.skip_unknown(),
            }
        }
        if !inside {
            return Ok(());
        }
        let mut message = start;
        let mut counts = [0_u64; 3];
        let [tensors, graphs, sparse] = &mut counts;
        while let Some(field) = self.wire.next(&mut message)? {
            let position = match field.number {
                10 => next(tensors),
                11 => next(graphs),
                23 => next(sparse),
                5 | 6 | 22 => String::new(),
                _ => continue,
            };
            let way = self.way(field.at, &[way, &name, &position])?;
            match field.number {
                5 | 10 => self.tensor(&message, &field, way)?,
                6 | 11 => self.graph(&message, &field, &format!("{way}/"))?,
                _ => self.sparse(&message, &field, &way)?,
            }
        }
        Ok(())
    }
}

/// The position in a list, and one on.
fn next(count: &mut u64) -> String {
    let position = format!("[{count}]");
    *count += 1;
    position
}
