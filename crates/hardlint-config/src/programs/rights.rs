//! Rights and accounts: setuid bits, capabilities, passwords, SSH servers, debuggers, packages.

use super::{Fact, Facts, is, values};
use crate::syntax::shell::{Command, Part, Script, Word};
use crate::text::Span;

/// Capabilities that only let a program bind a port, or open a raw socket as ping does.
const HARMLESS: &[&str] = &["cap_net_bind_service", "cap_net_raw", "cap_ipc_lock"];

/// Adds what is known.
pub(super) fn add(script: &Script, index: usize, command: &Command, facts: &mut Facts) {
    let Some(program) = command.program() else { return };
    let arguments = command.arguments();
    let before = command.program_at().and_then(|at| command.words.get(..=at)).unwrap_or_default();
    if let Some(word) =
        before.iter().find(|word| word.known().is_some_and(|text| text.rsplit('/').next() == Some("sudo")))
    {
        facts.push(("sudo", Fact::Text(word.shown(), vec![word.span])));
    }
    let fact = match program {
        "chmod" => setuid(arguments)
            .map(|fact| ("sets_setuid", fact))
            .or_else(|| world_writable(arguments).map(|fact| ("world_writable", fact))),
        "install" | "mkdir" => made_with(program, command),
        "setcap" => capabilities(arguments).map(|fact| ("adds_capabilities", fact)),
        "openssl" => super::keys::by_openssl(script, command).map(|fact| ("makes_tls_key", fact)),
        "keytool" => super::keys::by_keytool(script, command).map(|fact| ("makes_tls_key", fact)),
        "htpasswd" => web_password(script, command).map(|fact| ("sets_password", fact)),
        "x11vnc" => screen_password(command).map(|fact| ("sets_password", fact)),
        "chpasswd" => chpasswd(script, index, command).map(|fact| ("sets_password", fact)),
        "passwd" => without_password(script, index, command)
            .map(|fact| ("clears_password", fact))
            .or_else(|| passwd(script, index, command).map(|fact| ("sets_password", fact))),
        "useradd" | "usermod" | "adduser" => account(script, index, command),
        "apt-get" | "apt" | "aptitude" | "apk" | "yum" | "dnf" | "microdnf" | "tdnf" | "zypper" | "pacman" => {
            if let Some((name, at)) = host_keys(script, program, arguments) {
                facts.push(("makes_key", Fact::Text("host keys".to_owned(), vec![at])));
                facts.push(("key_by_package", Fact::Text(name, vec![at])));
            }
            packages(program, arguments).map(|fact| ("installs", fact))
        }
        "chown" => gives_away(arguments).map(|fact| ("gives_away", fact)),
        "ssh-keygen" => key_made(script, command).map(|fact| ("makes_key", fact)),
        "sshd" | "dropbear" => Some(("ssh_server", Fact::Text(program.to_owned(), vec![command.span]))),
        "service" if arguments.first().is_some_and(|word| is(word, "ssh") || is(word, "sshd")) => {
            let starts = arguments.get(1).is_some_and(|word| is(word, "start") || is(word, "restart"));
            starts.then(|| ("ssh_server", Fact::Text("sshd".to_owned(), vec![command.span])))
        }
        "echo" | "printf" => without_asking(arguments).map(|fact| ("lets_sudo", fact)),
        "sed" => emptied(arguments).map(|fact| ("clears_password", fact)),
        "docker-php-ext-enable" | "install-php-extensions" => {
            let word =
                arguments.iter().find(|word| word.known().is_some_and(|text| text.split('-').next() == Some("xdebug")));
            word.filter(|_| !may_be_left_out(script, index))
                .map(|word| ("installs_debugger", Fact::Text("Xdebug".to_owned(), vec![word.span])))
        }
        _ => None,
    };
    if let Some(("sets_password", Fact::Text(_, places))) = &fact
        && program != "passwd"
    {
        facts.push(("account_password", Fact::Text("…".to_owned(), places.clone())));
        if is_for_app_service(script, index, command) {
            facts.push(("platform_console", Fact::Text("Azure App Service".to_owned(), vec![command.span])));
        }
    }
    if let Some(("world_writable", _)) = &fact
        && let Some(word) = arguments.iter().find(|word| is_run_or_read(&word.shown()))
    {
        facts.push(("world_writable_code", Fact::Text(word.shown(), vec![word.span])));
    }
    facts.extend(locks(program, arguments).map(|fact| ("locks_account", fact)));
    facts.extend(joins(program, arguments).map(|fact| ("joins_group", fact)));
    facts.extend(fact);
    facts.extend(debugger(program, command).map(|fact| ("debugger", fact)));
}

/// Whether root gets the password that Azure App Service documents for the console through which it reaches a container.
fn is_for_app_service(script: &Script, index: usize, command: &Command) -> bool {
    let fed = command.redirects.iter().map(|redirect| &redirect.target);
    let echoed = script.upstream(index).next().map(|(_, from)| from.arguments()).unwrap_or_default();
    fed.chain(echoed).any(|word| word.known().is_some_and(|text| text.trim() == "root:Docker!"))
}

/// The private key that is made, unless the same script removes it: host keys, or the file that is named.
fn key_made(script: &Script, command: &Command) -> Option<Fact> {
    /// What `ssh-keygen` does instead with a key that is there.
    const OTHERWISE: &[&str] =
        &["-B", "-c", "-D", "-e", "-F", "-H", "-i", "-I", "-l", "-L", "-M", "-p", "-Q", "-R", "-r", "-s", "-Y", "-y"];
    let arguments = command.arguments();
    if arguments.iter().filter_map(Word::known).any(|word| OTHERWISE.contains(&word)) {
        return None;
    }
    let all = arguments.iter().find(|word| is(word, "-A")).map(|word| ("ssh_host_", "host keys", word.span));
    let named = || values(command, &["-f"]).into_iter().next().map(|(path, at)| (path, path, at));
    let (part, what, at) = all.or_else(named)?;
    let is_removed = script.commands.iter().any(|other| {
        let named = |word: &Word| word.known().is_some_and(|path| path.contains(part));
        matches!(other.program(), Some("rm" | "shred" | "unlink")) && other.arguments().iter().any(named)
    });
    (!is_removed).then(|| Fact::Text(what.to_owned(), vec![at]))
}

/// The package of Debian and Ubuntu that makes the host's keys of SSH when it is installed, unless the same script removes
/// them: those of other systems leave that to the start of the server.
fn host_keys(script: &Script, program: &str, arguments: &[Word]) -> Option<(String, Span)> {
    if !matches!(program, "apt-get" | "apt" | "aptitude") {
        return None;
    }
    let Some(Fact::List(packages)) = packages(program, arguments) else { return None };
    let (name, at) =
        packages.into_iter().find(|(name, _)| matches!(&**name, "openssh-server" | "ssh" | "task-ssh-server"))?;
    let is_removed = script.commands.iter().any(|other| {
        let keys =
            |word: &Word| word.start().contains("ssh_host_") || word.known().is_some_and(|it| it.contains("ssh_host_"));
        other.arguments().iter().any(keys)
    });
    (!is_removed).then_some((name, at))
}

fn setuid(arguments: &[Word]) -> Option<Fact> {
    let word = arguments.iter().find(|word| word.known().is_some_and(is_mode))?;
    let mode = word.known()?;
    is_setuid(mode).then(|| Fact::Text(mode.to_owned(), vec![word.span]))
}

/// Folders that everybody is to write to.
const SHARED: &[&str] = &["/tmp", "/var/tmp", "/dev", "/run/lock", "/var/lock", "/run/screen", "/var/run/screen"];

/// Whether a path is one of those.
pub(crate) fn is_shared(path: &str) -> bool {
    SHARED.iter().any(|shared| path.trim_end_matches('/').starts_with(shared))
}

/// A mode that lets everybody write, without the sticky bit that keeps their files apart.
fn world_writable(arguments: &[Word]) -> Option<Fact> {
    let index = arguments.iter().position(|word| word.known().is_some_and(is_mode))?;
    let word = arguments.get(index)?;
    let mode = word.known()?;
    let mut files = arguments.get(index + 1..)?.iter().filter(|file| !file.start().starts_with('-'));
    (lets_all_write(mode) && files.any(|file| !is_shared(file.start())))
        .then(|| Fact::Text(mode.to_owned(), vec![word.span]))
}

/// What `mkdir -m` and `install -m` give everybody.
fn made_with(program: &str, command: &Command) -> Option<(&'static str, Fact)> {
    let joined = |word: &Word| {
        // Flags may stand together before the one that takes a value: `-pm 777`.
        word.known().is_some_and(|text| {
            text.len() > 2 && text.starts_with('-') && !text.starts_with("--") && text.ends_with('m')
        })
    };
    let arguments = command.arguments();
    let after = arguments.windows(2).find_map(|pair| match pair {
        [flags, mode] if joined(flags) => Some((mode.known()?, mode.span)),
        _ => None,
    });
    let (mode, at) = values(command, &["-m", "--mode"]).into_iter().next().or(after)?;
    let fact = || Fact::Text(mode.to_owned(), vec![at]);
    if program == "install" && is_setuid(mode) {
        return Some(("sets_setuid", fact()));
    }
    let is_path = |word: &&Word| !word.start().starts_with('-') && word.span != at;
    let last = arguments.iter().rev().find(is_path)?;
    (lets_all_write(mode) && !is_shared(last.start())).then(|| ("world_writable", fact()))
}

/// What root runs or reads at each login or start, by its path.
const OF_ROOT: &[&str] = &[
    "/bin",
    "/etc",
    "/etc/crontab",
    "/etc/group",
    "/etc/init.d",
    "/etc/passwd",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/lib",
    "/root",
    "/sbin",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/sbin",
];

/// The file of root's that `chown` gives to somebody else.
fn gives_away(arguments: &[Word]) -> Option<Fact> {
    let mut words = arguments.iter().filter(|word| !word.start().starts_with('-'));
    let owner = words.next()?.shown();
    let user = owner.split([':', '.']).next().unwrap_or_default();
    // `:group` leaves the owner.
    if matches!(user, "" | "root" | "0") {
        return None;
    }
    let word = words.find(|word| OF_ROOT.contains(&word.shown().trim_end_matches('/')))?;
    Some(Fact::Text(word.shown(), vec![word.span]))
}

/// Whether a path is that of programs, libraries or configuration, by its folders and its ending.
pub(crate) fn is_run_or_read(path: &str) -> bool {
    const FOLDERS: &[&str] = &["bin", "sbin", "etc", "lib", "lib64", "libexec", "node_modules", "site-packages"];
    const ENDINGS: &[&str] = &[".sh", ".py", ".pl", ".rb", ".js", ".php", ".conf", ".cfg", ".ini"];
    path.split('/').any(|part| FOLDERS.contains(&part)) || ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// The account that is locked: whatever its password was, none fits any more.
fn locks(program: &str, arguments: &[Word]) -> Option<Fact> {
    let flags: &[&str] = match program {
        "passwd" => &["-l", "--lock"],
        "usermod" => &["-L", "--lock"],
        _ => return None,
    };
    let word = arguments.iter().find(|word| word.known().is_some_and(|text| flags.contains(&text)))?;
    Some(Fact::Text(account_named(arguments), vec![word.span]))
}

/// A group whose members are as good as root, that an account is put into.
fn joins(program: &str, arguments: &[Word]) -> Option<Fact> {
    const GROUPS: &[&str] = &["docker", "disk", "lxd", "shadow", "sudo", "wheel"];
    let named = |word: &Word| word.known().is_some_and(|text| text.split(',').any(|name| GROUPS.contains(&name)));
    let last = || {
        arguments
            .last()
            .filter(|word| named(word) && arguments.iter().filter(|it| !it.start().starts_with('-')).count() > 1)
    };
    let word = match program {
        "usermod" | "useradd" => {
            let takes = |word: &Word| {
                word.known().is_some_and(|text| {
                    text == "--groups" || text.starts_with('-') && !text.starts_with("--") && text.ends_with('G')
                })
            };
            let after = arguments.windows(2).find_map(|pair| match pair {
                [a, b] if takes(a) && named(b) => Some(b),
                _ => None,
            });
            after.or_else(|| {
                arguments.iter().find(|word| {
                    super::attached(word, "--groups")
                        .is_some_and(|text| text.split(',').any(|name| GROUPS.contains(&name)))
                })
            })
        }
        "adduser" | "addgroup" => last(),
        "gpasswd" if arguments.iter().any(|word| is(word, "-a") || is(word, "--add")) => last(),
        _ => None,
    }?;
    let text = word.known()?;
    let group = text.rsplit('=').next()?.split(',').find(|name| GROUPS.contains(name))?;
    Some(Fact::Text(group.to_owned(), vec![word.span]))
}

/// Whether a mode lets everybody write.
pub(crate) fn lets_all_write(mode: &str) -> bool {
    if mode.bytes().all(|byte| matches!(byte, b'0'..=b'7')) {
        let Ok(bits) = u32::from_str_radix(mode, 8) else { return false };
        return bits & 0o002 != 0 && bits & 0o1000 == 0;
    }
    if mode.contains('t') {
        return false;
    }
    mode.split(',').any(|part| {
        let Some(at) = part.find(['+', '=']) else { return false };
        let (who, rights) = part.split_at(at);
        let all = who.contains(['o', 'a']) && who.bytes().all(|byte| b"ugoa".contains(&byte));
        all && rights.contains('w')
    })
}

/// Whether a word is a mode and no option: `-R` is one, `-s` takes the bit away.
fn is_mode(text: &str) -> bool {
    !text.starts_with('-') && !text.is_empty()
}

/// Whether a mode makes a file run as its owner: `4755`, `u+s`, `+s`. The group's bit alone is common on folders.
fn is_setuid(mode: &str) -> bool {
    if mode.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = mode.trim_start_matches('0');
        return digits.len() == 4 && matches!(digits.as_bytes().first(), Some(b'4'..=b'7'));
    }
    mode.split(',').any(|part| {
        let Some(at) = part.find(['+', '=']) else { return false };
        let (who, rights) = part.split_at(at);
        let owner = who.is_empty() || who.contains('u') || who.contains('a');
        owner && rights.contains('s') && who.bytes().all(|byte| b"ugoa".contains(&byte))
    })
}

fn capabilities(arguments: &[Word]) -> Option<Fact> {
    if arguments.iter().any(|word| is(word, "-r")) {
        return None;
    }
    let word = arguments.iter().find(|word| word.start().to_ascii_lowercase().starts_with("cap_"))?;
    let text = word.known()?.to_ascii_lowercase();
    let names = text.split(['=', '+']).next().unwrap_or_default();
    names.split(',').any(|name| !HARMLESS.contains(&name)).then(|| Fact::Text(text.clone(), vec![word.span]))
}

/// `echo user:password | chpasswd`, and the same from a heredoc.
fn chpasswd(script: &Script, index: usize, command: &Command) -> Option<Fact> {
    let fed =
        command.redirects.iter().find(|redirect| redirect.mark.starts_with("<<")).map(|redirect| &redirect.target);
    let echoed = script
        .upstream(index)
        .next()
        .filter(|(_, from)| prints(from))
        .and_then(|(_, from)| from.arguments().iter().find(|word| word.shown().contains(':')));
    let word = fed.or(echoed)?;
    let from = script.upstream(index).next().map(|(from, _)| from);
    if fed.is_none() && word.known().is_none() && from.is_some_and(|from| hashes_literal(script, from)) {
        let account = word.start().split_once(':').map(|(account, _)| account)?;
        return Some(Fact::Text(account.to_owned(), vec![word.span]));
    }
    // A password that comes from a variable is not written here.
    let lines = word.known()?.trim();
    let lines: Vec<&str> = lines.split('\n').flat_map(|line| line.split("\\n")).collect();
    // With `-e` what begins so is no hash of any password: the account is open to its keys alone.
    let hashed = command.arguments().iter().any(|word| is(word, "-e") || is(word, "--encrypted"));
    let (account, _) = lines.iter().filter_map(|line| line.trim().split_once(':')).find(|(_, password)| {
        !(password.is_empty() || password.contains("%s") || hashed && password.starts_with(['*', '!']))
    })?;
    Some(Fact::Text(account.to_owned(), vec![word.span]))
}

/// Whether a command gets, in a word, the hash that `openssl passwd` or `mkpasswd` makes of a password that is written there.
fn hashes_literal(script: &Script, index: usize) -> bool {
    let inside = |command: &Command| command.inside.is_some_and(|inside| inside.command == index);
    script.commands.iter().enumerate().filter(|(_, command)| inside(command)).any(|(at, command)| {
        let arguments = command.arguments();
        if command.program() == Some("mkpasswd") {
            let mut rest = arguments.iter();
            let mut literal = false;
            while let Some(word) = rest.next() {
                match word.known() {
                    Some("-m" | "-S" | "-R" | "-P" | "--method" | "--salt" | "--rounds") => {
                        rest.next();
                    }
                    Some("-s" | "--stdin") => return false,
                    Some(text) => literal |= !text.is_empty() && !text.starts_with('-'),
                    None => {}
                }
            }
            return literal;
        }
        if command.program() != Some("openssl") || !arguments.first().is_some_and(|word| is(word, "passwd")) {
            return false;
        }
        if arguments.iter().any(|word| is(word, "-stdin")) {
            let fed = script.upstream(at).next().filter(|(_, from)| prints(from));
            return fed.is_some_and(|(_, from)| {
                let mut words = from.arguments().iter().filter(|word| !word.start().starts_with('-'));
                words.next().is_some_and(|word| word.known().is_some_and(|text| !text.is_empty()))
            });
        }
        let takes = |word: &Word| matches!(word.known(), Some("-salt" | "-in" | "-rand" | "-writerand"));
        let [.., before, last] = arguments else { return false };
        !takes(before) && last.known().is_some_and(|text| !text.is_empty() && !text.starts_with('-'))
    })
}

/// `htpasswd -b file user password`, and `htpasswd -nb user password`, which prints the line.
fn web_password(script: &Script, command: &Command) -> Option<Fact> {
    let (options, words): (Vec<&Word>, Vec<&Word>) =
        command.arguments().iter().partition(|word| word.start().starts_with('-'));
    let letter = |letter: char| {
        options.iter().any(|word| word.known().is_some_and(|text| !text.starts_with("--") && text.contains(letter)))
    };
    // It compares with what is there, or takes an account away.
    if letter('v') || letter('D') {
        return None;
    }
    // The cost of bcrypt stands in a word of its own.
    let cost = letter('C').then(|| words.iter().position(|word| word.known().is_some_and(is_number))).flatten();
    let words: Vec<&Word> =
        words.into_iter().enumerate().filter(|(at, _)| Some(*at) != cost).map(|(_, word)| word).collect();
    let ((true, [user, password]) | (false, [_, user, password])) = (letter('n'), words.as_slice()) else {
        return None;
    };
    if !letter('n') && words.first().is_some_and(|file| super::keys::is_removed(script, &file.shown())) {
        return None;
    }
    let written = password.known().is_some_and(|text| !text.is_empty());
    (letter('b') && written).then(|| Fact::Text(user.shown(), vec![password.span]))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `x11vnc -storepasswd password file`.
fn screen_password(command: &Command) -> Option<Fact> {
    let arguments = command.arguments();
    let at = arguments.iter().position(|word| is(word, "-storepasswd"))?;
    let (password, _file) = (arguments.get(at + 1)?, arguments.get(at + 2)?);
    password.known().filter(|text| !text.is_empty())?;
    Some(Fact::Text("x11vnc".to_owned(), vec![password.span]))
}

fn prints(command: &Command) -> bool {
    matches!(command.program(), Some("echo" | "printf"))
}

/// A line for sudo that asks for no password. Of what variables hold, nobody writes such lines.
fn without_asking(arguments: &[Word]) -> Option<Fact> {
    let says = |part: &Part| matches!(part, Part::Text { text, .. } if text.contains("NOPASSWD"));
    let word = arguments.iter().find(|word| word.parts.iter().any(says))?;
    Some(Fact::Text("NOPASSWD".to_owned(), vec![word.span]))
}

/// The account that `passwd` is about.
fn account_named(arguments: &[Word]) -> String {
    arguments.iter().rev().find(|word| !word.start().starts_with('-')).map_or("root".to_owned(), Word::shown)
}

/// `passwd -d account`, which takes the password away: nothing is asked for.
fn without_password(script: &Script, index: usize, command: &Command) -> Option<Fact> {
    let arguments = command.arguments();
    let locks = |other: &Command| {
        let flags: &[&str] = match other.program() {
            Some("passwd") => &["-l", "--lock"],
            Some("usermod") => &["-L", "--lock"],
            _ => return false,
        };
        other.arguments().iter().any(|word| word.known().is_some_and(|text| flags.contains(&text)))
            && other.arguments().last().map(Word::shown) == arguments.last().map(Word::shown)
    };
    // What locks it afterwards puts something before the empty password.
    if script.commands.iter().skip(index + 1).any(locks) {
        return None;
    }
    let deletes = |word: &&Word| is(word, "-d") || is(word, "--delete");
    // With `-l` beside it, the account is locked.
    if arguments.iter().any(|word| is(word, "-l") || is(word, "--lock")) {
        return None;
    }
    let word = arguments.iter().find(deletes)?;
    Some(Fact::Text(account_named(arguments), vec![word.span]))
}

/// The account whose field in `/etc/shadow` an editing in place leaves with nothing in it: `sed -i 's/root:!/root:/' /etc/shadow`.
fn emptied(arguments: &[Word]) -> Option<Fact> {
    let known = |word: &Word| word.known().map(str::to_owned);
    if !arguments.iter().any(|word| is(word, "/etc/shadow"))
        || !arguments.iter().any(|word| word.start().starts_with("-i"))
    {
        return None;
    }
    arguments.iter().find_map(|word| {
        let text = known(word)?;
        let mark = text.strip_prefix('s')?.chars().next().filter(char::is_ascii_punctuation)?;
        let mut parts = text.get(2..)?.split(mark);
        let (from, to) = (parts.next()?, parts.next()?);
        let from = from.strip_prefix('^').unwrap_or(from);
        let (account, was) = from.split_once(':')?;
        let left = to.strip_prefix(account)?.strip_prefix(':')?;
        let is_name = !account.is_empty()
            && account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        // What locks the account goes, or the whole field does.
        let goes = match was.strip_suffix(':') {
            Some(field) => !field.is_empty() && left == ":",
            None => left.is_empty() && !was.is_empty(),
        };
        (is_name && goes).then(|| Fact::Text(account.to_owned(), vec![word.span]))
    })
}

/// Whether a script asks something before a command is run: what it would do may be left out.
fn may_be_left_out(script: &Script, index: usize) -> bool {
    let before = script.commands.iter().take(index);
    before.filter_map(Command::program).any(|program| matches!(program, "[" | "[[" | "test" | "case"))
}

fn passwd(script: &Script, index: usize, command: &Command) -> Option<Fact> {
    let arguments = command.arguments();
    let account = account_named(arguments);
    let flag = |names: &[&str]| arguments.iter().find(|word| word.known().is_some_and(|text| names.contains(&text)));
    if flag(&["-l", "--lock", "-e", "--expire", "-u", "-S", "-x", "-n", "-w", "-i"]).is_some() {
        return None;
    }
    let (_, from) = script.upstream(index).next().filter(|(_, from)| prints(from))?;
    let word = from.arguments().iter().find(|word| !word.start().starts_with('-'))?;
    word.known().filter(|text| !text.is_empty())?;
    Some(Fact::Text(account, vec![word.span]))
}

/// The account that `useradd` or `usermod` is about: the word that is neither an option nor the value of one.
fn account_of(arguments: &[Word]) -> String {
    const TAKE: &[&str] = &["-b", "-c", "-d", "-e", "-f", "-g", "-G", "-k", "-K", "-l", "-p", "-R", "-s", "-u"];
    let mut words = arguments.iter();
    let mut found = String::new();
    while let Some(word) = words.next() {
        let text = word.start();
        let takes = TAKE.contains(&text)
            || text.starts_with("--") && !text.contains('=') && !matches!(text, "--create-home" | "--no-create-home" | "--system")
            // Flags may stand together before the one that takes a value: `-ms /bin/bash`.
            || text.starts_with('-') && text.len() > 2 && text.ends_with(['s', 'd', 'g', 'G', 'u', 'p', 'c']) && !text.starts_with("--");
        if takes {
            words.next();
        } else if !text.starts_with('-') {
            found = word.shown();
        }
    }
    found
}

/// `useradd -p hash`; `*`, `!` and `x` lock an account, and nothing opens it to everybody.
fn account(script: &Script, index: usize, command: &Command) -> Option<(&'static str, Fact)> {
    if command.program() == Some("adduser") {
        return None;
    }
    // `useradd -p` wants a hash, which `openssl passwd` makes of a password that stands there.
    let takes = |word: &Word| word.known().is_some_and(|text| matches!(text, "-p" | "--password"));
    let hash = command.arguments().windows(2).find_map(|pair| match pair {
        [option, value] if takes(option) && value.known().is_none() => Some(value.span),
        _ => None,
    });
    if let Some(at) = hash.filter(|_| hashes_literal(script, index)) {
        return Some(("sets_password", Fact::Text(account_of(command.arguments()), vec![at])));
    }
    let (value, at) = values(command, &["-p", "--password"]).into_iter().next()?;
    let locked = value.starts_with(['!', '*']) || value == "x";
    let account = command.arguments().last().map(Word::shown).unwrap_or_default();
    let fact = if value.is_empty() { "clears_password" } else { "sets_password" };
    (!locked).then(|| (fact, Fact::Text(account, vec![at])))
}

/// The packages that are installed, without their versions.
fn packages(program: &str, arguments: &[Word]) -> Option<Fact> {
    let verb = match program {
        "apk" => &["add"][..],
        "pacman" => &["-S", "-Sy", "-Syu", "--sync"][..],
        _ => &["install", "in", "reinstall", "groupinstall"][..],
    };
    let at = arguments.iter().position(|word| word.known().is_some_and(|text| verb.contains(&text)))?;
    let mut names = Vec::new();
    let mut value = false;
    for word in arguments.get(at + 1..)? {
        let text = word.known().unwrap_or_else(|| word.start());
        if std::mem::take(&mut value) || text.is_empty() {
            continue;
        }
        if text.starts_with('-') {
            value = matches!(text, "-t" | "--virtual" | "--repository" | "-X" | "-o" | "--target-release" | "--setopt");
            continue;
        }
        let end = text.find(['=', '<', '>', '~', '@']).unwrap_or(text.len());
        names.push((text.get(..end).unwrap_or(text).to_owned(), word.span));
    }
    (!names.is_empty()).then_some(Fact::List(names))
}

/// A debugger that listens on all addresses.
fn debugger(program: &str, command: &Command) -> Option<Fact> {
    let found = |name: &str, at: Span| Some(Fact::Text(name.to_owned(), vec![at]));
    let arguments = command.arguments();
    for word in arguments {
        let text = word.start();
        let inspects =
            ["--inspect=", "--inspect-brk=", "--inspect-wait="].iter().find_map(|flag| text.strip_prefix(flag));
        if let Some(address) = inspects
            && is_everybody(address)
        {
            return found("the Node.js inspector", word.span);
        }
        if text.contains("jdwp=") && (text.contains("address=*:") || text.contains("address=0.0.0.0:")) {
            return found("the Java debugger", word.span);
        }
    }
    let debugpy = arguments.iter().any(|word| is(word, "debugpy")) || program == "debugpy";
    let listens = values(command, &["--listen"]).into_iter().find(|(address, _)| is_everybody(address));
    match listens {
        Some((_, at)) if debugpy => found("debugpy", at),
        Some((_, at)) if program == "dlv" => found("the Go debugger", at),
        _ if program == "dlv" => {
            let (_, at) = values(command, &["--listen"]).into_iter().find(|(address, _)| address.starts_with(':'))?;
            found("the Go debugger", at)
        }
        _ => None,
    }
}

/// Whether an address to listen on is all of them.
fn is_everybody(address: &str) -> bool {
    address.starts_with("0.0.0.0") || address.starts_with("[::]") || address.starts_with("*:")
}
