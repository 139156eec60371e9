//! Two logs in stores that meet without a network between them: what that takes, for measuring.

use std::collections::{BTreeSet, VecDeque};

use super::{Message, NeighbourKey, Reconciler, ReconcilerOutput};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Position, Record, RecordId},
        span::Span,
    },
    entropy::Entropy,
    identity::{Author, DeviceSeed},
    store::{Mark, NewRecord, Store, StoreError},
    time::Millis,
    wire::Frame,
};

const CHANNEL: ChannelId = ChannelId([7; 32]);
/// Records in a log that lacks nothing.
const LOG: usize = 100_000;
/// Records that are stored together while a log is filled.
const FILL: usize = 1000;
/// A record of usual length.
const RECORD_BYTES: usize = 220;
/// Somebody says something every half minute.
const PAUSE_MS: u64 = 30_000;

/// How two logs differ, each time in a hundredth of their records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// In single records from first to last: each lacks half of them.
    Spread,
    /// One was away for a night: it lacks a thousand in a row.
    Night,
}

impl Case {
    /// Both, in the order in which they are measured.
    pub const ALL: [Self; 2] = [Self::Spread, Self::Night];

    /// Its name in figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::Night => "night",
        }
    }

    /// How many records there are in all.
    const fn records(self) -> usize {
        match self {
            Self::Spread => LOG + LOG / 200,
            Self::Night => LOG,
        }
    }

    /// Whether the log of a side lacks a record.
    fn lacks(self, side: usize, number: usize) -> bool {
        match self {
            Self::Spread => number % 201 == 100 * side,
            Self::Night => side == 0 && (60_000..61_000).contains(&number),
        }
    }
}

/// What it took until both logs were the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Questions of the comparison, each with its answer. What is missing follows in portions.
    pub round_trips: u32,
    /// Of all frames, both ways.
    pub bytes: usize,
    /// Of the records among them.
    pub record_bytes: usize,
}

impl Figures {
    /// A line of JSON.
    pub fn row(self, case: Case, place: &str, seconds: f64) -> String {
        let Self {
            round_trips,
            bytes,
            record_bytes,
        } = self;
        let case = case.name();
        serde_json::json!({
            "case": case,
            "where": place,
            "round_trips": round_trips,
            "bytes": bytes,
            "record_bytes": record_bytes,
            "seconds": seconds,
        })
        .to_string()
    }
}

/// Fills the logs of both sides, which are empty.
///
/// # Errors
/// What the stores say.
pub async fn fill<S: Store>(sides: [&S; 2], case: Case) -> Result<(), StoreError> {
    let author = DeviceSeed::generate(&mut Entropy::from_seed([3; 32])).author_key(CHANNEL);
    let numbers: Vec<usize> = (0..case.records()).collect();
    for numbers in numbers.chunks(FILL) {
        let write = |&number: &usize| {
            let time = Millis(1_700_000_000_000 + number as u64 * PAUSE_MS);
            if (0..2).all(|side| !case.lacks(side, number)) {
                return (number, stays(&author.author(), time));
            }
            let text = format!("{number}: what somebody says to the others while the day goes by");
            let record = Record::write(&author, CHANNEL, time, "cat", &text);
            (number, NewRecord::of(&record, Mark::None))
        };
        let written: Vec<(usize, NewRecord)> = numbers.iter().map(write).collect();
        for (side, store) in sides.into_iter().enumerate() {
            let here = written.iter().filter(|(n, _)| !case.lacks(side, *n));
            let here: Vec<NewRecord> = here.map(|(_, record)| record.clone()).collect();
            store.import(CHANNEL, &here).await?;
        }
    }
    Ok(())
}

/// What both have: nobody sends it, so that nobody needs to have signed it.
fn stays(author: &Author, time: Millis) -> NewRecord {
    NewRecord {
        position: Position {
            time,
            id: RecordId(blake3::hash(&time.0.to_be_bytes()).into()),
        },
        bytes: vec![0; RECORD_BYTES],
        author: *author,
        recalls: None,
        mark: Mark::None,
        kept: false,
    }
}

/// Lets both sides meet, of which the first asks. They compare so many records at once.
///
/// # Errors
/// What the stores say; [`StoreError::Damaged`] if the logs are not the same in the end.
pub async fn meet<S: Store>(sides: [&S; 2], slice: usize) -> Result<Figures, StoreError> {
    let mut meeting = Meeting::between(sides, slice).await?;
    meeting.go_on().await?;
    for (side, store) in sides.into_iter().enumerate() {
        let kept = positions(store).await?;
        let known = &meeting.ends[side].known;
        let all: BTreeSet<RecordId> = meeting
            .ends
            .iter()
            .flat_map(|e| &e.known)
            .copied()
            .collect();
        if kept.len() != all.len() || known.len() != all.len() {
            let missing = all.len() - kept.len().min(known.len());
            return Err(StoreError::Damaged(format!(
                "{missing} records are missing"
            )));
        }
    }
    Ok(meeting.figures)
}

async fn positions<S: Store>(store: &S) -> Result<Vec<Position>, StoreError> {
    store.positions(CHANNEL, Span::default(), usize::MAX).await
}

struct End<'a, S> {
    store: &'a S,
    reconciler: Reconciler,
    /// What its node knows of its log.
    known: BTreeSet<RecordId>,
}

struct Meeting<'a, S> {
    ends: [End<'a, S>; 2],
    /// To whom, and what.
    on_its_way: VecDeque<(usize, Frame)>,
    figures: Figures,
}

const NOW: Millis = Millis(1_800_000_000_000);

/// Each has only the other one.
const THE_OTHER: NeighbourKey = NeighbourKey(1);

impl<'a, S: Store> Meeting<'a, S> {
    async fn between([one, other]: [&'a S; 2], slice: usize) -> Result<Self, StoreError> {
        let mut ends = [End::new(one, slice).await?, End::new(other, slice).await?];
        for (side, end) in ends.iter_mut().enumerate() {
            end.reconciler.met(NOW, THE_OTHER, side == 0);
        }
        Ok(Self {
            ends,
            on_its_way: VecDeque::new(),
            figures: Figures::default(),
        })
    }

    async fn go_on(&mut self) -> Result<(), StoreError> {
        loop {
            for side in 0..2 {
                self.act(side).await?;
            }
            let Some((to, frame)) = self.on_its_way.pop_front() else {
                return Ok(());
            };
            let bytes = frame.encode();
            self.figures.bytes += bytes.len();
            let frame = Frame::decode(&bytes).map_err(|e| StoreError::Damaged(e.to_string()))?;
            self.heard(to, frame)?;
        }
    }

    fn heard(&mut self, side: usize, frame: Frame) -> Result<(), StoreError> {
        let End {
            reconciler, known, ..
        } = &mut self.ends[side];
        match frame {
            Frame::History(message) => {
                if let Message::Ask(part) = &message {
                    self.figures.round_trips += u32::from(!part.more);
                }
                reconciler.heard(NOW, THE_OTHER, message, |id| known.contains(&id));
            }
            Frame::Record(bytes) => {
                self.figures.record_bytes += bytes.len();
                let record = Record::read(CHANNEL, &bytes);
                let record = record.map_err(|e| StoreError::Damaged(e.to_string()))?;
                reconciler.came(NOW, THE_OTHER, record);
            }
            _ => {}
        }
        Ok(())
    }

    async fn act(&mut self, side: usize) -> Result<(), StoreError> {
        let End {
            store,
            reconciler,
            known,
        } = &mut self.ends[side];
        let to = 1 - side;
        while let Some(output) = reconciler.poll() {
            match output {
                ReconcilerOutput::Send(_, message) => {
                    self.on_its_way.push_back((to, Frame::History(message)));
                }
                ReconcilerOutput::List { list, span, limit } => {
                    let most = limit.saturating_add(1);
                    let mut listed = store.positions(CHANNEL, span, most).await?;
                    let more = listed.len() > limit;
                    listed.truncate(limit);
                    reconciler.listed(NOW, list, &listed, more);
                }
                ReconcilerOutput::Serve(_, positions) => {
                    for stored in store.records(CHANNEL, &positions).await? {
                        self.on_its_way.push_back((to, Frame::Record(stored.bytes)));
                    }
                    reconciler.sent(THE_OTHER);
                }
                ReconcilerOutput::Keep(_, records) => {
                    let new = records.iter().map(|r| NewRecord::of(r, Mark::None));
                    let new: Vec<NewRecord> = new.collect();
                    let new = store.import(CHANNEL, &new).await?;
                    known.extend(new.iter().map(|position| position.id));
                    reconciler.kept(NOW, THE_OTHER, &new, |id| known.contains(&id));
                }
                ReconcilerOutput::Liar(_, lie) => return Err(StoreError::Damaged(lie)),
            }
        }
        Ok(())
    }
}

impl<'a, S: Store> End<'a, S> {
    async fn new(store: &'a S, slice: usize) -> Result<Self, StoreError> {
        let known = positions(store).await?;
        Ok(Self {
            store,
            reconciler: Reconciler::with_slice(slice),
            known: known.iter().map(|position| position.id).collect(),
        })
    }
}
