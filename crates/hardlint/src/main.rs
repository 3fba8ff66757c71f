//! The command `hardlint`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hardlint::main()
}
