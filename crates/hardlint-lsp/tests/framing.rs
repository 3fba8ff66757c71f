//! Streams of bytes with more in them than messages.

use hardlint_lsp::connect;
use lsp_server::Message;
use serde_json::Value;
use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The methods that come through, and the errors that are answered, each with its id.
fn talk(input: &str) -> (Vec<String>, Vec<String>) {
    let output = Output::default();
    let (connection, threads) = connect(Cursor::new(input.as_bytes().to_vec()), output.clone());
    let method = |message: Message| match message {
        Message::Request(request) => request.method,
        Message::Notification(told) => told.method,
        Message::Response(_) => "-".to_owned(),
    };
    let methods = connection.receiver.iter().map(method).collect();
    drop(connection);
    threads.join();
    let written = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    let answers = written.split("Content-Length: ").skip(1).map(|answer| {
        let (length, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(length.parse(), Ok(body.len()));
        let answer: Value = serde_json::from_str(body).unwrap();
        format!("{} {}", answer["id"], answer["error"]["code"])
    });
    (methods, answers.collect())
}

const HOVER: &str = r#"{"jsonrpc":"2.0","id":1,"method":"hover","params":{}}"#;

#[test]
fn what_is_no_message_is_answered_and_the_stream_goes_on() {
    let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
    for (bad, answer) in [
        (framed("{"), "null -32700"),
        (framed("\u{0}"), "null -32700"),
        (framed(&"[".repeat(10_000)), "null -32700"),
        (framed("[]"), "null -32600"),
        (framed("{}"), "null -32600"),
        (framed("7"), "null -32600"),
        (framed(r#"{"id":"a","method":5}"#), "\"a\" -32600"),
        (framed(r#"{"id":5000000000,"method":"hover"}"#), "5000000000 -32600"),
        // Nobody allocates that, and the header behind it is found.
        (format!("Content-Length: 100000000000000\r\n\r\n{HOVER}"), "null -32600"),
        ("Content-Length: 99999999999999999999999999\r\n\r\n{}".to_owned(), "null -32600"),
        ("Content-Length: -1\r\n\r\n".to_owned(), "null -32600"),
        ("Content-Type: x\r\n\r\n{}".to_owned(), "null -32600"),
        ("nonsense\r\n".to_owned(), "null -32600"),
        ("x".repeat(1_000_000), "null -32600"),
        ("CContent-lengt: 3\r\n\r\n".to_owned(), "null -32600"),
    ] {
        let (methods, answers) = talk(&format!("{}{bad}{}{exit}{}", framed(HOVER), framed(HOVER), framed(HOVER)));
        let shown: String = bad.chars().take(60).collect();
        assert_eq!(methods, ["hover", "hover", "exit"], "{shown}");
        assert_eq!(answers, [answer], "{shown}");
    }
}

#[test]
fn headers_are_read_as_they_come() {
    let more = format!("content-type: x\r\nCONTENT-LENGTH:{}\r\n\r\n{HOVER}", HOVER.len());
    assert_eq!(talk(&more), (vec!["hover".to_owned()], Vec::new()));
    // An answer to what nobody asked, and a stream that breaks off.
    let odd = framed(r#"{"id":null,"error":{"code":1,"message":"x"}}"#);
    assert_eq!(talk(&format!("{odd}Content-Length: 900\r\n\r\n{HOVER}")), (Vec::new(), Vec::new()));
    assert_eq!(talk("Content-Length: 9"), (Vec::new(), vec!["null -32600".to_owned()]));
}
