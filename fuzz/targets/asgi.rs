//! An application of `FastAPI` or Starlette.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::file("main.py", bytes));
