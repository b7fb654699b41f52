//! Our commands and what we read, held against Ledger's own client and against exchanges that were recorded with devices.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a vector that cannot be read is a failed test"
)]

use std::collections::VecDeque;
use std::str::FromStr;

use alloy::hex;
use alloy::primitives::address;
use serde_json::Value;

use super::*;

const EXCHANGES: &str = include_str!("../../../../vectors/ledger/exchanges.json");

/// Plays recorded answers, if it is asked what was asked then.
struct Replay(VecDeque<(Vec<u8>, Vec<u8>)>);

impl Wire for Replay {
    fn exchange(&mut self, command: &Command, _: Duration) -> Result<Vec<u8>, LedgerError> {
        let (asked, answer) = self.0.pop_front().expect("no further command was recorded");
        assert_eq!(hex::encode(command.encoded()), hex::encode(asked));
        Ok(answer)
    }
}

fn parse<T: FromStr<Err: fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn key(account: Address, path: HdPath, exchanges: &[Value]) -> LedgerKey {
    let wire = Replay(exchanges.iter().map(|exchange| (bytes(&exchange["command"]), bytes(&exchange["answer"]))).collect());
    LedgerKey { wire: Arc::new(Mutex::new(Box::new(wire))), path, address: account, prompt: Arc::new(|_| ()) }
}

/// What was asked of `account` in a recorded case: the signature, whose signer is checked on the way.
fn sign(case: &Value, account: Address) -> Result<Signature, WalletError> {
    let key = key(account, parse(&case["path"]), case["exchanges"].as_array().unwrap());
    match &case["transaction"] {
        Value::String(encoded) => key.sign_transaction(&hex::decode(encoded).unwrap(), case["chainId"].as_u64()),
        _ => key.sign_typed(&TypedHash::new(parse(&case["domain"]), parse(&case["message"]))),
    }
}

#[test]
fn commands_are_those_of_ledgers_own_client_and_its_answers_are_read() {
    let vectors: Value = serde_json::from_str(EXCHANGES).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let account: Address = parse(&case["account"]);
        if case["kind"] == "address" {
            let exchange = &case["exchanges"][0];
            let wire = Replay([(bytes(&exchange["command"]), bytes(&exchange["answer"]))].into());
            let key = LedgerKey::over(Box::new(wire), parse(&case["path"]), Arc::new(|_| ())).unwrap();
            assert_eq!(key.address(), account, "{}", case["name"]);
            continue;
        }
        let signature = sign(case, account).unwrap_or_else(|error| panic!("{}: {error}", case["name"]));
        let digest = match &case["transaction"] {
            Value::String(encoded) => keccak256(hex::decode(encoded).unwrap()),
            _ => TypedHash::new(parse(&case["domain"]), parse(&case["message"])).digest(),
        };
        assert_eq!(signature.recover_address_from_prehash(&digest).unwrap(), account, "{}", case["name"]);
        let other = sign(case, address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"));
        assert!(matches!(other, Err(WalletError::Ledger(LedgerError::OtherKey { .. }))), "{}: {other:?}", case["name"]);
    }
}

#[test]
fn no_block_ends_within_the_end_of_an_old_transaction() {
    for chain_id in [1, 127, 128, 255, 256, 31_337, u64::from(u32::MAX), u64::MAX] {
        let tail = alloy::rlp::Encodable::length(&chain_id) + 2;
        for length in tail + 21..2_000 {
            let encoded = vec![7; length];
            let blocks = Command::transaction(&HdPath::default(), &encoded, Some(chain_id));
            let sizes: Vec<_> = blocks.iter().map(|block| block.data.len()).collect();
            let whole: Vec<u8> = blocks.iter().flat_map(|block| block.data.clone()).collect();
            assert_eq!(whole, [HdPath::default().encoded(), encoded].concat());
            assert!(sizes.iter().all(|size| (1..=255).contains(size)) && *sizes.last().unwrap() > tail, "{chain_id}, {length}: {sizes:?}");
            assert!(blocks.iter().skip(1).all(|block| block.p1 == 0x80) && blocks[0].p1 == 0);
        }
    }
}

#[test]
fn each_status_word_says_what_to_do() {
    let said = |status: u16| apdu::data(status.to_be_bytes().to_vec(), "the message").unwrap_err().to_string();
    for (status, words) in [
        (0x5515, "is locked: unlock it"),
        (0x6511, "app is not open"),
        (0x6e00, "app is not open"),
        (0x6d00, "too old"),
        (0x6985, "the message was refused on the Ledger"),
        (0x6a80, "blind signing"),
        (0x6f01, "status 0x6f01"),
    ] {
        assert!(said(status).contains(words), "{status:04x}: {}", said(status));
    }
    assert!(matches!(apdu::data(vec![0x90], "x"), Err(LedgerError::Answer { .. })));
    assert_eq!(apdu::data(vec![1, 0x90, 0], "x").unwrap(), [1]);
}

#[test]
fn an_answer_that_is_none_is_refused() {
    let vectors: Value = serde_json::from_str(EXCHANGES).unwrap();
    let case = vectors["cases"].as_array().unwrap().iter().find(|case| case["kind"] == "address").unwrap();
    let good = bytes(&case["exchanges"][0]["answer"]);
    let good = &good[..good.len() - 2];
    assert!(apdu::address(good).is_ok());
    for cut in 0..good.len() {
        assert!(apdu::address(&good[..cut]).is_err(), "{cut}");
    }
    for place in 0..good.len() {
        let mut changed = good.to_vec();
        changed[place] ^= 1;
        // Capitals are hex digits too, and one bit makes none of a digit.
        assert!(apdu::address(&changed).is_err(), "{place}");
    }
    for length in [0, 1, 64, 66] {
        assert!(apdu::signature(&vec![7; length]).is_err());
    }
}
