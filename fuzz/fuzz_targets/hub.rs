//! Fuzzes [`catnest::fuzz::hub`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::hub(bytes));
