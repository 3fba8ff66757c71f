//! Whole runs of the release binary: start-up on one small file, and a tree beside `rg`, which does nothing but read it.
//!
//! ```sh
//! cargo build --release -p hardlint
//! HARDLINT_TREE=/path/to/tree cargo run --release -p hardlint-benches
//! ```
//!
//! Seconds depend on the machine; the ratio of two programs in one run is what budgets are stated in. The programs take
//! turns, so that what else the machine does falls on both.
#![expect(clippy::print_stdout, reason = "it is a report")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Small and real: what a start-up measurement checks.
const SMALL: &str = "server { listen 80; server_name shop.example; location / { proxy_pass http://web:8000; } }\n";
const STARTS: usize = 40;
const RUNS: usize = 5;

struct Run {
    wall: Duration,
    peak_kib: u64,
}

fn main() -> ExitCode {
    let Some(binary) = binary() else {
        println!("target/release/hardlint is not built: cargo build --release -p hardlint");
        return ExitCode::from(2);
    };
    if let Err(error) = report(&binary) {
        println!("{error}");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn report(binary: &Path) -> std::io::Result<()> {
    let folder = std::env::temp_dir().join(format!("hardlint-benches-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let small = folder.join("shop.nginx.conf");
    std::fs::write(&small, SMALL)?;
    let start = || {
        let mut command = Command::new(binary);
        command.args(["check", "--isolated", "--file-by-file", "--exit-zero", "--type", "nginx"]).arg(&small);
        run(command)
    };
    let starts: Vec<Run> = (0..STARTS).map(|_| start()).collect::<Result<_, _>>()?;
    println!("start-up      median {:7.2} ms   min {:7.2} ms", median(&starts), least(&starts));
    std::fs::remove_dir_all(&folder)?;
    let Some(tree) = std::env::var_os("HARDLINT_TREE") else {
        println!("HARDLINT_TREE is not set: no tree is measured");
        return Ok(());
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut rg = Command::new("rg");
        rg.args(["--no-ignore", "--hidden", "-c", ""]).arg(&tree);
        theirs.push(run(rg)?);
        let mut hardlint = Command::new(binary);
        hardlint.args(["check", "--exit-zero", "--output-format", "concise"]).arg(&tree);
        ours.push(run(hardlint)?);
    }
    println!("rg -c ''      median {:7.0} ms   min {:7.0} ms", median(&theirs), least(&theirs));
    println!("hardlint      median {:7.0} ms   min {:7.0} ms", median(&ours), least(&ours));
    println!("ratio         of medians {:.2}", median(&ours) / median(&theirs));
    println!("peak memory   {} MiB", ours.iter().map(|run| run.peak_kib).max().unwrap_or(0) / 1024);
    Ok(())
}

/// The binary that `cargo build --release` made, beside which this one lies.
fn binary() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.with_file_name("hardlint");
    path.exists().then_some(path)
}

fn run(mut command: Command) -> std::io::Result<Run> {
    let begin = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    while child.try_wait()?.is_none() {
        // The kernel keeps the high-water mark: the last reading before the end is close to the peak.
        peak_kib = peak(&status).unwrap_or(peak_kib);
        std::thread::sleep(Duration::from_micros(200));
    }
    Ok(Run { wall: begin.elapsed(), peak_kib })
}

fn peak(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn milliseconds(runs: &[Run]) -> Vec<f64> {
    let mut all: Vec<f64> = runs.iter().map(|run| run.wall.as_secs_f64() * 1000.0).collect();
    all.sort_by(f64::total_cmp);
    all
}

fn median(runs: &[Run]) -> f64 {
    milliseconds(runs).get(runs.len() / 2).copied().unwrap_or(f64::NAN)
}

fn least(runs: &[Run]) -> f64 {
    milliseconds(runs).first().copied().unwrap_or(f64::NAN)
}
