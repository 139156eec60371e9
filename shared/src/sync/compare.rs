//! Two sets of records, compared with negentropy.
//!
//! Both ends know how many rounds, bytes and records there can be, so that a liar costs no more than an honest end.

use std::collections::BTreeSet;

use negentropy::{Id, Negentropy, NegentropyStorageVector};

use crate::{
    chat::record::{Position, RecordId},
    limits,
};

/// Why a comparison came to nothing: the other end broke the protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// More than [`limits::MAX_COMPARE_BYTES`].
    #[error(
        "a message of a comparison has more than {} bytes",
        limits::MAX_COMPARE_BYTES
    )]
    TooLong,
    /// A part before the last that is not full.
    #[error("a part of a comparison is too short")]
    ShortPart,
    /// More than [`limits::MAX_COMPARE_ROUNDS`].
    #[error("a comparison takes more than {} rounds", limits::MAX_COMPARE_ROUNDS)]
    TooManyRounds,
    /// More than [`limits::MAX_COMPARED_RECORDS`].
    #[error(
        "more than {} records are said to be in one comparison",
        limits::MAX_COMPARED_RECORDS
    )]
    TooManyRecords,
    /// Not a message of negentropy.
    #[error("not a message of a comparison: {0}")]
    Malformed(String),
}

impl From<negentropy::Error> for CompareError {
    fn from(error: negentropy::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// What was found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The records that the end that asks lacks.
    pub lacks: BTreeSet<RecordId>,
    /// Those that the end that answers lacks.
    pub offers: BTreeSet<RecordId>,
}

/// The end that asks.
#[derive(Debug)]
pub struct Comparison {
    records: Records,
    difference: Difference,
    rounds: u32,
}

/// The end that answers.
#[derive(Debug)]
pub struct Answerer {
    records: Records,
    rounds: u32,
}

/// Negentropy over records of our own.
type Records = Negentropy<'static, NegentropyStorageVector>;

fn records(positions: impl IntoIterator<Item = Position>) -> Result<Records, CompareError> {
    // Each once: a store that repeated one would end every comparison.
    let positions: BTreeSet<Position> = positions.into_iter().collect();
    let mut storage = NegentropyStorageVector::with_capacity(positions.len());
    for Position { time, id } in positions {
        // Its largest time stands for infinity; nobody writes that late.
        storage.insert(time.0.min(u64::MAX - 1), Id::from_byte_array(id.0))?;
    }
    storage.seal()?;
    // Without a limit of its own: what is too long for a frame goes in parts.
    Ok(Negentropy::owned(storage, 0)?)
}

impl Comparison {
    /// Begins with the records that are kept here, in any order. Gives the first question.
    ///
    /// # Errors
    /// None that the records could cause.
    pub fn begin(
        positions: impl IntoIterator<Item = Position>,
    ) -> Result<(Self, Vec<u8>), CompareError> {
        let mut records = records(positions)?;
        let question = records.initiate()?;
        let comparison = Self {
            records,
            difference: Difference::default(),
            rounds: 0,
        };
        Ok((comparison, question))
    }

    /// The other end answered: the next question, or none, if all is known.
    ///
    /// # Errors
    /// When the answer breaks the protocol.
    pub fn answered(&mut self, answer: &[u8]) -> Result<Option<Vec<u8>>, CompareError> {
        check(answer, &mut self.rounds)?;
        let (mut have, mut need) = (Vec::new(), Vec::new());
        let next = self
            .records
            .reconcile_with_ids(answer, &mut have, &mut need)?;
        let id = |id: Id| RecordId(id.to_bytes());
        self.difference.offers.extend(have.into_iter().map(id));
        self.difference.lacks.extend(need.into_iter().map(id));
        if self.difference.lacks.len() > limits::MAX_COMPARED_RECORDS {
            return Err(CompareError::TooManyRecords);
        }
        Ok(next)
    }

    /// What is known so far.
    pub fn into_difference(self) -> Difference {
        self.difference
    }
}

impl Answerer {
    /// With the records that are kept here, in any order.
    ///
    /// # Errors
    /// None that the records could cause.
    pub fn new(positions: impl IntoIterator<Item = Position>) -> Result<Self, CompareError> {
        Ok(Self {
            records: records(positions)?,
            rounds: 0,
        })
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// When the question breaks the protocol, or asks for an answer that no honest end needs.
    pub fn answer(&mut self, question: &[u8]) -> Result<Vec<u8>, CompareError> {
        check(question, &mut self.rounds)?;
        let answer = self.records.reconcile(question)?;
        if answer.len() > limits::MAX_COMPARE_BYTES {
            return Err(CompareError::TooLong);
        }
        Ok(answer)
    }
}

fn check(message: &[u8], rounds: &mut u32) -> Result<(), CompareError> {
    if message.len() > limits::MAX_COMPARE_BYTES {
        return Err(CompareError::TooLong);
    }
    *rounds += 1;
    if *rounds > limits::MAX_COMPARE_ROUNDS {
        return Err(CompareError::TooManyRounds);
    }
    Ok(())
}
