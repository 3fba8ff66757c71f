//! What gzip made smaller, read as what it was.
//!
//! A few bytes can stand for a thousand times as many, so that what is read is bounded by what the input has.

use std::io::{self, BufRead, Read};
use zlib_rs::{Inflate, InflateFlush, Status};

/// What a stream of gzip begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The windows of gzip, and that its header and its sum are read.
const WINDOW: u8 = 16 + 15;
/// Sources are a fifth of their size when packed; an archive that becomes two hundred times as large is made to fill a disk.
const MOST_TIMES: u64 = 200;
/// So much may come of however little.
const ALWAYS: u64 = 16 << 20;

/// Whether bytes begin such a stream.
pub(super) fn is(begin: &[u8]) -> bool {
    begin.starts_with(&MAGIC)
}

/// Reads what streams of gzip, one behind the other, stand for.
pub(super) struct Gunzip<R> {
    input: R,
    inflate: Inflate,
    /// How much was taken from the input, and how much came of it.
    taken: u64,
    given: u64,
    /// Whether a stream is over.
    over: bool,
}

impl<R: BufRead> Gunzip<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, inflate: Inflate::new(true, WINDOW), taken: 0, given: 0, over: false }
    }

    /// Whether there is another stream behind one that is over.
    fn another(&mut self) -> io::Result<bool> {
        if !is(self.input.fill_buf()?) {
            return Ok(false);
        }
        self.inflate = Inflate::new(true, WINDOW);
        self.over = false;
        Ok(true)
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let fail = |said: &str| Err(io::Error::new(io::ErrorKind::InvalidData, said));
        loop {
            if out.is_empty() || self.over && !self.another()? {
                return Ok(0);
            }
            let input = self.input.fill_buf()?;
            let at_end = input.is_empty();
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let Ok(status) = self.inflate.decompress(input, out, InflateFlush::NoFlush) else {
                return fail("it is no whole file of gzip");
            };
            let taken = self.inflate.total_in() - before_in;
            let given = self.inflate.total_out() - before_out;
            self.input.consume(usize::try_from(taken).unwrap_or(usize::MAX));
            self.taken += taken;
            self.given += given;
            self.over = status == Status::StreamEnd;
            if self.given > ALWAYS.max(self.taken.saturating_mul(MOST_TIMES)) {
                return fail("it becomes more than 200 times as large as it is");
            }
            if given > 0 {
                return Ok(usize::try_from(given).unwrap_or(usize::MAX));
            }
            if at_end && !self.over {
                return fail("it is no whole file of gzip");
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use zlib_rs::{Deflate, DeflateFlush};

    pub(in crate::unpack) fn packed(text: &[u8]) -> Vec<u8> {
        let mut out = vec![0; text.len() / 2 + 1024];
        let mut deflate = Deflate::new(9, true, WINDOW);
        assert_eq!(deflate.compress(text, &mut out, DeflateFlush::Finish).unwrap(), Status::StreamEnd);
        out.truncate(usize::try_from(deflate.total_out()).unwrap());
        out
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let read = Gunzip::new(io::BufReader::with_capacity(7, bytes)).read_to_end(&mut out);
        read.map(|_| out).map_err(|error| error.to_string())
    }

    #[test]
    fn streams_are_read_one_behind_the_other_and_whole() {
        let (one, two) = (packed(b"a lantern"), packed(b" and a loom"));
        assert_eq!(read(&one).unwrap(), b"a lantern");
        assert_eq!(read(&[one.clone(), two].concat()).unwrap(), b"a lantern and a loom");
        // What pads the last block of a tape is no stream.
        assert_eq!(read(&[one.as_slice(), &[0; 600]].concat()).unwrap(), b"a lantern");
        assert_eq!(read(&one[..one.len() - 1]).unwrap_err(), "it is no whole file of gzip");
        let mut wrong = one;
        let last = wrong.len() - 6;
        wrong[last] ^= 1;
        assert_eq!(read(&wrong).unwrap_err(), "it is no whole file of gzip");
    }

    #[test]
    fn what_is_made_to_fill_a_disk_is_not_read() {
        let fine = packed(&vec![0; 15 << 20]);
        assert_eq!(read(&fine).unwrap().len(), 15 << 20);
        let bomb = packed(&vec![0; 32 << 20]);
        assert_eq!(read(&bomb).unwrap_err(), "it becomes more than 200 times as large as it is");
    }
}
