//! EDIT: what hardlint finds, told to editors while files are written, and mended there.
//!
//! The server keeps the texts of open documents and lays them over the files of a [`Host`], which the program that runs it
//! brings: this crate touches no file, and asks the same linter the same question as the command line. Messages are
//! handled one after the other, in the order in which they come; no message makes the server fail.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod actions;
mod authors;
mod capabilities;
mod client;
mod completion;
mod diagnostics;
mod follow;
mod framing;
mod hints;
mod hover;
mod names;
mod position;
mod reads;
mod server;
mod session;

pub use client::Asked;
pub use framing::{Threads, connect};
use hardlint_config::loader::Loader;
use hardlint_config::workspace::{Query, Slot, Slots, Workspace};
use hardlint_lint::Linter;
use hardlint_lint::rule::Rule;
pub use lsp_server::Connection;
pub use server::{Ended, serve};
use std::path::Path;
use std::sync::Arc;

/// A project as the command line finds it.
pub trait Host: Sync {
    /// The root, without symbolic links: paths are below it.
    fn folder(&self) -> &Path;

    /// A path as one below the root, if it is; what stands there need not exist.
    fn below(&self, path: &Path) -> Option<String>;

    /// The files as they were saved.
    fn loader(&self) -> &dyn Loader;

    /// The rules that were asked for.
    fn linter(&self) -> &Linter;

    /// What is asked beyond the files.
    fn query(&self) -> Query;

    /// All files that could be of interest, as they were saved.
    fn files(&self) -> Arc<Slots>;

    /// One file, looked at through the loader of `workspace`.
    fn look(&self, workspace: &Workspace<'_>, path: &Arc<str>) -> Slot;

    /// Whether the walk of the project comes by a file, if it is there.
    fn walks(&self, path: &str) -> bool;

    /// Whether a file may be changed.
    fn writes(&self, path: &str) -> bool;

    /// Whether a file decides how the project is read, so that it has to be found anew. It may lie outside the root.
    fn is_settings(&self, place: &Path) -> bool;

    /// Where a rule can be read.
    fn url(&self, rule: &Rule) -> String;
}

/// Finds the project of a folder, to be judged as its user asks.
pub type Find<'f> = &'f dyn Fn(&Path, &Asked) -> Result<Box<dyn Host>, String>;

/// What the server says of its work, line by line, if somebody asked for it.
pub type Log<'l> = &'l dyn Fn(&str);
