#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stdout
)]
use hardlint_config::formats::{self, compose};
use hardlint_config::loader::*;
use hardlint_config::model::*;
use hardlint_config::workspace::*;
use std::sync::Arc;
struct Disk(String);
impl Loader for Disk {
    fn read(&self, p: &str) -> Result<Vec<u8>, ReadError> {
        std::fs::read(format!("{}/{p}", self.0)).map_err(|_| ReadError::NotFound)
    }
    fn list(&self, f: &str) -> Vec<String> {
        std::fs::read_dir(format!("{}/{f}", self.0))
            .map(|d| d.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
            .unwrap_or_default()
    }
    fn stat(&self, p: &str) -> Option<Stat> {
        let m = std::fs::metadata(format!("{}/{p}", self.0)).ok()?;
        Some(Stat { kind: if m.is_dir() { Kind::Folder } else { Kind::File }, mode: 0, link: false })
    }
    fn git(&self, _: &str) -> Git {
        Git::NoRepository
    }
}
fn esc(s: &str) -> String {
    let mut o = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => o.push_str("\\\""),
            '\\' => o.push_str("\\\\"),
            '\n' => o.push_str("\\n"),
            '\t' => o.push_str("\\t"),
            '\r' => o.push_str("\\r"),
            c if (c as u32) < 32 => o.push_str(&format!("\\u{:04x}", c as u32)),
            c => o.push(c),
        }
    }
    o.push('"');
    o
}
fn json(v: &Value) -> String {
    match v {
        Value::Null => "null".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => f.to_string(),
        Value::Text(Text::Known(t)) => esc(t),
        Value::Text(Text::Pieces(p)) => esc(&p
            .iter()
            .map(|p| match p {
                Piece::Known(t) => t.to_string(),
                Piece::Hole(_) => String::new(),
            })
            .collect::<String>()),
        Value::List(l) => format!("[{}]", l.iter().map(|n| json(&n.value)).collect::<Vec<_>>().join(",")),
        Value::Map(m) => format!(
            "{{{}}}",
            m.iter().map(|e| format!("{}:{}", esc(&e.key), json(&e.node.value))).collect::<Vec<_>>().join(",")
        ),
        _ => "null".into(),
    }
}
fn main() {
    let mut args = std::env::args().skip(1);
    let mode = args.next().unwrap();
    let root = args.next().unwrap();
    for path in args {
        let disk = Disk(root.clone());
        let ws = Workspace::new(&disk, Query::default());
        let p: Arc<str> = path.as_str().into();
        if mode == "detect" {
            let s = ws.look(&p, Detection::Automatic);
            println!("{}\t{}", path, s.format().unwrap_or("-"));
            continue;
        }
        let mut reader = ws.reader();
        let m = ws.resolve(&mut reader, &p, &compose::FORMAT);
        match mode.as_str() {
            "json" => println!("{}", json(&m.document.as_ref().unwrap().value)),
            "problems" => {
                for x in &m.problems {
                    let pos = x.at.map(|a| reader.source(a.file).position(a.span.start));
                    println!("{}\t{}:{}\t{}", path, x.path, pos.map_or(0, |p| p.line), x.message);
                }
            }
            _ => {
                for (i, s) in m.scopes.iter().enumerate() {
                    let src = reader.source(s.at.file);
                    println!(
                        "{i} {} {:?} parent {:?} {}:{} {:?} open={:?}",
                        m.format.schema.kind(s.kind).name,
                        s.label,
                        s.parent.map(|p| p.0),
                        src.path,
                        src.position(s.at.span.start).line,
                        src.slice(s.at.span),
                        s.open
                    );
                    for (k, n) in s.own.iter() {
                        let src = reader.source(n.at.file);
                        println!(
                            "      {} = {} {:?} @{}:{} {:?}",
                            m.key_name(k),
                            json(&n.value),
                            match &n.origin {
                                Origin::Derived(_) => "derived",
                                Origin::Set => "set",
                                Origin::Environment => "env",
                                _ => "",
                            },
                            src.path,
                            src.position(n.at.span.start).line,
                            src.slice(n.at.span).chars().take(60).collect::<String>()
                        );
                    }
                }
            }
        }
    }
    let _ = formats::FORMATS;
}
