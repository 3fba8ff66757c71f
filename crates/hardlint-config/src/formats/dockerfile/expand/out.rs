//! What an expansion gives: its text as one, and its words as blanks split them. It knows no quotes and no variables.

use crate::model::{Piece, Why};

/// Collects text and words.
#[derive(Default)]
pub(super) struct Out {
    pieces: Vec<Piece>,
    plain: String,
    words: Vec<Vec<Piece>>,
    word: Vec<Piece>,
    letters: String,
    /// Whether a word was begun, an empty one in quotes among them.
    pub(super) in_word: bool,
}

impl Out {
    /// Text that blanks do not split.
    pub(super) fn raw(&mut self, text: &str) {
        self.plain.push_str(text);
        self.letters.push_str(text);
        self.in_word = true;
    }

    /// Text that blanks split.
    pub(super) fn split(&mut self, text: &str) {
        self.plain.push_str(text);
        for c in text.chars() {
            if c.is_whitespace() {
                self.end_word();
            } else {
                self.letters.push(c);
                self.in_word = true;
            }
        }
    }

    /// Something that is not known.
    pub(super) fn hole(&mut self, why: &Why) {
        self.flush();
        self.pieces.push(Piece::Hole(why.clone()));
        self.word.push(Piece::Hole(why.clone()));
        self.in_word = true;
    }

    fn flush(&mut self) {
        if !self.plain.is_empty() {
            self.pieces.push(Piece::Known(std::mem::take(&mut self.plain).into()));
        }
        if !self.letters.is_empty() {
            self.word.push(Piece::Known(std::mem::take(&mut self.letters).into()));
        }
    }

    fn end_word(&mut self) {
        if self.in_word {
            if !self.letters.is_empty() {
                self.word.push(Piece::Known(std::mem::take(&mut self.letters).into()));
            }
            // Words that end up empty are none.
            if !self.word.is_empty() {
                self.words.push(std::mem::take(&mut self.word));
                self.in_word = false;
            }
        }
    }

    /// What a variable brought, which blanks split or not.
    pub(super) fn pieces(&mut self, pieces: &[Piece], split: bool) {
        for piece in pieces {
            match piece {
                Piece::Known(text) if split => self.split(text),
                Piece::Known(text) => self.raw(text),
                Piece::Hole(why) => self.hole(why),
            }
        }
    }

    /// The whole as one text, and its words.
    pub(super) fn finish(mut self) -> (Vec<Piece>, Vec<Vec<Piece>>) {
        self.end_word();
        if !self.plain.is_empty() {
            self.pieces.push(Piece::Known(std::mem::take(&mut self.plain).into()));
        }
        (self.pieces, self.words)
    }
}
