//! Tensor digests from the bytes of a file as they stream by, and from a second look at what does not stand there as it counts.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use ring::digest::{Context, SHA256};

use crate::Sha256Digest;
use crate::fingerprint::{RunDigest, RunHasher, TensorDigest};
use modelmark_formats::{ByteRange, Contents, Files, FindingCode, FormatError, Pieces, Tensor, stream};

/// Memory for a second look: it comes on top of what a run takes.
const SECOND_LOOK_BYTES: usize = 4 << 20;

/// How often the bytes of a file may be taken for tensors that overlap or repeat each other, and what is allowed on top for small files.
const MAX_TIMES: u64 = 4;
const MAX_EXTRA_BYTES: u64 = 1 << 30;

/// What is known of the tensors of a file in a format that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileTensors {
    /// Empty when the file could not be read for what it is.
    pub(crate) format: String,
    /// The tensors in the order of the file, or why they are not known.
    pub(crate) listed: Result<Vec<TensorDigest>, String>,
    /// Whether the bytes of other files have a part in them.
    pub(crate) reaches_out: bool,
}

/// The reason why nothing is known of the tensors of a file in a format that is not read.
pub(crate) const NOT_READ: &str = "the format is none that is read";

/// Takes the bytes of one file, from its start and in order.
pub(crate) struct TensorStream {
    format: String,
    tensors: Result<Vec<Tensor>, String>,
    /// By tensor, the run whose bytes are its own; none for those that need a second look.
    run_of: Vec<Option<usize>>,
    /// Runs still to come, last first.
    ahead: Vec<ByteRange>,
    types: Vec<String>,
    open: bool,
    position: u64,
    header: Option<Header>,
    hasher: RunHasher,
}

/// The start of a file that was read before the file streamed by: both readings have to be one.
struct Header {
    length: u64,
    context: Context,
    expected: Sha256Digest,
}

impl TensorStream {
    /// Expects a file in which these tensors stand, and which starts with `header.0` bytes of the digest `header.1`.
    pub(crate) fn new(contents: Contents, header: Option<(u64, Sha256Digest)>, memory: usize) -> Self {
        let format = contents.format.to_owned();
        let tensors = usable(contents);
        let (run_of, mut runs) = tensors.as_ref().map_or_else(|_| (Vec::new(), Vec::new()), |tensors| runs(tensors));
        runs.reverse();
        let (ahead, types) = runs.into_iter().unzip();
        let header = header.map(|(length, expected)| Header { length, context: Context::new(&SHA256), expected });
        Self { format, tensors, run_of, ahead, types, open: false, position: 0, header, hasher: RunHasher::new(memory) }
    }

    /// Stands for a file whose tensors cannot be known.
    pub(crate) fn unread(reason: String) -> Self {
        let nothing = Contents { format: "", ..Contents::default() };
        Self { tensors: Err(reason), ..Self::new(nothing, None, 0) }
    }

    /// Takes the next bytes of the file.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        if let Some(header) = &mut self.header {
            let left = usize::try_from(header.length.saturating_sub(self.position)).unwrap_or(usize::MAX);
            header.context.update(bytes.get(..left).unwrap_or(bytes));
        }
        while let Some(run) = self.ahead.last().copied() {
            if !self.open && self.position < run.offset {
                let gap = usize::try_from(run.offset - self.position).unwrap_or(usize::MAX).min(bytes.len());
                bytes = bytes.get(gap..).unwrap_or_default();
                self.position += gap as u64;
            }
            if self.position < run.offset {
                return;
            }
            if !std::mem::replace(&mut self.open, true)
                && let Some(dtype) = self.types.pop()
            {
                self.hasher.begin(&dtype);
            }
            let left = (run.offset + run.len).saturating_sub(self.position);
            let (now, later) = bytes.split_at(usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len()));
            self.hasher.update(now);
            self.position += now.len() as u64;
            bytes = later;
            if left > now.len() as u64 {
                return;
            }
            self.open = false;
            self.ahead.pop();
        }
        self.position += bytes.len() as u64;
    }

    /// Closes the stream; `None` when the bytes were not those of the file that was described.
    pub(crate) fn finish(self) -> Option<Streamed> {
        let agrees = self.header.is_none_or(|header| Sha256Digest::from_ring(&header.context.finish()) == header.expected);
        let complete = self.ahead.is_empty();
        (agrees && complete).then(|| {
            let digests = self.hasher.finish();
            Streamed { format: self.format, tensors: self.tensors, run_of: self.run_of, digests }
        })
    }
}

/// The tensors of a file that has streamed by.
pub(crate) struct Streamed {
    format: String,
    tensors: Result<Vec<Tensor>, String>,
    run_of: Vec<Option<usize>>,
    digests: Vec<RunDigest>,
}

impl Streamed {
    /// Whether some tensors do not stand in the file as their canonical bytes, so that [`complete`](Self::complete) reads again.
    pub(crate) fn wants_more(&self) -> bool {
        self.run_of.iter().any(Option::is_none)
    }

    /// Reads what did not stream by.
    ///
    /// # Errors
    /// Only when a file cannot be read: a tensor that is not what it is said to be is the reason that none is known.
    pub(crate) fn complete(self, files: &dyn Files) -> Result<FileTensors, std::io::Error> {
        let Self { format, tensors, run_of, digests } = self;
        let reaches_out = tensors.iter().flatten().any(|tensor| tensor.source.file.is_some());
        let listed = match tensors.map(|tensors| completed(&tensors, &run_of, &digests, files)) {
            Ok(Ok(listed)) => Ok(listed),
            Ok(Err(FormatError::Read(error))) => return Err(error),
            Ok(Err(error)) => Err(error.to_string()),
            Err(reason) => Err(reason),
        };
        Ok(FileTensors { format, listed, reaches_out })
    }
}

/// Digests the tensors of a file, or of files beside it, that stands still.
///
/// # Errors
/// When a file cannot be read, a tensor is not what it is said to be, the file is code, or tensors repeat its bytes without end.
pub(crate) fn tensors(contents: Contents, files: &dyn Files) -> Result<Vec<TensorDigest>, FormatError> {
    let tensors = usable(contents).map_err(FormatError::Unsupported)?;
    completed(&tensors, &vec![None; tensors.len()], &[], files)
}

/// The tensors that have canonical bytes; the reason when there can be none.
fn usable(contents: Contents) -> Result<Vec<Tensor>, String> {
    let code = contents.findings.iter().find(|finding| finding.code == FindingCode::CodeBearing);
    match code {
        Some(finding) if contents.tensors.is_empty() => Err(finding.message.clone()),
        _ => Ok(contents.tensors.into_iter().filter(|tensor| tensor.bytes().is_some()).collect()),
    }
}

type Run = (ByteRange, String);

/// Finds runs of bytes, in the order of the file and apart from each other, and for every tensor the run that it is.
///
/// Tied tensors have one run. A tensor that overlaps another needs a second look: bytes stream by once.
fn runs(tensors: &[Tensor]) -> (Vec<Option<usize>>, Vec<Run>) {
    let linear = tensors.iter().enumerate().filter_map(|(index, tensor)| Some((index, tensor.linear()?)));
    // Where nothing stands is nowhere in particular.
    let placed = linear.map(|(index, place)| (if place.len == 0 { ByteRange { offset: 0, len: 0 } } else { place }, index));
    let mut placed: Vec<(ByteRange, usize)> = placed.collect();
    placed.sort_by_key(|(place, _)| (place.offset, place.len));
    let (mut run_of, mut runs, mut known, mut end) = (vec![None; tensors.len()], Vec::new(), HashMap::new(), 0);
    for (place, index) in placed {
        let Some(tensor) = tensors.get(index) else { continue };
        let key = (place.offset, place.len, tensor.dtype.as_str());
        let run = match known.get(&key) {
            Some(run) => Some(*run),
            None if place.offset >= end => {
                end = place.offset.saturating_add(place.len);
                runs.push((place, tensor.dtype.clone()));
                known.insert(key, runs.len() - 1);
                Some(runs.len() - 1)
            }
            None => None,
        };
        if let Some(slot) = run_of.get_mut(index) {
            *slot = run;
        }
    }
    (run_of, runs)
}

fn completed(
    tensors: &[Tensor],
    run_of: &[Option<usize>],
    digests: &[RunDigest],
    files: &dyn Files,
) -> Result<Vec<TensorDigest>, FormatError> {
    let streamed = |index: usize| run_of.get(index).copied().flatten();
    let later: Vec<&Tensor> =
        tensors.iter().enumerate().filter(|(index, _)| streamed(*index).is_none()).map(|(_, tensor)| tensor).collect();
    bounded(&later, files)?;
    let mut hasher = RunHasher::new(SECOND_LOOK_BYTES);
    for tensor in &later {
        hasher.begin(&tensor.dtype);
        stream(tensor, files, &mut |bytes| {
            hasher.update(bytes);
            ControlFlow::Continue(())
        })?;
    }
    let mut later = hasher.finish().into_iter();
    let listed = tensors.iter().enumerate().filter_map(|(index, tensor)| {
        let run = match streamed(index) {
            Some(run) => digests.get(run).cloned(),
            None => later.next(),
        };
        Some(TensorDigest::of(&tensor.name, &tensor.dtype, &tensor.shape, tensor.elements, run?))
    });
    Ok(listed.collect())
}

/// Makes sure that tensors do not ask for far more bytes than their files hold, as views that repeat or overlap each other can.
///
/// Deflate gives at most a thousand times of what there is, of places that do not overlap; that is bound enough.
fn bounded(tensors: &[&Tensor], files: &dyn Files) -> Result<(), FormatError> {
    let mut held = 0_u64;
    for file in tensors.iter().map(|tensor| tensor.source.file.as_deref()).collect::<BTreeSet<_>>() {
        held = held.saturating_add(files.open(file)?.size().map_err(FormatError::Read)?);
    }
    let plain = tensors.iter().filter(|tensor| !matches!(tensor.source.pieces, Pieces::Deflated { .. } | Pieces::Packed { .. }));
    let asked = plain.fold(0_u64, |sum, tensor| sum.saturating_add(tensor.bytes().unwrap_or(0)));
    let most = held.saturating_mul(MAX_TIMES).saturating_add(MAX_EXTRA_BYTES);
    if asked <= most {
        return Ok(());
    }
    Err(FormatError::Unsupported(format!("tensors that repeat or overlap each other: {asked} bytes, out of files of {held} bytes")))
}
