//! Several processes on one store, and processes that are killed. The children are this test binary, started again.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Leaves, LocalStore, Role, StorageError, Store};

use crate::fixture::{Bench, import, read_all, write_model};

const DIR: &str = "MODELMARK_STORAGE_TEST_DIR";
const SEED: &str = "MODELMARK_STORAGE_TEST_SEED";

fn start(test: &str, dir: &Path, seed: u8) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(DIR, dir)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The directory and the seed when this process is a child.
fn orders() -> Option<(PathBuf, u8)> {
    let dir = std::env::var_os(DIR)?;
    Some((dir.into(), std::env::var(SEED).unwrap().parse().unwrap()))
}

#[test]
fn two_processes_create_one_store_and_import_one_model_at_once() {
    if let Some((dir, seed)) = orders() {
        let store = LocalStore::open(dir.join("store")).unwrap();
        import(&store, &dir.join("model"), if seed % 2 == 0 { Leaves::Referenced } else { Leaves::Copied });
        for n in 0..100 {
            store.put(Codec::Raw, &[seed, n]).unwrap();
        }
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    write_model(&dir.path().join("model"), 1);
    let test = "processes::two_processes_create_one_store_and_import_one_model_at_once";
    let children: Vec<_> = (0..4).map(|seed| start(test, dir.path(), seed)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let store = LocalStore::open(dir.path().join("store")).unwrap();
    assert!(store.fsck().unwrap().is_clean());
    for seed in 0..4 {
        for n in 0..100 {
            assert!(store.has(&ContentId::raw(&[seed, n])).unwrap());
        }
    }
}

#[test]
fn a_killed_process_leaves_a_whole_store() {
    if let Some((dir, seed)) = orders() {
        work_until_killed(&dir, seed);
    }
    let bench = Bench::new();
    let mut promised = Vec::new();
    for round in 0..12_u8 {
        write_model(&bench.path(&format!("model {round}")), round);
        let mut child = start("processes::a_killed_process_leaves_a_whole_store", bench.dir.path(), round);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let kept = |line: String| line.strip_prefix("kept ").and_then(|id| id.parse::<ContentId>().ok());
        if round % 2 == 0 {
            // At least half of the children get as far as their first pin, however slow the machine is.
            promised.extend(lines.by_ref().find_map(kept));
        }
        // Another moment in each round, from the first steps to some way into the work.
        std::thread::sleep(Duration::from_millis(15 + 23 * u64::from(round)));
        child.kill().unwrap();
        child.wait().unwrap();
        promised.extend(lines.filter_map(kept));
        let found = bench.store.fsck().unwrap();
        assert!(found.is_clean(), "round {round}: {found:?}");
        bench.store.gc().unwrap();
        assert!(bench.store.fsck().unwrap().is_clean(), "round {round}, after gc");
        for id in &promised {
            read_all(&bench.store, id);
        }
    }
    assert!(promised.len() >= 6);
}

/// Keeps things and says so once they are kept, makes garbage, collects it, forever.
fn work_until_killed(dir: &Path, seed: u8) -> ! {
    let store = LocalStore::open(dir.join("store")).unwrap();
    let model = dir.join(format!("model {seed}"));
    for n in 0..u32::MAX {
        let bytes = [[seed; 4], n.to_le_bytes()].concat();
        let id = store.put(Codec::Raw, &bytes).unwrap();
        store.pin(&id, Role::Record).unwrap();
        say(&format!("kept {id}"));
        let manifest = import(&store, &model, if n % 2 == 0 { Leaves::Copied } else { Leaves::Referenced });
        if n % 3 == 0 {
            store.unpin(&manifest.cid).unwrap();
            store.unpin(&manifest.weights.cid).unwrap();
        }
        match store.gc() {
            Ok(_) | Err(StorageError::Busy { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    std::process::exit(0)
}

/// Says a line at once, and on a line of its own: the test harness has begun one.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}
