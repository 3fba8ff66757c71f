//! The bytes that an editor sends.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::framing(bytes));
