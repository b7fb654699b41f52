//! A look at pickles that are more than data: what their objects hold, without a word on what those objects are.
//!
//! A trainer pickles its settings as an object of a class of its own. The machine still imports nothing and calls nothing: a name outside the table is
//! [`Global::Foreign`], an object made by it is the dict of its attributes, and a call of it is the tuple of its arguments. What is learned so is what the
//! file says, not what loading it would give, and no reader of weights uses it.

use super::error::Fault;
use super::machine::{Machine, Stop, finish};
use super::value::{Dict, Value};
use super::{Global, Opcode, Pickle, PickleError};

/// Reads a pickle that fills `bytes` from end to end and may name classes outside the table.
///
/// # Errors
/// When the pickle is malformed, longer than [`MAX_PICKLE_BYTES`](super::MAX_PICKLE_BYTES), or makes objects in ways other than Python's own pickler.
pub fn inspect(bytes: &[u8]) -> Result<Pickle, PickleError> {
    finish(Machine::lenient(bytes), bytes)
}

impl Machine<'_> {
    /// `NEWOBJ` of a foreign class: an object without attributes yet.
    pub(super) fn foreign_object(&mut self) -> Result<bool, Stop> {
        if !self.is_lenient() || self.opcode().0 != Opcode::NEWOBJ {
            return Ok(false);
        }
        let (arguments, class) = (self.pop()?, self.pop()?);
        match (self.value(class), self.value(arguments)) {
            (Value::Global(Global::Foreign), Value::Tuple(_)) => {}
            _ => return Err(Stop::Code(None)),
        }
        self.charge(3)?;
        self.push(Value::Dict(Box::default()));
        Ok(true)
    }

    /// `BUILD` of a foreign object: its attributes, when they are a dict. Other states are no attributes and are passed over.
    pub(super) fn foreign_state(&mut self) -> Result<bool, Stop> {
        if !self.is_lenient() {
            return Ok(false);
        }
        let state = self.pop()?;
        // What a state dict carries is read as ever.
        if matches!(self.top()?, Value::Dict(dict) if dict.ordered) {
            self.put_back(state);
            return Ok(false);
        }
        let entries = match self.value(state) {
            Value::Dict(state) => state.entries.clone(),
            _ => Vec::new(),
        };
        self.charge(entries.len())?;
        match self.top()? {
            Value::Dict(dict) if !dict.sealed => {
                let Dict { entries: known, .. } = &mut **dict;
                known.extend(entries);
                Ok(true)
            }
            Value::Tuple(_) => Ok(true),
            _ => Err(Fault::Type("attributes of something that is no object").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed read is a failed test")]
    use super::*;

    /// `Arguments()` with `{"a": Kind("linear"), "b": 7}`, as Python writes it with protocol 2.
    const OBJECT: &[u8] = b"\x80\x02cmine\nArguments\n)\x81}(X\x01\0\0\0acmine\nKind\nX\x06\0\0\0linear\x85RX\x01\0\0\0bK\x07ub.";

    #[test]
    fn shows_attributes_and_arguments_and_resolves_no_name() {
        let pickle = inspect(OBJECT).unwrap();
        let Value::Dict(dict) = pickle.value(pickle.root()) else { unreachable!("{pickle:?}") };
        let [(a, kind), (b, seven)] = dict.entries() else { unreachable!("{dict:?}") };
        assert_eq!((pickle.text(*a), pickle.text(*b), pickle.value(*seven)), (Some("a"), Some("b"), &Value::Int(7)));
        let Value::Tuple(arguments) = pickle.value(*kind) else { unreachable!("{pickle:?}") };
        assert_eq!(arguments.iter().filter_map(|id| pickle.text(*id)).collect::<Vec<_>>(), ["linear"]);
        // Who reads weights still refuses it.
        assert!(matches!(super::super::parse(OBJECT), Err(PickleError::CodeBearing { .. })));
    }

    #[test]
    fn every_prefix_and_every_flipped_byte_ends_without_a_panic() {
        for end in 0..OBJECT.len() {
            assert!(inspect(OBJECT.get(..end).unwrap()).is_err());
        }
        for at in 0..OBJECT.len() {
            for byte in 0..=255 {
                let mut altered = OBJECT.to_vec();
                *altered.get_mut(at).unwrap() = byte;
                let _ = inspect(&altered);
            }
        }
    }
}
