//! The header of a safetensors file: what it says, and the checks that what it says is true of the file.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use super::Dtype;
use super::json;

/// Longest accepted header in bytes, as in the reference implementation.
pub const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Longest accepted tensor name in bytes.
pub const MAX_NAME_BYTES: usize = 4096;

/// Most dimensions of a tensor, as in NumPy and PyTorch.
pub const MAX_RANK: usize = 64;

/// A header that is true of its file: the tensors fill the data section from end to end, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    tensors: Vec<Tensor>,
    metadata: BTreeMap<String, String>,
    data_start: u64,
}

/// One tensor of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    pub(super) name: Box<str>,
    pub(super) dtype: Dtype,
    pub(super) shape: Box<[u64]>,
    pub(super) begin: u64,
    pub(super) end: u64,
}

/// The file is not safetensors, or its header says what is not so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The file could not be read.
    #[error("cannot read the header")]
    Read(#[source] io::Error),
    /// The file or the header is shorter or longer than it can be.
    #[error("header of {declared} bytes does not fit: the file has {file} bytes and a header at most 100,000,000")]
    Length {
        /// Header length in the first eight bytes.
        declared: u64,
        /// Length of the file.
        file: u64,
    },
    /// The header is not the JSON that the format asks for.
    #[error("malformed header: {0}")]
    Json(String),
    /// Two tensors have one name.
    #[error("two tensors are named {0:?}")]
    DuplicateName(String),
    /// A shape times the element size passes 64 bits, or is no whole number of bytes.
    #[error("tensor {0:?}: its shape gives no size in whole bytes below 2^64")]
    Shape(String),
    /// The byte range of a tensor is not as long as its shape and type ask for.
    #[error("tensor {name:?}: {declared} bytes declared, {needed} needed by shape and type")]
    Size {
        /// Name of the tensor.
        name: String,
        /// Bytes between its offsets.
        declared: u64,
        /// Bytes that shape and type need.
        needed: u64,
    },
    /// A tensor does not start where the one before it ends, or ends before it starts.
    #[error("tensor {name:?} starts at {begin} of the data, expected {expected}: overlap, hole or reversed range")]
    Offsets {
        /// Name of the tensor.
        name: String,
        /// Where it starts.
        begin: u64,
        /// Where it has to start.
        expected: u64,
    },
    /// The tensors end before or after the file does.
    #[error("the tensors take {tensors} bytes, the file has {data} after its header")]
    DataLength {
        /// Bytes of all tensors.
        tensors: u64,
        /// Bytes after the header.
        data: u64,
    },
}

impl Header {
    /// Returns the tensors in the order of their bytes in the file.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Gives the tensors away, in the order of their bytes in the file.
    #[must_use]
    pub fn into_tensors(self) -> Vec<Tensor> {
        self.tensors
    }

    /// Returns the `__metadata__` of the file; empty when it has none.
    #[must_use]
    pub const fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Returns the offset of the first tensor byte from the start of the file.
    #[must_use]
    pub const fn data_start(&self) -> u64 {
        self.data_start
    }
}

impl Tensor {
    /// Returns the name as stored.
    #[must_use]
    pub const fn name(&self) -> &str {
        &self.name
    }

    /// Returns the element type.
    #[must_use]
    pub const fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Returns the dimensions, outermost first; none for a scalar.
    #[must_use]
    pub const fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Returns the byte range, counted from [`Header::data_start`].
    #[must_use]
    pub const fn range(&self) -> std::ops::Range<u64> {
        self.begin..self.end
    }

    /// Returns the number of elements.
    #[must_use]
    pub fn elements(&self) -> u64 {
        // Checked against overflow when the header was read.
        self.shape.iter().product()
    }

    fn needed_bytes(&self) -> Option<u64> {
        let elements = self.shape.iter().try_fold(1_u64, |product, dim| product.checked_mul(*dim))?;
        let bits = elements.checked_mul(self.dtype.bits())?;
        bits.is_multiple_of(8).then_some(bits / 8)
    }
}

/// Reads the header from the start of a file of `file_len` bytes and checks it against that length.
///
/// Streams: no copy of the header text and no JSON tree is kept; memory is bounded by about four times the header, and the header by the file.
/// Exactly the header is consumed from `reader`, apart from what a fault leaves unread.
///
/// # Errors
/// When the header is not well-formed or not true of the file, or `reader` fails.
pub fn read_header(reader: &mut dyn Read, file_len: u64) -> Result<Header, HeaderError> {
    let mut prefix = [0; 8];
    if file_len < 8 {
        return Err(HeaderError::Length { declared: 0, file: file_len });
    }
    reader.read_exact(&mut prefix).map_err(HeaderError::Read)?;
    let declared = u64::from_le_bytes(prefix);
    if declared > MAX_HEADER_BYTES || declared > file_len - 8 {
        return Err(HeaderError::Length { declared, file: file_len });
    }
    let json::Contents { tensors, metadata } = json::read(BufReader::with_capacity(64 << 10, reader.take(declared)), declared)?;
    let header = Header { tensors: in_file_order(tensors)?, metadata, data_start: 8 + declared };
    fills(&header.tensors, file_len - header.data_start)?;
    Ok(header)
}

fn in_file_order(mut tensors: Vec<Tensor>) -> Result<Vec<Tensor>, HeaderError> {
    tensors.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    if let Some([twin, _]) = tensors.array_windows().find(|[a, b]| a.name == b.name) {
        return Err(HeaderError::DuplicateName(twin.name.to_string()));
    }
    // Stable, so that empty tensors at one offset keep the order of their names.
    tensors.sort_by_key(|tensor| (tensor.begin, tensor.end));
    Ok(tensors)
}

fn fills(tensors: &[Tensor], data: u64) -> Result<(), HeaderError> {
    let mut expected = 0;
    for tensor in tensors {
        let name = || tensor.name.to_string();
        let needed = tensor.needed_bytes().ok_or_else(|| HeaderError::Shape(name()))?;
        if tensor.begin != expected || tensor.end < tensor.begin {
            return Err(HeaderError::Offsets { name: name(), begin: tensor.begin, expected });
        }
        if tensor.end - tensor.begin != needed {
            return Err(HeaderError::Size { name: name(), declared: tensor.end - tensor.begin, needed });
        }
        expected = tensor.end;
    }
    if expected == data { Ok(()) } else { Err(HeaderError::DataLength { tensors: expected, data }) }
}
