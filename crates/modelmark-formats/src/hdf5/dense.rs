//! Links and attributes of an object that are kept in a heap, because they are many: a tree says where in it they are.

use super::fields::{Fields, UNDEFINED};
use super::file::File;
use super::header::Message;
use super::heap::{Each, Heap};
use super::tree;
use crate::FormatError;

/// What is kept: the type of the tree's records, and the bytes of a record beside the identifier, before and after it.
pub(super) struct Kind {
    record: u8,
    before: usize,
    after: usize,
}

/// Links by name: a hash stands before the identifier.
pub(super) const LINKS: Kind = Kind { record: 5, before: 4, after: 0 };
/// Attributes by name: flags, creation order and a hash stand after it.
pub(super) const ATTRIBUTES: Kind = Kind { record: 8, before: 0, after: 9 };

/// Where the messages of an object are.
pub(super) struct Dense {
    heap: u64,
    names: u64,
}

impl Dense {
    /// Reads a link info or attribute info message, whose largest creation order takes `order` bytes; `None` when nothing is kept elsewhere.
    pub(super) fn of(info: &Message, order: usize) -> Result<Option<Self>, FormatError> {
        let mut fields = info.own("a message that says where others are")?;
        fields.version(0)?;
        let flags = fields.u8()?;
        fields.take(if flags & 1 == 0 { 0 } else { order })?;
        let (heap, names) = (fields.u64()?, fields.u64()?);
        Ok((heap != UNDEFINED).then_some(Self { heap, names }))
    }

    /// Hands the messages to `each`, with their addresses.
    pub(super) fn messages(&self, file: &mut File<'_>, kind: Kind, each: &mut Each<'_>) -> Result<(), FormatError> {
        let heap = Heap::open(file, self.heap)?;
        let expected = kind.before as u64 + u64::from(heap.id_bytes()) + kind.after as u64;
        let mut places = Vec::new();
        let mut begin = |_: u8, record: u64| match record {
            record if record == expected => Ok(()),
            record => Err(FormatError::malformed(self.names, format!("records of {record} bytes, {expected} expected"))),
        };
        tree::records(file, self.names, &[kind.record], &mut begin, &mut |_, mut fields: Fields<'_>| {
            fields.take(kind.before)?;
            let place = heap.place(&mut fields)?;
            let place = place.ok_or_else(|| {
                FormatError::Unsupported("a name or an attribute of an HDF5 file that is too long for a block of its heap".to_owned())
            })?;
            places.push(place);
            Ok(())
        })?;
        heap.objects(file, places, each)
    }
}
