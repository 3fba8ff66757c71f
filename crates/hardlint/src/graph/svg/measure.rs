//! How wide text will be, which only the program knows that draws it.
//!
//! The estimates are those of wide faces, so that what is cut by them fits in others as well.

/// What text is set in.
#[derive(Clone, Copy)]
pub enum Face {
    /// For reading.
    Sans,
    /// For names.
    Bold,
    /// For what is spelt exactly.
    Mono,
}

/// The width of a text in pixels.
pub fn width(text: &str, face: Face, size: i64) -> i64 {
    let hundredths: i64 = text.chars().map(|c| of(c, face)).sum();
    (hundredths * size + 99) / 100
}

/// In hundredths of the size.
fn of(c: char, face: Face) -> i64 {
    let sans = match c {
        // Full width, and what is drawn as a picture.
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f000}'.. => return 110,
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 32,
        'f' | 't' | 'r' | 'I' | ' ' | '-' | '/' | '(' | ')' | '[' | ']' => 40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '→' | '…' => 98,
        'A'..='Z' | '&' => 72,
        _ => 60,
    };
    match face {
        Face::Sans => sans,
        Face::Bold => sans + 6,
        Face::Mono => 61,
    }
}

/// The text, or as much of its beginning as there is room for.
pub fn beginning(text: &str, face: Face, size: i64, room: i64) -> String {
    if width(text, face, size) <= room {
        return text.to_owned();
    }
    format!("{}…", fitting(text.chars(), face, size, room).into_iter().collect::<String>().trim_end())
}

/// The text, or as much of its end as there is room for: what tells paths and images from each other.
pub fn end(text: &str, face: Face, size: i64, room: i64) -> String {
    if width(text, face, size) <= room {
        return text.to_owned();
    }
    format!("…{}", fitting(text.chars().rev(), face, size, room).into_iter().rev().collect::<String>())
}

fn fitting(chars: impl Iterator<Item = char>, face: Face, size: i64, room: i64) -> Vec<char> {
    let mut used = of('…', face) * size;
    let fits = |c: &char| {
        used += of(*c, face) * size;
        used <= room * 100
    };
    chars.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(beginning("short", Face::Sans, 12, 100), "short");
        assert_eq!(beginning("a rather long name", Face::Mono, 10, 70), "a rather l…");
        assert_eq!(end("registry.example.com/shop/web:1.2", Face::Mono, 10, 70), "…op/web:1.2");
        for (text, face) in [("Wide And LOUD as they come", Face::Bold), ("漢字漢字漢字", Face::Mono)] {
            let cut = beginning(text, face, 14, 60);
            assert!(cut.ends_with('…') && width(&cut, face, 14) <= 60, "{cut}");
        }
        assert_eq!(end("abc", Face::Sans, 12, 0), "…");
    }
}
