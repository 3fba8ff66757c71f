//! Whole runs of the binary.

#![expect(unreachable_pub, reason = "tests export nothing, so `pub(crate)` would only be longer")]

mod allowed;
mod answered;
mod audit;
mod baseline;
mod cases;
mod command;
mod drawn;
mod explained;
mod fix;
mod harmless;
mod input;
mod lsp;
mod mended;
mod opened;
mod outputs;
#[path = "../../src/scratch.rs"]
mod scratch;
mod settings;
mod shown;
mod since;
