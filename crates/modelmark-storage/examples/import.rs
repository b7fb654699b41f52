//! Imports a file into a block store, referenced where it lies, or computes the CIDs alone: what `benches/storage.py` measures.
//!
//!     import FILE [STORE]
//!
//! prints the CID and the seconds that it took.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use modelmark_digest::{Request, digest};
use modelmark_storage::{Leaves, LocalStore};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("usage: import FILE [STORE]")?;
    let file = Path::new(&file);
    let start = Instant::now();
    let manifest = match args.next() {
        None => digest(file, &Request::cids(), &())?,
        Some(store) => {
            let store = LocalStore::open(store)?;
            let import = store.import(file, Leaves::Referenced)?;
            let manifest = digest(file, &Request::cids(), &import)?;
            import.finish(&manifest)?;
            manifest
        }
    };
    println!("{} {:.6}", manifest.cid, start.elapsed().as_secs_f64());
    Ok(())
}
