//! Messages in a stream of bytes: a header with the length, then JSON.
//!
//! What comes is not trusted. A length is not allocated before its bytes are there, nor believed beyond a bound; what is no
//! message is answered, as JSON-RPC asks, and the stream goes on behind it: a raw line `Content-Length: 12` cannot stand
//! inside JSON, so that the next header is found whatever the last one said.

use lsp_server::{Connection, ErrorCode, Message};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, BufRead, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// Messages above this many bytes are refused, as files are.
const LONGEST: u64 = 64 << 20;
/// Lines of a header above this many bytes are none.
const LONGEST_LINE: u64 = 4096;
/// What the header that counts begins with, in lower case.
const LENGTH: &[u8] = b"content-length:";

/// The threads that read and write.
pub struct Threads {
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

impl Threads {
    /// Waits until the client has said `exit`, or is gone, and all answers are written.
    pub fn join(self) {
        let _ = self.reader.join();
        let _ = self.writer.join();
    }
}

/// Talks with a client over a stream in each direction.
pub fn connect(input: impl BufRead + Send + 'static, output: impl Write + Send + 'static) -> (Connection, Threads) {
    let (server, client) = Connection::memory();
    let Connection { sender, receiver } = client;
    let output = Arc::new(Mutex::new(output));
    let answers = Arc::clone(&output);
    let reader = thread::spawn(move || {
        let mut frames = Frames { input, lost: false };
        while let Some(frame) = frames.next() {
            let read = frame.and_then(|body| message(&body));
            match read {
                Ok(Some(message)) => {
                    let exit = matches!(&message, Message::Notification(told) if told.method == "exit");
                    if sender.send(message).is_err() || exit {
                        return;
                    }
                }
                Ok(None) => {}
                Err(refusal) => {
                    let error = json!({"code": refusal.code as i32, "message": refusal.message});
                    let _ = write(&answers, &json!({"jsonrpc": "2.0", "id": refusal.id, "error": error}));
                }
            }
        }
    });
    let writer = thread::spawn(move || {
        for message in receiver {
            if write(&output, &Framed { jsonrpc: "2.0", message: &message }).is_err() {
                return;
            }
        }
    });
    (server, Threads { reader, writer })
}

/// A message as it goes over the wire.
#[derive(Serialize)]
struct Framed<'m> {
    jsonrpc: &'static str,
    #[serde(flatten)]
    message: &'m Message,
}

fn write(output: &Mutex<impl Write>, message: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(message)?;
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// Why something is no message.
#[derive(Debug)]
struct Refusal {
    code: ErrorCode,
    message: &'static str,
    id: Value,
}

impl Refusal {
    fn new(code: ErrorCode, message: &'static str) -> Self {
        Self { code, message, id: Value::Null }
    }
}

/// The message in a body; nothing for an answer to what nobody asked.
fn message(body: &[u8]) -> Result<Option<Message>, Refusal> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Err(Refusal::new(ErrorCode::ParseError, "this is no JSON"));
    };
    let id = value.get("id").cloned().unwrap_or_default();
    let answers = value.get("method").is_none() && (value.get("result").is_some() || value.get("error").is_some());
    match serde_json::from_value(value) {
        // With an id that is none, a request looks like a notification, and would never be answered.
        Ok(Message::Notification(_)) if !id.is_null() => {
            Err(Refusal { id, ..Refusal::new(ErrorCode::InvalidRequest, "a request has no such id") })
        }
        Ok(message) => Ok(Some(message)),
        Err(_) if answers => Ok(None),
        Err(_) => Err(Refusal { id, ..Refusal::new(ErrorCode::InvalidRequest, "this is no request") }),
    }
}

/// Cuts a stream into bodies.
struct Frames<R> {
    input: R,
    /// Whether the place in the stream is not known, so that the next header has to be searched.
    lost: bool,
}

impl<R: BufRead> Frames<R> {
    /// The next body; nothing at the end of the stream.
    fn next(&mut self) -> Option<Result<Vec<u8>, Refusal>> {
        let length = match self.length()? {
            Ok(length) => length,
            Err(refusal) => {
                self.lost = true;
                return Some(Err(refusal));
            }
        };
        let mut body = Vec::new();
        let read = self.input.by_ref().take(length).read_to_end(&mut body).ok()?;
        (read as u64 == length).then_some(Ok(body))
    }

    /// The length that the next header gives.
    fn length(&mut self) -> Option<Result<u64, Refusal>> {
        let mut length = None;
        if std::mem::take(&mut self.lost) {
            self.search()?;
            length = Some(self.line()?.ok().and_then(|rest| number(&rest)));
        }
        loop {
            let Ok(line) = self.line()? else { return Some(Err(headless())) };
            if line.is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(rest) = lower.strip_prefix(LENGTH) {
                length = Some(number(rest));
            } else if !lower.contains(&b':') {
                return Some(Err(headless()));
            }
        }
        Some(match length.flatten() {
            Some(length) if length <= LONGEST => Ok(length),
            Some(_) => Err(Refusal::new(ErrorCode::InvalidRequest, "the message is longer than 64 MB")),
            None => Err(headless()),
        })
    }

    /// A line without its end, if it is not too long to be one.
    fn line(&mut self) -> Option<Result<Vec<u8>, ()>> {
        let mut line = Vec::new();
        let read = self.input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).ok()?;
        if read == 0 {
            return None;
        }
        if line.pop() != Some(b'\n') {
            return Some(Err(()));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(Ok(line))
    }

    /// Goes on behind the next [`LENGTH`].
    fn search(&mut self) -> Option<()> {
        let mut found = 0;
        loop {
            let bytes = self.input.fill_buf().ok().filter(|bytes| !bytes.is_empty())?;
            let mut used = 0;
            for byte in bytes {
                used += 1;
                let byte = byte.to_ascii_lowercase();
                // The first letter stands in it once, so that a start that fails begins nowhere else.
                found = match LENGTH.get(found) {
                    Some(wanted) if *wanted == byte => found + 1,
                    _ => usize::from(LENGTH.first() == Some(&byte)),
                };
                if found == LENGTH.len() {
                    break;
                }
            }
            self.input.consume(used);
            if found == LENGTH.len() {
                return Some(());
            }
        }
    }
}

fn headless() -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, "this is no header of a message")
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}
