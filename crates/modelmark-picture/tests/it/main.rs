//! PNGs of the pictures in `vectors/picture`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use modelmark_digest::Sha256Digest;
use modelmark_picture::{Size, png};
use modelmark_record::{Picture, Record};

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/picture")
}

fn pictures() -> BTreeMap<String, Picture> {
    let files = std::fs::read_dir(vectors()).unwrap().map(|entry| entry.unwrap().path());
    let records = files.filter(|path| path.extension().is_some_and(|name| name == "json"));
    let named = |path: PathBuf| {
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), Record::parse(&std::fs::read(&path).unwrap()).unwrap().picture())
    };
    records.map(named).collect()
}

/// Width, height and the pixels, four bytes each.
fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

/// The same bytes from every run and on every machine: a change of what draws shows here, and is looked at before it is accepted.
#[test]
fn pixels_are_those_that_were_looked_at() {
    let mut lines = String::new();
    for (name, picture) in pictures() {
        for size in ["128", "640"] {
            let bytes = png(&picture, size.parse().unwrap()).unwrap();
            // To be looked at.
            std::fs::write(format!("{}/{name}-{size}.png", env!("CARGO_TARGET_TMPDIR")), &bytes).unwrap();
            lines += &format!("{}  {name}-{size}.png\n", Sha256Digest::of(&bytes));
        }
    }
    let path = vectors().join("SHA256SUMS");
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        std::fs::write(&path, &lines).unwrap();
    }
    assert_eq!(lines.lines().count(), 12);
    assert_eq!(lines, std::fs::read_to_string(&path).unwrap());
}

#[test]
fn a_png_is_square_opaque_and_bounded() {
    for (name, picture) in pictures() {
        for size in [Size::BOUNDS.0, 333] {
            let bytes = png(&picture, size.try_into().unwrap()).unwrap();
            let (width, height, pixels) = decoded(&bytes);
            assert_eq!((width, height), (size.into(), size.into()));
            assert!(pixels.chunks(4).all(|pixel| pixel.last() == Some(&255)), "{name}");
            assert!(bytes.len() < 100_000, "{name} at {size}: {}", bytes.len());
        }
    }
    let (_, largest) = pictures().pop_last().unwrap();
    assert!(png(&largest, Size::BOUNDS.1.try_into().unwrap()).unwrap().len() < 1 << 20, "no more than a block of the store");
}

/// Nothing is drawn in the margins, however long or high a text is.
#[test]
fn no_text_reaches_the_margins() {
    let all = pictures();
    let plain = |picture: &Picture| {
        let (width, _, pixels) = decoded(&png(picture, "640".parse().unwrap()).unwrap());
        // White letters on a dark ground: the brightest of each column of the picture's right and left edge.
        let bright = |x: u32| (0..640).map(|y| pixels.get(((y * width + x) * 4 + 1) as usize).copied().unwrap()).max().unwrap();
        (0..35).chain(605..640).map(bright).max().unwrap()
    };
    for (name, picture) in &all {
        assert!(plain(picture) < 100, "{name}");
    }
}

/// What is shown is what fonts in this crate can show: with no font at all there would be no letters.
#[test]
fn letters_are_drawn() {
    let all = pictures();
    let (_, _, usual) = decoded(&png(all.get("usual").unwrap(), "640".parse().unwrap()).unwrap());
    let white = usual.chunks(4).filter(|pixel| pixel.iter().all(|value| *value > 250)).count();
    assert!(white > 4_000, "{white}");
}
