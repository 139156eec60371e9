//! Fuzzes [`catnest::fuzz::identity_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::identity_file(bytes));
