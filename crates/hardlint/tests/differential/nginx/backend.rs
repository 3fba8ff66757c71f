//! What real configurations pass requests on to: a server that answers each with 200, in the words of HTTP (and uwsgi) or
//! of `FastCGI`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// The ports on loopback.
#[derive(Clone, Copy)]
pub(super) struct Backend {
    pub(super) http: u16,
    pub(super) fastcgi: u16,
}

impl Backend {
    /// Answers until the process ends.
    pub(super) fn start() -> std::io::Result<Self> {
        let text = b"Status: 200 OK\r\nContent-Length: 0\r\n\r\n";
        let mut records = vec![1, 6, 0, 1, 0, u8::try_from(text.len()).unwrap(), 0, 0];
        records.extend_from_slice(text);
        records.extend_from_slice(&[1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
        Ok(Self { http: answering(plain)?, fastcgi: answering(records)? })
    }
}

fn answering(answer: Vec<u8>) -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = answered(&mut stream, &answer);
        }
    });
    Ok(port)
}

/// A request is small and without a body: it comes in one piece.
fn answered(stream: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let _ = stream.read(&mut [0; 16000])?;
    stream.write_all(answer)
}
