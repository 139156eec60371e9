//! One piece on its way from one holder.

use crate::limits;

/// The packets of a piece that came, until it is whole.
///
/// All holders cut a piece alike, each [`limits::PACKET_BYTES`] after its beginning: so what came is one bit for each
/// packet, and small parts do not make work.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    bytes: Vec<u8>,
    /// One bit for each packet that came: the largest piece has 32.
    came: u32,
    /// How many bytes came, each counted once.
    arrived: usize,
    /// All that came, what came twice included.
    taken: usize,
}

const _: () = assert!(limits::MAX_PIECE_BYTES <= 32 * limits::PACKET_BYTES as u64);

/// Data that cannot be part of the piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It ends beyond the piece's end.
    BeyondEnd,
    /// It is not what one packet of the piece has.
    NoPacket,
    /// More came than twice the piece.
    TooOften,
}

impl Misfit {
    /// What its sender did.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::BeyondEnd => "it sends more than a piece has",
            Self::NoPacket => "it cuts a piece where nobody does",
            Self::TooOften => "it sends a piece more than twice",
        }
    }
}

impl Assembly {
    /// Takes a packet of a piece that has so many bytes in all; true once it is whole. What came before stays as it is.
    pub(super) fn take(&mut self, piece: usize, at: usize, data: &[u8]) -> Result<bool, Misfit> {
        let end = at.checked_add(data.len()).filter(|end| *end <= piece);
        let Some(end) = end else {
            return Err(Misfit::BeyondEnd);
        };
        let whole_packet = at.is_multiple_of(limits::PACKET_BYTES)
            && end == piece.min(at + limits::PACKET_BYTES)
            && !data.is_empty();
        let bit = u32::try_from(at / limits::PACKET_BYTES).ok();
        let bit = bit.and_then(|number| 1u32.checked_shl(number));
        let Some(bit) = bit.filter(|_| whole_packet) else {
            return Err(Misfit::NoPacket);
        };
        self.taken += data.len();
        if self.taken > piece * 2 {
            return Err(Misfit::TooOften);
        }
        if self.came & bit == 0 {
            self.bytes.resize(piece, 0);
            self.bytes[at..end].copy_from_slice(data);
            self.came |= bit;
            self.arrived += data.len();
        }
        Ok(self.arrived == piece)
    }

    /// The piece's bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes came, each counted once.
    pub(super) fn arrived(&self) -> usize {
        self.arrived
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PACKET: usize = limits::PACKET_BYTES;

    #[test]
    fn what_does_not_fit_is_refused() {
        let piece = PACKET + 2;
        let mut assembly = Assembly::default();
        let whole = [1; PACKET];
        for (at, data) in [(PACKET + 1, &[1, 2][..]), (usize::MAX, &[1]), (3, &whole)] {
            assert_eq!(assembly.take(piece, at, data), Err(Misfit::BeyondEnd));
        }
        assert_eq!(assembly.take(piece, PACKET, &[1, 2]), Ok(false));
        assert_eq!(assembly.take(piece, 0, &whole), Ok(true));
    }

    #[test]
    fn packets_that_nobody_cuts_so_make_no_work() {
        let piece = PACKET * 2;
        let mut assembly = Assembly::default();
        for at in (0..piece).step_by(2) {
            assert_eq!(assembly.take(piece, at, &[1]), Err(Misfit::NoPacket));
        }
        for (at, length) in [(0, PACKET - 1), (1, PACKET), (0, PACKET + 1), (PACKET, 0)] {
            let data = vec![1; length];
            assert_eq!(assembly.take(piece, at, &data), Err(Misfit::NoPacket));
        }
        assert_eq!((assembly.arrived(), assembly.bytes.len()), (0, 0));
    }

    #[test]
    fn a_packet_that_comes_again_and_again_is_refused() {
        let piece = PACKET * 2;
        let mut assembly = Assembly::default();
        for _ in 0..4 {
            assert_eq!(assembly.take(piece, 0, &[1; PACKET]), Ok(false));
        }
        let again = assembly.take(piece, 0, &[1; PACKET]);
        assert_eq!(again, Err(Misfit::TooOften));
    }

    proptest! {
        #[test]
        fn packets_in_any_order_give_the_piece(order in prop::collection::vec(0usize..4, 1..8), rest in 1usize..PACKET) {
            let length = PACKET * 3 + rest;
            let piece: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let mut assembly = Assembly::default();
            let mut came = [false; 4];
            let mut taken = 0;
            for number in order {
                let range = number * PACKET..length.min((number + 1) * PACKET);
                taken += range.len();
                if taken > length * 2 {
                    break;
                }
                came[number] = true;
                // What came before stays as it is.
                let mut data = piece[range.clone()].to_vec();
                if assembly.came & (1 << number) != 0 {
                    data.fill(255);
                }
                let whole = came.iter().all(|came| *came);
                prop_assert_eq!(assembly.take(length, range.start, &data), Ok(whole));
            }
            let arrived = (0..4).filter(|n| came[*n]).map(|n| length.min((n + 1) * PACKET) - n * PACKET);
            prop_assert_eq!(assembly.arrived(), arrived.sum::<usize>());
            for (at, byte) in assembly.into_bytes().iter().enumerate() {
                prop_assert_eq!(*byte, if came[at / PACKET] { piece[at] } else { 0 });
            }
        }
    }
}
