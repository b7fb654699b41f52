//! A build without AWS KMS: there is no such key.

use std::time::Duration;

use alloy::primitives::{Address, B256, Signature};

use crate::WalletError;

/// A key that cannot be had.
#[derive(Clone)]
pub(crate) enum KmsKey {}

impl KmsKey {
    pub(crate) fn open(key: &str, _: Duration) -> Result<Self, WalletError> {
        Err(WalletError::NoKms { key: key.to_owned() })
    }

    pub(crate) fn address(&self) -> Address {
        match *self {}
    }

    pub(crate) fn sign(&self, _: &B256) -> Result<Signature, WalletError> {
        match *self {}
    }
}
