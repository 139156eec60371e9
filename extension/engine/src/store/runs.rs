//! Which pieces of a resource are kept together, and how.
//!
//! Chromium puts every value of more than 64 KiB into a file of its own (`IDBValueWrapper`). Half a megabyte in one such
//! value is kept with half the work that values inside the database take, which are written again and again as it is
//! compacted; but a piece alone in one takes three times as much. So pieces in a row that come together are one value, a
//! run; and whatever is smaller is cut into parts that stay inside the database. What is shared here is kept by half
//! megabytes, what comes from others by [`limits::SAVE_BYTES`](catnest::limits::SAVE_BYTES). Measured with 64 MiB in pieces
//! of 64 KiB:
//!
//! | kept | processor time, writing | reading |
//! |---|---|---|
//! | each piece in a value | 4.6 s | 1.4 s |
//! | each piece in two values | 1.7 s | 0.5 s |
//! | eight pieces in a value | 0.8 s | 0.4 s |

use std::{borrow::Cow, ops::Range};

/// Bytes of a run at most.
const MAX_RUN_BYTES: usize = 512 * 1024;
/// Fewer are not worth a file.
const MIN_RUN_BYTES: usize = 256 * 1024;
/// Bytes of a part of what is smaller; with what surrounds it, a value of 64 KiB would be too large.
const PART_BYTES: usize = 32 * 1024;

/// Which pieces of a resource lie in the value of the piece before: a bit each.
#[derive(Debug, Default)]
pub(super) struct Runs(Vec<u8>);

impl Runs {
    pub(super) fn from_bits(bits: Vec<u8>) -> Self {
        Self(bits)
    }

    pub(super) fn bits(&self) -> &[u8] {
        &self.0
    }

    fn follows(&self, piece: u32) -> bool {
        let byte = self.0.get((piece / 8) as usize);
        byte.is_some_and(|byte| byte & (1 << (piece % 8)) != 0)
    }

    fn set(&mut self, piece: u32, follows: bool) {
        let at = (piece / 8) as usize;
        if follows && at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        if let Some(byte) = self.0.get_mut(at) {
            *byte = *byte & !(1 << (piece % 8)) | u8::from(follows) << (piece % 8);
        }
    }

    /// These pieces lie in one value.
    pub(super) fn join(&mut self, run: Range<u32>) {
        for piece in run.clone() {
            self.set(piece, piece != run.start);
        }
    }

    /// The pieces that lie in one value with this one.
    pub(super) fn around(&self, piece: u32) -> Range<u32> {
        let mut run = piece..piece + 1;
        while run.start > 0 && self.follows(run.start) {
            run.start -= 1;
        }
        while self.follows(run.end) {
            run.end += 1;
        }
        run
    }
}

/// How pieces in the order of their numbers are put together: pieces and their bytes.
pub(super) fn put_together<'a>(pieces: &[(u32, &'a [u8])]) -> Vec<(Range<u32>, Cow<'a, [u8]>)> {
    let mut runs = Vec::new();
    for row in pieces.chunk_by(|(piece, _), (next, _)| piece + 1 == *next) {
        // All of a resource are as long as the first, but its last.
        let length = row.first().map_or(0, |(_, bytes)| bytes.len());
        for run in row.chunks((MAX_RUN_BYTES / length.max(1)).max(1)) {
            let worth = run.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() >= MIN_RUN_BYTES;
            for value in run.chunks(if worth { run.len() } else { 1 }) {
                let [(first, alone), ..] = value else {
                    continue;
                };
                let bytes = if value.len() == 1 {
                    Cow::from(*alone)
                } else {
                    let bytes: Vec<&[u8]> = value.iter().map(|(_, bytes)| *bytes).collect();
                    Cow::from(bytes.concat())
                };
                runs.push((*first..*first + value.len() as u32, bytes));
            }
        }
    }
    runs
}

/// The values that a run is kept in.
pub(super) fn values(run: &[u8]) -> impl Iterator<Item = &[u8]> {
    let size = if run.len() >= MIN_RUN_BYTES {
        run.len()
    } else {
        PART_BYTES
    };
    // A piece without bytes is a value, too.
    let nothing = run.is_empty().then_some(run);
    run.chunks(size).chain(nothing)
}
