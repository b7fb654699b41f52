//! Graphs: their operators, and the constants that a frozen graph keeps its weights in.
//!
//! A graph that has variables keeps its weights in a checkpoint; its constants are no weights, and are not listed.
//! Source: `graph.proto`, `node_def.proto`, `function.proto` and `attr_value.proto` of TensorFlow 2.21.

use super::constant;
use super::operators::Operators;
use crate::contents::{Contents, FindingCode};
use crate::protobuf::{Field, Message, Wire};
use crate::{FormatError, ReadAt, Tensor};

const MAX_NAME_BYTES: u64 = 4096;
const MAX_OPERATOR_BYTES: u64 = 512;
/// Most constants of a graph.
const MAX_TENSORS: usize = 1 << 18;
/// Operators whose value is kept in a checkpoint.
const VARIABLES: [&str; 5] = ["AutoReloadVariable", "VarHandleOp", "Variable", "VariableV2", "_VarHandlesOp"];

/// Graphs that are being walked, and what was gathered of them so far.
pub(super) struct Reader<'f> {
    pub(super) wire: Wire<'f>,
    pub(super) contents: Contents,
    operators: Operators,
    constants: Vec<Tensor>,
    has_variables: bool,
    /// Constants that are written in a short form that has no place for each element.
    short: u64,
    /// Bytes that names may still take.
    names_left: u64,
}

/// What is needed of a node.
#[derive(Default)]
struct Node {
    name: String,
    operator: String,
    /// The attribute `value`, and the message that it stands in.
    value: Option<(Message, Field)>,
}

impl<'f> Reader<'f> {
    pub(super) fn new(file: &'f dyn ReadAt, format: &'static str) -> Result<Self, FormatError> {
        let size = file.size().map_err(FormatError::Read)?;
        Ok(Self {
            wire: Wire::new(file)?,
            contents: Contents::of(format),
            operators: Operators::default(),
            constants: Vec::new(),
            has_variables: false,
            short: 0,
            names_left: size.saturating_mul(4).saturating_add(1 << 16),
        })
    }

    /// Walks a `GraphDef`; `way` stands before the names of its constants.
    pub(super) fn graph(&mut self, mut message: Message, way: &str) -> Result<(), FormatError> {
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => self.node(&message, &field, way)?,
                2 => self.function_library(&message, &field, way)?,
                3..=5 => {}
                _ => {
                    let fault = format!("field {}, which a graph of TensorFlow does not have", field.number);
                    return Err(FormatError::malformed(field.at, fault));
                }
            }
        }
        Ok(())
    }

    fn function_library(&mut self, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 1 {
                self.function(&message, &field, way)?;
            }
        }
        Ok(())
    }

    /// A `FunctionDef`: its signature comes first in every file that the library writes, but does not have to.
    fn function(&mut self, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut name = None;
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 1 {
                message.once(&field)?;
                name = Some(self.signature(&message, &field)?);
            }
        }
        let name = name.ok_or_else(|| FormatError::malformed(field.at, "a function without a signature"))?;
        let way = format!("{way}{name}/");
        self.operators.defines(name);
        let mut message = self.wire.inside(outer, field)?;
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 3 {
                self.node(&message, &field, &way)?;
            }
        }
        Ok(())
    }

    /// The name in an `OpDef`.
    fn signature(&mut self, outer: &Message, field: &Field) -> Result<String, FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut name = String::new();
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 1 {
                message.once(&field)?;
                name = self.wire.name(&field, MAX_NAME_BYTES, "the name of a function")?;
            }
        }
        Ok(name)
    }

    fn node(&mut self, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut node = Node::default();
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => node.name = self.wire.name(&field, MAX_NAME_BYTES, "the name of a node")?,
                2 => node.operator = self.wire.name(&field, MAX_OPERATOR_BYTES, "the name of an operator")?,
                5 => {
                    self.attribute(&message, &field, &mut node)?;
                    continue;
                }
                _ => continue,
            }
            message.once(&field)?;
        }
        if node.operator.is_empty() {
            return Err(FormatError::malformed(field.at, "a node without an operator"));
        }
        self.has_variables |= VARIABLES.contains(&node.operator.as_str());
        if let (Some((message, value)), "Const" | "HostConst") = (&node.value, node.operator.as_str()) {
            let name = self.way(field.at, &[way, &node.name])?;
            self.constant(name, message, value)?;
        }
        self.operators.uses(node.operator);
        Ok(())
    }

    /// Joins the way to a constant.
    fn way(&mut self, at: u64, parts: &[&str]) -> Result<String, FormatError> {
        let name = parts.concat();
        let left = self.names_left.checked_sub(name.len() as u64);
        self.names_left = left.ok_or_else(|| FormatError::malformed(at, "names take several times the file's length"))?;
        Ok(name)
    }

    fn attribute(&mut self, outer: &Message, field: &Field, node: &mut Node) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let (mut is_value, mut value) = (false, None);
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => is_value = field.bytes()?.len == 5 && self.wire.name(&field, 5, "the name of an attribute")? == "value",
                2 => value = Some(field),
                _ => continue,
            }
            message.once(&field)?;
        }
        if !is_value {
            return Ok(());
        }
        if node.value.is_some() {
            return Err(FormatError::malformed(field.at, "a node has two values"));
        }
        node.value = value.map(|value| (message, value));
        Ok(())
    }

    /// Keeps the tensor in an `AttrValue`.
    fn constant(&mut self, name: String, outer: &Message, value: &Field) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, value)?;
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number != 8 {
                continue;
            }
            message.once(&field)?;
            let tensor = self.wire.inside(&message, &field)?;
            match constant::read(&mut self.wire, tensor, &name)? {
                constant::Constant::Tensor(tensor) if self.constants.len() < MAX_TENSORS => self.constants.push(tensor),
                constant::Constant::Tensor(_) => {
                    let limit = MAX_TENSORS as u64;
                    return Err(FormatError::Limit { what: "constants", declared: limit + 1, limit });
                }
                constant::Constant::Short => self.short += 1,
                constant::Constant::Other => {}
            }
        }
        Ok(())
    }

    /// Makes sure that names are unique, and adds what is known only at the end.
    pub(super) fn finish(mut self) -> Result<Contents, FormatError> {
        self.operators.judge(&mut self.contents);
        if self.has_variables {
            return Ok(self.contents);
        }
        let mut names: Vec<&str> = self.constants.iter().map(|tensor| tensor.name.as_str()).collect();
        names.sort_unstable();
        if let Some([twin, _]) = names.array_windows().find(|[a, b]| a == b) {
            return Err(FormatError::tensor(twin, "two constants have this name"));
        }
        self.contents.tensors = self.constants;
        if self.short > 0 {
            let message = format!("{} constants that repeat a number are not listed as tensors", self.short);
            self.contents.note(FindingCode::Cut, message);
        }
        Ok(self.contents)
    }
}
