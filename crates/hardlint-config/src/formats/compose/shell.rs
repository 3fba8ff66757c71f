//! Cuts a command line into words as Compose does: like a shell that expands nothing and ends at its first `;`, `|`, `&`,
//! `<` or `>`.

/// The words of a line.
///
/// # Errors
/// The words that there are, where a quote or a parenthesis is not closed.
pub(super) fn split(text: &str) -> Result<Vec<String>, Vec<String>> {
    let mut line = Line::default();
    for c in text.chars() {
        match line.take(c) {
            Step::On => {}
            Step::End => break,
            Step::Wrong => return Err(line.words),
        }
    }
    line.words.extend(line.word.take());
    let open = line.escaped || line.single || line.double || line.back || line.dollar;
    if open { Err(line.words) } else { Ok(line.words) }
}

enum Step {
    On,
    End,
    Wrong,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "quotes of one kind may stand inside those of another")]
struct Line {
    words: Vec<String>,
    word: Option<String>,
    escaped: bool,
    single: bool,
    double: bool,
    back: bool,
    dollar: bool,
}

impl Line {
    fn take(&mut self, c: char) -> Step {
        let quoted = self.single || self.double || self.back || self.dollar;
        if std::mem::take(&mut self.escaped) {
            self.put(c);
            return Step::On;
        }
        match c {
            '\\' if !self.single => {
                self.escaped = true;
                return Step::On;
            }
            ' ' | '\t' | '\r' | '\n' => {
                if quoted {
                    self.put(c);
                } else {
                    self.words.extend(self.word.take());
                }
                return Step::On;
            }
            '`' if !self.single && !self.double && !self.dollar => self.back = !self.back,
            ')' if !self.single && !self.double && !self.back => self.dollar = !self.dollar,
            '(' if !self.single && !self.double && !self.back => {
                if self.dollar || !self.word.as_ref().is_some_and(|word| word.ends_with('$')) {
                    return Step::Wrong;
                }
                self.dollar = true;
            }
            '"' if !self.single && !self.dollar => {
                self.double = !self.double;
                self.word.get_or_insert_default();
                return Step::On;
            }
            '\'' if !self.double && !self.dollar => {
                self.single = !self.single;
                self.word.get_or_insert_default();
                return Step::On;
            }
            ';' | '&' | '|' | '<' | '>' if !quoted => {
                // A number before `>` is no word.
                if c == '>' && self.word.as_ref().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
                    self.word = None;
                }
                return Step::End;
            }
            _ => {}
        }
        self.put(c);
        Step::On
    }

    fn put(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }
}
