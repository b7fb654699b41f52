//! A device behind a TCP port, as Speculos offers its emulated ones: four bytes of length before each command; before each answer too, where the status word
//! does not count.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::apdu::Command;
use super::{LedgerError, Wire};

const CONNECT: Duration = Duration::from_secs(5);
/// The most data that an answer has before its status word.
const MAX_ANSWER: u32 = 65_535;

pub(super) struct TcpWire {
    stream: TcpStream,
    place: String,
}

impl TcpWire {
    pub(super) fn connect(place: &str) -> Result<Self, LedgerError> {
        let failed = |error: io::Error| failure(place, &error);
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name leads to no address");
        for address in place.to_socket_addrs().map_err(failed)? {
            match TcpStream::connect_timeout(&address, CONNECT) {
                Ok(stream) => return Ok(Self { stream, place: place.to_owned() }),
                Err(error) => last = error,
            }
        }
        Err(failed(last))
    }

    fn ask(&mut self, command: &[u8], deadline: Duration) -> io::Result<Vec<u8>> {
        let length = u32::try_from(command.len()).map_err(io::Error::other)?;
        self.stream.set_write_timeout(Some(CONNECT))?;
        self.stream.set_read_timeout(Some(deadline))?;
        self.stream.write_all(&[&length.to_be_bytes(), command].concat())?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > MAX_ANSWER {
            return Err(io::Error::other(format!("an answer of {length} bytes (at most {MAX_ANSWER})")));
        }
        let mut answer = vec![0; length as usize + 2];
        self.stream.read_exact(&mut answer)?;
        Ok(answer)
    }
}

impl Wire for TcpWire {
    fn exchange(&mut self, command: &Command, deadline: Duration) -> Result<Vec<u8>, LedgerError> {
        self.ask(&command.encoded(), deadline).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                LedgerError::Link { link: self.place.clone(), reason: format!("no answer within {deadline:?}") }
            }
            _ => failure(&self.place, &error),
        })
    }
}

fn failure(place: &str, error: &io::Error) -> LedgerError {
    LedgerError::Link { link: crate::error::tame(place), reason: error.to_string() }
}
