//! Fuzzes [`catnest::fuzz::channel_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::channel_file(bytes));
