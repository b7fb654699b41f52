//! An HTTP server that answers any request as it is told to: garbage, floods, silence.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// What the double does with one request.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    /// A status and a body.
    Body(u16, &'static str),
    /// A body without end.
    Flood,
    /// A body that is announced longer than it is.
    Truncated,
    /// Nothing, ever.
    Hang,
    /// The connection is closed.
    Close,
}

/// Starts the double and returns its address. It ends with the test's process.
pub(crate) fn start(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that hangs up early is what some of these answers provoke.
            std::thread::spawn(move || converse(stream.unwrap(), answer).ok());
        }
    });
    url
}

/// Returns the address of a port where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn converse(mut stream: TcpStream, answer: Answer) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request)?;
    match answer {
        Answer::Body(status, body) => {
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        }
        Answer::Truncated => stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 1000\r\n\r\n{\"jsonrpc\":\"2.0\","),
        Answer::Flood => {
            stream.write_all(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n")?;
            let chunk = [b"100000\r\n".as_slice(), &[b'['; 0x10_0000], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk)?;
            }
        }
        Answer::Hang => {
            std::thread::sleep(std::time::Duration::from_secs(3600));
            Ok(())
        }
        Answer::Close => Ok(()),
    }
}
