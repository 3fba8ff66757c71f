//! Files that are named from outside, read up to a size: a file may be as long as it says, and tell nothing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Reads a file of at most `most` bytes; of a pipe that is named, what comes.
///
/// # Errors
/// Where it cannot be read, or there is more.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let too_long = || {
        let said = format!("it has more than the {} MB that are read of such a file", most >> 20);
        io::Error::new(io::ErrorKind::FileTooLarge, said)
    };
    if file.metadata()?.len() > most {
        return Err(too_long());
    }
    let mut text = Vec::new();
    file.take(most + 1).read_to_end(&mut text)?;
    if text.len() as u64 > most { Err(too_long()) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_is_too_long_is_not_read() {
        let scratch = Scratch::new("bounded");
        scratch.write("a", "12345678");
        let path = scratch.path("a");
        assert_eq!(read(&path, 8).unwrap(), b"12345678");
        assert_eq!(read(&path, 7).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        // It tells no size, and never ends.
        let device = read(Path::new("/dev/zero"), 1 << 20).unwrap_err();
        assert!(device.to_string().contains("more than the 1 MB"), "{device}");
        assert_eq!(read(&scratch.path("b"), 8).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
