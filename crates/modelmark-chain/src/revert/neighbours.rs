//! Why the contracts beside the registry refuse.

use crate::Status;
use crate::decoded::Argument;
use crate::error::tame;

/// Says why a contract beside the registry refused.
pub(super) fn sentence(error: &str, arguments: &[Argument]) -> String {
    let told =
        |name: &str| arguments.iter().find(|argument| argument.name == name).map(|argument| plain(&argument.value)).unwrap_or_default();
    match error {
        "BatchAnchorAlreadyAnchored" => format!("{} anchored this root before; the first time counts", told("by")),
        "BatchAnchorUnknown" => format!("{} never anchored the root {}", told("by"), told("root")),
        "BatchAnchorNotIncluded" => {
            format!("the proof does not lead from this entry at place {} to the root {}", told("index"), told("root"))
        }
        "BatchAnchorExpired" => format!("the entry could become a token until {} (Unix time), which has passed", told("deadline")),
        "StatusBoardNoEvidence" => "a judgement needs evidence".into(),
        "StatusBoardWrongStep" => {
            let current = told("current").parse().ok().and_then(|number: u8| Status::try_from(number).ok()).map_or("unknown", Status::word);
            format!("your own judgement of the token is {current}, from which this step does not lead on")
        }
        "ModelMarketNotNow" => format!("the order counts from {} to {} (Unix time) only ({error})", told("startsAt"), told("endsAt")),
        "ModelMarketNotTaker" => format!("the order is for {} alone ({error})", told("taker")),
        "ModelMarketRoyaltyTooHigh" => {
            format!("the registry asks for a royalty of {}, the order allows {} ({error})", told("royalty"), told("maximum"))
        }
        "ModelMarketNotApproved" => {
            format!("the buyer lets the market take {} of {}, not {} ({error})", told("allowance"), told("currency"), told("price"))
        }
        "LineageVaultStackTooHigh" => {
            format!(
                "a stack has at most 64 ancestors with at most 5000 basis points in all, this one {} with {} ({error})",
                told("ancestors"),
                told("bps")
            )
        }
        "PriorityNotEarlier" => {
            format!("{} (Unix time) is not earlier than {}, which is known already ({error})", told("given"), told("known"))
        }
        "ERC20InsufficientBalance" => {
            format!("{} has {} units of the token, not {} ({error})", told("sender"), told("balance"), told("needed"))
        }
        "CollectionFactoryInvalidAuthority" => format!("there is no authority contract at {}", told("authority")),
        "CollectionFactoryTermsTooLong" => "a collection's name has at most 64 bytes and its symbol at most 16".into(),
        _ => match reason(error) {
            Some(reason) => format!("{reason} ({error})"),
            None => {
                let listed: Vec<_> = arguments.iter().map(|argument| format!("{} {}", argument.name, plain(&argument.value))).collect();
                format!("the contract refused with {error} ({})", listed.join(", "))
            }
        },
    }
}

/// Returns the reasons that need no figures. Each is shown with the error's name, by which the contract's own documentation has more.
fn reason(error: &str) -> Option<&'static str> {
    Some(match error {
        "LicensingNotOwner" => "only the token's owner may offer or grant licences",
        "LicensingAlreadyOffered" => {
            "this very offer was made before, and cannot be made again once it is closed; change its terms or price"
        }
        "LicensingNoOffer" => "the account has no such open offer: it was never made, was closed, is over, or was a former owner's",
        "LicensingSoldOut" => "all copies of the offer are sold",
        "LicensingNotForYou" => "the offer is for another account",
        "LicensingTransferable" => "the offer makes copies, not grants",
        "LicensingAlreadyGranted" => "the licensee has this grant for ever already",
        "LicensingTooManyGrants" => "the licensee has eight grants for this token that are not over",
        "LicensingNoGrant" => "the account's grant at this place is over, or never was",
        "LicensingNoSeat" => "all seats of the grant are taken",
        "LicensingSeatUnchanged" => "the account's seat is that way already",
        "LicenseTermsAlreadyRead" => "the reader has read this licence before, which is for good",
        "ModelMarketWrongSide" => "the order is of the other side: an ask is bought, a bid is sold to",
        "ModelMarketImpossibleOrder" => "an ask names its token, and a bid is paid in an ERC-20 token",
        "ModelMarketOldCounter" => "the maker cancelled all orders that they had signed",
        "ModelMarketNonceUsed" => "the order was filled or cancelled, or another one with its number was filled",
        "ModelMarketInvalidSignature" => "the signature is not the maker's over this order",
        "ModelMarketNotWanted" => "the order is not for this token",
        "ModelMarketTooLittle" => "after the royalty the seller would get less than they asked for",
        "ModelMarketNoCredit" => "nothing waits for the account",
        "ModelMarketRefused" => "the recipient does not take the money",
        "LineageVaultNotCreator" => "only the token's creator or a delegate may",
        "LineageVaultNothing" => "there is nothing to split or to take out",
        "LineageVaultAlreadyDeclared" => "the token's stack was declared before, which is for good",
        "LineageVaultWrongStack" => "a stack is not the one that was declared: it changed in the meantime",
        "LineageVaultNoCode" => "the account is no contract, and takes its money out itself",
        "LineageVaultInvalidSignature" => "the signature is not the account's over this withdrawal",
        "LineageVaultExpiredSignature" => "the account's signature has expired",
        "LineageVaultInvalidRecipient" => "money goes neither to nobody nor to the vault itself",
        "PriorityAlreadyCommitted" => "this commitment was made before; the first time counts",
        "PriorityNotCommitted" => "nobody made this commitment",
        "DerivativeGateOutOfSight" => "a parent is on another chain, where the gate cannot look",
        "AccessManagerUnauthorizedAccount" => "only an administrator of the collection's access manager may",
        "ModelLabelsNotCreator" => "only the token's creator or a delegate may name it",
        "ModelLabelsAlreadyLabelled" => "the token has its name, which is for good",
        "ModelNotFound" => "there is no such key",
        "NotModelOwner" => "only the creator of the key's token or a delegate may",
        "ModelIsDeprecated" => "the key was taken out of use before",
        "VerificationRefused_ModelDeprecated" => "its creator took the key out of use",
        "InvalidProof" => "the verifier does not accept the proof",
        "ProofKeysAlreadyAdded" => "the token has this key",
        "ProofKeysInvalid" => "a digest is zero, the address is too long, or there is no contract at the verifier's address",
        "ERC1155InsufficientBalance" => "the account has not that many copies",
        "ERC1155MissingApprovalForAll" => "the copies' owner has not let the sender move them",
        "ERC1155InvalidReceiver" => "the receiver does not take copies",
        _ => return None,
    })
}

/// Shows a value without the quotes of JSON.
fn plain(value: &serde_json::Value) -> String {
    tame(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
