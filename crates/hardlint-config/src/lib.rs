//! UNDERSTAND: from the bytes of deployment files to the configuration that their programs will run with.
//!
//! This crate knows how nginx, sshd, Compose and the others read their files, and nothing of what is good or bad in
//! them: it never names a rule. It does no input or output except through a [`loader::Loader`], and no text that a
//! user can write makes it return an error or panic: what is wrong with a file is told in [`problem::Problem`]s
//! beside what could still be understood.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod deployment;
mod end_of_life;
pub mod filling;
pub mod formats;
pub mod loader;
pub mod model;
mod private_keys;
pub mod problem;
mod programs;
pub mod reads;
pub mod schema;
pub mod secrets;
pub mod syntax;
pub mod text;
pub mod urls;
pub mod variables;
pub mod version;
pub mod workspace;
