//! The command `hardlint-lsp`, which editors start: the same as `hardlint lsp`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hardlint::language_server()
}
