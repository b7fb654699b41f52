//! The layout before 1.6: pickles of a magic number, the protocol, the system, the object and the list of storages; then each storage with its length.

use super::super::{ByteRange, FormatError, ReadAt};
use super::checkpoint::{Checkpoint, Container, Refused, Storages, fetch, refused, settled};
use crate::pickle::{Fault, MAX_PICKLE_BYTES, Pickle, PickleError, Value, parse_prefix};

/// What the first pickle says.
pub(super) const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const PROTOCOL: i128 = 1001;

/// First guess of the length of a pickle; it is read again, four times longer, when it does not end there.
const WINDOW_BYTES: u64 = 64 << 10;

pub(super) fn read(file: &dyn ReadAt) -> Result<Checkpoint, FormatError> {
    pickles(file).or_else(|refused| settled(refused, Container::Legacy))
}

fn pickles(file: &dyn ReadAt) -> Result<Checkpoint, Refused> {
    let mut reader = Reader { file, size: file.size().map_err(FormatError::Read)?, position: 0 };
    if *root(&reader.pickle()?) != Value::Int(MAGIC) {
        return Err(FormatError::Unsupported("a bare pickle; PyTorch's own start with a magic number".to_owned()).into());
    }
    let at = reader.position;
    if *root(&reader.pickle()?) != Value::Int(PROTOCOL) {
        return Err(FormatError::malformed(at, "a protocol other than 1001").into());
    }
    // What it says of the byte order is not used by torch either: storages are stored low byte first.
    let at = reader.position;
    if !matches!(root(&reader.pickle()?), Value::Dict(_)) {
        return Err(FormatError::malformed(at, "no description of the system").into());
    }
    let at = reader.position;
    let object = reader.pickle()?;
    let mut storages = Storages::of(&object, at)?;
    reader.places(&mut storages)?;
    let mut checkpoint = Checkpoint::empty(Container::Legacy);
    checkpoint.fill(&object, storages, at)?;
    Ok(checkpoint)
}

fn root(pickle: &Pickle) -> &Value {
    pickle.value(pickle.root())
}

struct Reader<'f> {
    file: &'f dyn ReadAt,
    size: u64,
    position: u64,
}

impl Reader<'_> {
    /// Reads the next pickle. Its length is not known beforehand, and what follows may be gigabytes.
    fn pickle(&mut self) -> Result<Pickle, Refused> {
        let left = self.size.saturating_sub(self.position);
        // One byte more than is accepted, so that the pickle reader sees that there is more.
        let most = left.min(MAX_PICKLE_BYTES + 1);
        let mut window = most.min(WINDOW_BYTES);
        loop {
            let bytes = fetch(self.file, ByteRange { offset: self.position, len: window }, window, "a pickle")?;
            match parse_prefix(&bytes) {
                Ok((pickle, length)) => {
                    self.position = self.position.saturating_add(length as u64);
                    return Ok(pickle);
                }
                Err(PickleError::Malformed { fault: Fault::Truncated, .. }) if window < most => window = most.min(window.saturating_mul(4)),
                Err(error) => return Err(refused(error, self.position)),
            }
        }
    }

    /// Finds the storages that the last pickle lists; they fill the rest of the file.
    fn places(&mut self, storages: &mut Storages) -> Result<(), Refused> {
        let at = self.position;
        let list = self.pickle()?;
        let Value::List(keys) = root(&list) else { return Err(FormatError::malformed(at, "no list of storages").into()) };
        let mut found = vec![false; storages.listed.len()];
        for key in keys {
            let key = list.text(*key).ok_or_else(|| FormatError::malformed(at, "the key of a storage is no text"))?;
            let index = storages.by_key.get(key).copied();
            let known = index.and_then(|index| Some((storages.listed.get_mut(index)?, found.get_mut(index)?)));
            let Some((storage, found)) = known else {
                return Err(FormatError::malformed(at, format!("storage {:?} belongs to no tensor", short(key))).into());
            };
            if std::mem::replace(found, true) {
                return Err(FormatError::malformed(at, format!("storage {key:?} is listed twice")).into());
            }
            let count = fetch(self.file, ByteRange { offset: self.position, len: 8.min(self.left()) }, 8, "the length of a storage")?;
            let count = count.try_into().map(u64::from_le_bytes).map_err(|_| self.ends("the length of a storage"))?;
            // Elements, or bytes when it is untyped.
            if count.checked_mul(storage.kind.element_bytes()) != Some(storage.place.len) {
                let fault = format!("storage {key:?} has {count} elements, another number in the pickle");
                return Err(FormatError::malformed(self.position, fault).into());
            }
            self.position += 8;
            if storage.place.len > self.left() {
                return Err(self.ends("a storage").into());
            }
            storage.place.offset = self.position;
            self.position += storage.place.len;
        }
        if found.contains(&false) {
            return Err(FormatError::malformed(at, "a storage of the object is not listed").into());
        }
        if self.left() > 0 {
            return Err(FormatError::malformed(self.position, "bytes follow the last storage").into());
        }
        Ok(())
    }

    const fn left(&self) -> u64 {
        self.size.saturating_sub(self.position)
    }

    const fn ends(&self, what: &'static str) -> FormatError {
        FormatError::Ends { what, at: self.position }
    }
}

fn short(key: &str) -> String {
    key.chars().take(64).collect()
}
