//! Docker Compose 2.40, which `HARDLINT_COMPOSE` names: what `config --format json` prints of a project.
//!
//! Each project is a process, of which the memory and the time are bounded: what multiplies variables would else take
//! all there is. The environment is empty, so that what no file sets is not set.

mod generate;
#[rustfmt::skip]
mod words;

use crate::case::{Case, FOLDER, Place, Told, pointers, text};
use crate::driver::{self, Format, Program};
use proptest::strategy::BoxedStrategy;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const FORMAT: Format = Format {
    name: "projects",
    id: "compose",
    // A process takes a tenth of a second.
    one_in: 4,
    arguments: &["--env-file", "/dev/null"],
    program: |scratch| Ok(Box::new(Compose { program: command()?, scratch: scratch.to_owned() })),
    is_ours,
    unknown: |_, _, why| why.contains("64 KB of variables") || why.contains("PWD"),
    limit: |_, _| false,
};

/// The home folder, which stands as `~` with us.
const HOME: &str = "/home/of-the-user";

/// The files that Compose takes by itself.
const NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Larger files of a project are none that Compose reads.
const LARGEST: u64 = 100_000;
/// What is added to a real project, so that it is taken, at most.
const ADDED: usize = 8;

fn is_ours(path: &Path) -> bool {
    let name = driver::name(path);
    name.contains("compose") && [".yml", ".yaml"].iter().any(|end| name.ends_with(end))
}

/// The program that `HARDLINT_COMPOSE` names, past what starts it.
pub(crate) fn command() -> Result<String, String> {
    let program = std::env::var("HARDLINT_COMPOSE").unwrap_or_else(|_| "docker-compose".to_owned());
    let told = Command::new(&program).args(["version", "--short"]).output();
    let told = told.map_err(|error| format!("{program}: {error}; HARDLINT_COMPOSE names another"))?;
    // The package's command is Python that starts the program beside its module.
    let inside = fs::read_to_string(&program).ok().and_then(|script| {
        let python = script.lines().next()?.strip_prefix("#!")?.to_owned();
        let ask = "import compose, os; print(os.path.join(os.path.dirname(compose.__file__), 'docker-compose'))";
        let told = Command::new(python).args(["-I", "-c", ask]).output().ok()?;
        let place = text(&told.stdout).trim().to_owned();
        Path::new(&place).is_file().then_some(place)
    });
    let version = text(&told.stdout);
    if version.trim_start_matches('v').starts_with("2.") {
        return Ok(inside.unwrap_or(program));
    }
    Err(format!("{program} is {}, and version 2 is compared", version.trim()))
}

/// Runs it in a folder, within bounds.
pub(crate) fn run(program: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("/bin/sh");
    let bounded = "ulimit -v 6000000; exec /usr/bin/timeout 20 \"$0\" \"$@\"";
    command.args(["-c", bounded, program]).args(arguments).args(["config", "--format", "json"]);
    command.current_dir(folder).env_clear().env("HOME", HOME).output().unwrap()
}

struct Compose {
    program: String,
    scratch: PathBuf,
}

impl Compose {
    fn told(&self, folder: &Path, case: &Case) -> Output {
        let file = folder.join(case.root());
        let name = driver::name(&file);
        let named = ["-f", &name];
        let arguments: &[&str] = if NAMES.contains(&&*name) { &[] } else { &named };
        run(&self.program, file.parent().unwrap(), arguments)
    }
}

/// Adds what a project lacks by what Compose says; whether there was something.
fn added(case: &mut Case, why: &str) -> bool {
    if let Some((_, rest)) = why.split_once("env file ")
        && let Some((path, _)) = rest.split_once(" not found")
    {
        case.files.push((path.to_owned(), Vec::new()));
        return true;
    }
    let Some((_, rest)) = why.split_once("required variable ") else { return false };
    let Some(name) = rest.split(' ').next() else { return false };
    let folder = case.root().rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = format!("{folder}/.env");
    let line = format!("\n{name}=1\n").into_bytes();
    match case.files.iter_mut().find(|(known, _)| *known == path) {
        Some((_, bytes)) => bytes.extend(line),
        None => case.files.push((path, line)),
    }
    true
}

impl Program for Compose {
    fn target(&self) -> String {
        String::new()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    /// With all of its project beside it, files of variables that are missing, and variables that have to be set.
    fn real(&self, path: &Path, bytes: Vec<u8>) -> Option<Case> {
        let corpus = PathBuf::from(std::env::var_os("HARDLINT_CORPUS")?);
        let below = path.strip_prefix(&corpus).ok()?.to_string_lossy().into_owned();
        let mut beside = Vec::new();
        let small = |path: &Path| path.metadata().is_ok_and(|data| data.len() < LARGEST);
        driver::collect(&corpus.join(below.split('/').next()?), small, &mut beside);
        let others = beside.iter().filter(|other| *other != path);
        let others = others.filter_map(|other| {
            let below = other.strip_prefix(&corpus).ok()?.to_string_lossy().into_owned();
            Some((below, fs::read(other).ok()?))
        });
        // What Compose is started with, for `$HOME` and `$PWD` in files.
        let beside = below.rsplit_once('/').map_or("", |(folder, _)| folder);
        let environment = format!("HOME={HOME}\nPWD={FOLDER}/{beside}\n");
        let environment = ("environment".to_owned(), environment.into_bytes());
        let files = std::iter::once((below, bytes)).chain(others).chain([environment]).collect();
        let mut case = Case { files, ..Case::default() };
        for _ in 0..ADDED {
            let folder = self.scratch.join("adding");
            let _ = fs::remove_dir_all(&folder);
            case.write(&folder);
            let why = text(&self.told(&folder, &case).stderr).replace(&format!("{}/", folder.display()), "");
            if !added(&mut case, &why) {
                break;
            }
        }
        Some(case)
    }

    fn real_one_in(&self) -> usize {
        8
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        // The root that we read below.
        fs::create_dir_all(folder.join(".git")).unwrap();
        let told = self.told(folder, case);
        let Ok(document) = serde_json::from_slice::<Value>(&told.stdout) else {
            if told.status.code().is_none_or(|code| code > 100) {
                return Told::Nothing;
            }
            let why = text(&told.stderr).replace(&format!("{}/", folder.display()), "");
            let why: String = why.lines().filter(|line| !line.contains("level=warning")).collect();
            if std::env::var_os("TELL").is_some() {
                println!("WHY {why}");
            }
            return Told::Refused(place(&why, case).into_iter().collect(), why);
        };
        Told::Accepted(pointers(&relative(document, &folder.display().to_string())))
    }

    fn same(&self, _case: &Case, _key: &str, ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
        let number = |lines: Option<&[String]>| lines?.first()?.parse::<f64>().ok();
        let scratch = format!("\"{}/", self.scratch.display());
        // What `$HOME` and `$PWD` give stands as theirs does.
        let below = |line: &String| {
            let line = line.replace(&format!("\"{HOME}"), "\"~");
            let rest = line.strip_prefix(&scratch).and_then(|rest| rest.split_once('/'));
            rest.map_or_else(|| line.clone(), |(_, rest)| format!("\"./{rest}"))
        };
        let below = |lines: &[String]| lines.iter().map(below).collect::<Vec<_>>();
        ours == theirs
            || ours.map(below).as_deref() == theirs
            || (number(ours).is_some() && number(ours) == number(theirs))
    }
}

/// Paths as ours are: below the root, and from the home folder.
fn relative(value: Value, folder: &str) -> Value {
    match value {
        Value::Object(entries) => {
            Value::Object(entries.into_iter().map(|(key, value)| (key, relative(value, folder))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|value| relative(value, folder)).collect()),
        Value::String(text) => {
            let below = |start: &str| text.strip_prefix(start).filter(|rest| rest.is_empty() || rest.starts_with('/'));
            Value::String(match (below(folder), below(HOME)) {
                (Some(rest), _) => format!(".{rest}"),
                (_, Some(rest)) => format!("~{rest}"),
                _ => text,
            })
        }
        other => other,
    }
}

/// `failed to parse FILE: line 3: ...` and `FILE: yaml: line 3: ...`
///
/// What YAML's parser says names the line before, or that of what it stands in; of a `%` that begins a line inside a document it
/// tells behind it.
fn place(why: &str, case: &Case) -> Option<Place> {
    if ["did not find expected", "found incompatible"].iter().any(|part| why.contains(part)) {
        return None;
    }
    let (before, rest) = why.split_once("line ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let path = case.files.iter().map(|(path, _)| path).find(|path| before.contains(path.as_str()))?;
    let line: usize = digits.parse().ok()?;
    let text = case.files.iter().find(|(known, _)| known == path).map(|(_, bytes)| text(bytes))?;
    let is_content = |line: &str| !line.trim().is_empty() && !line.starts_with(['%', '#']);
    let is_directive = |at: usize| {
        text.lines().nth(at - 1).is_some_and(|line| line.starts_with('%')) && text.lines().take(at - 1).any(is_content)
    };
    let line = if why.contains("mapping values are not allowed") && line > 1 && is_directive(line - 1) {
        line - 1
    } else {
        line
    };
    Some(Place { path: path.clone(), line })
}
