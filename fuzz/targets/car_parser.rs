//! CARs as they arrive: no panic, the same sections however the bytes are cut, no more memory than a section, and no less accepted than from a file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_storage::MemoryStore;
use modelmark_storage::car::{Limits, Parser, Section, import};

fn sections<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> Result<Vec<Section>, ()> {
    let (mut parser, mut found) = (Parser::new(), Vec::new());
    for mut piece in pieces {
        while !piece.is_empty() {
            found.extend(parser.push(&mut piece).map_err(drop)?);
        }
    }
    parser.finish().map_err(drop).map(|()| found)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((size, car)) = bytes.split_first() else { return };
    let whole = sections(std::iter::once(car));
    assert_eq!(whole, sections(car.chunks(usize::from(*size) + 1)));
    let imported = import(&MemoryStore::new(), car, Limits::RECORD);
    // A file may also be of version 2, which is never streamed.
    if imported.is_ok() && car.first() != Some(&0x0a) {
        let whole = whole.expect("what is taken in from a file is taken in as a stream");
        assert!(whole.iter().all(|section| section.id.verify(&section.bytes)));
    }
});
