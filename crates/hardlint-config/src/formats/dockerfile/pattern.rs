//! The patterns of `${v#pattern}`, `${v%pattern}` and `${v/pattern/text}`: `*`, `?`, and everything else as it is.

/// A pattern.
pub(super) struct Pattern(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Letter(char),
    One,
    Many,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// For an escape that BuildKit refuses.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Many,
                '?' => Token::One,
                '\\' => match chars.peek() {
                    Some('}' | '/') => continue,
                    Some('*' | '?' | '\\') => Token::Letter(chars.next().unwrap_or(c)),
                    other => {
                        let other = other.map(ToString::to_string).unwrap_or_default();
                        return Err(format!("the pattern `{text}` has the invalid escape `\\{other}`"));
                    }
                },
                c => Token::Letter(c),
            });
        }
        Ok(Self(tokens))
    }

    /// The lengths, in characters, of the parts at the start of `text` that match, from short to long.
    fn lengths(&self, text: &[char]) -> Vec<usize> {
        // Which tokens may come next, as a set; a `*` may always be skipped.
        let skip = |states: &mut Vec<bool>| {
            for index in 0..self.0.len() {
                if states.get(index) == Some(&true) && self.0.get(index) == Some(&Token::Many) {
                    states.iter_mut().skip(index + 1).take(1).for_each(|next| *next = true);
                }
            }
        };
        let mut states = vec![false; self.0.len() + 1];
        states.iter_mut().take(1).for_each(|first| *first = true);
        skip(&mut states);
        let mut found = Vec::new();
        for length in 0..=text.len() {
            if states.last() == Some(&true) {
                found.push(length);
            }
            let Some(&c) = text.get(length) else { break };
            let mut next = vec![false; self.0.len() + 1];
            for (index, token) in self.0.iter().enumerate() {
                let to = match token {
                    Token::Many => index,
                    Token::One => index + 1,
                    Token::Letter(letter) if *letter == c => index + 1,
                    Token::Letter(_) => continue,
                };
                if states.get(index) == Some(&true) && c != '\n'
                    || states.get(index) == Some(&true) && *token == Token::Letter(c)
                {
                    next.iter_mut().skip(to).take(1).for_each(|state| *state = true);
                }
            }
            skip(&mut next);
            states = next;
            if !states.contains(&true) {
                break;
            }
        }
        found
    }

    /// `text` without what matches at its start.
    pub(super) fn without_prefix(&self, text: &str, greedy: bool) -> String {
        let chars: Vec<char> = text.chars().collect();
        let lengths = self.lengths(&chars);
        let cut = if greedy { lengths.last() } else { lengths.first() };
        chars.iter().skip(cut.copied().unwrap_or(0)).collect()
    }

    /// `text` without what matches at its end.
    pub(super) fn without_suffix(&self, text: &str, greedy: bool) -> String {
        let backwards: Vec<char> = text.chars().rev().collect();
        let mut tokens = self.0.clone();
        tokens.reverse();
        let lengths = Self(tokens).lengths(&backwards);
        let cut = if greedy { lengths.last() } else { lengths.first() };
        backwards.iter().skip(cut.copied().unwrap_or(0)).rev().collect()
    }

    /// `text` with the longest match, or all of them, replaced.
    pub(super) fn replace(&self, text: &str, by: &str, all: bool) -> String {
        let chars: Vec<char> = text.chars().collect();
        let mut out = String::new();
        let mut at = 0;
        let mut done = false;
        while at <= chars.len() {
            let rest = chars.get(at..).unwrap_or_default();
            let length = if done && !all { None } else { self.lengths(rest).last().copied() };
            match length {
                Some(length) if length > 0 => {
                    out.push_str(by);
                    at += length;
                    done = true;
                }
                _ => {
                    out.extend(rest.first());
                    at += 1;
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cut_as_little_or_as_much_as_asked() {
        let pattern = |text| Pattern::read(text).unwrap();
        assert_eq!(pattern("*a").without_prefix("bananas", false), "nanas");
        assert_eq!(pattern("*a").without_prefix("bananas", true), "s");
        assert_eq!(pattern("a*").without_suffix("bananas", false), "banan");
        assert_eq!(pattern("a*").without_suffix("bananas", true), "b");
        assert_eq!(pattern("x").without_prefix("bananas", true), "bananas");
        assert_eq!(pattern("?an").replace("bananas", "X", false), "Xanas");
        assert_eq!(pattern("an").replace("bananas", "X", true), "bXXas");
        assert_eq!(pattern("\\*").replace("a*b", "-", true), "a-b");
        assert!(Pattern::read("\\x").is_err());
    }
}
