//! Asks the running server for the headers of its answers, and `hardlint show --where` what they should be.

use super::TARGET;
use super::traced::{self, Count, Header};
use crate::case::{Asked, Case};
use crate::ours::{self, Shown};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What nginx sends by itself.
#[rustfmt::skip]
pub(super) const OWN: &[&str] = &[
    "server", "date", "content-type", "content-length", "connection", "last-modified", "etag", "accept-ranges", "location",
    "transfer-encoding", "www-authenticate", "expires", "cache-control", "keep-alive", "vary", "allow", "content-encoding", "set-cookie",
];

/// One server runs at a time: without a `listen` line it takes the port of the web on all addresses, and would answer for
/// another one.
static ONE: Mutex<()> = Mutex::new(());

pub(super) struct Server(Child);

impl Server {
    /// Nothing where it does not start, as an address is taken, or where it opens no such socket.
    pub(super) fn start(folder: &Path, case: &Case, socket: &str) -> Option<Self> {
        let options = format!("daemon off; master_process off; pid {}/.pid;", folder.display());
        let mut command = super::command(folder, case.root());
        command.arg("-g").arg(options).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Self(command.spawn().unwrap());
        let start = Instant::now();
        while TcpStream::connect(socket).is_err() {
            if server.0.try_wait().unwrap().is_some() || start.elapsed() > Duration::from_secs(2) {
                return None;
            }
            sleep(Duration::from_millis(2));
        }
        Some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What differs in the answers to the questions of a case that nginx accepts.
pub(super) fn difference(folder: &Path, case: &Case, answers: &mut usize) -> String {
    let mut report = String::new();
    let Some(first) = case.asked.first() else { return report };
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(_server) = Server::start(folder, case, &first.socket) else { return report };
    for asked in &case.asked {
        let Some((status, theirs)) = answer(asked) else { continue };
        let Some(lines) = expected(folder, case, asked, status, &theirs) else { continue };
        *answers += 1;
        if let Err(why) = traced::sent(&lines, status, &theirs, &mut Count::default()) {
            let _ = writeln!(report, "headers: {asked:?}: status {status}: {why}");
        }
    }
    report
}

/// The status and the headers of an answer.
pub(super) fn answer(asked: &Asked) -> Option<(u16, Vec<Header>)> {
    let mut stream = TcpStream::connect(&asked.socket).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(stream, "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", asked.uri, asked.host).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let head = text.split("\r\n\r\n").next()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(": "));
    Some((status, headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()))
}

/// The lines of `add_header` that hold for an answer; nothing where it cannot be followed where the answer comes from.
fn expected(folder: &Path, case: &Case, asked: &Asked, status: u16, sent: &[Header]) -> Option<Vec<String>> {
    let show = |uri: Option<&str>| {
        let (address, port) = asked.socket.rsplit_once(':').unwrap();
        let pairs = [("address", address), ("port", port), ("server", &*asked.host)].into_iter();
        let pairs = pairs.chain(uri.map(|uri| ("uri", uri)));
        let conditions = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        ours::show(&super::FORMAT, TARGET, folder, &Case { files: case.files.clone(), conditions, ..Case::default() })
    };
    // nginx turns a request away before it looks for a server's names.
    if status == 400 {
        return None;
    }
    let server = show(None);
    if values(&server, "return")?.is_some() {
        return headers(&server);
    }
    // A path that lacks its slash is answered before anything in its location is run.
    let path = |uri: &str| uri.split('?').next().unwrap_or_default().to_owned();
    let target = sent.iter().find(|(name, _)| name == "location").map(|(_, value)| path(value));
    let lacks_slash = status == 301 && target.is_some_and(|to| to.ends_with(&format!("{}/", path(&asked.uri))));
    let mut uri = asked.uri.clone();
    let (mut redirected, mut seen) = (false, BTreeSet::new());
    loop {
        if !seen.insert(uri.clone()) {
            return None;
        }
        let found = show(Some(&uri));
        // Nobody outside comes to a place that is for nginx alone.
        if uri == asked.uri && values(&found, "internal")?.is_some() {
            return None;
        }
        let next = if lacks_slash && values(&found, "return")?.is_none() {
            None
        } else {
            follows(&found, status, redirected, &|page| {
                let there = show(Some(page));
                match values(&there, "return")? {
                    Some(returns) => returns.first()?.split(' ').next()?.parse().ok(),
                    // Nobody answers where requests are passed on to.
                    None => values(&there, "proxy_pass")?.map(|_| 502),
                }
            })?
        };
        match next {
            Some((next, by_error)) => {
                redirected |= by_error;
                uri = next;
            }
            // Where nginx gives up going round in circles is not followed.
            None if status == 500 && values(&found, "return")?.is_none() => return None,
            None => return headers(&found),
        }
    }
}

/// Where a request goes on, and whether an error page sends it there; none of the files is there. `returned` tells the status
/// that the location of a page returns.
#[expect(clippy::option_option, reason = "whether it is known, and whether it goes on")]
fn follows(
    found: &Shown,
    status: u16,
    redirected: bool,
    returned: &dyn Fn(&str) -> Option<u16>,
) -> Option<Option<(String, bool)>> {
    let returns = values(found, "return")?;
    let tries = values(found, "try_files")?;
    if let Some(last) = tries.filter(|_| returns.is_none() && status != 403) {
        let last = last.first()?.rsplit(' ').next()?.to_owned();
        if !last.starts_with('=') {
            return Some(Some((last, false)));
        }
    }
    // What is returned with a text is the answer itself: no error page takes its place.
    let told = returns.as_ref().and_then(|lines| lines.first()?.split_once(' '));
    if redirected || told.is_some_and(|(code, _)| code == status.to_string()) {
        return Some(None);
    }
    let pages = values(found, "error_page")?.unwrap_or_default();
    let page = |status: u16| {
        let line = pages.iter().find(|line| line.split(' ').any(|word| word == status.to_string()))?;
        line.rsplit(' ').next()
    };
    // What is returned decides on the page, whose own status may be another.
    let returned_here = returns.as_ref().and_then(|lines| lines.first()?.parse().ok());
    let code: u16 = returned_here.unwrap_or(status);
    if code >= 400
        && let Some(page) = page(code)
    {
        return page.starts_with('/').then(|| Some((page.to_owned(), true)));
    }
    // Whether the location lets nobody in or its error page is not told.
    if returns.is_none() && status == 403 && page(404).is_some() && page(403).is_none() {
        return None;
    }
    // Without `return` a location has no file, or lets nobody in: another status is that of the error's page.
    let passed = status == 502 && values(found, "proxy_pass")?.is_some();
    let page = if returns.is_none() && !passed && !matches!(status, 403 | 404) {
        page(404).or_else(|| page(403))
    } else {
        None
    };
    let there = page.filter(|page| page.starts_with('/') && returned(page) == Some(status));
    Some(there.map(|page| (page.to_owned(), true)))
}

/// The lines of a key, if it is set; nothing if they are not known.
#[expect(clippy::option_option, reason = "whether it is known, and whether it is set")]
fn values(found: &Shown, key: &str) -> Option<Option<Vec<String>>> {
    match found.values.get(key) {
        None => Some(None),
        Some(Ok(lines)) => Some(Some(lines.clone())),
        Some(Err(_)) => None,
    }
}

fn headers(found: &Shown) -> Option<Vec<String>> {
    values(found, "add_header").map(Option::unwrap_or_default)
}

/// The name and the value of an `add_header` that an answer with that status carries.
pub(super) fn carried(line: &str, status: u16) -> Option<(String, &str)> {
    let carries = matches!(status, 200 | 201 | 204 | 206 | 301 | 302 | 303 | 304 | 307 | 308);
    let (name, rest) = line.split_once(' ')?;
    let (value, always) = rest.strip_suffix(" always").map_or((rest, false), |value| (value, true));
    (carries || always).then(|| (name.to_ascii_lowercase(), value))
}
