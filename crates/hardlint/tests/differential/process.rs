//! A program in Python that stays, and answers one question after the other: starting one for each file would take
//! longer than all that is asked.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A process that reads paths, one a line, and answers each with a line of JSON.
pub(crate) struct Python {
    command: Command,
    process: Child,
    paths: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts `script`, which first prints a line that begins with `ready`, by the Python that the variable names.
    pub(crate) fn start(variable: &str, ready: &str, script: &str, arguments: &[&str]) -> Result<Self, String> {
        let program = std::env::var(variable).unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(&program);
        command.args(["-I", "-B", "-c", script]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = |error| format!("{program}: {error}");
        let (process, paths, answers) = spawn(&mut command).map_err(started)?;
        let mut python = Self { command, process, paths, answers };
        if python.line().starts_with(ready) {
            return Ok(python);
        }
        Err(format!("{program} has no {}: {variable} names one that has", ready.trim()))
    }

    /// The answer on one path; null where it ends over it, and is started anew.
    pub(crate) fn ask(&mut self, path: &Path) -> Value {
        writeln!(self.paths, "{}", path.display()).unwrap();
        let line = self.line();
        if line.is_empty() {
            let _ = self.process.wait();
            (self.process, self.paths, self.answers) = spawn(&mut self.command).unwrap();
            self.line();
            return Value::Null;
        }
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("an answer that is no JSON: {error}: {line}"))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }
}

fn spawn(command: &mut Command) -> std::io::Result<(Child, ChildStdin, BufReader<ChildStdout>)> {
    let mut process = command.spawn()?;
    let (paths, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
    Ok((process, paths, answers))
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
