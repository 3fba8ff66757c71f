//! Text that is taken apart although it may have holes: each hole is one character while the cutting goes on.

use crate::model::{Piece, Text, Value, Why};

/// The characters that stand for holes begin here, in the private use area.
const FIRST: u32 = 0xE100;
const LAST: u32 = 0xE1FF;

/// A text to take apart.
pub(super) struct Draft {
    /// The text, a private character for each hole.
    pub(super) text: String,
    holes: Vec<Why>,
}

impl Draft {
    /// A draft of a value that is text.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let Value::Text(text) = value else { return None };
        let mut draft = Self { text: String::new(), holes: Vec::new() };
        match text {
            Text::Known(text) => draft.text.push_str(text),
            Text::Pieces(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Known(text) => draft.text.push_str(text),
                        Piece::Hole(why) => {
                            let number = u32::try_from(draft.holes.len()).unwrap_or(u32::MAX).min(LAST - FIRST);
                            draft.text.push(char::from_u32(FIRST + number).unwrap_or('\u{fffd}'));
                            draft.holes.push(why.clone());
                        }
                    }
                }
            }
        }
        Some(draft)
    }

    /// The value of a part.
    pub(super) fn value(&self, part: &str) -> Value {
        if self.holes.is_empty() {
            return Value::text(part);
        }
        let mut pieces = Vec::new();
        let mut known = String::new();
        for c in part.chars() {
            match self.hole(c) {
                Some(why) => {
                    pieces.push(Piece::Known(std::mem::take(&mut known).into()));
                    pieces.push(Piece::Hole(why.clone()));
                }
                None => known.push(c),
            }
        }
        pieces.push(Piece::Known(known.into()));
        Value::Text(Text::from_pieces(pieces))
    }

    /// Why a part is not known, if it is not.
    pub(super) fn why(&self, part: &str) -> Option<&Why> {
        part.chars().find_map(|c| self.hole(c))
    }

    fn hole(&self, c: char) -> Option<&Why> {
        let number = u32::from(c).checked_sub(FIRST).filter(|_| u32::from(c) <= LAST)?;
        self.holes.get(number as usize)
    }
}
