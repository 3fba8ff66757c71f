//! `docs/session.svg`: a session in a terminal, drawn from what the commands print, colours included.

use super::{root, updating};
use std::fmt::Write;
use std::fs;
use std::process::Command;

/// What is typed.
const COMMANDS: &[&str] = &[
    "hardlint check --select compose/override-adds-port-instead-of-replacing testdata/shop",
    "hardlint show testdata/shop/ssh/etc/ssh/sshd_config --why PasswordAuthentication",
    "hardlint check --diff --unsafe-fixes --select sshd/login-grace-time testdata/shop/bastion",
];

/// Of one column and one line.
const WIDTH: f64 = 8.43;
const HEIGHT: usize = 19;
const COLUMNS: usize = 112;

/// The terminal's colours by their numbers, on a dark ground.
const COLOURS: [&str; 8] = ["#7d8590", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#76e3ea", "#e6edf3"];

#[test]
fn the_session_is_what_the_commands_print() {
    let place = root().join("docs/session.svg");
    let drawn = draw();
    if updating() {
        fs::write(&place, &drawn).expect("the picture can be written");
    }
    let kept = fs::read_to_string(&place).unwrap_or_default();
    assert!(kept == drawn, "`UPDATE=1 cargo test -p hardlint --test book` writes docs/session.svg anew");
}

fn draw() -> String {
    let mut lines = Vec::new();
    for command in COMMANDS {
        lines.push(vec![("#7ee787", "$ ".to_owned()), (COLOURS[7], (*command).to_owned())]);
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        // What goes to standard error has the time in it, and is no part of the report.
        let run = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(["--color", "always"])
            .args(words)
            .current_dir(root())
            .output()
            .expect("the binary runs");
        let printed = String::from_utf8(run.stdout).expect("the output is UTF-8");
        assert!(!printed.trim().is_empty(), "`{command}` prints nothing: {}", String::from_utf8_lossy(&run.stderr));
        lines.extend(printed.trim_end().lines().flat_map(|line| wrapped(runs(line))));
        lines.push(Vec::new());
    }
    lines.pop();
    let (width, height) = (wide(COLUMNS) + 32.0, lines.len() * HEIGHT + 58);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height}\" role=\"img\" aria-labelledby=\"t\">\n\
         <title id=\"t\">A session in a terminal: a finding over two files, who set a value of sshd, and a fix as a diff</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <g fill=\"#30363d\"><circle cx=\"22\" cy=\"18\" r=\"5\"/><circle cx=\"40\" cy=\"18\" r=\"5\"/><circle cx=\"58\" cy=\"18\" r=\"5\"/></g>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n"
    );
    for (index, line) in lines.iter().enumerate() {
        let mut column = 0;
        for (colour, text) in line {
            for (at, word) in words(text) {
                let _ = writeln!(
                    svg,
                    "<text x=\"{:.2}\" y=\"{}\" textLength=\"{:.2}\" fill=\"{colour}\">{}</text>",
                    16.0 + wide(column + at),
                    52 + index * HEIGHT,
                    wide(word.chars().count()),
                    escaped(word)
                );
            }
            column += text.chars().count();
        }
    }
    svg + "</g>\n</svg>\n"
}

/// A line as a terminal breaks it: at its last column, wherever that is.
fn wrapped(line: Vec<(&'static str, String)>) -> Vec<Vec<(&'static str, String)>> {
    let mut rows = vec![Vec::new()];
    let mut column = 0;
    for (colour, text) in line {
        let mut letters = text.chars().peekable();
        while letters.peek().is_some() {
            if column == COLUMNS {
                rows.push(Vec::new());
                column = 0;
            }
            let part: String = letters.by_ref().take(COLUMNS - column).collect();
            column += part.chars().count();
            rows.last_mut().expect("there is one").push((colour, part));
        }
    }
    rows
}

fn wide(columns: usize) -> f64 {
    f64::from(u16::try_from(columns).expect("a line is short")) * WIDTH
}

/// The words of a text, and the columns at which they begin: what draws the picture need not keep blanks.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut column = 0;
    for part in text.split(' ') {
        if !part.is_empty() {
            found.push((column, part));
        }
        column += part.chars().count() + 1;
    }
    found
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A line's runs of one colour.
fn runs(line: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut colour = COLOURS[7];
    for (index, part) in line.split("\x1b[").enumerate() {
        let text = if index == 0 {
            part
        } else {
            let (codes, text) = part.split_once('m').expect("only colours are printed");
            for code in codes.split(';') {
                colour = match code.parse().unwrap_or(0) {
                    0 => COLOURS[7],
                    code @ 30..=37 => COLOURS[code - 30],
                    code @ 90..=97 => COLOURS[code - 90],
                    _ => colour,
                };
            }
            text
        };
        if !text.is_empty() {
            found.push((colour, text.to_owned()));
        }
    }
    found
}
