//! Contract wallets: asking one whether it accepts a signature (ERC-1271), also one that is not deployed yet (ERC-6492).

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, b256};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::{SolCall as _, SolValue as _};

use crate::bindings::IERC1271::isValidSignatureCall;
use crate::{Block, Chain, ChainError};

/// What a signature ends in that carries the call which makes its wallet.
const WRAPPED: B256 = b256!("0x6492649264926492649264926492649264926492649264926492649264926492");

/// Asks the contract wallet at `wallet` whether it accepts `signature` over `digest`, at `block`. Nothing is sent. An address without code accepts nothing,
/// unless the signature carries the call that makes its wallet.
///
/// # Errors
/// The endpoint cannot be asked. That a wallet reverts or answers anything but the one right word is its no.
pub async fn wallet_accepts(chain: &Chain, wallet: Address, digest: B256, signature: &[u8], block: &Block) -> Result<bool, ChainError> {
    let Some(wrapped) = signature.strip_suffix(WRAPPED.as_slice()) else {
        return ask(chain, wallet, question(digest, signature), block).await;
    };
    let Ok((factory, make, inner)) = <(Address, Bytes, Bytes)>::abi_decode_params_validate(wrapped) else { return Ok(false) };
    let question = question(digest, &inner);
    // A wallet that is there answers for itself; one that has to be prepared first, or is not there, gets the call that its signature carries.
    if ask(chain, wallet, question.clone(), block).await? {
        return Ok(true);
    }
    answer(chain, TransactionRequest::default().input(make_and_ask(factory, &make, wallet, &question).into()), block).await
}

fn question(digest: B256, signature: &[u8]) -> Bytes {
    isValidSignatureCall { digest, signature: signature.to_vec().into() }.abi_encode().into()
}

async fn ask(chain: &Chain, wallet: Address, question: Bytes, block: &Block) -> Result<bool, ChainError> {
    answer(chain, TransactionRequest::default().to(wallet).input(question.into()), block).await
}

async fn answer(chain: &Chain, request: TransactionRequest, block: &Block) -> Result<bool, ChainError> {
    let accepted = isValidSignatureCall::SELECTOR;
    match chain.ask_as::<_, Bytes>(isValidSignatureCall::SIGNATURE, "eth_call", (request, BlockId::from(block.hash))).await {
        Ok(word) => Ok(word.get(..32).is_some_and(|word| word == B256::right_padding_from(&accepted).as_slice())),
        Err(ChainError::Reverted { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns code that, run as a creation by `eth_call`, calls `factory` with `make`, asks `wallet` the question and answers what it answers. So a wallet can be
/// asked that is not there yet: what the call makes is gone when it ends.
fn make_and_ask(factory: Address, make: &[u8], wallet: Address, question: &[u8]) -> Bytes {
    let length = |data: &[u8]| u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes();
    let (make_length, question_length) = (length(make), length(question));
    let make_at = CODE_LENGTH.to_be_bytes();
    let question_at = CODE_LENGTH.saturating_add(u32::from_be_bytes(make_length)).to_be_bytes();
    let parts: &[&[u8]] = &[
        // PUSH4 size, PUSH4 offset, PUSH0, CODECOPY: the call's data to the start of memory.
        &[0x63],
        &make_length,
        &[0x63],
        &make_at,
        &[0x5f, 0x39],
        // PUSH0, PUSH0, PUSH4 size, PUSH0, PUSH0, PUSH20 factory, GAS, CALL, POP: whether it worked the wallet will tell.
        &[0x5f, 0x5f, 0x63],
        &make_length,
        &[0x5f, 0x5f, 0x73],
        factory.as_slice(),
        &[0x5a, 0xf1, 0x50],
        &[0x63],
        &question_length,
        &[0x63],
        &question_at,
        &[0x5f, 0x39],
        // PUSH1 32, PUSH0, PUSH4 size, PUSH0, PUSH20 wallet, GAS, STATICCALL: at most a word of the answer is kept.
        &[0x60, 0x20, 0x5f, 0x63],
        &question_length,
        &[0x5f, 0x73],
        wallet.as_slice(),
        &[0x5a, 0xfa],
        // RETURNDATASIZE, PUSH1 31, LT, AND, PUSH1 32, MUL, PUSH0, RETURN: the word, or nothing if the call failed or answered less.
        &[0x3d, 0x60, 0x1f, 0x10, 0x16, 0x60, 0x20, 0x02, 0x5f, 0xf3],
        make,
        question,
    ];
    parts.concat().into()
}

/// How long the code is before the data.
const CODE_LENGTH: u32 = 99;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_stands_where_the_code_looks_for_it() {
        let code = make_and_ask(Address::repeat_byte(1), &[0xaa; 7], Address::repeat_byte(2), &[0xbb; 5]);
        assert_eq!(code.len(), CODE_LENGTH as usize + 12);
        assert!(code.ends_with(&[&[0xaa_u8; 7][..], &[0xbb; 5]].concat()));
    }
}
