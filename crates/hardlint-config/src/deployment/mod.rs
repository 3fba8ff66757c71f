//! The deployment that the files make together: what each file is for, and what services give the programs in them.

pub mod role;
pub(crate) mod services;
