//! Texts that are written for hardlint itself: settings, rules, files of variables that an option names. Files that are judged
//! are taken as their programs take them, these have to be UTF-8.

use crate::root::shown;
use anyhow::{Result, bail};
use std::path::Path;

/// The text that bytes are.
///
/// # Errors
/// Where they are none, with the place of the first that is not.
pub fn text(path: &Path, bytes: Vec<u8>) -> Result<String> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let (bytes, valid) = (error.as_bytes(), error.utf8_error().valid_up_to());
    let path = shown(path);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        bail!("{path}:1:1: this is UTF-16: save it as UTF-8");
    }
    let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default()).into_owned();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let byte = bytes.get(valid).copied().unwrap_or_default();
    bail!("{path}:{line}:{column}: the byte {byte:#04x} is no UTF-8 here: save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf_8_is_told_at_its_place() {
        let told = |bytes: &[u8]| text(Path::new("a/b"), bytes.to_vec()).unwrap_err().to_string();
        assert_eq!(told(b"x\n\xc3\xa9 \xffy"), "a/b:2:3: the byte 0xff is no UTF-8 here: save the file as UTF-8");
        assert_eq!(told(b"\xff\xfex\0"), "a/b:1:1: this is UTF-16: save it as UTF-8");
        assert_eq!(text(Path::new("a"), b"x".to_vec()).unwrap(), "x");
    }
}
