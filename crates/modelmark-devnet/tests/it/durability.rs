//! What is on disk stays there: restarts, killed processes, two processes at once.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use alloy::primitives::B256;
use modelmark_devnet::{Config, DEV_ACCOUNTS, Devnet, DevnetError};
use serde_json::{Value, json};

use crate::counter::init_code;

/// Tells a copy of this test program to mine in a directory until it is killed.
const MINE: &str = "MODELMARK_DEVNET_TEST_MINE";

fn ask(devnet: &Devnet, method: &str, params: Value) -> Value {
    devnet.request(method, params).unwrap()
}

fn deploy(devnet: &Devnet) -> Value {
    ask(devnet, "eth_sendTransaction", json!([{ "from": DEV_ACCOUNTS[0].address, "data": init_code(7) }]))
}

/// Checks that blocks, receipts and state agree with each other from genesis to the last block, and returns its number.
fn check_whole_chain(devnet: &Devnet) -> u64 {
    let latest = ask(devnet, "eth_getBlockByNumber", json!(["latest", false]));
    let number = u64::from_str_radix(&latest["number"].as_str().unwrap()[2..], 16).unwrap();
    let mut parent = json!(B256::ZERO);
    for height in 0..=number {
        let block = ask(devnet, "eth_getBlockByNumber", json!([format!("{height:#x}"), false]));
        assert_eq!(block["parentHash"], parent);
        parent = block["hash"].clone();
        let receipts = ask(devnet, "eth_getBlockReceipts", json!([format!("{height:#x}")]));
        assert_eq!(receipts.as_array().unwrap().len(), usize::from(height > 0));
        let nonce = ask(devnet, "eth_getTransactionCount", json!([DEV_ACCOUNTS[0].address, format!("{height:#x}")]));
        assert_eq!(nonce, format!("{height:#x}"));
        let proof = ask(devnet, "eth_getProof", json!([DEV_ACCOUNTS[0].address, [], format!("{height:#x}")]));
        assert_eq!(proof["nonce"], nonce);
    }
    number
}

#[test]
fn a_restart_keeps_blocks_state_clock_and_snapshots() {
    let directory = tempfile::tempdir().unwrap();
    let devnet = Devnet::open(directory.path(), Config::default()).unwrap();
    let genesis = devnet.genesis_hash().unwrap();
    deploy(&devnet);
    let snapshot = ask(&devnet, "evm_snapshot", json!([]));
    let hash = deploy(&devnet);
    let receipt = ask(&devnet, "eth_getTransactionReceipt", json!([hash]));
    ask(&devnet, "evm_increaseTime", json!([1_000_000]));
    drop(devnet);

    let devnet = Devnet::open(directory.path(), Config::default()).unwrap();
    assert_eq!(devnet.genesis_hash().unwrap(), genesis);
    assert_eq!(check_whole_chain(&devnet), 2);
    assert_eq!(ask(&devnet, "eth_getTransactionReceipt", json!([hash])), receipt);
    assert_ne!(ask(&devnet, "eth_getCode", json!([receipt["contractAddress"], "latest"])), "0x");
    let before = ask(&devnet, "eth_getBlockByNumber", json!(["latest", false]))["timestamp"].clone();
    deploy(&devnet);
    let after = ask(&devnet, "eth_getBlockByNumber", json!(["latest", false]))["timestamp"].clone();
    let seconds = |value: &Value| u64::from_str_radix(&value.as_str().unwrap()[2..], 16).unwrap();
    assert!(seconds(&after) >= seconds(&before) + 999_000);
    assert_eq!(ask(&devnet, "evm_revert", json!([snapshot])), json!(true));
    drop(devnet);

    let devnet = Devnet::open(directory.path(), Config::default()).unwrap();
    assert_eq!(check_whole_chain(&devnet), 1);
    assert!(ask(&devnet, "eth_getTransactionReceipt", json!([hash])).is_null());
}

#[test]
fn readers_share_the_chain_and_change_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("chain.redb");
    let read = || Devnet::open_to_read(directory.path(), Config::default());
    assert!(read().is_none() && !file.exists(), "a reader makes no chain");
    let devnet = Devnet::open(directory.path(), Config::default()).unwrap();
    let hash = deploy(&devnet);
    assert!(read().is_none(), "somebody else may change it");
    drop(devnet);

    let before = std::fs::read(&file).unwrap();
    let (one, another) = (read().unwrap(), read().unwrap());
    assert_eq!((check_whole_chain(&one), check_whole_chain(&another)), (1, 1));
    assert!(ask(&one, "eth_getTransactionReceipt", json!([hash])).is_object());
    assert!(one.request("evm_mine", json!([])).unwrap_err().message.contains("read only"));
    assert!(matches!(Devnet::open(directory.path(), Config::default()), Err(DevnetError::Locked { .. })));
    drop((one, another));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(Devnet::open_to_read(directory.path(), Config { chain_id: 1, ..Config::default() }).is_none());
    deploy(&Devnet::open(directory.path(), Config::default()).unwrap());
}

#[test]
fn a_second_opener_is_told_that_the_chain_is_in_use() {
    let directory = tempfile::tempdir().unwrap();
    let devnet = Devnet::open(directory.path(), Config::default()).unwrap();
    let error = Devnet::open(directory.path(), Config::default()).unwrap_err();
    assert!(matches!(error, DevnetError::Locked { .. }), "{error}");
    let mut child = mine(directory.path());
    assert!(!child.wait().unwrap().success(), "another process must not get in either");
    drop(devnet);
    Devnet::open(directory.path(), Config::default()).unwrap();
}

#[test]
fn another_chain_id_or_a_foreign_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(Devnet::open(directory.path(), Config::default()).unwrap());
    let error = Devnet::open(directory.path(), Config { chain_id: 1, ..Config::default() }).unwrap_err();
    assert!(matches!(error, DevnetError::ChainId { stored: 31337, wanted: 1, .. }), "{error}");
    let foreign = tempfile::tempdir().unwrap();
    std::fs::write(foreign.path().join("chain.redb"), b"this is not a database at all, but it is long enough").unwrap();
    assert!(Devnet::open(foreign.path(), Config::default()).is_err());
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Devnet::open(&file.path().join("below"), Config::default()).unwrap_err();
    assert!(matches!(error, DevnetError::Directory { .. }), "{error}");
}

#[test]
fn a_killed_process_loses_nothing_it_has_answered_for() {
    let directory = tempfile::tempdir().unwrap();
    let mut mined = 0;
    for round in 0..6 {
        let mut child = mine(directory.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed at another moment each time: while opening, right after a block, in the middle of one.
        let mut answered = 0;
        if round > 0 {
            for line in lines.by_ref() {
                answered += u64::from(line.unwrap().contains("mined"));
                if answered == 3 * round {
                    break;
                }
            }
        }
        std::thread::sleep(Duration::from_micros(700 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        answered += lines.filter(|line| line.as_ref().is_ok_and(|line| line.contains("mined"))).count() as u64;
        let devnet = Devnet::open(directory.path(), Config::default()).unwrap();
        let number = check_whole_chain(&devnet);
        assert!((mined + answered..=mined + answered + 1).contains(&number), "{number} blocks of {mined} and {answered}");
        mined = number;
    }
    assert!(mined >= 45);
}

/// Starts a copy of this program that runs only [`mining_process`].
fn mine(directory: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::mining_process", "--nocapture"])
        .env(MINE, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Not a test by itself: mines and reports each block, when it is told to.
#[test]
fn mining_process() {
    let Some(directory) = std::env::var_os(MINE) else { return };
    let devnet = Devnet::open(Path::new(&directory), Config::default()).unwrap();
    loop {
        deploy(&devnet);
        let mut out = std::io::stdout().lock();
        writeln!(out, "mined").unwrap();
        out.flush().unwrap();
    }
}
