//! Signing with a development account.

use alloy::primitives::{Address, B256, Bytes};
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use serde_json::Value;

use super::typed_data::signing_hash;
use super::{Answer, Params, RpcError, json};
use crate::accounts;
use crate::chain::Chain;

pub(super) fn message(_: &Chain, mut params: Params) -> Answer {
    let (address, message): (Address, Bytes) = (params.required()?, params.required()?);
    params.finish()?;
    sign_message(address, &message)
}

pub(super) fn personal(_: &Chain, mut params: Params) -> Answer {
    let (message, address): (Bytes, Address) = (params.required()?, params.required()?);
    // A password, which the accounts do not have.
    params.optional::<String>()?;
    params.finish()?;
    sign_message(address, &message)
}

pub(super) fn typed_data(_: &Chain, mut params: Params) -> Answer {
    let (address, document): (Address, Value) = (params.required()?, params.required()?);
    params.finish()?;
    let signer = signer(address)?;
    sign_hash(&signer, &signing_hash(document)?)
}

/// Returns the key of a development account.
pub(super) fn signer(address: Address) -> Result<PrivateKeySigner, RpcError> {
    accounts::signer(address).ok_or_else(|| RpcError::server(format!("unknown account {address}")))
}

fn sign_message(address: Address, message: &[u8]) -> Answer {
    let signature = signer(address)?.sign_message_sync(message).map_err(|error| RpcError::server(error.to_string()))?;
    json(Bytes::copy_from_slice(&signature.as_bytes()))
}

fn sign_hash(signer: &PrivateKeySigner, hash: &B256) -> Answer {
    let signature = signer.sign_hash_sync(hash).map_err(|error| RpcError::server(error.to_string()))?;
    json(Bytes::copy_from_slice(&signature.as_bytes()))
}
