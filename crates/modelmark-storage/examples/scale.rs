//! Measures a local store as it grows to a million blocks: puts, gets, what they do to memory, collection and check. `benches/store.py` runs it.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that fails has no figures")]

use std::time::Instant;

use modelmark_digest::{Codec, ContentId, unixfs::FileTree};
use modelmark_storage::{Block, LocalStore, Role, Store};

/// Blocks of one put, where they come in batches.
const BATCH: u64 = 1000;
/// Gets that are measured at each size…
const GETS: u64 = 20_000;
/// …and puts one by one, each of which waits for the disk.
const SINGLE: u64 = 500;
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

fn main() {
    let dir = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let dir = tempfile::tempdir_in(dir).unwrap();
    let store = LocalStore::open(dir.path().join("store")).unwrap();
    let mut count = 0;
    for size in SIZES {
        let started = Instant::now();
        let first = count;
        while count < size {
            let blocks: Vec<Block> = (count..count + BATCH).map(block).collect();
            store.put_all(&blocks).unwrap();
            count += BATCH;
        }
        let batched = rate(size - first, started);
        let started = Instant::now();
        for n in 0..SINGLE {
            // Beyond everything that is put later.
            store.put(Codec::Raw, &bytes(u64::MAX - size - n)).unwrap();
        }
        let single = rate(SINGLE, started);
        let started = Instant::now();
        for n in 0..GETS {
            // All over the store.
            let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
            assert_eq!(store.get(&id(n), 1 << 20).unwrap().unwrap(), bytes(n));
        }
        println!(
            "{{\"blocks\": {size}, \"putsInBatches\": {batched:.0}, \"putsOneByOne\": {single:.0}, \"gets\": {:.0}}}",
            rate(GETS, started)
        );
    }
    upkeep(&store, count);
}

/// Pins half of the blocks through one file, checks everything, and collects the rest.
fn upkeep(store: &LocalStore, count: u64) {
    let mut tree = FileTree::default();
    let mut nodes = Vec::new();
    let mut sink = |_: &ContentId, node: &[u8]| nodes.push(Block::new(Codec::DagPb, node.to_vec()).unwrap());
    (0..count / 2).for_each(|n| tree.push(id(n), 100, &mut sink));
    let root = tree.finish(&mut sink).cid;
    store.put_all(&nodes).unwrap();
    store.pin(&root, Role::Model).unwrap();
    let started = Instant::now();
    let found = store.fsck().unwrap();
    assert!(found.is_clean());
    println!("{{\"fsckSeconds\": {:.1}, \"checked\": {}}}", started.elapsed().as_secs_f64(), found.blocks);
    let started = Instant::now();
    let freed = store.gc().unwrap();
    assert_eq!(freed.blocks, count / 2 + 3 * SINGLE);
    println!("{{\"gcSeconds\": {:.1}, \"freed\": {}}}", started.elapsed().as_secs_f64(), freed.blocks);
    assert!(store.fsck().unwrap().is_clean());
    // Peak resident memory of the process, as Linux tells it.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|line| line.split_whitespace().next());
    println!("{{\"peakKiB\": {}}}", peak.unwrap_or("null"));
}

fn bytes(n: u64) -> Vec<u8> {
    let mut bytes = n.to_le_bytes().repeat(12);
    bytes.extend([0; 4]);
    bytes
}

fn id(n: u64) -> ContentId {
    ContentId::raw(&bytes(n))
}

fn block(n: u64) -> Block {
    Block::new(Codec::Raw, bytes(n)).unwrap()
}

/// Per minute.
fn rate(count: u64, started: Instant) -> f64 {
    count as f64 / started.elapsed().as_secs_f64() * 60.0
}
