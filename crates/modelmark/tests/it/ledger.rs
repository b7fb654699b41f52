//! `--ledger` against a device in software behind the port that Ledger's emulator has: it takes the Ethereum app's commands, block by block, shows (keeps) what
//! they are, and signs with the keys of the development chain's mnemonic. The commands themselves are held against Ledger's own client in `modelmark-chain`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use alloy::primitives::{B256, keccak256};
use alloy::rlp::Header;
use alloy::signers::SignerSync as _;
use alloy::signers::local::coins_bip39::English;
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner};

use crate::environment::{OTHER, Outcome, TestEnvironment};

const MNEMONIC: &str = "test test test test test test test test test test test junk";
/// The path of development account 1, which has money to mint with.
const PATH: &str = "m/44h/60h/0h/0/1";

/// What the device does with what it is asked.
#[derive(Clone, Copy)]
enum Mood {
    Willing,
    /// Answers every command, or every signature, with a status word.
    Says(u16),
    SaysToSignatures(u16),
    /// Signs with another key than the one asked for.
    Lying,
}

/// What was shown on it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shown {
    Transaction(Vec<u8>),
    Hashes(B256, B256),
}

struct Device {
    port: u16,
    shown: Arc<Mutex<Vec<Shown>>>,
}

impl Device {
    fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&shown);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), mood, &kept);
            }
        });
        Self { port, shown }
    }

    fn run(&self, environment: &TestEnvironment, args: &[&str]) -> Outcome {
        ask(environment, self.port, &[args, &["--ledger", "--hd-path", PATH]].concat())
    }

    fn shown(&self) -> Vec<Shown> {
        self.shown.lock().unwrap().clone()
    }
}

fn ask(environment: &TestEnvironment, port: u16, args: &[&str]) -> Outcome {
    let mut command = environment.command(args);
    command.env("LEDGER_PROXY_PORT", port.to_string());
    environment.finish(command)
}

/// One connection: four bytes of length and a command; four bytes of length, data and a status word.
fn serve(mut stream: TcpStream, mood: Mood, shown: &Mutex<Vec<Shown>>) {
    let mut blocks = Vec::new();
    loop {
        let mut length = [0; 4];
        if stream.read_exact(&mut length).is_err() {
            return;
        }
        let mut command = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut command).unwrap();
        let (data, status) = match mood {
            Mood::Says(status) => (Vec::new(), status),
            Mood::SaysToSignatures(status) if command[1] != 2 => (Vec::new(), status),
            mood => answer(&command, &mut blocks, mood, shown),
        };
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        stream.write_all(&[length.as_slice(), &data, &status.to_be_bytes()].concat()).unwrap();
    }
}

fn answer(command: &[u8], blocks: &mut Vec<u8>, mood: Mood, shown: &Mutex<Vec<Shown>>) -> (Vec<u8>, u16) {
    let [0xe0, instruction, p1, 0, length, data @ ..] = command else { return (Vec::new(), 0x6e00) };
    assert_eq!(usize::from(*length), data.len());
    match instruction {
        0x02 => {
            let (key, rest) = key_of(data);
            assert!(rest.is_empty());
            let point = key.credential().verifying_key().to_encoded_point(false);
            let account = alloy::hex::encode(key.address());
            ([&[65], point.as_bytes(), &[40], account.as_bytes()].concat(), 0x9000)
        }
        0x0c => {
            let (key, hashes) = key_of(data);
            let (domain, message) = (B256::from_slice(&hashes[..32]), B256::from_slice(&hashes[32..]));
            shown.lock().unwrap().push(Shown::Hashes(domain, message));
            (signature(&key, keccak256([&[0x19, 1], hashes].concat()), mood), 0x9000)
        }
        0x04 => {
            if *p1 == 0 {
                blocks.clear();
            }
            blocks.extend_from_slice(data);
            let (key, encoded) = key_of(blocks);
            if !is_whole(encoded) {
                return (Vec::new(), 0x9000);
            }
            shown.lock().unwrap().push(Shown::Transaction(encoded.to_vec()));
            (signature(&key, keccak256(encoded), mood), 0x9000)
        }
        _ => (Vec::new(), 0x6d00),
    }
}

/// Reads the path and derives its key.
fn key_of(data: &[u8]) -> (PrivateKeySigner, &[u8]) {
    let (steps, rest) = data[1..].split_at(4 * usize::from(data[0]));
    let step = |bytes: &[u8]| {
        let step = u32::from_be_bytes(bytes.try_into().unwrap());
        if step < 1 << 31 { format!("/{step}") } else { format!("/{}'", step - (1 << 31)) }
    };
    let path = format!("m{}", steps.chunks(4).map(step).collect::<String>());
    let key = MnemonicBuilder::<English>::default().phrase(MNEMONIC).derivation_path(path).unwrap().build().unwrap();
    (key, rest)
}

/// Tells whether the transaction's list is there to its end.
fn is_whole(encoded: &[u8]) -> bool {
    let mut list = if encoded[0] < 0x80 { &encoded[1..] } else { encoded };
    let header = Header::decode(&mut list).map(|header| (header.list, header.payload_length));
    header.is_ok_and(|(is_list, length)| is_list && list.len() == length)
}

/// v, r and s. The app's v differs by version; this one's is never a parity by itself.
fn signature(key: &PrivateKeySigner, digest: B256, mood: Mood) -> Vec<u8> {
    let digest = if matches!(mood, Mood::Lying) { keccak256(digest) } else { digest };
    let bytes = key.sign_hash_sync(&digest).unwrap().as_bytes();
    [&[0x26], &bytes[..64]].concat()
}

#[test]
fn a_key_on_a_ledger_records_signs_mints_and_verifies() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let device = Device::start(Mood::Willing);
    device.run(&environment, &["wallet", "address"]).expect_code(0).expect_words(&[OTHER]);
    assert_eq!(device.shown(), [], "an account is told without a question");
    environment.write("record.json", device.run(&environment, &["record", "tiny"]).expect_code(0).stdout);
    let signed = device.run(&environment, &["sign", "record.json"]).expect_code(0);
    let here = environment.ok(&["sign", "record.json", "--dev-account", "1"]).stdout;
    assert_eq!(signed.stdout, here, "the same key and the same digest give the same signature");
    let [Shown::Hashes(domain, message)] = device.shown()[..] else { panic!("{:?}", device.shown()) };
    let [domain, message] = [domain, message].map(|hash| hash.to_string());
    signed.expect_words(&["confirm on the Ledger", &domain, &message]);
    environment.write("record.sig.json", here);
    environment.ok(&["store", "record.json", "--signature", "record.sig.json", "--model", "tiny"]);
    device.run(&environment, &["mint", "record.json", "--signature", "record.sig.json"]).expect_code(0);
    environment.ok(&["verify", "tiny", "--creator", OTHER]);
    let transactions = device.shown().iter().filter(|shown| matches!(shown, Shown::Transaction(_))).count();
    assert!(transactions >= 1, "the transaction is signed there");
}

#[test]
fn words_for_contracts_are_signed_on_a_ledger() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let device = Device::start(Mood::Willing);
    let token = device.run(&environment, &["publish", "tiny", "--license", "mit", "--json"]).expect_code(0).json();
    let token = token["token"].as_str().unwrap();
    environment.write(
        "word.json",
        device.run(&environment, &["delegate", "allow", &format!("0x{}", "11".repeat(20)), "--sign"]).expect_code(0).stdout,
    );
    environment.ok(&["delegate", "submit", "word.json"]);
    let order = device.run(&environment, &["market", "list", token, "--price", "0.5"]).expect_code(0).stdout;
    environment.write("order.json", order);
    environment.ok(&["market", "buy", "order.json", "--dev-account", "2"]);
}

#[test]
fn a_ledger_that_does_not_sign_says_what_to_do() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny", "--dev-account", "1"]).stdout);
    let cases = [
        (Mood::Says(0x5515), 3, "is locked: unlock it"),
        (Mood::Says(0x6982), 3, "is locked: unlock it"),
        (Mood::Says(0x6511), 3, "Ethereum app is not open"),
        (Mood::Says(0x9000), 3, "no such answer"),
        (Mood::SaysToSignatures(0x6985), 1, "was refused on the Ledger"),
        (Mood::SaysToSignatures(0x6a80), 1, "blind signing"),
        (Mood::SaysToSignatures(0x5515), 3, "is locked: unlock it"),
        (Mood::SaysToSignatures(0x9000), 3, "no such answer"),
        (Mood::Lying, 1, "with another key"),
    ];
    for (mood, code, words) in cases {
        Device::start(mood).run(&environment, &["sign", "record.json"]).expect_error(code, &[words]);
    }
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    ask(&environment, gone, &["sign", "record.json", "--ledger"]).expect_error(3, &["cannot be asked"]);
    ask(&environment, gone, &["sign", "record.json", "--ledger", "--hd-path", "m/x"]).expect_code(2);
    ask(&environment, gone, &["sign", "record.json", "--hd-path", "live:1"]).expect_code(2);
    ask(&environment, gone, &["sign", "record.json", "--ledger", "--dev-account", "1"]).expect_code(2);
}

#[test]
fn without_a_ledger_the_error_says_so() {
    let environment = TestEnvironment::new();
    environment.run(&["wallet", "address", "--ledger"]).expect_error(3, &["Ledger"]);
}
