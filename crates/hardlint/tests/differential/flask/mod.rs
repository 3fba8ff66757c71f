//! Flask 3.1, in one process that the Python in `HARDLINT_FLASK` runs: what `app.config` is once a module is imported as
//! `flask run` does it, in a copy of the process and with the environment that the case has.

mod generate;

use crate::case::{Case, Told, json_lines};
use crate::driver::{Format, Program};
use crate::ours::{self, Shown};
use crate::process::Python;
use crate::python::real::Modules;
use proptest::strategy::BoxedStrategy;
use std::cell::Cell;
use std::fs;
use std::path::Path;

pub(crate) const FORMAT: Format = Format {
    name: "flask",
    id: "flask",
    one_in: 1,
    arguments: &[],
    program: |_| {
        let python = Python::start("HARDLINT_FLASK", "Flask 3.1", READ, &[])?;
        Ok(Box::new(Flask { python, open: Cell::default() }))
    },
    is_ours: |_| false,
    // What Python can do is not all followed: `testdata/oracles/flask/limits.txt`.
    unknown: |_, _, _| true,
    limit: |_, _| false,
};

const READ: &str = r#"
import importlib.metadata, json, os, sys, warnings
warnings.simplefilter("ignore")
import flask, flask.cli
from flask.cli import locate_app, prepare_import
print("Flask", importlib.metadata.version("flask"), flush=True)

def told(folder):
    os.environ.clear()
    for line in open(os.path.join(folder, "environment"), encoding="utf-8"):
        name, _, value = line.rstrip("\n").partition("=")
        os.environ[name] = value
    os.chdir(folder)
    flask.Flask.run = lambda *_, **__: None
    try:
        app = locate_app(prepare_import(os.path.join(folder, "app.py")), None)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    # A setting is named by a text.
    return {"config": {name: repr(value).replace(folder, "$ROOT") for name, value in app.config.items() if isinstance(name, str)}}

for line in sys.stdin:
    folder = line.rstrip("\n")
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            answer = json.dumps(told(folder))
            with os.fdopen(writer, "w") as out:
                out.write(answer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.wait()
    print(text or '"it ended"', flush=True)
"#;

/// The applications of real projects.
pub(crate) const REAL: Modules = Modules {
    format: &FORMAT,
    variable: "HARDLINT_FLASK",
    ready: "Flask 3.1",
    script: include_str!("real.py"),
    target: "flask=3.1.3",
    open: "TRUSTED_HOSTS",
    further: |_, _, _| String::new(),
};

/// One process for all applications.
struct Flask {
    python: Python,
    /// Whether anything may be set in the application that is shown.
    open: Cell<bool>,
}

impl Program for Flask {
    fn target(&self) -> String {
        "flask=3.1.3".to_owned()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        // The root that we read below.
        fs::create_dir_all(folder.join(".git")).unwrap();
        let told = self.python.ask(folder);
        // What asks has failed itself.
        assert_ne!(told, "it ended", "{case:?}");
        // What a module runs into is not asked.
        let Some(config) = told["config"].as_object() else { return Told::Nothing };
        let all = config.iter().map(|(name, value)| (name.clone(), json_lines(value).unwrap_or_default()));
        Told::Accepted(all.collect())
    }

    fn shown(&self, format: &Format, folder: &Path, case: &Case) -> Shown {
        let shown = ours::show(format, &self.target(), folder, case);
        self.open.set(shown.values.get("TRUSTED_HOSTS").is_some_and(Result::is_err));
        shown
    }

    fn same(&self, _: &Case, _: &str, ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
        ours == theirs || ours.is_none() && self.open.get()
    }
}
