//! Structures of HDF5 in memory, taken field by field from the front.

use crate::FormatError;

/// What stands in place of an address of nothing.
pub(super) const UNDEFINED: u64 = u64::MAX;

/// Bytes that are taken from the front, and where they stand in the file.
#[derive(Clone, Copy)]
pub(super) struct Fields<'b> {
    bytes: &'b [u8],
    at: u64,
    what: &'static str,
}

impl<'b> Fields<'b> {
    pub(super) const fn new(bytes: &'b [u8], at: u64, what: &'static str) -> Self {
        Self { bytes, at, what }
    }

    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    pub(super) const fn left(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8], FormatError> {
        let split = self.bytes.split_at_checked(count).ok_or(FormatError::Ends { what: self.what, at: self.at })?;
        self.at += count as u64;
        self.bytes = split.1;
        Ok(split.0)
    }

    /// A number of one to eight bytes.
    pub(super) fn number(&mut self, width: usize) -> Result<u64, FormatError> {
        let bytes = self.take(width.min(8))?;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8, FormatError> {
        self.take(1).map(|bytes| bytes.first().copied().unwrap_or(0))
    }

    pub(super) fn u16(&mut self) -> Result<u16, FormatError> {
        self.number(2).map(|number| u16::try_from(number).unwrap_or(u16::MAX))
    }

    pub(super) fn u32(&mut self) -> Result<u32, FormatError> {
        self.number(4).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    }

    pub(super) fn u64(&mut self) -> Result<u64, FormatError> {
        self.number(8)
    }

    /// Makes sure that these bytes come next.
    pub(super) fn expect(&mut self, expected: &[u8]) -> Result<(), FormatError> {
        let at = self.at;
        if self.take(expected.len())? == expected {
            return Ok(());
        }
        Err(self.fault_at(at, &format!("it does not start with {:?}", String::from_utf8_lossy(expected))))
    }

    /// Makes sure that a number that says which version follows is `expected`.
    pub(super) fn version(&mut self, expected: u8) -> Result<(), FormatError> {
        match self.u8()? {
            version if version == expected => Ok(()),
            version => Err(FormatError::Unsupported(format!("version {version} of {}", self.what))),
        }
    }

    /// A text that ends with a zero.
    pub(super) fn text(&mut self) -> Result<&'b [u8], FormatError> {
        let length = self.bytes.iter().position(|byte| *byte == 0).ok_or(FormatError::Ends { what: self.what, at: self.at })?;
        let text = self.take(length)?;
        self.take(1)?;
        Ok(text)
    }

    pub(super) fn fault(&self, fault: &str) -> FormatError {
        self.fault_at(self.at, fault)
    }

    fn fault_at(&self, at: u64, fault: &str) -> FormatError {
        FormatError::malformed(at, format!("{}: {fault}", self.what))
    }
}
