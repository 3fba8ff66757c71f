//! Values that only say where a secret is: a variable, a template, a path, an entry of a vault.
//!
//! One in 64 secrets in base64 begins with `/`, and who chooses a password may begin it with anything. So each form is taken
//! whole: a path has names that somebody gave, and what opens a bracket closes it.

/// Whether a value only says where the secret is.
pub fn is_reference(value: &str) -> bool {
    is_certain_reference(value) || is_word_of_path(value.trim())
}

/// The same where what is taken for one is shown: `/word` may be a password.
pub(super) fn is_certain_reference(value: &str) -> bool {
    const STARTS: &[&str] = &[
        "vault:",
        "aws-sm://",
        "op://",
        "arn:aws:secretsmanager:",
        "arn:aws:ssm:",
        "ref+",
        "sops:",
        "gcp-sm://",
        "keyvault:",
        "akv:",
        "awssm:",
        "aws-ssm:",
        "bws:",
        "gsm:",
        "secretsmanager:",
        "sm://",
        "ssm:",
        "encrypted:",
        "secretref:",
        "infisical://",
        "doppler://",
        "berglas://",
        "awssecret://",
        "{cipher}",
    ];
    let value = value.trim();
    let within = |start: &str, end: &str| value.strip_prefix(start).and_then(|value| value.strip_suffix(end));
    let entry = |start: &str| value.strip_prefix(start).is_some_and(|name| !name.is_empty());
    let file = |rest: &str| is_path(rest) || is_file_name(rest);
    STARTS.iter().any(|start| entry(start))
        || is_path(value)
        || value.strip_prefix("file:").is_some_and(|rest| file(rest.strip_prefix("//").unwrap_or(rest)))
        || value.strip_prefix("env:").is_some_and(|name| is_variable_name(name.strip_prefix("//").unwrap_or(name)))
        || value.strip_prefix("!vault").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '|', '\n']))
        || within("ENC[", "]").or_else(|| within("ENC(", ")")).is_some()
        || within("env(", ")").is_some_and(is_variable_name)
        || within("%{", "}").is_some_and(is_of_names)
        || within("@@", "@@").is_some_and(is_variable_name)
        || is_of_systemd(value)
        || is_on_drive(value)
        || within("<", ">").is_some_and(is_of_names)
        || within("{", "}").is_some_and(is_variable_name)
        || within("%(", ")s").is_some_and(is_name)
        || within("%", "%").is_some_and(|name| !name.is_empty() && is_of_names(name))
        || within("#{", "}").or_else(|| within("#{", "}#")).is_some_and(is_of_names)
        || is_between(value, "__")
        || is_between(value, "@")
        || (value.starts_with("projects/") && value.contains("/secrets/"))
        || is_resource_name(value)
        || is_variable(value)
}

/// `%d/password`, `${CREDENTIALS_DIRECTORY}/password`: where systemd puts what a service is given.
fn is_of_systemd(value: &str) -> bool {
    const FOLDERS: &[&str] = &["%d", "$CREDENTIALS_DIRECTORY", "${CREDENTIALS_DIRECTORY}"];
    let file = |rest: &str| rest.is_empty() || rest.strip_prefix('/').is_some_and(is_name);
    FOLDERS.iter().any(|folder| value.trim_start_matches("$$").strip_prefix(folder).is_some_and(file))
        || value.strip_prefix("$$").is_some_and(|rest| rest.strip_prefix("CREDENTIALS_DIRECTORY").is_some_and(file))
}

/// `C:/secrets/db.txt`, `C:\secrets\db`: a file on Windows.
fn is_on_drive(value: &str) -> bool {
    let Some((drive, rest)) = value.split_once(':') else { return false };
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"._- /\\".contains(&byte);
    let letter = drive.len() == 1 && drive.bytes().all(|byte| byte.is_ascii_alphabetic());
    // One name alone is a password as well as anything.
    let many = rest.get(1..).is_some_and(|names| names.contains(['/', '\\', '.']));
    letter
        && rest.starts_with(['/', '\\'])
        && many
        && rest.bytes().all(named)
        && rest.split(['/', '\\']).all(|part| !is_drawn(part))
}

/// A path of more than one name, or of a file's name with an ending: `/run/secrets/db`, `./key.pem`.
pub(super) fn is_path(value: &str) -> bool {
    /// Folders at the root of a machine or of an image, where programs look for files.
    const ROOTS: &[&str] = &[
        "Users",
        "Volumes",
        "app",
        "bin",
        "certs",
        "code",
        "config",
        "data",
        "dev",
        "etc",
        "home",
        "keys",
        "lib",
        "media",
        "mnt",
        "opt",
        "private",
        "proc",
        "root",
        "run",
        "secrets",
        "srv",
        "sys",
        "tmp",
        "usr",
        "var",
        "vault",
        "work",
        "workspace",
    ];
    let Some(names) = ["/", "./", "../", "~/"].iter().find_map(|start| value.strip_prefix(start)) else { return false };
    let mut parts = names.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let (first, last) = (parts.next().unwrap_or_default(), parts.next_back());
    let rooted = value.starts_with('/') && ROOTS.binary_search(&first).is_ok() && last.is_some();
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/~@:,{}$".contains(&byte);
    let many = last.is_some() && names.bytes().all(in_path) && !names.contains("//") && !is_drawn(names);
    rooted || many || is_file_name(last.unwrap_or(first)) && !is_drawn(names)
}

/// `/token`, `/forgotPassword?to={mail}`: words, and what programs ask a server for is mostly called so.
fn is_word_of_path(value: &str) -> bool {
    // Nothing that is drawn is so short, and has no digit.
    const LONGEST: usize = 24;
    let word = ["/", "./", "../", "~/"].iter().find_map(|start| value.strip_prefix(start));
    let small = |c: char| !c.is_ascii_uppercase();
    let letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    // A page of a program that runs in the browser.
    let word = word.map(|word| word.strip_prefix("#/").unwrap_or(word));
    word.and_then(|word| word.split(['?', '#', '{', '(']).next()).is_some_and(|word| {
        let begins = word.starts_with(small) || is_of_humps(word);
        word.len() <= LONGEST && begins && word.bytes().all(letter)
    })
}

/// `UpdatePassword`: several words, each with a capital before it.
fn is_of_humps(word: &str) -> bool {
    let mut lengths = Vec::new();
    for letter in word.chars() {
        match lengths.last_mut() {
            Some(length) if !letter.is_ascii_uppercase() => *length += 1,
            None if !letter.is_ascii_uppercase() => return false,
            _ => lengths.push(1),
        }
    }
    lengths.len() > 1 && lengths.iter().all(|length| *length > 3)
}

/// The name of a file with the ending of one that holds a secret.
fn is_file_name(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "asc", "cer", "cfg", "conf", "crt", "env", "gpg", "ini", "jks", "json", "key", "p12", "pass", "passwd",
        "password", "pem", "pfx", "pub", "pw", "secret", "sock", "toml", "token", "txt", "yaml", "yml",
    ];
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && stem.bytes().all(named) && ENDINGS.binary_search(&ending).is_ok()
    })
}

/// `DB_PASSWORD`, `db_password`: the name of a variable.
fn is_variable_name(name: &str) -> bool {
    let capitals = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && (name.bytes().all(capitals) || name.contains('_') && name.bytes().all(small))
}

/// What a template calls something.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Whether a text is made of words that somebody wrote, as `fill this in` and `database.password`.
fn is_of_names(text: &str) -> bool {
    !is_drawn(text)
}

/// Whether capitals, small letters and digits follow each other in a text as nobody writes them.
fn is_drawn(text: &str) -> bool {
    let kind = |byte: u8| match byte {
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        b'0'..=b'9' => 4,
        _ => 0_u8,
    };
    let letters = text.bytes().filter(|byte| kind(*byte) > 0).count();
    let kinds = text.bytes().fold(0, |kinds, byte| kinds | kind(byte));
    let changes = text.as_bytes().windows(2).filter(|pair| match pair {
        [a, b] => kind(*a) > 0 && kind(*b) > 0 && kind(*a) != kind(*b),
        _ => false,
    });
    kinds == 7 && changes.count() * 3 > letters
}

/// `__DB_PASSWORD__`: a name between marks, which the deployment replaces.
fn is_between(value: &str, mark: &str) -> bool {
    let inner = value.strip_prefix(mark).and_then(|value| value.strip_suffix(mark));
    let named = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-');
    inner
        .is_some_and(|inner| inner.len() > 1 && inner.bytes().all(named) && inner.contains(|c: char| c.is_alphabetic()))
}

/// `arn:partition:service:region:account:resource`, in any of the partitions of AWS.
fn is_resource_name(value: &str) -> bool {
    let mut parts = value.splitn(6, ':');
    parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition == "aws" || partition.starts_with("aws-"))
        && parts.nth(3).is_some_and(|resource| !resource.is_empty())
}

/// `$NAME`, `${NAME}` or `{{ … }}`, and nothing else. A literal that only holds a dollar is a literal.
fn is_variable(value: &str) -> bool {
    if value.starts_with("{{") && value.ends_with("}}") {
        return true;
    }
    let Some(name) = value
        .trim_start_matches('$')
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .or_else(|| value.strip_prefix('$').map(|name| name.trim_start_matches('$')))
    else {
        return false;
    };
    value.starts_with('$')
        && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_where_a_secret_is() {
        for value in [
            "/run/secrets/db",
            "/run/secrets/DB_Password1",
            "/opt/MyApp2/secrets/Token",
            "/certs/server.key",
            "/v1/auth/token",
            "./key.pem",
            "../keys/app.env",
            "~/.ssh/id_rsa",
            "file:///run/secrets/db",
            "file:secret.txt",
            "env:DB_PASSWORD",
            "env:db_password",
            "%(DB_PASSWORD)s",
            "%DB_PASSWORD%",
            "%env(DATABASE_PASSWORD)%",
            "#{Database.Password}",
            "#{DB_PASSWORD}#",
            "<your password>",
            "<DB_PASSWORD>",
            "ENC[AES256_GCM,data:x]",
            "!vault |",
            "vault:secret/data/db#password",
            "__DB_PASSWORD__",
            "${DB_PASSWORD}",
            "{{ db_password }}",
            "#{ENV['DB_PASSWORD']}",
            "<%= ENV['DB_PASSWORD'] %>",
            "<path:kv/data/db#PassWord>",
            "env://GITHUB_TOKEN",
            "env(DB_PASSWORD)",
            "%{DB_PASSWORD}",
            "@@DB_PASSWORD@@",
            "ENC(x)",
            "{cipher}x",
            "doppler://x",
            "%d/password",
            "$$CREDENTIALS_DIRECTORY/db",
            "${CREDENTIALS_DIRECTORY}/db",
            "C:/secrets/db.txt",
            "C:\\secrets\\db",
        ] {
            assert!(is_reference(value) && is_certain_reference(value), "{value}");
        }
        for value in [
            "/login",
            "/auth",
            "../secret",
            "./token",
            "/forgotPassword",
            "/reset?token={token}",
            "/verifyToken",
            "/UpdatePassword",
            "/#/reset/{token}",
        ] {
            assert!(is_reference(value) && !is_certain_reference(value), "{value}");
        }
    }

    /// Values that are made up, put together so that none stands here.
    #[test]
    fn what_only_begins_as_one_does_is_a_secret() {
        let drawn = ["3qZ9fKx7", "Lr2mWv8T", "bYc4NpDg", "6HsJ1aQ"].concat();
        let cut = ["3qZ9fKx7", "Lr2mWv8T"].join("/");
        for start in ["/", "../", "./", "~/", "%(", "#{", "env:", "file:", "file://", "<", "%", "ENC[", "!vault"] {
            for drawn in [&drawn, &cut] {
                let value = format!("{start}{drawn}");
                assert!(!is_reference(&value), "{value}");
            }
        }
        for value in [
            format!("<{drawn}>"),
            format!("%{drawn}%"),
            format!("#{{{drawn}}}"),
            format!("/{cut}="),
            format!("/{drawn}+a/b"),
            "/hunter2".to_owned(),
            "/Hunter".to_owned(),
            "%(".to_owned(),
            "env:".to_owned(),
            "vault:".to_owned(),
            "env:hunter2".to_owned(),
            "env://hunter2".to_owned(),
            "/HunTer".to_owned(),
            "/ABcdEf".to_owned(),
            format!("%{{{drawn}}}"),
            format!("@@{drawn}@@"),
            format!("C:/{drawn}"),
            "C:/Summer2024".to_owned(),
            format!("%d/{drawn}+"),
            "%dhunter2".to_owned(),
        ] {
            assert!(!is_reference(&value), "{value}");
        }
    }
}
