//! Elements with text.

pub use crate::report::markup::text;
use std::fmt::Write;

/// A `text` element.
pub fn label(out: &mut String, class: &str, x: i64, y: i64, content: &str) {
    let _ = write!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", text(content));
}

/// A `text` element of two parts, of which the second stands where the first ends, however wide that is.
pub fn pair(out: &mut String, (x, y): (i64, i64), first: (&str, &str), apart: i64, second: (&str, &str)) {
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{y}\"><tspan class=\"{}\">{}</tspan><tspan class=\"{}\" dx=\"{apart}\">{}</tspan></text>",
        first.0,
        text(first.1),
        second.0,
        text(second.1)
    );
}
