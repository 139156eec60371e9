//! A resource's hashes, computed while its bytes pass by.

use super::{
    Md5, Outline, ResourceId,
    outline::{ChainingValue, chaining_value},
    pieces,
};

/// Takes the bytes of a resource in order and gives its id, its outline and its MD5. It keeps less than a piece of them.
pub struct ResourceHasher {
    length: u64,
    taken: u64,
    /// What has come of the piece under way.
    piece: Vec<u8>,
    values: Vec<ChainingValue>,
    md5: md5::Context,
}

/// What a [`ResourceHasher`] gives in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed {
    /// The resource's id.
    pub id: ResourceId,
    /// The chaining values of its pieces.
    pub outline: Outline,
    /// Its MD5.
    pub md5: Md5,
}

/// The file does not have as many bytes as it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file has changed while it was read: {expected} bytes were expected, and {taken} came")]
pub struct LengthChanged {
    /// What the file was said to have.
    pub expected: u64,
    /// What came.
    pub taken: u64,
}

impl ResourceHasher {
    /// For a resource of so many bytes.
    pub fn new(length: u64) -> Self {
        Self {
            length,
            taken: 0,
            piece: Vec::new(),
            values: Vec::new(),
            md5: md5::Context::new(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they are more than the resource has.
    pub fn update(&mut self, mut bytes: &[u8]) -> Result<(), LengthChanged> {
        self.md5.consume(bytes);
        self.taken += bytes.len() as u64;
        if self.taken > self.length {
            return Err(self.length_changed());
        }
        while !bytes.is_empty() {
            let number = self.values.len() as u32;
            let missing = pieces::bytes_of(self.length, number) - self.piece.len();
            let (now, later) = bytes.split_at(missing.min(bytes.len()));
            if now.len() < missing {
                self.piece.extend_from_slice(now);
            } else if self.piece.is_empty() {
                self.values.push(chaining_value(self.length, number, now));
            } else {
                self.piece.extend_from_slice(now);
                let value = chaining_value(self.length, number, &self.piece);
                self.values.push(value);
                self.piece.clear();
            }
            bytes = later;
        }
        Ok(())
    }

    /// How many bytes have come.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The end of the resource.
    ///
    /// # Errors
    /// When bytes are missing.
    pub fn finish(mut self) -> Result<Hashed, LengthChanged> {
        if self.taken != self.length {
            return Err(self.length_changed());
        }
        if self.length == 0 {
            self.values.push(chaining_value(0, 0, &[]));
        }
        let (id, outline) = Outline::of(self.length, self.values);
        let md5 = Md5(self.md5.finalize().0);
        Ok(Hashed { id, outline, md5 })
    }

    fn length_changed(&self) -> LengthChanged {
        LengthChanged {
            expected: self.length,
            taken: self.taken,
        }
    }
}
