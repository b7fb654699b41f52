//! Contract errors as sentences: the registry's and the licence book's here, those of the contracts beside them in `neighbours`.

mod neighbours;

use alloy::primitives::hex;
use alloy::rpc::json_rpc::ErrorPayload;
use alloy::sol_types::{Panic, Revert as RevertString, SolError, SolInterface};

use crate::TokenId;
use crate::bindings::{LicenseBook::LicenseBookErrors, ModelRegistry::ModelRegistryErrors};
use crate::decoded;
use crate::error::{Revert, tame};

/// The contract's name for "this statement has its token already".
pub(crate) const ALREADY_MINTED: &str = "ModelRegistryAlreadyMinted";
/// The contract's name for "no such token".
pub(crate) const NO_SUCH_TOKEN: &str = "ERC721NonexistentToken";
/// The contract's name for "there is such a token, but what it says is in the log only".
pub(crate) const NOT_STORED: &str = "ModelRegistryNotStored";

/// Returns the revert that a JSON-RPC error reports, or `None` when it reports something else.
pub(crate) fn of(payload: &ErrorPayload) -> Option<Revert> {
    if let Some(data) = payload.as_revert_data() {
        return Some(decode(&data));
    }
    // A revert without data carries none here either; geth uses code 3, others only say so.
    (payload.code == 3 || payload.message.contains("revert")).then(|| silent(&payload.message))
}

/// Reads revert data: our contracts' errors, Solidity's own, or none of them.
pub(crate) fn decode(data: &[u8]) -> Revert {
    if let Ok(error) = ModelRegistryErrors::abi_decode_validate(data) {
        return registry(&error);
    }
    if let Ok(error) = LicenseBookErrors::abi_decode_validate(data) {
        return book(&error);
    }
    if let Some((error, arguments)) = decoded::refusal(data) {
        return Revert { error: Some(error), sentence: neighbours::sentence(error, &arguments) };
    }
    if let Ok(error) = RevertString::abi_decode_validate(data) {
        return Revert { error: None, sentence: format!("the contract says {:?}", tame(&error.reason)) };
    }
    if let Ok(panic) = Panic::abi_decode_validate(data) {
        return Revert { error: None, sentence: format!("the contract panicked (code {})", panic.code) };
    }
    if data.is_empty() {
        return silent("");
    }
    let shown = data.get(..data.len().min(36)).unwrap_or_default();
    Revert {
        error: None,
        sentence: format!("the contract refused with data that is not ours ({} bytes, {}…)", data.len(), hex::encode_prefixed(shown)),
    }
}

fn silent(message: &str) -> Revert {
    let sentence = match message {
        "" => "the contract refused without a reason".into(),
        text => format!("the contract refused without a reason ({})", tame(text)),
    };
    Revert { error: None, sentence }
}

fn registry(error: &ModelRegistryErrors) -> Revert {
    use ModelRegistryErrors as E;
    let sentence = match error {
        E::ModelRegistryAlreadyMinted(e) => format!("this statement already has its token, {}", e.tokenId),
        E::ModelRegistryNotCreator(e) => {
            format!("{} submitted what only the creator {} or a delegate may; the creator has to sign", e.caller, e.creator)
        }
        E::ModelRegistryUnauthorized(e) => {
            format!("the collection is curated, and its authority does not let {} do this", e.caller)
        }
        E::ModelRegistryInvalidSignature(e) => format!("the signature is not that of the creator {} over what was submitted", e.creator),
        E::ModelRegistryExpiredSignature(e) => {
            format!("the creator's signature was valid until {} (Unix time), which has passed", e.deadline)
        }
        E::ModelRegistryMissingDigest(_) => "the weights digest or the record digest is zero".into(),
        E::ModelRegistryInvalidFramework(_) => "the framework is not a well-formed short text".into(),
        E::ModelRegistryUnknownLicense(_) => "the licence is not in the licence book".into(),
        E::ModelRegistryRoyaltyTooHigh(e) => format!("the royalty of {} basis points is above the maximum of {}", e.bps, e.maximum),
        E::ModelRegistryRoyaltyNotDecreased(e) => {
            format!("a royalty can only be lowered: it is {} and {} was asked for", e.current, e.given)
        }
        E::ModelRegistryStatusNotForward(e) => format!("a status moves forward only: it is {} and {} was asked for", e.current, e.given),
        E::ModelRegistryNotStored(e) => format!("what token {} says is in the log only; store it first", TokenId::from(e.tokenId)),
        E::ModelRegistryAlreadyStored(e) => format!("what token {} says is in storage already", TokenId::from(e.tokenId)),
        E::ModelRegistryNotBare(_) => "a mint into the log can have neither a royalty nor descriptive fields".into(),
        E::ModelRegistryRecordMismatch(e) => format!("the bytes are not the record: their SHA-256 is not {}", e.recordDigest),
        E::ModelRegistryNoRenderer(_) => "the registry has no renderer, and makes no metadata on chain".into(),
        E::ModelRegistryLocked(e) => format!("token {} is bound to its owner", TokenId::from(e.tokenId)),
        E::ModelRegistryTooManyParents(e) => format!("{} parents are more than the maximum of {}", e.given, e.maximum),
        E::ModelRegistryUnorderedParents(e) => format!("parent {} is out of order or named twice", e.index),
        E::ModelRegistryMisplacedParent(e) => {
            format!("parent {} is external only by half, or this very registry named as external", e.index)
        }
        E::ModelRegistryUnknownParent(e) => format!("the parent {} has no token in this registry", TokenId::from(e.parentId)),
        E::ModelRegistrySharesTooHigh(e) => format!("the parents' shares sum to {} basis points, more than the whole", e.shareBps),
        E::ModelRegistrySeveralPreviousVersions(_) => "more than one parent is a previous version".into(),
        E::ModelRegistryNotSeriesAuthor(e) => format!("{} is neither creator nor owner of the previous version {}", e.creator, e.previous),
        E::ModelRegistryInvalidAuthority(e) => format!("there is no authority contract at {}", e.authority),
        E::ModelRegistryInvalidLicenseBook(e) => format!("there is no licence book at {}", e.book),
        E::ERC721NonexistentToken(e) => format!("there is no token {}", e.tokenId),
        E::ERC721InvalidReceiver(e) => format!("{} cannot receive tokens", e.receiver),
        E::ERC721InsufficientApproval(e) => format!("{} is neither owner nor approved for token {}", e.operator, e.tokenId),
        other => format!("the contract refused with {}", name_of(other.selector())),
    };
    Revert { error: ModelRegistryErrors::name_by_selector(error.selector()), sentence }
}

fn book(error: &LicenseBookErrors) -> Revert {
    use LicenseBookErrors as E;
    let sentence = match error {
        E::LicenseBookInvalidExpression(e) => format!("{:?} is not a tidy SPDX expression", tame(&e.spdx)),
        E::LicenseBookInvalidUri(e) => format!("{:?} is not an address that the licence book takes", tame(&e.uri)),
        E::LicenseBookUriMismatch(e) => {
            format!("the licence book has {:?} as the address of {:?}, not {:?}", tame(&e.expected), tame(&e.spdx), tame(&e.given))
        }
        E::LicenseBookUnknownLicense(e) => format!("the licence book has no licence {}", e.id),
        other => format!("the licence book refused with {}", name_of(other.selector())),
    };
    Revert { error: LicenseBookErrors::name_by_selector(error.selector()), sentence }
}

fn name_of(selector: [u8; 4]) -> &'static str {
    ModelRegistryErrors::name_by_selector(selector).or_else(|| LicenseBookErrors::name_by_selector(selector)).unwrap_or("an unnamed error")
}
