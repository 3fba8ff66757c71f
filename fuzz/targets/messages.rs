//! What an editor tells and asks, a message a line.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::messages(bytes));
