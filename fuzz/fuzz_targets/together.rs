//! Fuzzes [`catnest::fuzz::together`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::together(bytes));
