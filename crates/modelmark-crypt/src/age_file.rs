//! One age file: written for recipients, opened with identities, with a bound on what its header may cost.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor};

use crate::{CryptError, Identities, Objects, Recipient};

/// Longest header that is read, in bytes. The age format has no bound, and reading takes time that grows with the square of the length.
pub const MAX_HEADER_BYTES: usize = 16 << 10;

/// What the line after the last stanza begins with.
const END_OF_HEADER: &[u8] = b"\n--- ";

/// The plaintext of an age file; reading to its end proves that nothing was cut off.
pub(crate) type Plaintext<O> = StreamReader<BufReader<O>>;

/// Starts an age file for `recipients`.
pub(crate) fn begin<W: Write>(out: W, recipients: &[Recipient]) -> io::Result<StreamWriter<W>> {
    let recipients = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    // An error means that there are no recipients, which callers have checked.
    Encryptor::with_recipients(recipients).map_err(io::Error::other)?.wrap_output(out)
}

/// Opens the file `name` of `objects` with the first of `identities` that can.
pub(crate) fn open<O: Objects>(objects: &O, name: &str, identities: &Identities) -> Result<Plaintext<O::Object>, CryptError> {
    let mut file = objects.open(name).map_err(CryptError::io("open", name))?;
    bounded_header(&mut file, name)?;
    let opened = Decryptor::new_buffered(BufReader::new(file)).and_then(|decryptor| decryptor.decrypt(identities.as_age()));
    opened.map_err(|error| refusal(name, error))
}

fn bounded_header(file: &mut (impl Read + Seek), name: &str) -> Result<(), CryptError> {
    let mut head = Vec::new();
    let read = file.take(MAX_HEADER_BYTES as u64).read_to_end(&mut head).and_then(|_| file.seek(SeekFrom::Start(0)));
    read.map_err(CryptError::io("read", name))?;
    if head.windows(END_OF_HEADER.len()).any(|window| window == END_OF_HEADER) {
        return Ok(());
    }
    let reason = if head.len() < MAX_HEADER_BYTES {
        "it has no header".to_owned()
    } else {
        format!("its header is longer than {MAX_HEADER_BYTES} bytes")
    };
    Err(CryptError::Malformed { name: name.to_owned(), reason })
}

fn refusal(name: &str, error: DecryptError) -> CryptError {
    let name = name.to_owned();
    match error {
        DecryptError::NoMatchingKeys => CryptError::NoKey(name),
        DecryptError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            CryptError::Damaged { name, reason: "it was cut off in its header".to_owned() }
        }
        DecryptError::Io(source) => CryptError::Io { action: "read", path: name.into(), source },
        DecryptError::InvalidMac => CryptError::Damaged { name, reason: "its header was changed".to_owned() },
        error => CryptError::Malformed { name, reason: error.to_string() },
    }
}

/// Returns the error for a read of a plaintext that failed.
pub(crate) fn broken(name: &str, source: io::Error) -> CryptError {
    let name = name.to_owned();
    match source.kind() {
        io::ErrorKind::UnexpectedEof => CryptError::Damaged { name, reason: "it was cut off".to_owned() },
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => CryptError::Damaged { name, reason: source.to_string() },
        _ => CryptError::Io { action: "read", path: name.into(), source },
    }
}
