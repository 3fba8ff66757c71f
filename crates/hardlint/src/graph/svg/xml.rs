//! Text inside XML.

use crate::report::clean;
use std::fmt::Write;

/// A text in one line, as content or as an attribute.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no way to write these.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_markup() {
        assert_eq!(text("<a b='c'>&\"\n\u{1}\u{ffff}]]>"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;\\n\\u{1}\u{fffd}]]&gt;");
    }
}
