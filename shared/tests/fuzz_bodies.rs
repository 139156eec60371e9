//! The bodies of the fuzz targets, on stable: over their corpus and over random bytes.

use std::path::Path;

use catnest::{entropy::Entropy, fuzz};

type Body = fn(&[u8]);

const TARGETS: &[(&str, Body)] = &[
    ("address", fuzz::address),
    ("ban_table", fuzz::ban_table),
    ("burn_switch", fuzz::burn_switch),
    ("channel_file", fuzz::channel_file),
    ("chat_record", fuzz::chat_record),
    ("frame", fuzz::frame),
    ("history", fuzz::history),
    ("host", fuzz::host),
    ("hub", fuzz::hub),
    ("identity_file", fuzz::identity_file),
    ("lyrics", fuzz::lyrics),
    ("presence", fuzz::presence),
    ("queue", fuzz::queue),
    ("shelf", fuzz::shelf),
    ("signal", fuzz::signal),
    ("swarm", fuzz::swarm),
    ("tags", fuzz::tags),
    ("together", fuzz::together),
    ("track", fuzz::track),
    ("turn", fuzz::turn),
];

#[test]
fn no_input_makes_a_parser_panic() {
    for (name, body) in TARGETS {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../fuzz/corpus")
            .join(name);
        let mut seeds: Vec<Vec<u8>> = std::fs::read_dir(&corpus)
            .unwrap_or_else(|error| panic!("{}: {error}", corpus.display()))
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect();
        assert!(!seeds.is_empty(), "{name} has a corpus");
        seeds.push(Vec::new());
        let mut entropy = Entropy::from_seed([6; 32]);
        for seed in &seeds {
            body(seed);
            // Small damage gets further into a parser than noise does.
            for _ in 0..2000 {
                let mut bytes = seed.clone();
                for _ in 0..=entropy.below(3) {
                    let [byte] = entropy.bytes();
                    match (entropy.below(3), bytes.is_empty()) {
                        (0, false) => {
                            let i = entropy.below(bytes.len());
                            bytes[i] = byte;
                        }
                        (1, false) => bytes.truncate(entropy.below(bytes.len())),
                        _ => bytes.insert(entropy.below(bytes.len() + 1), byte),
                    }
                }
                body(&bytes);
            }
        }
        for length in 0..500 {
            let bytes: Vec<u8> = (0..length).map(|_| entropy.bytes::<1>()[0]).collect();
            body(&bytes);
        }
    }
}
