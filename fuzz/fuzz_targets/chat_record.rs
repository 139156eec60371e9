//! Fuzzes [`catnest::fuzz::chat_record`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::chat_record(bytes));
