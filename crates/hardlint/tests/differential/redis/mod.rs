//! `redis-server` 7.0, started with each file on a socket in the case's own folder and asked `CONFIG GET *`.

mod generate;

use crate::case::{Case, Place, Told, text};
use crate::driver::{Format, Program};
use proptest::strategy::BoxedStrategy;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(crate) const FORMAT: Format =
    Format { name: "redis", id: "redis", one_in: 1, arguments: &[], program, is_ours, unknown, limit };

/// What the question itself sets, behind the file.
const ASKED: &[(&str, &str)] = &[
    ("port", "0"),
    ("tls-port", "0"),
    ("daemonize", "no"),
    ("logfile", ""),
    ("pidfile", ""),
    ("cluster-enabled", "no"),
];

struct Redis {
    /// What a server without a file tells.
    directives: Vec<(String, String)>,
}

fn program(scratch: &Path) -> Result<Box<dyn Program>, String> {
    let told =
        Command::new("redis-server").arg("--version").output().map_err(|error| format!("redis-server: {error}"))?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    if !told.contains(" v=7.0.") {
        return Err(format!("redis-server is {}, and 7.0 is compared", told.trim()));
    }
    let mut redis = Redis { directives: Vec::new() };
    let empty = Case { files: vec![("redis.conf".to_owned(), Vec::new())], ..Case::default() };
    let folder = scratch.join("defaults");
    fs::create_dir(&folder).unwrap();
    empty.write(&folder);
    match redis.ask(&folder, &empty) {
        Told::Accepted(values) if !values.is_empty() => {
            redis.directives = values.into_iter().map(|(name, lines)| (name, lines.join(" "))).collect();
            Ok(Box::new(redis))
        }
        told => Err(format!("redis-server does not answer: {told:?}")),
    }
}

fn is_ours(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.contains("redis") && name.ends_with(".conf")
    })
}

/// What the file cannot tell: where the server is started, and how much memory there is.
fn unknown(case: &Case, key: &str, why: &str) -> bool {
    key == "dir" && why.contains("folder")
        || why.contains("memory")
        || why.contains("2^63")
        || why.contains("not at hand") && leaves(case)
}

/// Whether the server goes to a folder of the machine, where relative paths lead elsewhere.
fn leaves(case: &Case) -> bool {
    let absolute = |line: &str| {
        let mut words = line.split_whitespace();
        let dir = words.next().is_some_and(|name| name.eq_ignore_ascii_case("dir"));
        dir && words.next().is_some_and(|path| path.trim_start_matches(['"', '\'']).starts_with('/'))
    };
    case.files.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).lines().any(absolute))
}

fn limit(case: &Case, message: &str) -> bool {
    if message.contains("can't open config file") && leaves(case) {
        return true;
    }
    // Folders are the machine's.
    // The line is told without the blanks that redis takes off itself; what the machine's C takes for more is told.
    let line = message.split_once(">>> '").map(|(_, line)| line.trim_start_matches(['\x0b', '\x0c', '"', '\'']));
    let moves = line.is_some_and(|line| line.to_ascii_lowercase().starts_with("dir"));
    if moves && message.contains("No such file or directory") {
        return true;
    }
    // What the machine refuses, not the file.
    let machine = [
        "listening",
        "Failed opening",
        "log file",
        "configure TLS",
        "Fatal error loading",
        "Can't chdir",
        "Can't load module",
        "Permission denied",
        "opening file",
        "/../",
        "modified Jemalloc",
    ];
    message.contains("NUL byte") || message.contains("UTF-16") || machine.iter().any(|part| message.contains(part))
}

impl Redis {
    fn start(folder: &Path, root: &str) -> Child {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
        let out = File::create(folder.join(OUT)).unwrap();
        let mut command = Command::new("redis-server");
        command.arg(root).args(["--unixsocket", SOCKET]).current_dir(folder);
        for (name, value) in ASKED {
            command.arg(format!("--{name}")).arg(value);
        }
        // What a file may have it write stays in the folder.
        if fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0) {
            command.uid(65534).gid(65534);
        }
        command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap()
    }
}

const SOCKET: &str = "./.socket";
const OUT: &str = ".out";

impl Program for Redis {
    fn target(&self) -> String {
        "redis=7.0".to_owned()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases(&self.directives)
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let mut server = Self::start(folder, case.root());
        let start = Instant::now();
        let answer = std::iter::from_fn(|| (start.elapsed() < Duration::from_secs(5)).then_some(())).find_map(|()| {
            let ended = server.try_wait().unwrap().is_some();
            // The socket is there before users are looked at: a server that does not answer has ended, or is about to.
            let pairs = UnixStream::connect(folder.join(SOCKET)).ok().and_then(|stream| pairs(stream).ok());
            if pairs.is_none() {
                sleep(Duration::from_millis(2));
            }
            pairs.map(Some).or(ended.then_some(None))
        });
        let _ = server.kill();
        let _ = server.wait();
        match answer {
            Some(Some(mut pairs)) => {
                pairs.remove("unixsocket");
                pairs.retain(|name, _| !ASKED.iter().any(|(asked, _)| asked == name));
                Told::Accepted(pairs)
            }
            Some(None) => {
                let out = text(&fs::read(folder.join(OUT)).unwrap());
                Told::Refused(place(&out, case).into_iter().collect(), refusal(&out))
            }
            None => Told::Nothing,
        }
    }

    fn tells(&self, key: &str, theirs: &BTreeMap<String, Vec<String>>) -> bool {
        // Where its users may not ask, nothing was told; the rest of the keys are ours alone.
        !theirs.is_empty() && key != "unixsocket" && !ASKED.iter().any(|(name, _)| *name == key)
    }
}

/// What `CONFIG GET *` tells; nothing where nobody that a generator knows may ask.
fn pairs(mut stream: UnixStream) -> io::Result<BTreeMap<String, Vec<String>>> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    for config in generate::CONFIG_NAMES {
        for password in [&[""], generate::PASSWORDS].concat() {
            if !password.is_empty() {
                send(&mut stream, &["AUTH", password])?;
            }
            let items = send(&mut stream, &[config, "GET", "*"])?;
            if !items.is_empty() {
                let pairs = items.chunks_exact(2).map(|pair| (pair[0].clone(), vec![pair[1].clone()]));
                return Ok(pairs.collect());
            }
        }
    }
    Ok(BTreeMap::new())
}

/// Sends a command and reads its answer: the texts of an array, or none.
fn send(stream: &mut UnixStream, words: &[&str]) -> io::Result<Vec<String>> {
    let mut command = format!("*{}\r\n", words.len());
    for word in words {
        let _ = write!(command, "${}\r\n{word}\r\n", word.len());
    }
    stream.write_all(command.as_bytes())?;
    let head = line(stream)?;
    let Some(count) = head.strip_prefix('*') else { return Ok(Vec::new()) };
    let mut items = Vec::new();
    for _ in 0..count.parse().unwrap_or(0) {
        let length = line(stream)?.trim_start_matches('$').parse().map_err(io::Error::other)?;
        let mut bytes: Vec<u8> = vec![0; length];
        stream.read_exact(&mut bytes)?;
        line(stream)?;
        items.push(text(&bytes));
    }
    Ok(items)
}

fn line(stream: &mut UnixStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n") {
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&bytes[..bytes.len() - 2]).into_owned())
}

/// `at line 3`: of which file, it does not say, and files of a pattern are counted as one.
fn place(out: &str, case: &Case) -> Option<Place> {
    let pattern =
        case.files.iter().any(|(_, bytes)| bytes.windows(7).any(|part| part.eq_ignore_ascii_case(b"include")));
    let digits: String = out.split_once("at line ")?.1.chars().take_while(char::is_ascii_digit).collect();
    (!pattern).then_some(Place { path: case.root().to_owned(), line: digits.parse().ok()? })
}

fn refusal(out: &str) -> String {
    let from = out.find("*** FATAL").unwrap_or(0);
    let lines: Vec<&str> = out[from..].lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(6)..].join("\n")
}
