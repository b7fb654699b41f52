//! Where a log's hashes and entries lie: tiles of 256, named as C2SP's tlog-tiles names them.

/// Hashes of a full tile, and entries of a full bundle.
pub(crate) const WIDTH: u64 = 256;
/// Levels of the tree that a tile spans.
pub(crate) const HEIGHT: u32 = 8;
/// Bytes of a hash.
pub(crate) const HASH_BYTES: usize = 32;

/// The longest entry, in bytes: its length stands in two bytes before it.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Hashes of subtrees with 256 to the power of the level leaves.
    Hashes(u32),
    /// Entries.
    Entries,
}

/// One tile: what it holds, its number and how many of its 256 places are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    pub(crate) width: u64,
}

impl Tile {
    /// Returns the tile with place `index` of a level, as it is in a log of `size` entries; `None` when that log has no such place.
    pub(crate) fn holding(kind: Kind, index: u64, size: u64) -> Option<Self> {
        let places = places(kind, size);
        let number = index / WIDTH;
        (index < places).then(|| Self { kind, number, width: (places - number * WIDTH).min(WIDTH) })
    }

    /// Returns the same tile when it is full.
    pub(crate) const fn full(self) -> Self {
        Self { width: WIDTH, ..self }
    }

    /// Returns the path inside the log's folder.
    pub(crate) fn path(&self) -> String {
        let level = match self.kind {
            Kind::Hashes(level) => level.to_string(),
            Kind::Entries => "entries".to_owned(),
        };
        let partial = if self.width < WIDTH { format!(".p/{}", self.width) } else { String::new() };
        format!("tile/{level}/{}{partial}", spelled(self.number))
    }
}

/// Returns how many places of a level a log of `size` entries fills.
pub(crate) fn places(kind: Kind, size: u64) -> u64 {
    match kind {
        Kind::Entries => size,
        Kind::Hashes(level) => size.checked_shr(level * HEIGHT).unwrap_or(0),
    }
}

/// Spells a number in groups of three digits: 1234067 is `x001/x234/067`.
fn spelled(number: u64) -> String {
    let mut groups = vec![format!("{:03}", number % 1000)];
    let mut rest = number / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    groups.join("/")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a tile that is not there is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_the_specification_does() {
        for (number, path) in [(0, "000"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067")] {
            assert_eq!(spelled(number), path);
        }
    }

    #[test]
    fn a_log_of_seventy_thousand_has_the_tiles_of_the_specification() {
        let last = |level| {
            let kind = Kind::Hashes(level);
            Tile::holding(kind, places(kind, 70_000) - 1, 70_000).unwrap().path()
        };
        assert_eq!(last(0), "tile/0/273.p/112");
        assert_eq!(last(1), "tile/1/001.p/17");
        assert_eq!(last(2), "tile/2/000.p/1");
        assert_eq!(Tile::holding(Kind::Hashes(0), 69_887, 70_000).unwrap().path(), "tile/0/272");
        assert_eq!(Tile::holding(Kind::Entries, 69_888, 70_000).unwrap().path(), "tile/entries/273.p/112");
        assert_eq!(Tile::holding(Kind::Hashes(3), 0, 70_000), None);
        assert_eq!(Tile::holding(Kind::Hashes(8), 0, u64::MAX), None);
    }
}
