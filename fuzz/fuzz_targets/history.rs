//! Fuzzes [`catnest::fuzz::history`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::history(bytes));
