//! What music files say of themselves, read in ranges (M5, M17): every format, every kind of tag, and bad input.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails fails the test"
)]

#[path = "tags/bad_input.rs"]
mod bad_input;
#[path = "tags/files.rs"]
mod files;
#[path = "tags/formats.rs"]
mod formats;
#[path = "tags/id3.rs"]
mod id3;
#[path = "tags/writers.rs"]
mod writers;

use catnest::{
    limits,
    music::tags::{Step, TagReader, Tags, TagsError},
};

/// What a file says, and how many bytes of it were read. Between its parts, each at its place, are zeros: files that are too
/// large to be here.
fn read_sparse(length: u64, parts: &[(u64, &[u8])]) -> (Result<Tags, TagsError>, u64) {
    let mut reader = TagReader::new(length);
    let mut bytes = 0;
    for _ in 0..10_000 {
        match reader.step() {
            Step::Done(told) => {
                assert!(bytes <= limits::MAX_TAGS_BYTES);
                return (*told, bytes);
            }
            Step::Read(range) => {
                assert_eq!(
                    reader.step(),
                    Step::Read(range),
                    "it asks for the same until it is fed"
                );
                let end = range.offset + range.length;
                assert!(range.length > 0 && end <= length, "{range:?} of {length}");
                let mut here = vec![0; usize::try_from(range.length).unwrap()];
                for (at, part) in parts {
                    let from = range.offset.max(*at);
                    let to = end.min(at + part.len() as u64);
                    if from < to {
                        let part = &part[(from - at) as usize..(to - at) as usize];
                        here[(from - range.offset) as usize..][..part.len()].copy_from_slice(part);
                    }
                }
                reader.feed(&here);
                bytes += range.length;
            }
        }
    }
    panic!("a reader that never ends");
}

fn read_counted(file: &[u8]) -> (Result<Tags, TagsError>, u64) {
    read_sparse(file.len() as u64, &[(0, file)])
}

fn read(file: &[u8]) -> Result<Tags, TagsError> {
    read_counted(file).0
}
