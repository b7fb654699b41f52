//! Builds a log of many entries, proves one from its tiles and checks the proof: what `benches/run.py --only log` measures.
//!
//!     large_log FOLDER [ENTRIES] [new]
//!
//! With `new`, each entry is held against all that are there, as `modelmark anchor build` does, and the log is built a second time, to no effect.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use modelmark_digest::Sha256Digest;
use modelmark_log::{Batch, Entry, LogKey, LogReader, LogWriter};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: large_log FOLDER [ENTRIES]")?;
    let count: u64 = args.next().map_or(Ok(10_000_000), |count| count.parse())?;
    let only_new = args.next().is_some_and(|word| word == "new");
    let folder = Path::new(&folder);
    let key = LogKey::generate("models.example/log")?;

    for _ in 0..=u8::from(only_new) {
        let start = Instant::now();
        let mut log = LogWriter::open(folder)?;
        let before = log.size();
        if only_new {
            let mut batch = Batch::new(&mut log);
            (0..count).try_for_each(|number| batch.take(record(number)))?;
            batch.finish()?;
        } else {
            (0..count).try_for_each(|number| log.push(&record(number).bytes()))?;
        }
        let added = log.size() - before;
        log.commit(&key)?;
        println!("built {count} entries in {:.1} s, {added} of them new", start.elapsed().as_secs_f64());
    }

    let start = Instant::now();
    let log = LogReader::open(folder)?;
    log.checkpoint().verify(&[key.verifier()])?;
    let middle = count / 2;
    let proof = log.prove(middle)?;
    if proof.entry() != Some(record(middle).bytes().as_slice()) {
        return Err("the proof does not show the entry".into());
    }
    log.prove_growth(middle.max(1))?;
    println!("proved one entry and one growth in {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

/// The entry of a record whose id stands for its number.
fn record(number: u64) -> Entry {
    let mut id = [0; 32];
    id.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    Entry::record(Sha256Digest::from(id))
}
