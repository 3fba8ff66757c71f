//! The readers of `.env`: python-dotenv, django-environ and python-decouple, asked in one process that the Python in
//! `HARDLINT_DOTENV` runs, and the docker-compose that `HARDLINT_COMPOSE` names. Each is a dialect of `show`.
//!
//! The environment is empty, so that what a file does not set is not set.

mod generate;

use crate::case::{Case, Place, Told, text};
use crate::compose;
use crate::driver::{Format, Program};
use crate::process::Python;
use proptest::strategy::{BoxedStrategy, Strategy};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) const COMPOSE: Format = Format { one_in: 3, ..format("compose", |_| compose()) };
pub(crate) const PYTHON_DOTENV: Format = format("python-dotenv", |_| python("python-dotenv"));
pub(crate) const DJANGO_ENVIRON: Format = format("django-environ", |_| python("django-environ"));
pub(crate) const DECOUPLE: Format = format("decouple", |_| python("decouple"));

const fn format(name: &'static str, program: fn(&Path) -> Result<Box<dyn Program>, String>) -> Format {
    let arguments: &[&str] = &["--env-file", "/dev/null"];
    Format {
        name,
        id: "env",
        one_in: 1,
        arguments,
        program,
        is_ours,
        unknown: |_, _, why| why.contains("64 KB of variables") || why.contains("template expression"),
        limit,
    }
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

fn limit(_case: &Case, message: &str) -> bool {
    message.contains("NUL byte") || message.contains("UTF-16")
}

/// The files, asked in a dialect.
fn cases(dialect: &'static str) -> BoxedStrategy<Case> {
    generate::cases().prop_map(move |case| Case { conditions: conditions(dialect), ..case }).boxed()
}

fn conditions(dialect: &str) -> Vec<(String, String)> {
    vec![("dialect".to_owned(), dialect.to_owned())]
}

/// Reads the paths that it is given, one a line, and answers with what is set.
const READ: &str = "
import json, logging, os, sys, warnings
logging.disable(logging.CRITICAL)
warnings.simplefilter('ignore')
os.environ.clear()
dialect = sys.argv[1]
if dialect == 'python-dotenv':
    import dotenv
    read = dotenv.dotenv_values
elif dialect == 'django-environ':
    import environ
    def read(path):
        environ.Env.ENVIRON = found = {}
        environ.Env.read_env(path)
        return found
else:
    import decouple
    read = lambda path: decouple.RepositoryEnv(path).data
print(dialect, flush=True)
for path in sys.stdin:
    try:
        told = read(path.rstrip('\\n'))
    except Exception as error:
        told = repr(error)
    print(json.dumps(told), flush=True)
";

/// A reader in Python, asked about one file after the other.
struct Dialect {
    name: &'static str,
    python: Python,
}

fn python(dialect: &'static str) -> Result<Box<dyn Program>, String> {
    let python = Python::start("HARDLINT_DOTENV", dialect, READ, &[dialect])?;
    Ok(Box::new(Dialect { name: dialect, python }))
}

impl Program for Dialect {
    fn target(&self) -> String {
        String::new()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        cases(self.name)
    }

    fn conditions(&self) -> Vec<(String, String)> {
        conditions(self.name)
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        match self.python.ask(&folder.join(case.root())) {
            Value::Object(set) => Told::Accepted(variables(&set)),
            told => Told::Refused(Vec::new(), told.to_string()),
        }
    }
}

/// The names that are set, each with its value.
fn variables(set: &serde_json::Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    set.iter().filter_map(|(name, value)| Some((name.clone(), vec![value.as_str()?.to_owned()]))).collect()
}

struct Compose {
    program: String,
}

fn compose() -> Result<Box<dyn Program>, String> {
    Ok(Box::new(Compose { program: compose::command()? }))
}

impl Program for Compose {
    fn target(&self) -> String {
        String::new()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        cases("compose")
    }

    fn conditions(&self) -> Vec<(String, String)> {
        conditions("compose")
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let project = folder.join("compose.yaml");
        let file = format!("services:\n  app:\n    image: app\n    env_file: {}\n", case.root());
        fs::write(&project, file).unwrap();
        let told = compose::run(&self.program, folder, &["-f", "compose.yaml", "--env-file", "/dev/null"]);
        fs::remove_file(&project).unwrap();
        // The packaged command ends with 0 when it refuses a file.
        let Ok(Value::Object(told)) =
            serde_json::from_slice::<Value>(&told.stdout).map(|mut all| all["services"]["app"].take())
        else {
            let why = text(&told.stderr);
            return Told::Refused(place(&why, case).into_iter().collect(), why);
        };
        let set = told.get("environment").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut variables = variables(&set);
        // The output is a Compose file again, in which a dollar is written twice.
        variables.values_mut().flatten().for_each(|value| *value = value.replace("$$", "$"));
        Told::Accepted(variables)
    }
}

/// `failed to read FILE: line 3: ...`
fn place(why: &str, case: &Case) -> Option<Place> {
    let digits: String = why.split_once(": line ")?.1.chars().take_while(char::is_ascii_digit).collect();
    Some(Place { path: case.root().to_owned(), line: digits.parse().ok()? })
}
