//! Tensors whose file states checksums: the bytes are held against them while they are read, or, where they are not read in order, before.

use std::cell::RefCell;
use std::io;

use crc::{CRC_32_ISCSI, Crc, Digest, Table};

use super::{READ_BYTES, Stop, Stream};
use crate::tensor::{ByteRange, Pieces, Sum};
use crate::{FormatError, ReadAt};

/// The CRC-32C, by tables of sixteen bytes at a time.
pub(crate) static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// A file that is read in order, and the checksum of what was read so far.
struct Summed<'f> {
    file: &'f dyn ReadAt,
    digest: RefCell<Digest<'static, u32, Table<16>>>,
}

impl<'f> Summed<'f> {
    fn new(file: &'f dyn ReadAt) -> Self {
        Self { file, digest: RefCell::new(CRC32C.digest()) }
    }

    fn finish(self) -> u32 {
        self.digest.into_inner().finalize()
    }
}

impl ReadAt for Summed<'_> {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)?;
        self.digest.borrow_mut().update(buffer);
        Ok(())
    }
}

impl Stream<'_> {
    /// Gives the elements of pieces whose checksums are known. One run is summed on its way; others are read once more, before.
    pub(super) fn checked(&mut self, file: &dyn ReadAt, pieces: &Pieces, sums: &[Sum]) -> Result<(), Stop> {
        match (pieces, sums) {
            (Pieces::Range(place), [sum]) if *place == sum.place => {
                let summed = Summed::new(file);
                self.pieces(&summed, pieces)?;
                self.compare(sum, summed.finish())
            }
            (Pieces::Range(_) | Pieces::Grid(_), _) => {
                let total = sums.iter().fold(0_u64, |total, sum| total.saturating_add(sum.place.len));
                if total > self.length {
                    return Err(self.fault(format!("checksums of {total} bytes, of a tensor of {}", self.length)));
                }
                for sum in sums {
                    let place = self.inside(file, sum.place)?;
                    let actual = sum_of(file, place).map_err(FormatError::Read)?;
                    self.compare(sum, actual)?;
                }
                self.pieces(file, pieces)
            }
            _ => Err(self.fault("checksums of pieces that have none")),
        }
    }

    fn compare(&self, sum: &Sum, actual: u32) -> Result<(), Stop> {
        if actual == sum.crc32c {
            return Ok(());
        }
        let Sum { place, crc32c } = sum;
        let file = self.tensor.source.file.as_deref().unwrap_or("the file");
        Err(self.fault(format!(
            "its {} bytes at {} of {file:?} differ from their checksum (CRC-32C): {crc32c:08x} stated, {actual:08x} there",
            place.len, place.offset
        )))
    }
}

fn sum_of(file: &dyn ReadAt, place: ByteRange) -> io::Result<u32> {
    let summed = Summed::new(file);
    let (mut offset, mut left) = (place.offset, place.len);
    let mut buffer = vec![0; usize::try_from(left).map_or(READ_BYTES, |left| left.min(READ_BYTES))];
    while left > 0 {
        let length = usize::try_from(left).map_or(READ_BYTES, |left| left.min(READ_BYTES));
        summed.read_exact_at(buffer.get_mut(..length).unwrap_or_default(), offset)?;
        offset += length as u64;
        left -= length as u64;
    }
    Ok(summed.finish())
}
