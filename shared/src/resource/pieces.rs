//! How a resource is cut into pieces: by its length alone, so that everybody who has it cuts it alike.
//!
//! | length | piece | pieces at most | chaining values |
//! |---|---|---|---|
//! | up to 4 GiB | 64 KiB | 65,536 | 2 MiB, 0.05 % |
//! | up to 8 GiB | 128 KiB | 65,536 | 2 MiB |
//! | … doubling … | | | |
//! | up to 64 GiB | 1 MiB | 65,536 | 2 MiB |
//!
//! 64 KiB is what can be heard or seen soon after it was asked for, and still more than an uplink of 10 Mbit/s sends in a
//! round trip of 50 ms; it is also what stores write at full speed. All that is played is below 4 GiB, so that it has such
//! pieces. Beyond, the number of pieces is what counts: each costs every holder a bit and every receiver 32 bytes.

use std::ops::Range;

use crate::limits;

/// Bytes of each piece but the last of a resource of so many bytes: a power of two.
pub fn piece_bytes(length: u64) -> u64 {
    let mut size = limits::MIN_PIECE_BYTES;
    while length.div_ceil(size) > u64::from(limits::MAX_PIECES) && size < limits::MAX_PIECE_BYTES {
        size *= 2;
    }
    size
}

/// How many pieces a resource of so many bytes has; one without bytes has one without bytes.
pub fn count(length: u64) -> u32 {
    // At most MAX_PIECES for every length that a descriptor may have.
    u32::try_from(length.div_ceil(piece_bytes(length)).max(1)).unwrap_or(u32::MAX)
}

/// Where a piece is, if the resource has it.
pub fn range(length: u64, piece: u32) -> Option<Range<u64>> {
    if piece >= count(length) {
        return None;
    }
    let size = piece_bytes(length);
    let start = u64::from(piece) * size;
    Some(start..length.min(start + size))
}

/// How many bytes a piece has; none if the resource does not have it.
pub fn bytes_of(length: u64, piece: u32) -> usize {
    // At most MAX_PIECE_BYTES.
    range(length, piece).map_or(0, |range| (range.end - range.start) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_the_table() {
        const KIB: u64 = 1024;
        const GIB: u64 = 1 << 30;
        for (length, size, pieces) in [
            (0, 64 * KIB, 1),
            (1, 64 * KIB, 1),
            (64 * KIB, 64 * KIB, 1),
            (64 * KIB + 1, 64 * KIB, 2),
            (4 * GIB, 64 * KIB, 65_536),
            (4 * GIB + 1, 128 * KIB, 32_769),
            (64 * GIB, 1024 * KIB, 65_536),
        ] {
            assert_eq!(
                (piece_bytes(length), count(length)),
                (size, pieces),
                "{length}"
            );
            assert_eq!(range(length, pieces), None);
            let last = range(length, pieces - 1).unwrap();
            assert_eq!(last.end, length);
        }
        assert_eq!(piece_bytes(u64::MAX), limits::MAX_PIECE_BYTES);
        assert_eq!(count(u64::MAX), u32::MAX);
    }
}
