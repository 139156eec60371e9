//! The chaining values of a resource's pieces, checked against its id.

use blake3::{
    Hasher,
    hazmat::{self, HasherExt, Mode},
};

use super::{ResourceId, pieces};

/// What BLAKE3 makes of one piece: 32 bytes of the hash tree.
pub type ChainingValue = [u8; 32];

/// The chaining values of all pieces of one resource. There is none that does not give the resource's id.
#[derive(Clone, PartialEq, Eq)]
pub struct Outline {
    length: u64,
    values: Vec<ChainingValue>,
}

impl std::fmt::Debug for Outline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outline({} pieces)", self.values.len())
    }
}

/// Why bytes are not the outline of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// Not 32 bytes for each piece.
    #[error("an outline of {expected} bytes was expected; this one has {bytes}")]
    Length {
        /// For this many pieces.
        expected: usize,
        /// What was given.
        bytes: usize,
    },
    /// They are of something else.
    #[error("the chaining values do not give the resource's id")]
    Foreign,
}

impl Outline {
    /// Checks the chaining values of a resource's pieces, in their order, 32 bytes each.
    ///
    /// # Errors
    /// When they are not of this resource.
    pub fn check(id: ResourceId, length: u64, bytes: &[u8]) -> Result<Self, OutlineError> {
        let expected = pieces::count(length) as usize * 32;
        if bytes.len() != expected {
            let bytes = bytes.len();
            return Err(OutlineError::Length { expected, bytes });
        }
        let (values, _) = bytes.as_chunks::<32>();
        if root(values) != id {
            return Err(OutlineError::Foreign);
        }
        Ok(Self {
            length,
            values: values.to_vec(),
        })
    }

    pub(super) fn of(length: u64, values: Vec<ChainingValue>) -> (ResourceId, Self) {
        (root(&values), Self { length, values })
    }

    /// Whether these are the bytes of that piece.
    pub fn proves(&self, piece: u32, bytes: &[u8]) -> bool {
        let Some(value) = self.values.get(piece as usize) else {
            return false;
        };
        bytes.len() == pieces::bytes_of(self.length, piece)
            && chaining_value(self.length, piece, bytes) == *value
    }

    /// The chaining values, one after the other, as [`Outline::check`] takes them.
    pub fn bytes(&self) -> &[u8] {
        self.values.as_flattened()
    }

    /// Those of at most so many pieces, from one on.
    pub fn part(&self, first: u32, count: usize) -> Vec<u8> {
        let values = self.values.iter().skip(first as usize).take(count);
        values.flatten().copied().collect()
    }

    /// The length of the resource.
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// The chaining value of a piece; that of a resource's only piece is the resource's hash itself.
pub(super) fn chaining_value(length: u64, piece: u32, bytes: &[u8]) -> ChainingValue {
    if pieces::count(length) == 1 {
        return *blake3::hash(bytes).as_bytes();
    }
    let offset = u64::from(piece) * pieces::piece_bytes(length);
    Hasher::new()
        .set_input_offset(offset)
        .update(bytes)
        .finalize_non_root()
}

/// The hash that pieces with these chaining values have together: the left side of every node is the largest power of two
/// of pieces that leaves something to the right (BLAKE3 §2.1).
fn root(values: &[ChainingValue]) -> ResourceId {
    fn subtree(values: &[ChainingValue]) -> ChainingValue {
        match values {
            [] => [0; 32],
            [value] => *value,
            _ => {
                let (left, right) = values.split_at(left_side(values.len()));
                hazmat::merge_subtrees_non_root(&subtree(left), &subtree(right), Mode::Hash)
            }
        }
    }
    match values {
        [] => ResourceId([0; 32]),
        [value] => ResourceId(*value),
        _ => {
            let (left, right) = values.split_at(left_side(values.len()));
            let root = hazmat::merge_subtrees_root(&subtree(left), &subtree(right), Mode::Hash);
            ResourceId(*root.as_bytes())
        }
    }
}

fn left_side(pieces: usize) -> usize {
    pieces.next_power_of_two() / 2
}
