//! The parts of a file that were read so far, and views into them.
//!
//! A parser is written as if the whole file were in memory. Where it is not, it stops with the range that it misses, and
//! begins anew when that was read: what it has seen by then is here, so that nothing is read twice.

use std::{collections::BTreeMap, rc::Rc};

use crate::limits;

/// A file is read in steps of so many bytes: most files have their tags in the first and in the last of them.
const BLOCK: u64 = 64 * 1024;

/// A range of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where it begins.
    pub offset: u64,
    /// How many bytes; at least one, and none of them is beyond the file's end.
    pub length: u64,
}

/// Why a parser does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// This has to be read first.
    Missing(Range),
    /// There are fewer bytes than it takes.
    Ended,
    /// More than [`limits::MAX_TAGS_BYTES`] would have to be read.
    TooMuch,
}

/// What was read of a file.
#[derive(Debug)]
pub(super) struct Input {
    length: u64,
    blocks: BTreeMap<u64, Box<[u8]>>,
    bytes: u64,
}

impl Input {
    pub(super) fn new(length: u64) -> Self {
        Self {
            length,
            blocks: BTreeMap::new(),
            bytes: 0,
        }
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            origin: Origin::File(self),
            start: 0,
            length: self.length,
        }
    }

    /// Takes what was read. If it is less than was asked for, the file ends there.
    pub(super) fn feed(&mut self, range: Range, bytes: &[u8]) {
        let asked = usize::try_from(range.length).unwrap_or(usize::MAX);
        let bytes = &bytes[..bytes.len().min(asked)];
        if bytes.len() < asked {
            self.length = self.length.min(range.offset + bytes.len() as u64);
        }
        self.bytes += bytes.len() as u64;
        for (block, bytes) in (range.offset / BLOCK..).zip(bytes.chunks(BLOCK as usize)) {
            self.blocks.insert(block, bytes.into());
        }
    }

    fn bytes(&self, at: u64, length: usize) -> Result<Vec<u8>, Stop> {
        let end = at.checked_add(length as u64);
        let end = end.filter(|end| *end <= self.length).ok_or(Stop::Ended)?;
        if length == 0 {
            return Ok(Vec::new());
        }
        if length as u64 > limits::MAX_TAGS_BYTES {
            return Err(Stop::TooMuch);
        }
        let blocks = at / BLOCK..=(end - 1) / BLOCK;
        let missing = |block: &u64| !self.blocks.contains_key(block);
        if let Some(first) = blocks.clone().find(missing) {
            let last = blocks.rev().find(missing).unwrap_or(first);
            let offset = first * BLOCK;
            let length = self.length.min((last + 1) * BLOCK) - offset;
            if self.bytes + length > limits::MAX_TAGS_BYTES {
                return Err(Stop::TooMuch);
            }
            return Err(Stop::Missing(Range { offset, length }));
        }
        let mut bytes = Vec::with_capacity(length);
        for block in blocks {
            let here = self.blocks.get(&block).ok_or(Stop::Ended)?;
            let begin = at.saturating_sub(block * BLOCK) as usize;
            let stop = (end - block * BLOCK).min(BLOCK) as usize;
            bytes.extend_from_slice(here.get(begin..stop).ok_or(Stop::Ended)?);
        }
        Ok(bytes)
    }
}

/// Bytes that belong together: of a file, of parts of it that follow each other in a stream, or unpacked from it.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    origin: Origin<'a>,
    start: u64,
    length: u64,
}

#[derive(Clone, Debug)]
enum Origin<'a> {
    File(&'a Input),
    Pieces(Rc<[Piece<'a>]>),
    Memory(Rc<[u8]>),
}

/// A part of a stream.
#[derive(Clone, Debug)]
struct Piece<'a> {
    /// Where it begins in the stream.
    at: u64,
    view: View<'a>,
}

impl<'a> View<'a> {
    /// What was unpacked.
    pub(super) fn of_memory(bytes: Vec<u8>) -> Self {
        Self {
            start: 0,
            length: bytes.len() as u64,
            origin: Origin::Memory(bytes.into()),
        }
    }

    /// Several views, one after the other.
    pub(super) fn of_pieces(views: Vec<View<'a>>) -> Self {
        let mut length = 0;
        let pieces = views.into_iter().map(|view| {
            let at = length;
            length += view.length;
            Piece { at, view }
        });
        let pieces: Rc<[Piece<'a>]> = pieces.collect();
        Self {
            origin: Origin::Pieces(pieces),
            start: 0,
            length,
        }
    }

    /// How many bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Its bytes from one on, at most so many, and no more than there are.
    pub(super) fn part(&self, at: u64, length: u64) -> View<'a> {
        let at = at.min(self.length);
        Self {
            origin: self.origin.clone(),
            start: self.start + at,
            length: length.min(self.length - at),
        }
    }

    /// All of it from one byte on.
    pub(super) fn from(&self, at: u64) -> View<'a> {
        self.part(at, u64::MAX)
    }

    /// Some of its bytes.
    pub(super) fn bytes(&self, at: u64, length: usize) -> Result<Vec<u8>, Stop> {
        let end = at.checked_add(length as u64);
        let end = end.filter(|end| *end <= self.length).ok_or(Stop::Ended)?;
        match &self.origin {
            Origin::File(input) => input.bytes(self.start + at, length),
            Origin::Memory(bytes) => {
                let range = (self.start + at) as usize..(self.start + end) as usize;
                bytes.get(range).map(<[u8]>::to_vec).ok_or(Stop::Ended)
            }
            Origin::Pieces(pieces) => {
                let (at, end) = (self.start + at, self.start + end);
                let first = pieces.partition_point(|piece| piece.at + piece.view.length <= at);
                let mut bytes = Vec::new();
                for piece in pieces.iter().skip(first) {
                    if piece.at >= end {
                        break;
                    }
                    let from = at.saturating_sub(piece.at);
                    let to = (end - piece.at).min(piece.view.length);
                    bytes.extend(piece.view.bytes(from, (to - from) as usize)?);
                }
                Ok(bytes)
            }
        }
    }

    /// Its bytes from one on: so many, or as many as there are.
    pub(super) fn at_most(&self, at: u64, length: usize) -> Result<Vec<u8>, Stop> {
        let left = self.length.saturating_sub(at);
        self.bytes(at, length.min(usize::try_from(left).unwrap_or(usize::MAX)))
    }

    /// All of its bytes.
    pub(super) fn all(&self) -> Result<Vec<u8>, Stop> {
        self.bytes(0, usize::try_from(self.length).map_err(|_| Stop::TooMuch)?)
    }

    /// `N` of its bytes.
    pub(super) fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Stop> {
        let bytes = self.bytes(at, N)?;
        bytes.try_into().map_err(|_| Stop::Ended)
    }

    pub(super) fn u8(&self, at: u64) -> Result<u8, Stop> {
        self.array(at).map(u8::from_be_bytes)
    }

    pub(super) fn u16_be(&self, at: u64) -> Result<u16, Stop> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(super) fn u32_be(&self, at: u64) -> Result<u32, Stop> {
        self.array(at).map(u32::from_be_bytes)
    }

    pub(super) fn u64_be(&self, at: u64) -> Result<u64, Stop> {
        self.array(at).map(u64::from_be_bytes)
    }

    pub(super) fn u16_le(&self, at: u64) -> Result<u16, Stop> {
        self.array(at).map(u16::from_le_bytes)
    }

    pub(super) fn u32_le(&self, at: u64) -> Result<u32, Stop> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(super) fn u64_le(&self, at: u64) -> Result<u64, Stop> {
        self.array(at).map(u64::from_le_bytes)
    }
}
