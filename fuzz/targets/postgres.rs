//! A `postgresql.conf`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::file("postgresql.conf", bytes));
