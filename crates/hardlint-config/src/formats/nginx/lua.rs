//! Where a block of Lua ends: braces in its strings, comments and long brackets do not count.

/// One past the brace that closes a block of Lua whose text begins at `at`.
pub(super) fn end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 1_usize;
    loop {
        match bytes.get(at)? {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = match long_bracket(bytes, at + 2) {
                    Bracket::Ends(end) => end,
                    Bracket::Open => return None,
                    Bracket::None => at + memchr::memchr(b'\n', bytes.get(at..)?)?,
                };
                continue;
            }
            b'[' => match long_bracket(bytes, at) {
                Bracket::Ends(end) => {
                    at = end;
                    continue;
                }
                Bracket::Open => return None,
                Bracket::None => {}
            },
            quote @ (b'"' | b'\'') => {
                at += 1;
                while let Some(byte) = bytes.get(at) {
                    if byte == quote || *byte == b'\n' {
                        break;
                    }
                    at += if *byte == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// A long bracket, `[[ ]]` or `[=[ ]=]`.
enum Bracket {
    /// None begins here.
    None,
    /// It does not end.
    Open,
    /// It ends before this byte.
    Ends(usize),
}

fn long_bracket(bytes: &[u8], at: usize) -> Bracket {
    let Some([b'[', rest @ ..]) = bytes.get(at..) else { return Bracket::None };
    let level = rest.iter().take_while(|&&byte| byte == b'=').count();
    if rest.get(level) != Some(&b'[') {
        return Bracket::None;
    }
    let close = format!("]{}]", "=".repeat(level));
    let body = at + level + 2;
    let found = bytes.get(body..).and_then(|text| memchr::memmem::find(text, close.as_bytes()));
    found.map_or(Bracket::Open, |length| Bracket::Ends(body + length + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_in_strings_and_comments_do_not_count() {
        for (text, expected) in [
            ("} x", Some(1)),
            ("local t = {} }", Some(14)),
            ("ngx.say('}') }", Some(14)),
            ("ngx.say(\"\\\"}\") }", Some(16)),
            ("-- }\n}", Some(6)),
            ("--[[ } ]] }", Some(11)),
            ("x = [==[ } ]] ]==] }", Some(20)),
            ("a[1] }", Some(6)),
            ("never", None),
            ("[[ never }", None),
        ] {
            assert_eq!(end(text.as_bytes(), 0), expected, "{text}");
        }
    }
}
