//! What becomes of the file on its way to redis: whether an image holds it, and values that a script puts others in place of.
//!
//! Of scripts only scripts count that stand in the file's folder, or in one above it, and name both the file and the text.

use crate::formats::dockerfile;
use crate::loader;
use crate::text::Loc;
use crate::workspace::Reader;

/// Programs that write a text in place of another.
const REPLACE: &[&str] = &["sed", "perl", "awk", "gawk", "replace"];
/// Scripts that are looked through, and the bytes of one.
const SCRIPTS: usize = 40;
const LARGEST: usize = 64 << 10;
/// Shorter texts stand in any script.
const SHORTEST: usize = 4;

/// Folders above the file in which what makes an image is looked for.
const NEAR: usize = 3;

/// Whether a Dockerfile near the file copies it, or a folder that holds it.
pub(super) fn is_in_image(reader: &Reader<'_>, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..=NEAR {
        if reader.loader.list(folder).iter().any(|name| dockerfile::makes(reader.loader, folder, name, path)) {
            return true;
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    false
}

/// Whether a script replaces a text of the file that the place is in.
pub(super) fn is_replaced(reader: &Reader<'_>, at: Loc, text: &str) -> bool {
    if text.len() < SHORTEST {
        return false;
    }
    let path = &reader.source(at.file).path;
    let name = loader::name(path);
    let mut folder = loader::folder(path);
    let mut left = SCRIPTS;
    loop {
        for entry in reader.loader.list(folder).into_iter().filter(|entry| is_script(entry)) {
            let Some(script) = loader::join(folder, &entry).filter(|_| left > 0) else { continue };
            left -= 1;
            let small = reader.loader.stat(&script).is_some_and(|stat| stat.kind == loader::Kind::File);
            let Ok(bytes) = reader.loader.read(&script) else { continue };
            if small && bytes.len() <= LARGEST && replaces(&String::from_utf8_lossy(&bytes), name, text) {
                return true;
            }
        }
        if folder.is_empty() || left == 0 {
            return false;
        }
        folder = loader::folder(folder);
    }
}

fn is_script(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh")
        || name.contains("entrypoint")
        || name.starts_with("Dockerfile")
}

/// Whether a line, or what it goes on to behind a backslash, has a program replace the text in the file.
fn replaces(script: &str, file: &str, text: &str) -> bool {
    let mut line = String::new();
    for part in script.lines().filter(|part| !part.trim_start().starts_with('#')) {
        line.push_str(part);
        if part.ends_with('\\') {
            continue;
        }
        let program = line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| REPLACE.contains(&word));
        // The path of the file may have the text in it, too.
        let others: String = line.split_whitespace().filter(|word| !word.contains(file)).collect::<Vec<_>>().join(" ");
        let is_word =
            |text: &str| others.split(|c: char| !c.is_alphanumeric() && !text.contains(c)).any(|word| word == text);
        if program && line.contains(file) && is_word(text) {
            return true;
        }
        line.clear();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_replaces() {
        let redis = |script: &str| replaces(script, "redis.conf", "XXXX");
        assert!(redis("set -e\nsed -i \"s/requirepass XXXX/requirepass $P/\" /etc/redis.conf\n"));
        assert!(redis("sed -i \\\n  -e \"s/XXXX/$P/\" \\\n  /etc/redis.conf"));
        assert!(!redis("# sed -i s/XXXX/y/ redis.conf"));
        assert!(!redis("sed -i s/XXXX/y/ other.conf"));
        assert!(!redis("sed -i s/dir/y/ redis.conf\necho XXXX"));
        assert!(!redis("redis-server redis.conf --requirepass XXXX"));
        assert!(!redis("sed -i 's/^port .*/port 6380/' /etc/XXXX/redis.conf"));
        assert!(!redis("sed -i s/XXXXYYYY/y/ redis.conf"));
    }
}
