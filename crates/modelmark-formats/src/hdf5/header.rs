//! Object headers, old and new: the messages that say what a group or a dataset is.

use std::collections::HashSet;

use super::fields::Fields;
use super::file::{File, checked};
use crate::FormatError;

const WHAT: &str = "an object header";
/// Most messages of an object; attributes are messages.
const MAX_MESSAGES: usize = 1 << 16;

const CONTINUATION: u16 = 0x10;
/// The message is elsewhere, and several objects share it.
const SHARED: u8 = 2;

/// What kinds of messages say, of those that are read.
pub(super) mod kind {
    pub(crate) const DATASPACE: u16 = 0x01;
    pub(crate) const LINK_INFO: u16 = 0x02;
    pub(crate) const DATATYPE: u16 = 0x03;
    pub(crate) const OLD_FILL: u16 = 0x04;
    pub(crate) const FILL: u16 = 0x05;
    pub(crate) const LINK: u16 = 0x06;
    pub(crate) const EXTERNAL_FILES: u16 = 0x07;
    pub(crate) const LAYOUT: u16 = 0x08;
    pub(crate) const FILTERS: u16 = 0x0b;
    pub(crate) const ATTRIBUTE: u16 = 0x0c;
    pub(crate) const SYMBOL_TABLE: u16 = 0x11;
    pub(crate) const ATTRIBUTE_INFO: u16 = 0x15;
}

/// A message, and where it stands in the file.
pub(super) struct Message {
    pub(super) kind: u16,
    pub(super) shared: bool,
    pub(super) at: u64,
    pub(super) body: Vec<u8>,
}

/// The messages of an object.
pub(super) struct Header {
    pub(super) messages: Vec<Message>,
}

impl Header {
    /// Reads the header at an address, with all of its continuations.
    pub(super) fn read(file: &mut File<'_>, at: u64) -> Result<Self, FormatError> {
        let head = file.ahead(at, 16, WHAT)?;
        let mut header = Self { messages: Vec::new() };
        if head.starts_with(b"OHDR") {
            header.newer(file, at)?
        } else {
            header.older(file, at, &head)?
        }
        Ok(header)
    }

    /// Returns the only message of a kind; `None` when there is none.
    pub(super) fn one(&self, kind: u16) -> Result<Option<&Message>, FormatError> {
        let mut found = self.messages.iter().filter(|message| message.kind == kind);
        let first = found.next();
        match found.next() {
            None => Ok(first),
            Some(second) => Err(FormatError::malformed(second.at, format!("two messages of kind {kind:#x} in one object header"))),
        }
    }

    fn older(&mut self, file: &mut File<'_>, at: u64, head: &[u8]) -> Result<(), FormatError> {
        let mut fields = Fields::new(head, at, WHAT);
        fields.version(1)?;
        fields.take(7)?;
        let mut blocks = vec![(at + 16, u64::from(fields.u32()?))];
        let mut seen = HashSet::new();
        while let Some((at, length)) = blocks.pop() {
            fresh(&mut seen, at)?;
            let block = file.take(at, length, WHAT)?;
            let mut fields = Fields::new(&block, at, WHAT);
            while fields.left() >= 8 {
                let (kind, size, flags) = (fields.u16()?, fields.u16()?, fields.u8()?);
                fields.take(3)?;
                self.message(kind, flags, fields.at(), fields.take(size.into())?, &mut blocks)?;
            }
        }
        Ok(())
    }

    fn newer(&mut self, file: &mut File<'_>, at: u64) -> Result<(), FormatError> {
        let prefix = file.ahead(at, 6 + 16 + 4 + 8, WHAT)?;
        let mut fields = Fields::new(&prefix, at, WHAT);
        fields.expect(b"OHDR")?;
        fields.version(2)?;
        let flags = fields.u8()?;
        fields.take(if flags & 0x20 == 0 { 0 } else { 16 })?;
        fields.take(if flags & 0x10 == 0 { 0 } else { 4 })?;
        let length = fields.number(1 << (flags & 3))?;
        let head = fields.at() - at;
        let whole = length.checked_add(head + 4).ok_or_else(|| fields.fault("its length passes 64 bits"))?;
        let ordered = flags & 4 != 0;
        let mut blocks = Vec::new();
        let mut seen = HashSet::new();
        self.block(file, (at, whole, head), ordered, &mut blocks)?;
        while let Some((at, length)) = blocks.pop() {
            fresh(&mut seen, at)?;
            self.block(file, (at, length, 4), ordered, &mut blocks)?;
        }
        Ok(())
    }

    /// Reads one block of a new header: where it starts, its length, and how much of that stands before the messages.
    fn block(
        &mut self,
        file: &mut File<'_>,
        place: (u64, u64, u64),
        ordered: bool,
        blocks: &mut Vec<(u64, u64)>,
    ) -> Result<(), FormatError> {
        let (at, length, head) = place;
        let block = file.take(at, length, WHAT)?;
        let mut fields = Fields::new(checked(&block, at, WHAT)?, at, WHAT);
        let head = fields.take(usize::try_from(head).unwrap_or(usize::MAX))?;
        if !(head.starts_with(b"OHDR") || head == b"OCHK") {
            return Err(fields.fault("a continuation does not start with \"OCHK\""));
        }
        let least = if ordered { 6 } else { 4 };
        while fields.left() >= least {
            let (kind, size, flags) = (fields.u8()?, fields.u16()?, fields.u8()?);
            fields.take(if ordered { 2 } else { 0 })?;
            self.message(kind.into(), flags, fields.at(), fields.take(size.into())?, blocks)?;
        }
        Ok(())
    }

    fn message(&mut self, kind: u16, flags: u8, at: u64, body: &[u8], blocks: &mut Vec<(u64, u64)>) -> Result<(), FormatError> {
        if self.messages.len() + blocks.len() >= MAX_MESSAGES {
            let limit = MAX_MESSAGES as u64;
            return Err(FormatError::Limit { what: "messages of an object header", declared: limit + 1, limit });
        }
        if kind == CONTINUATION {
            let mut fields = Fields::new(body, at, WHAT);
            blocks.push((fields.u64()?, fields.u64()?));
        } else {
            self.messages.push(Message { kind, shared: flags & SHARED != 0, at, body: body.to_vec() });
        }
        Ok(())
    }
}

impl Message {
    pub(super) const fn fields(&self, what: &'static str) -> Fields<'_> {
        Fields::new(self.body.as_slice(), self.at, what)
    }

    /// Refuses a message that several objects share, such as a named type: Keras and h5py write none unless asked to.
    pub(super) fn own(&self, what: &'static str) -> Result<Fields<'_>, FormatError> {
        if self.shared {
            Err(FormatError::Unsupported(format!("{what} that is shared between objects of an HDF5 file")))
        } else {
            Ok(self.fields(what))
        }
    }
}

fn fresh(seen: &mut HashSet<u64>, at: u64) -> Result<(), FormatError> {
    if seen.insert(at) { Ok(()) } else { Err(FormatError::malformed(at, "an object header continues in itself")) }
}
