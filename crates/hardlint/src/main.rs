//! RUN.
fn main() {}
