//! The stack machine.

use std::collections::HashMap;

use super::error::{Fault, PickleError};
use super::globals::{self, Global};
use super::reader::Reader;
use super::reduce::Made;
use super::value::{Id, Pickle, Value};
use super::{MAX_PICKLE_BYTES, MAX_STACK, MAX_STEPS, Opcode, check};

/// Reads a pickle that fills `bytes` from end to end.
///
/// # Errors
/// When the pickle is more than data, malformed, or longer than [`MAX_PICKLE_BYTES`].
pub fn parse(bytes: &[u8]) -> Result<Pickle, PickleError> {
    finish(Machine::new(bytes.get(..CAP).unwrap_or(bytes)), bytes)
}

/// Runs a machine, whose pickle has to fill `bytes`.
pub(super) fn finish(machine: Machine<'_>, bytes: &[u8]) -> Result<Pickle, PickleError> {
    let (pickle, length) = outcome(machine, bytes)?;
    if length == bytes.len() {
        return Ok(pickle);
    }
    Err(PickleError::Malformed { offset: length as u64 - 1, opcode: Opcode(Opcode::STOP), fault: Fault::Trailing })
}

/// Reads the pickle at the start of `bytes` and returns it with its length; what follows it is not looked at.
///
/// # Errors
/// When the pickle is more than data, malformed, or longer than [`MAX_PICKLE_BYTES`]. When `bytes` ends before the pickle does, the fault is
/// [`Fault::Truncated`].
pub fn parse_prefix(bytes: &[u8]) -> Result<(Pickle, usize), PickleError> {
    outcome(Machine::new(bytes.get(..CAP).unwrap_or(bytes)), bytes)
}

/// Longest pickle, as a length in memory.
const CAP: usize = MAX_PICKLE_BYTES as usize;

fn outcome(mut machine: Machine<'_>, bytes: &[u8]) -> Result<(Pickle, usize), PickleError> {
    let outcome = machine.run();
    let root = outcome.map_err(|stop| match stop {
        Stop::Fault(Fault::Truncated) if bytes.len() > CAP => machine.malformed(Fault::Limit("pickle longer than 64 MiB")),
        Stop::Fault(fault) => machine.malformed(fault),
        Stop::Code(global) => PickleError::CodeBearing { offset: machine.at as u64, opcode: machine.opcode, global },
    })?;
    let length = machine.reader.position();
    Ok((Pickle { values: machine.values, root }, length))
}

/// Why the machine stops before the end.
pub(super) enum Stop {
    Fault(Fault),
    /// The program is more than data; with the name it is about.
    Code(Option<String>),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

pub(super) struct Machine<'b> {
    reader: Reader<'b>,
    values: Vec<Value>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
    steps: u32,
    /// Whether names outside the table are passed over instead of refused.
    lenient: bool,
    // The opcode in hand and where it stands.
    opcode: Opcode,
    at: usize,
}

impl<'b> Machine<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self {
            reader: Reader::new(bytes),
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            steps: 0,
            lenient: false,
            opcode: Opcode(0),
            at: 0,
        }
    }

    /// Returns a machine that passes over names outside the table.
    pub(super) fn lenient(bytes: &'b [u8]) -> Self {
        Self { lenient: true, ..Self::new(bytes.get(..CAP).unwrap_or(bytes)) }
    }

    pub(super) const fn is_lenient(&self) -> bool {
        self.lenient
    }

    pub(super) const fn opcode(&self) -> Opcode {
        self.opcode
    }

    const fn malformed(&self, fault: Fault) -> PickleError {
        PickleError::Malformed { offset: self.at as u64, opcode: self.opcode, fault }
    }

    fn run(&mut self) -> Result<Id, Stop> {
        loop {
            self.at = self.reader.position();
            // Shown when the pickle ends before the opcode.
            self.opcode = Opcode(Opcode::STOP);
            self.opcode = Opcode(self.reader.opcode()?);
            self.charge(1)?;
            if self.opcode.0 == Opcode::STOP {
                return self.stop();
            }
            self.step()?;
            // After the step, so that a pickle of an old protocol that starts with a forbidden name is reported by that name.
            if self.at == 0 && self.opcode.0 != Opcode::PROTO {
                return Err(Fault::Protocol.into());
            }
            if self.stack.len() > MAX_STACK || self.marks.len() > MAX_STACK {
                return Err(Fault::Limit("more than a million values on the stack").into());
            }
        }
    }

    /// Counts steps; called before anything is allocated for them.
    pub(super) fn charge(&mut self, steps: usize) -> Result<(), Fault> {
        self.steps = u32::try_from(steps).ok().and_then(|steps| self.steps.checked_add(steps)).unwrap_or(u32::MAX);
        if self.steps > MAX_STEPS { Err(Fault::Limit("more than 8,388,608 steps")) } else { Ok(()) }
    }

    fn stop(&mut self) -> Result<Id, Stop> {
        if self.at == 0 {
            return Err(Fault::Protocol.into());
        }
        let root = self.pop()?;
        if !self.stack.is_empty() || !self.marks.is_empty() || !self.reader.frame_is_over() {
            return Err(Fault::Leftover.into());
        }
        check::sound(&self.values, root)?;
        Ok(root)
    }

    fn step(&mut self) -> Result<(), Stop> {
        match self.opcode.0 {
            Opcode::PROTO => self.protocol()?,
            Opcode::FRAME => {
                let length = u64::from_le_bytes(self.reader.array()?);
                self.reader.frame(length)?;
            }
            Opcode::MARK => self.marks.push(self.stack.len()),
            Opcode::BINPUT | Opcode::LONG_BINPUT | Opcode::MEMOIZE => self.memoize()?,
            Opcode::BINGET | Opcode::LONG_BINGET => self.recall()?,
            Opcode::APPEND | Opcode::APPENDS => self.append()?,
            Opcode::SETITEM | Opcode::SETITEMS => self.set_items()?,
            Opcode::ADDITEMS => self.add_items()?,
            Opcode::GLOBAL | Opcode::STACK_GLOBAL | Opcode::INST => self.global()?,
            Opcode::REDUCE => self.call()?,
            Opcode::BUILD => self.build()?,
            Opcode::BINPERSID => {
                let id = self.pop()?;
                let storage = self.storage(id)?;
                self.push(storage);
            }
            Opcode::NEWOBJ | Opcode::NEWOBJ_EX | Opcode::OBJ | Opcode::EXT1 | Opcode::EXT2 | Opcode::EXT4 => {
                return if self.foreign_object()? { Ok(()) } else { Err(self.made_by_code()) };
            }
            _ => {
                let value = self.literal()?;
                self.push(value);
            }
        }
        Ok(())
    }

    fn protocol(&mut self) -> Result<(), Fault> {
        match self.reader.byte()? {
            2..=5 if self.at == 0 => Ok(()),
            _ => Err(Fault::Protocol),
        }
    }

    /// Opcodes that push one new value.
    fn literal(&mut self) -> Result<Value, Fault> {
        if matches!(self.opcode.0, Opcode::EMPTY_LIST | Opcode::EMPTY_DICT | Opcode::EMPTY_SET) {
            // One byte of the pickle makes a hundred bytes of an empty dict.
            self.charge(3)?;
        }
        Ok(match self.opcode.0 {
            Opcode::NONE => Value::None,
            Opcode::NEWTRUE => Value::Bool(true),
            Opcode::NEWFALSE => Value::Bool(false),
            Opcode::BININT => Value::Int(i32::from_le_bytes(self.reader.array()?).into()),
            Opcode::BININT1 => Value::Int(self.reader.byte()?.into()),
            Opcode::BININT2 => Value::Int(u16::from_le_bytes(self.reader.array()?).into()),
            Opcode::LONG1 => long(self.reader.counted(1)?)?,
            Opcode::BINFLOAT => Value::Float(f64::from_be_bytes(self.reader.array()?)),
            Opcode::SHORT_BINUNICODE | Opcode::SHORT_BINSTRING => text(self.reader.counted(1)?)?,
            Opcode::BINUNICODE | Opcode::BINSTRING => text(self.reader.counted(4)?)?,
            Opcode::BINUNICODE8 => text(self.reader.counted(8)?)?,
            Opcode::SHORT_BINBYTES => Value::Bytes(self.reader.counted(1)?.into()),
            Opcode::BINBYTES => Value::Bytes(self.reader.counted(4)?.into()),
            Opcode::BINBYTES8 => Value::Bytes(self.reader.counted(8)?.into()),
            Opcode::EMPTY_TUPLE => Value::Tuple(Box::default()),
            Opcode::TUPLE1 => self.tuple(1)?,
            Opcode::TUPLE2 => self.tuple(2)?,
            Opcode::TUPLE3 => self.tuple(3)?,
            Opcode::TUPLE => Value::Tuple(self.pop_mark()?.into()),
            Opcode::EMPTY_LIST => Value::List(Vec::new()),
            Opcode::EMPTY_DICT => Value::Dict(Box::default()),
            Opcode::EMPTY_SET => Value::Set(Vec::new()),
            Opcode::FROZENSET => Value::Set(self.pop_mark()?),
            _ => return Err(self.refused()),
        })
    }

    /// Opcodes that no data needs. With nothing on the stack that they work on, no reader gets past them.
    fn refused(&mut self) -> Fault {
        let worked_on = match self.opcode.name() {
            Some("POP" | "DUP") => self.pop().map(drop),
            Some("POP_MARK" | "LIST" | "DICT") => self.pop_mark().map(drop),
            _ => Ok(()),
        };
        worked_on.err().unwrap_or(Fault::Opcode)
    }

    fn memoize(&mut self) -> Result<(), Fault> {
        let index = match self.opcode.0 {
            Opcode::BINPUT => self.reader.byte()?.into(),
            Opcode::LONG_BINPUT => self.reader.u32()?,
            _ => u32::try_from(self.memo.len()).unwrap_or(u32::MAX),
        };
        let top = self.pop()?;
        self.stack.push(top);
        if self.memo.insert(index, top).is_some() { Err(Fault::Memo) } else { Ok(()) }
    }

    fn recall(&mut self) -> Result<(), Fault> {
        let index = if self.opcode.0 == Opcode::BINGET { self.reader.byte()?.into() } else { self.reader.u32()? };
        self.stack.push(*self.memo.get(&index).ok_or(Fault::Memo)?);
        Ok(())
    }

    fn append(&mut self) -> Result<(), Fault> {
        let mut items = if self.opcode.0 == Opcode::APPEND { vec![self.pop()?] } else { self.pop_mark()? };
        match self.top()? {
            Value::List(list) => list.append(&mut items),
            _ => return Err(Fault::Type("items appended to something that is no list")),
        }
        Ok(())
    }

    fn add_items(&mut self) -> Result<(), Fault> {
        let mut items = self.pop_mark()?;
        match self.top()? {
            Value::Set(set) => set.append(&mut items),
            _ => return Err(Fault::Type("items added to something that is no set")),
        }
        Ok(())
    }

    fn set_items(&mut self) -> Result<(), Fault> {
        let items = if self.opcode.0 == Opcode::SETITEM {
            let value = self.pop()?;
            vec![self.pop()?, value]
        } else {
            self.pop_mark()?
        };
        let (pairs, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Fault::Type("a key without a value"));
        }
        match self.top()? {
            Value::Dict(dict) if !dict.sealed => dict.entries.extend(pairs.iter().map(|[key, value]| (*key, *value))),
            Value::Dict(_) => return Err(Fault::Type("items set in the hooks of a tensor")),
            _ => return Err(Fault::Type("items set in something that is no dict")),
        }
        Ok(())
    }

    fn global(&mut self) -> Result<(), Stop> {
        let (module, name) = if self.opcode.0 == Opcode::STACK_GLOBAL {
            let (name, module) = (self.pop()?, self.pop()?);
            (self.word(module)?, self.word(name)?)
        } else {
            (self.reader.line()?.to_owned(), self.reader.line()?.to_owned())
        };
        match globals::find(&module, &name) {
            Some(global) if self.opcode.0 != Opcode::INST => {
                self.push(Value::Global(global));
                Ok(())
            }
            None if self.lenient && self.opcode.0 != Opcode::INST => {
                self.push(Value::Global(Global::Foreign));
                Ok(())
            }
            _ => Err(Stop::Code(Some(format!("{module}.{name}")))),
        }
    }

    fn word(&self, id: Id) -> Result<String, Fault> {
        match self.value(id) {
            Value::Str(text) if text.len() > super::MAX_GLOBAL_BYTES => Err(Fault::Limit("name longer than 256 bytes")),
            Value::Str(text) => Ok(text.to_string()),
            _ => Err(Fault::Type("a name that is no text")),
        }
    }

    fn call(&mut self) -> Result<(), Stop> {
        let (arguments, callee) = (self.pop()?, self.pop()?);
        let Value::Global(global) = *self.value(callee) else { return Err(Stop::Code(None)) };
        if global == Global::Foreign && matches!(self.value(arguments), Value::Tuple(_)) {
            self.stack.push(arguments);
            return Ok(());
        }
        let Value::Tuple(arguments) = self.value(arguments) else {
            return Err(Fault::Arguments("no tuple").into());
        };
        // Of the calls in the table none has more.
        if arguments.len() > 8 {
            return Err(Fault::Arguments("their number").into());
        }
        let arguments = arguments.clone();
        let value = self.reduce(global, &arguments)?;
        match value {
            Made::New(value) => self.push(value),
            Made::Same(id) => self.stack.push(id),
        }
        Ok(())
    }

    /// Opcodes that make objects of any class. With nothing to make them of, no reader gets past them.
    fn made_by_code(&mut self) -> Stop {
        let arguments = match self.opcode.0 {
            Opcode::NEWOBJ => self.tuple(2).map(drop),
            Opcode::NEWOBJ_EX => self.tuple(3).map(drop),
            Opcode::OBJ => self.pop_mark().map(drop),
            _ => Ok(()),
        };
        arguments.map_or_else(Stop::Fault, |()| Stop::Code(None))
    }

    /// `BUILD` sets attributes; the only one that data has is the `_metadata` of a state dict.
    fn build(&mut self) -> Result<(), Stop> {
        if self.foreign_state()? {
            return Ok(());
        }
        let state = self.pop()?;
        let metadata = match self.value(state) {
            Value::Dict(state) => match &*state.entries {
                [(key, value)] if matches!(self.value(*key), Value::Str(text) if &**text == "_metadata") => Some(*value),
                _ => None,
            },
            _ => None,
        };
        let metadata = metadata.filter(|id| matches!(self.value(*id), Value::Dict(_)));
        match (self.top()?, metadata) {
            (Value::Dict(dict), Some(metadata)) if dict.ordered && !dict.sealed && dict.metadata.is_none() => {
                dict.metadata = Some(metadata);
                Ok(())
            }
            _ => Err(Stop::Code(None)),
        }
    }

    pub(super) fn value(&self, id: Id) -> &Value {
        self.values.get(id.0 as usize).unwrap_or(&Value::None)
    }

    pub(super) fn value_mut(&mut self, id: Id) -> Result<&mut Value, Fault> {
        self.values.get_mut(id.0 as usize).ok_or(Fault::Stack)
    }

    pub(super) fn top(&mut self) -> Result<&mut Value, Fault> {
        let top = self.pop()?;
        self.stack.push(top);
        self.value_mut(top)
    }

    pub(super) fn push(&mut self, value: Value) {
        // Fewer values than steps, so 32 bits hold every id.
        let id = Id(u32::try_from(self.values.len()).unwrap_or(u32::MAX));
        self.values.push(value);
        self.stack.push(id);
    }

    /// Puts back what was taken from the stack.
    pub(super) fn put_back(&mut self, id: Id) {
        self.stack.push(id);
    }

    /// Takes the top of the stack; never one below the last mark.
    pub(super) fn pop(&mut self) -> Result<Id, Fault> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() > floor { self.stack.pop().ok_or(Fault::Stack) } else { Err(Fault::Stack) }
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>, Fault> {
        let mark = self.marks.pop().ok_or(Fault::Stack)?;
        Ok(self.stack.split_off(mark))
    }

    fn tuple(&mut self, length: usize) -> Result<Value, Fault> {
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(self.pop()?);
        }
        items.reverse();
        Ok(Value::Tuple(items.into()))
    }
}

fn long(bytes: &[u8]) -> Result<Value, Fault> {
    let Some((last, _)) = bytes.split_last() else { return Ok(Value::Int(0)) };
    let mut wide = [if last & 0x80 == 0 { 0 } else { 0xff }; 16];
    wide.get_mut(..bytes.len()).ok_or(Fault::Limit("integer of more than 128 bits"))?.copy_from_slice(bytes);
    Ok(Value::Int(i128::from_le_bytes(wide)))
}

fn text(bytes: &[u8]) -> Result<Value, Fault> {
    Ok(Value::Str(str::from_utf8(bytes).map_err(|_| Fault::Utf8)?.into()))
}
