//! What kind of network a model is: its operators, what goes in and comes out, and how it was quantised.

use std::collections::BTreeMap;

use super::flat::Table;
use super::{CUSTOM, MAX_LISTED, MAX_NAME_BYTES, MAX_RANK, Reader, TYPES};
use crate::architecture::{Architecture, Dimension, MAX_PORTS, Operators, Port, Quantization};
use crate::contents::{FindingCode, short};
use crate::{ElementLayout, FormatError};

/// The operators of TensorFlow Lite by number: `BuiltinOperator` of the schema, as `vectors/tflite/generate.py` prints it.
const OPERATORS: &str = include_str!("operators.txt");

/// Most operators whose kind is looked at, in all subgraphs together.
const MAX_OPERATORS: u64 = 1 << 16;

/// What was seen so far.
#[derive(Default)]
pub(super) struct Summary {
    /// Names of the kinds of operators that the model uses, by position.
    kinds: Vec<String>,
    operators: Operators,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    /// Elements of quantised weights by type.
    weights: BTreeMap<&'static str, u64>,
    /// Whether what is computed is quantised, too.
    activations: bool,
}

impl Summary {
    /// Notes a quantised tensor: a weight, or something that is computed.
    pub(super) fn quantised(&mut self, weight: Option<(&'static str, u64)>) {
        match weight {
            Some((token, elements)) => {
                let sum = self.weights.entry(token).or_default();
                *sum = sum.saturating_add(elements);
            }
            None => self.activations = true,
        }
    }

    pub(super) fn finish(self) -> Option<Architecture> {
        let architecture = Architecture {
            quantization: quantization(&self.weights, self.activations),
            operators: self.operators.into_counts(),
            inputs: self.inputs,
            outputs: self.outputs,
            ..Architecture::default()
        };
        architecture.stated()
    }
}

/// The two kinds that TensorFlow Lite's documentation tells apart; the bits are those of most weights.
fn quantization(weights: &BTreeMap<&'static str, u64>, activations: bool) -> Option<Quantization> {
    let (token, _) = weights.iter().max_by_key(|(_, elements)| **elements)?;
    let bits = ElementLayout::of(token).map(|layout| layout.bytes * 8 / layout.elements.max(1));
    let method = if activations { "full-integer" } else { "dynamic-range" };
    Some(Quantization { method: method.to_owned(), bits, group_size: None })
}

impl Reader<'_> {
    /// Takes the kinds of operators that the model uses, and tells of those that a runtime does not have by itself.
    pub(super) fn kinds(&mut self, root: &Table) -> Result<(), FormatError> {
        let known: Vec<&str> = OPERATORS.lines().collect();
        let codes = self.flat.vector(root, 1, 4)?;
        for index in 0..codes.count.min(MAX_LISTED) {
            let code = self.flat.element(&codes, index)?;
            // The number stood in one byte once; the larger of both holds.
            let number = self.flat.number::<1>(&code, 0)?.max(self.flat.number::<4>(&code, 3)?);
            let name = if number == CUSTOM {
                let name = self.flat.name(&code, 1, MAX_NAME_BYTES)?;
                self.contents.note(FindingCode::CodeNeeded, format!("custom operator {name:?}: its code comes from elsewhere"));
                short(&name)
            } else {
                let name = usize::try_from(number).ok().and_then(|number| known.get(number));
                name.map_or_else(|| format!("operator {number}"), |name| (*name).to_owned())
            };
            self.summary.kinds.push(name);
        }
        if codes.count > MAX_LISTED {
            self.contents.note(FindingCode::CodeOpaque, format!("more than {MAX_LISTED} operators: not all were looked at"));
        }
        Ok(())
    }

    /// Counts the operators of a subgraph, and describes what goes into the first and comes out of it.
    pub(super) fn summarise(&mut self, subgraph: &Table, first: bool) -> Result<(), FormatError> {
        let operators = self.flat.vector(subgraph, 3, 4)?;
        let looked_at = operators.count.min(MAX_OPERATORS.saturating_sub(self.summary.operators.total()));
        for index in 0..looked_at {
            let operator = self.flat.element(&operators, index)?;
            let kind = usize::try_from(self.flat.number::<4>(&operator, 0)?).ok();
            match kind.and_then(|kind| self.summary.kinds.get(kind)) {
                Some(kind) => self.summary.operators.count(kind, 1),
                None => self.summary.operators.others(1),
            }
        }
        self.summary.operators.others(operators.count - looked_at);
        if first {
            self.summary.inputs = self.ports(subgraph, 1)?;
            self.summary.outputs = self.ports(subgraph, 2)?;
        }
        Ok(())
    }

    /// The tensors of a subgraph whose numbers stand in a field.
    fn ports(&self, subgraph: &Table, slot: u64) -> Result<Vec<Port>, FormatError> {
        let tensors = self.flat.vector(subgraph, 0, 4)?;
        let numbers = self.flat.vector(subgraph, slot, 4)?;
        let numbers = (0..numbers.count.min(MAX_PORTS as u64)).map(|index| self.flat.integer(&numbers, index));
        numbers.map(|number| self.port(&self.flat.element(&tensors, u64::try_from(number?).unwrap_or(u64::MAX))?)).collect()
    }

    fn port(&self, tensor: &Table) -> Result<Port, FormatError> {
        let kind = usize::try_from(self.flat.number::<1>(tensor, 1)?).ok().and_then(|number| TYPES.get(number));
        let dtype = kind.and_then(|kind| kind.ok()).map(str::to_owned);
        // The signature says which dimensions may be of any length, where there are such.
        let (shape, signature) = (self.flat.vector(tensor, 0, 4)?, self.flat.vector(tensor, 7, 4)?);
        let shape = if signature.count > 0 { signature } else { shape };
        let dimensions = (0..shape.count.min(MAX_RANK)).map(|index| self.flat.integer(&shape, index));
        let dimensions = dimensions.map(|dim| dim.map(|dim| u64::try_from(dim).map_or(Dimension::Any, Dimension::Fixed)));
        Ok(Port { dtype, shape: Some(dimensions.collect::<Result<_, _>>()?), ..Port::named(&self.flat.name(tensor, 3, MAX_NAME_BYTES)?) })
    }
}
