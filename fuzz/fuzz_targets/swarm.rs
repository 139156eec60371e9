//! Fuzzes [`catnest::fuzz::swarm`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::swarm(bytes));
