//! The canonical bytes of a tensor, whatever its format: elements in row-major order, each with its low byte first, nothing between them.
//!
//! A stream takes a fixed amount of memory: one window of the tensor and one read of the file, a piece of a chunked tensor on top. Nothing that a file
//! declares is allocated for before it is held against the length of the file.

mod gather;
mod grid;
mod inflate;
mod lzf;
mod summed;
mod varints;

use std::ops::ControlFlow;

use crate::element::ElementLayout;
use crate::tensor::{ByteRange, Endian, Pieces, Tensor};
use crate::{FormatError, ReadAt, Unpacked};
use gather::Gather;
pub(crate) use summed::CRC32C;

/// Most bytes of a tensor that are put in order at once.
const WINDOW_BYTES: u64 = 8 << 20;

/// Most bytes of one read.
const READ_BYTES: usize = 1 << 20;

/// The file that describes a tensor, and the files beside it.
pub trait Files {
    /// Opens the main file (`None`), or a file beside it by its relative path.
    ///
    /// # Errors
    /// When the path leads elsewhere, or the file is not there or cannot be read.
    fn open(&self, file: Option<&str>) -> Result<Box<dyn ReadAt + '_>, FormatError>;

    /// Hands the file that stands compressed in the main one, at `place`, to `each`.
    ///
    /// This inflates it anew each time: whoever reads many tensors of one file keeps an [`Unpacked`].
    ///
    /// # Errors
    /// As for [`Unpacked::open`], and those of `each`.
    fn unpacked(&self, place: ByteRange, inflated: u64, each: &mut dyn FnMut(&dyn ReadAt)) -> Result<(), FormatError> {
        let file = self.open(None)?;
        Unpacked::open(&*file, place, inflated, None).map(|unpacked| each(&unpacked))
    }
}

/// A file with nothing beside it.
#[derive(Clone, Copy)]
pub struct Alone<'f>(pub &'f dyn ReadAt);

impl Files for Alone<'_> {
    fn open(&self, file: Option<&str>) -> Result<Box<dyn ReadAt + '_>, FormatError> {
        match file {
            None => Ok(Box::new(self.0)),
            Some(name) => Err(FormatError::Unsupported(format!("tensors in another file, {name:?}"))),
        }
    }
}

/// Hands the canonical bytes of a tensor to `sink`, piece by piece and in order, until they end or `sink` breaks.
///
/// # Errors
/// When a file cannot be read; when what is said of the tensor is not true of its file or contradicts itself; when its elements have no fixed size; or
/// when putting it in order would take more time or memory than a model's tensor is worth. What `sink` got until then is of no use.
pub fn stream(tensor: &Tensor, files: &dyn Files, sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), FormatError> {
    match Stream::of(tensor, sink)?.run(files) {
        Err(Stop::Fault(error)) => Err(error),
        Ok(()) | Err(Stop::Asked) => Ok(()),
    }
}

/// Why a stream ends early.
enum Stop {
    Asked,
    Fault(FormatError),
}

impl From<FormatError> for Stop {
    fn from(error: FormatError) -> Self {
        Self::Fault(error)
    }
}

/// A tensor on its way out.
struct Stream<'s> {
    tensor: &'s Tensor,
    layout: ElementLayout,
    length: u64,
    output: Output<'s>,
}

/// Where the bytes go, and what is done to them last.
struct Output<'s> {
    sink: &'s mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    /// Bytes of a number that is stored in reverse.
    reversed: Option<usize>,
}

impl Output<'_> {
    /// Gives whole words.
    fn give(&mut self, bytes: &mut [u8]) -> Result<(), Stop> {
        if let Some(word) = self.reversed {
            bytes.chunks_exact_mut(word).for_each(<[u8]>::reverse);
        }
        match (self.sink)(bytes) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Asked),
        }
    }
}

impl<'s> Stream<'s> {
    fn of(tensor: &'s Tensor, sink: &'s mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Self, FormatError> {
        let fault = |fault: &str| FormatError::tensor(&tensor.name, fault);
        if crate::contents::elements(&tensor.shape) != Some(tensor.elements) {
            return Err(fault("its shape does not give its number of elements"));
        }
        let layout = ElementLayout::of(&tensor.dtype).ok_or_else(|| fault("elements of no fixed size"))?;
        let length = layout.bytes_of(tensor.elements).ok_or_else(|| fault("its size passes 64 bits"))?;
        let word =
            usize::try_from(layout.word).ok().filter(|word| *word <= READ_BYTES).ok_or_else(|| fault("elements of too many bytes"))?;
        let reversed = (tensor.source.endian == Endian::Big && word > 1).then_some(word);
        Ok(Self { tensor, layout, length, output: Output { sink, reversed } })
    }

    fn run(&mut self, files: &dyn Files) -> Result<(), Stop> {
        let source = &self.tensor.source;
        if let Pieces::Packed { place, inflated, pieces } = &source.pieces {
            if source.file.is_some() {
                return Err(self.fault("a compressed file in another"));
            }
            let mut result = Ok(());
            files.unpacked(*place, *inflated, &mut |file| result = self.pieces(file, pieces))?;
            return result;
        }
        let file = files.open(source.file.as_deref())?;
        self.pieces(&*file, &source.pieces)
    }

    fn pieces(&mut self, file: &dyn ReadAt, pieces: &Pieces) -> Result<(), Stop> {
        match pieces {
            Pieces::Range(place) => {
                let place = self.inside(file, *place)?;
                self.expect(place.len)?;
                self.run_of(file, place.offset)
            }
            Pieces::Deflated { place, skip, inflated, strides } => {
                let place = self.inside(file, *place)?;
                self.expect(*inflated)?;
                let inflated = inflate::Inflated::new(file, place, *skip, *inflated);
                match strides {
                    None => self.run_of(&inflated, 0)?,
                    Some(strides) => self.strided(&inflated, ByteRange { offset: 0, len: self.length }, strides)?,
                }
                inflated.finish().map_err(|error| self.read(error))
            }
            Pieces::Strided { place, strides } => {
                let place = self.inside(file, *place)?;
                self.strided(file, place, strides)
            }
            Pieces::Grid(pieces) => self.grid(file, pieces, None),
            Pieces::Filled { pieces, value } => self.grid(file, pieces, Some(value)),
            Pieces::Varints(place) => {
                let place = self.inside(file, *place)?;
                self.varints(file, place)
            }
            Pieces::Fields { message, field, varints } => {
                let message = self.inside(file, *message)?;
                self.fields(file, message, *field, *varints)
            }
            Pieces::Checked { pieces, sums } => self.checked(file, pieces, sums),
            Pieces::Packed { .. } => Err(self.fault("a compressed file in a compressed file")),
        }
    }

    fn fault(&self, fault: impl Into<String>) -> Stop {
        Stop::Fault(FormatError::tensor(&self.tensor.name, fault))
    }

    fn read(&self, error: std::io::Error) -> Stop {
        match error.kind() {
            std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => self.fault(format!("it cannot be inflated: {error}")),
            _ => Stop::Fault(FormatError::Read(error)),
        }
    }

    /// Makes sure that a place lies inside its file.
    fn inside(&self, file: &dyn ReadAt, place: ByteRange) -> Result<ByteRange, Stop> {
        let size = file.size().map_err(FormatError::Read)?;
        match place.end() {
            Some(end) if end <= size => Ok(place),
            _ => Err(self.fault(format!("it does not end inside its file of {size} bytes"))),
        }
    }

    fn expect(&self, length: u64) -> Result<(), Stop> {
        if length == self.length {
            return Ok(());
        }
        Err(self.fault(format!("{length} bytes stored, {} needed by shape and type", self.length)))
    }

    /// Gives one run of row-major bytes.
    fn run_of(&mut self, file: &dyn ReadAt, mut offset: u64) -> Result<(), Stop> {
        let most = self.output.reversed.map_or(READ_BYTES, |word| READ_BYTES / word * word);
        let mut left = self.length;
        let mut buffer = vec![0; usize::try_from(left).map_or(most, |left| left.min(most))];
        while left > 0 {
            let length = usize::try_from(left).map_or(most, |left| left.min(most));
            let bytes = buffer.get_mut(..length).unwrap_or_default();
            file.read_exact_at(bytes, offset).map_err(|error| self.read(error))?;
            self.output.give(bytes)?;
            offset += length as u64;
            left -= length as u64;
        }
        Ok(())
    }

    /// Bytes of an element; `None` for types that come in units of several.
    fn element(&self) -> Result<u64, Stop> {
        if self.layout.elements == 1 && self.layout.bytes > 0 && self.layout.bytes <= READ_BYTES as u64 {
            return Ok(self.layout.bytes);
        }
        Err(self.fault("elements that do not stand alone, in another order than row-major"))
    }

    /// Gives elements that stand at strides.
    fn strided(&mut self, file: &dyn ReadAt, place: ByteRange, strides: &[u64]) -> Result<(), Stop> {
        let shape = &self.tensor.shape;
        if self.length == 0 {
            return Ok(());
        }
        let size = self.element()?;
        let reach = |span: Option<u64>, (dim, stride): (&u64, &u64)| span?.checked_add((dim - 1).checked_mul(*stride)?);
        let span = shape.iter().zip(strides).fold(Some(1), reach).and_then(|span| span.checked_mul(size));
        if strides.len() != shape.len() || span.is_none_or(|span| span > place.len) {
            return Err(self.fault("its strides lead out of its bytes"));
        }
        let mut gather = Gather::new(size);
        for window in gather::windows(shape, WINDOW_BYTES / size) {
            let mut out = vec![0; usize::try_from(window.elements() * size).unwrap_or(0)];
            let first: u64 = window.origin.iter().zip(strides).map(|(index, stride)| index * stride).sum();
            gather
                .copy(file, place.offset + first * size, strides, &window.extent, &window.steps(), &mut out)
                .map_err(|error| self.read(error))?;
            self.output.give(&mut out)?;
        }
        Ok(())
    }
}
