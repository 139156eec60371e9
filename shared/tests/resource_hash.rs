//! A resource's hashes: those that `b3sum` and `md5sum` print, whatever pieces the bytes come in.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails fails the test"
)]

use catnest::resource::{Outline, OutlineError, ResourceHasher, ResourceId, pieces};
use proptest::prelude::*;

/// Bytes that differ from piece to piece.
fn bytes(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u8)
        .collect()
}

fn hashed(bytes: &[u8], step: usize) -> catnest::resource::Hashed {
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    for part in bytes.chunks(step) {
        hasher.update(part).unwrap();
    }
    hasher.finish().unwrap()
}

#[test]
fn the_hashes_of_known_bytes() {
    // Printed by `b3sum` and `md5sum` for an empty file, and for one with "abc".
    for (bytes, blake3, md5) in [
        (
            &b""[..],
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
            "d41d8cd98f00b204e9800998ecf8427e",
        ),
        (
            b"abc",
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
            "900150983cd24fb0d6963f7d28e17f72",
        ),
    ] {
        let hashed = hashed(bytes, 1);
        assert_eq!(hashed.id.to_string(), blake3);
        assert_eq!(hashed.md5.to_string(), md5);
    }
}

#[test]
fn a_file_that_grows_or_shrinks_meanwhile_is_noticed() {
    let mut grows = ResourceHasher::new(3);
    assert!(grows.update(b"abcd").is_err());
    let mut shrinks = ResourceHasher::new(3);
    shrinks.update(b"ab").unwrap();
    let error = shrinks.finish().unwrap_err();
    assert_eq!((error.expected, error.taken), (3, 2));
}

#[test]
fn an_outline_of_something_else_is_refused() {
    let resource = bytes(200_000);
    let hashed = hashed(&resource, 5000);
    let length = resource.len() as u64;
    let mut values = hashed.outline.bytes().to_vec();
    assert_eq!(
        Outline::check(hashed.id, length, &values),
        Ok(hashed.outline.clone())
    );
    let short = Outline::check(hashed.id, length, &values[32..]);
    assert!(matches!(
        short,
        Err(OutlineError::Length {
            expected: 128,
            bytes: 96
        })
    ));
    values[40] ^= 1;
    assert_eq!(
        Outline::check(hashed.id, length, &values),
        Err(OutlineError::Foreign)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_id_is_the_hash_and_every_piece_is_proved(length in 0usize..700_000, step in 1usize..200_000) {
        let resource = bytes(length);
        let hashed = hashed(&resource, step);
        prop_assert_eq!(hashed.id, ResourceId(*blake3::hash(&resource).as_bytes()));
        let length = length as u64;
        let again = Outline::check(hashed.id, length, hashed.outline.bytes());
        prop_assert_eq!(again.as_ref(), Ok(&hashed.outline));
        for piece in 0..pieces::count(length) {
            let range = pieces::range(length, piece).unwrap();
            let bytes = &resource[range.start as usize..range.end as usize];
            prop_assert!(hashed.outline.proves(piece, bytes));
            let mut wrong = bytes.to_vec();
            if let Some(byte) = wrong.first_mut() {
                *byte ^= 1;
                prop_assert!(!hashed.outline.proves(piece, &wrong));
            }
            prop_assert!(!hashed.outline.proves(piece + 1, bytes) || bytes.len() != pieces::bytes_of(length, piece + 1));
        }
    }
}
