//! What kind of network a graph is: its name, its operators, and what goes in and comes out.

use super::element::Element;
use super::{FormatError, Reader};
use crate::architecture::{Architecture, Dimension, MAX_PORTS, Operators, Port, Quantization};
use crate::contents::short;
use crate::protobuf::{Field, Message};

/// Most dimensions of an input or output, as of a tensor.
const MAX_RANK: usize = 64;

/// What was seen of the main graph, and the operators of all.
#[derive(Default)]
pub(super) struct Summary {
    name: String,
    operators: Operators,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

impl Summary {
    /// Counts an operator; those of the standard go by their plain name.
    pub(super) fn operator(&mut self, domain: &str, operator: &str) {
        match domain {
            "" | "ai.onnx" => self.operators.count(operator, 1),
            domain => self.operators.count(&format!("{domain}.{operator}"), 1),
        }
    }

    /// Returns the summary of a model whose tensors have these names, sorted: what has a value of its own is no input, although old versions list it.
    pub(super) fn finish(mut self, tensors: &[&str]) -> Option<Architecture> {
        self.inputs.retain(|input| tensors.binary_search(&input.name.as_str()).is_err());
        let architecture = Architecture {
            name: Some(self.name).filter(|name| !name.is_empty()),
            quantization: quantization(&self.operators),
            inputs: self.inputs,
            outputs: self.outputs,
            operators: self.operators.into_counts(),
            ..Architecture::default()
        };
        architecture.stated()
    }
}

/// Quantisation shows in the operators, under the names that ONNX Runtime has for its two forms, or as blocks of few bits.
fn quantization(operators: &Operators) -> Option<Quantization> {
    let blocks = |kind: &str| kind.starts_with("com.microsoft.") && (kind.ends_with("NBits") || kind.ends_with("BlockQuantized"));
    let pairs = |kind: &str| kind.ends_with("DequantizeLinear");
    let quantised = |kind: &str| kind.contains("QLinear") || matches!(kind, "MatMulInteger" | "ConvInteger");
    let method = if operators.any(blocks) {
        "blocks"
    } else if operators.any(quantised) {
        "QOperator"
    } else if operators.any(pairs) {
        "QDQ"
    } else {
        return None;
    };
    Some(Quantization { method: method.to_owned(), ..Quantization::default() })
}

impl Reader<'_> {
    /// Takes a field of the main graph that describes it: its name, an input or an output.
    pub(super) fn described(&mut self, outer: &Message, field: &Field) -> Result<(), FormatError> {
        match field.number {
            2 => self.summary.name = short(&self.wire.text(field, "the name of a graph")?),
            11 if self.summary.inputs.len() < MAX_PORTS => {
                let port = self.port(outer, field)?;
                self.summary.inputs.push(port);
            }
            12 if self.summary.outputs.len() < MAX_PORTS => {
                let port = self.port(outer, field)?;
                self.summary.outputs.push(port);
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads a `ValueInfoProto`.
    fn port(&mut self, outer: &Message, field: &Field) -> Result<Port, FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut port = Port::named("");
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => port.name = short(&self.name(&field, "the name of an input or output")?),
                2 => self.kind(&message, &field, &mut port)?,
                _ => {}
            }
        }
        Ok(port)
    }

    /// Reads a `TypeProto`, which may be something else than a tensor.
    fn kind(&mut self, outer: &Message, field: &Field, port: &mut Port) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        while let Some(field) = self.wire.next(&mut message)? {
            let other = match field.number {
                // A dense and a sparse tensor are described alike.
                1 | 8 => {
                    self.tensor_kind(&message, &field, port)?;
                    continue;
                }
                4 => "ONNX:SEQUENCE",
                5 => "ONNX:MAP",
                7 => "ONNX:OPAQUE",
                9 => "ONNX:OPTIONAL",
                _ => continue,
            };
            port.dtype = Some(other.to_owned());
        }
        Ok(())
    }

    fn tensor_kind(&mut self, outer: &Message, field: &Field, port: &mut Port) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => port.dtype = Element::from_number(field.number()?).map(|element| element.token.to_owned()),
                2 => port.shape = Some(self.shape(&message, &field)?),
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads a `TensorShapeProto`.
    fn shape(&mut self, outer: &Message, field: &Field) -> Result<Vec<Dimension>, FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut shape = Vec::new();
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number != 1 {
                continue;
            }
            if shape.len() == MAX_RANK {
                return Err(FormatError::Limit { what: "dimensions", declared: MAX_RANK as u64 + 1, limit: MAX_RANK as u64 });
            }
            shape.push(self.dimension(&message, &field)?);
        }
        Ok(shape)
    }

    fn dimension(&mut self, outer: &Message, field: &Field) -> Result<Dimension, FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut dimension = Dimension::Any;
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                // Negative ones are how some exporters say that they do not know.
                1 => dimension = i64::try_from(field.number()?).map_or(Dimension::Any, |dim| Dimension::Fixed(dim.cast_unsigned())),
                2 => match short(&self.name(&field, "the name of a dimension")?) {
                    name if name.is_empty() => {}
                    name => dimension = Dimension::Named(name),
                },
                _ => {}
            }
        }
        Ok(dimension)
    }
}
