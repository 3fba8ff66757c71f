//! What goes wrong around a run: disks that are full, files that cannot be read, runs that are killed, readers that go away.

use crate::scratch::Scratch;
use crate::{ends, run};
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

const SSHD: &str = "PermitRootLogin yes\nPermitEmptyPasswords yes\nX11Forwarding yes\n";

fn repository(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write(".git/HEAD", "ref: refs/heads/main\n");
    scratch.write("sshd_config", SSHD);
    scratch
}

fn names(scratch: &Scratch) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(scratch.path("")).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_is_told_and_costs_no_file() {
    let scratch = repository("faults-full");
    let run = run(&scratch, &["check", "--output", "/dev/full"]);
    assert!(run.status == Some(2) && run.err.contains("No space left"), "{} {:?}", run.err, run.status);
    // No file may grow beyond nothing: neither a report nor a fixed file can be written.
    let limited = |arguments: &str| {
        let script = format!("ulimit -f 0; trap '' XFSZ; exec \"$0\" {arguments}");
        let output = Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_hardlint")])
            .current_dir(scratch.path(""))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    scratch.write("report.txt", "old\n");
    let (status, err) = limited("check --output report.txt");
    assert!(status == Some(2) && err.contains("File too large"), "{status:?} {err}");
    assert_eq!(fs::read_to_string(scratch.path("report.txt")).unwrap(), "old\n");
    let (_, err) = limited("check --fix --unsafe-fixes --preview");
    assert!(err.contains("not written: sshd_config"), "{err}");
    assert_eq!(fs::read_to_string(scratch.path("sshd_config")).unwrap(), SSHD);
    let (status, _) = limited("check --write-baseline base.json");
    assert_eq!(status, Some(2));
    assert_eq!(names(&scratch), [".git", "report.txt", "sshd_config"]);
}

#[test]
fn a_run_that_is_killed_leaves_files_old_or_new() {
    let scratch = repository("faults-killed");
    let old = "PermitRootLogin yes\n".to_owned() + &"# a line\n".repeat(20_000) + "PermitEmptyPasswords yes\n";
    let arguments = ["check", "--fix", "--unsafe-fixes", "--preview", "--select", "sshd/permit-empty-passwords"];
    scratch.write("sshd_config", &old);
    ends(&scratch, &arguments);
    let new = fs::read_to_string(scratch.path("sshd_config")).unwrap();
    assert_ne!(old, new);
    for delay in 0..12 {
        scratch.write("sshd_config", &old);
        let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
        command.args(arguments).current_dir(scratch.path("")).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(Duration::from_millis(delay * 15));
        let _ = child.kill();
        child.wait().unwrap();
        let text = fs::read_to_string(scratch.path("sshd_config")).unwrap();
        assert!(text == old || text == new, "after {delay}: {} bytes", text.len());
    }
    // What a killed run leaves beside a file is taken for no file of ours.
    scratch.write(".sshd_config.hardlint-1-0", "PermitRootLogin yes\n");
    let run = ends(&scratch, &["check", "--output-format", "concise"]);
    assert!(!run.text().contains("hardlint-1-0"), "{}", run.text());
}

#[test]
fn two_runs_that_fix_at_once_leave_whole_files() {
    let scratch = repository("faults-twice");
    for number in 0..40 {
        scratch.write(&format!("d{number}/sshd_config"), SSHD);
    }
    let fix = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
        command.args(["check", "--fix", "--unsafe-fixes", "--preview"]).current_dir(scratch.path(""));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let (mut first, mut second) = (fix(), fix());
    assert!(matches!(first.wait().unwrap().code(), Some(0..=3)));
    assert!(matches!(second.wait().unwrap().code(), Some(0..=3)));
    // Whoever comes last finds nothing more to mend than one run alone.
    ends(&scratch, &["check", "--fix", "--unsafe-fixes", "--preview"]);
    let expected = fs::read_to_string(scratch.path("sshd_config")).unwrap();
    assert_ne!(expected, SSHD);
    for number in 0..40 {
        let folder = scratch.path(&format!("d{number}"));
        assert_eq!(fs::read_to_string(folder.join("sshd_config")).unwrap(), expected);
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    }
}

#[test]
fn files_that_change_while_they_are_read_do_no_harm() {
    let scratch = repository("faults-changing");
    let long = "PermitRootLogin yes\n".repeat(5_000);
    scratch.write("sshd_config", &long);
    let path = scratch.path("sshd_config");
    let changes = thread::spawn(move || {
        for number in 0..100 {
            fs::write(&path, if number % 2 == 0 { "" } else { &long }).unwrap();
            thread::sleep(Duration::from_millis(2));
        }
    });
    for _ in 0..2 {
        ends(&scratch, &["check", "--exit-zero"]);
        ends(&scratch, &["check", "--fix", "--unsafe-fixes", "--exit-zero"]);
    }
    changes.join().unwrap();
}

#[test]
fn what_cannot_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = repository("faults-unreadable");
    scratch.write("nginx.conf", "events {}\n");
    scratch.write("closed/redis.conf", "bind 0.0.0.0\n");
    let closed = |path: &str, mode| fs::set_permissions(scratch.path(path), fs::Permissions::from_mode(mode)).unwrap();
    closed("nginx.conf", 0o000);
    closed("closed", 0o000);
    let readable = fs::read(scratch.path("nginx.conf")).is_ok();
    let run = ends(&scratch, &["check", "--output-format", "concise"]);
    closed("closed", 0o755);
    if readable {
        eprintln!("skipped: root reads everything");
        return;
    }
    assert!(run.text().contains("nginx.conf: problem: ") && run.text().contains("closed: problem: "), "{}", run.text());
}

#[test]
fn readers_and_writers_may_go_away() {
    let scratch = repository("faults-closed");
    for number in 0..50 {
        scratch.write(&format!("d{number}/sshd_config"), SSHD);
    }
    for script in [
        "\"$0\" check | head -1 >/dev/null; exit ${PIPESTATUS[0]}",
        "\"$0\" check >&-; true",
        "\"$0\" check 2>&- >/dev/null; true",
        "\"$0\" check - --stdin-filename sshd_config <&- ; [ $? -le 3 ]",
        "LC_ALL=tr_TR.UTF-8 LANG=xx TZ=Nowhere/None HOME=/nonexistent TERM= COLUMNS=0 \"$0\" check >/dev/null; [ $? = 1 ]",
        "env -i \"$0\" check >/dev/null; [ $? = 1 ]",
    ] {
        let mut command = Command::new("bash");
        command.args(["-c", script, env!("CARGO_BIN_EXE_hardlint")]).current_dir(scratch.path("")).stdin(Stdio::null());
        let output = command.output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || output.status.code() == Some(1), "{script}: {output:?}");
        assert!(!err.contains("it failed") && !err.contains("panicked"), "{script}: {err}");
    }
}
