//! Fuzzes [`catnest::fuzz::presence`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::presence(bytes));
