//! Builds a log of many entries, proves one from its tiles and checks the proof: what `benches/run.py --only log` measures.
//!
//!     large_log FOLDER [ENTRIES]
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use modelmark_digest::Sha256Digest;
use modelmark_log::{Entry, LogKey, LogReader, LogWriter};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: large_log FOLDER [ENTRIES]")?;
    let count: u64 = args.next().map_or(Ok(10_000_000), |count| count.parse())?;
    let folder = Path::new(&folder);
    let key = LogKey::generate("models.example/log")?;

    let start = Instant::now();
    let mut log = LogWriter::open(folder)?;
    for number in 0..count {
        log.push(&record(number))?;
    }
    log.commit(&key)?;
    println!("built {count} entries in {:.1} s", start.elapsed().as_secs_f64());

    let start = Instant::now();
    let log = LogReader::open(folder)?;
    log.checkpoint().verify(&[key.verifier()])?;
    let middle = count / 2;
    let proof = log.prove(middle)?;
    if proof.entry() != Some(record(middle).as_slice()) {
        return Err("the proof does not show the entry".into());
    }
    log.prove_growth(middle.max(1))?;
    println!("proved one entry and one growth in {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

/// The entry of a record whose id stands for its number.
fn record(number: u64) -> Vec<u8> {
    let mut id = [0; 32];
    id.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    Entry::record(Sha256Digest::from(id)).bytes()
}
