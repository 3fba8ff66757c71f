//! Text inside XML and HTML, where nothing of it is markup.

use super::clean;

/// A text in one line, as content or as an attribute.
pub fn text(text: &str) -> String {
    escaped(&clean::line(text))
}

/// A text of several lines, as content; what a terminal would act on stands as an escape here, too.
pub fn lines(text: &str) -> String {
    text.lines().map(self::text).collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_markup() {
        assert_eq!(text("<a b='c'>&\"\n\u{1}\u{ffff}]]>"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;\\n\\u{1}\u{fffd}]]&gt;");
        assert_eq!(lines("a\n\n<b\x1b>\n"), "a\n\n&lt;b\\u{1b}&gt;");
    }
}
