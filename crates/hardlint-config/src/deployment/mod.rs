//! The deployment that the files make together: for now what each file is for.

pub mod role;
