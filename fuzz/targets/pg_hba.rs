//! A `pg_hba.conf`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::file("pg_hba.conf", bytes));
