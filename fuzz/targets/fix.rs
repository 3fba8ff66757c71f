//! Several files, and every fix that is offered for them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::fix(bytes));
