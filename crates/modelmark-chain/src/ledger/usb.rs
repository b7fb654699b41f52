//! A device on USB: asked through the kernel's hidraw files on Linux, and refused by name elsewhere.

#[cfg(target_os = "linux")]
mod hidraw;
#[cfg(target_os = "linux")]
mod packets;

use super::{LedgerError, Wire};

/// Opens the first Ledger on USB.
#[cfg(target_os = "linux")]
pub(super) fn open() -> Result<Box<dyn Wire>, LedgerError> {
    hidraw::open(std::path::Path::new("/"))
}

/// Opens the first Ledger on USB.
#[cfg(not(target_os = "linux"))]
pub(super) fn open() -> Result<Box<dyn Wire>, LedgerError> {
    Err(LedgerError::NoUsb)
}
