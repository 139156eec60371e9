//! Fuzzes [`catnest::fuzz::tags`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::tags(bytes));
