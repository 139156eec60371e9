//! What one neighbour asked for, on its way out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Message, Packet, Pieces, Reason, Rejection};
use crate::{limits, resource::ResourceId};

/// What an upload wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadOutput {
    /// Read pieces from the store, and give them with [`Upload::loaded`].
    Load(Pieces),
    /// Say something to the neighbour.
    Send(Message),
}

/// What one neighbour asked for and has not got yet.
#[derive(Debug, Default)]
pub struct Upload {
    /// In the order in which it was asked for.
    requested: VecDeque<Requested>,
    /// The same, to find it.
    known: BTreeSet<(ResourceId, u32)>,
    /// Those that are being read, and their bytes: until then they keep their place, wanted or not, so that no more is
    /// read at a time however often the neighbour changes its mind.
    loading: BTreeMap<(ResourceId, u32), usize>,
    /// Read and cut into packets, for the link to take.
    packets: VecDeque<Packet>,
    ready_bytes: u64,
    /// All bytes of pieces that the link took.
    sent: u64,
    outputs: VecDeque<UploadOutput>,
}

#[derive(Debug)]
struct Requested {
    resource: ResourceId,
    piece: u32,
    bytes: usize,
}

impl Upload {
    /// The next thing to do.
    pub fn poll(&mut self) -> Option<UploadOutput> {
        self.outputs.pop_front()
    }

    /// Bytes of pieces that the link took.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether nothing is asked for.
    pub fn is_idle(&self) -> bool {
        self.known.is_empty() && self.packets.is_empty()
    }

    /// The neighbour wants pieces; `bytes_of` says how many bytes one has, if it is here.
    pub fn requested(&mut self, pieces: &Pieces, bytes_of: impl Fn(u32) -> Option<usize>) {
        let resource = pieces.resource;
        let (mut missing, mut too_many) = (Vec::new(), Vec::new());
        for &piece in &pieces.pieces {
            let Some(bytes) = bytes_of(piece) else {
                missing.push(piece);
                continue;
            };
            if self.known.contains(&(resource, piece)) {
                continue;
            }
            if self.known.len() >= limits::MAX_REQUESTED_PIECES {
                too_many.push(piece);
                continue;
            }
            self.known.insert((resource, piece));
            if self.loading.contains_key(&(resource, piece)) {
                // It was cancelled: now it is wanted again, and comes when it is read.
                continue;
            }
            let requested = Requested {
                resource,
                piece,
                bytes,
            };
            self.requested.push_back(requested);
        }
        self.reject(resource, missing, Reason::NotHere);
        self.reject(resource, too_many, Reason::Busy);
        self.read_ahead();
    }

    /// The neighbour does not want pieces any more.
    pub fn cancelled(&mut self, pieces: &Pieces) {
        for &piece in &pieces.pieces {
            self.known.remove(&(pieces.resource, piece));
        }
        let wanted = |piece: u32| !pieces.pieces.contains(&piece);
        self.requested
            .retain(|r| r.resource != pieces.resource || wanted(r.piece));
        let ready = &mut self.ready_bytes;
        self.packets.retain(|packet| {
            let stays = packet.resource != pieces.resource || wanted(packet.piece);
            if !stays {
                *ready -= packet.data.len() as u64;
            }
            stays
        });
        self.read_ahead();
    }

    /// A piece was read, or is not there.
    pub fn loaded(&mut self, resource: ResourceId, piece: u32, bytes: Option<&[u8]>) {
        self.read(resource, piece, bytes.ok_or(Reason::NotHere));
    }

    /// A piece could not be read now; it may well be there.
    pub fn unread(&mut self, resource: ResourceId, piece: u32) {
        self.read(resource, piece, Err(Reason::Busy));
    }

    /// The store has answered: what is still wanted goes out, or why it does not.
    fn read(&mut self, resource: ResourceId, piece: u32, bytes: Result<&[u8], Reason>) {
        self.loading.remove(&(resource, piece));
        if self.known.remove(&(resource, piece)) {
            match bytes {
                Ok(bytes) => self.cut(resource, piece, bytes),
                Err(reason) => self.reject(resource, vec![piece], reason),
            }
        }
        self.read_ahead();
    }

    /// Gives up all that is asked for of a resource: it is not here any more.
    pub fn withdraw(&mut self, resource: ResourceId) {
        let requested = self.known.iter().filter(|(of, _)| *of == resource);
        let pieces: Vec<u32> = requested.map(|(_, piece)| *piece).collect();
        self.cancelled(&Pieces {
            resource,
            pieces: pieces.clone(),
        });
        self.reject(resource, pieces, Reason::NotHere);
    }

    /// The next packet, if the link has room for it.
    pub fn packet(&mut self, room: impl Fn(u32) -> bool) -> Option<Packet> {
        // One stream that is full does not hold up the others.
        let next = self.packets.iter().position(|packet| room(packet.piece))?;
        let packet = self.packets.remove(next)?;
        self.ready_bytes -= packet.data.len() as u64;
        self.sent += packet.data.len() as u64;
        self.read_ahead();
        Some(packet)
    }

    fn cut(&mut self, resource: ResourceId, piece: u32, bytes: &[u8]) {
        for (number, data) in bytes.chunks(limits::PACKET_BYTES).enumerate() {
            self.packets.push_back(Packet {
                resource,
                piece,
                // Within a piece.
                offset: (number * limits::PACKET_BYTES) as u32,
                data: data.to_vec(),
            });
        }
        self.ready_bytes += bytes.len() as u64;
    }

    /// Reads what comes next, once half of what may be read ahead is gone: stores read several pieces at a time with less
    /// work than one after the other.
    fn read_ahead(&mut self) {
        let mut ahead = self.ready_bytes + self.loading.values().map(|b| *b as u64).sum::<u64>();
        if ahead > limits::UPLOAD_AHEAD_BYTES / 2 {
            return;
        }
        let mut load: Vec<Pieces> = Vec::new();
        while ahead < limits::UPLOAD_AHEAD_BYTES
            && let Some(next) = self.requested.pop_front()
        {
            ahead += next.bytes as u64;
            self.loading.insert((next.resource, next.piece), next.bytes);
            match load.last_mut() {
                Some(pieces) if pieces.resource == next.resource => pieces.pieces.push(next.piece),
                _ => load.push(Pieces {
                    resource: next.resource,
                    pieces: vec![next.piece],
                }),
            }
        }
        self.outputs
            .extend(load.into_iter().map(UploadOutput::Load));
    }

    fn reject(&mut self, resource: ResourceId, pieces: Vec<u32>, reason: Reason) {
        if !pieces.is_empty() {
            let pieces = Pieces { resource, pieces };
            let rejection = Rejection { pieces, reason };
            self.outputs
                .push_back(UploadOutput::Send(Message::Reject(rejection)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCE: ResourceId = ResourceId([7; 32]);
    const PIECE: usize = limits::MIN_PIECE_BYTES as usize;

    fn of(pieces: impl IntoIterator<Item = u32>) -> Pieces {
        Pieces {
            resource: RESOURCE,
            pieces: pieces.into_iter().collect(),
        }
    }

    fn loads(upload: &mut Upload) -> Vec<u32> {
        let outputs = std::iter::from_fn(|| upload.poll());
        let pieces = outputs.filter_map(|output| match output {
            UploadOutput::Load(load) => Some(load.pieces),
            UploadOutput::Send(_) => None,
        });
        pieces.flatten().collect()
    }

    #[test]
    fn who_changes_its_mind_makes_no_more_reads() {
        let mut upload = Upload::default();
        let mut read = Vec::new();
        let most = limits::UPLOAD_AHEAD_BYTES / limits::MIN_PIECE_BYTES;
        for round in 0..100 {
            // The same ones, and then others as well.
            let wanted = of((0..4).chain([round].into_iter().filter(|round| *round > 50)));
            upload.requested(&wanted, |_| Some(PIECE));
            read.extend(loads(&mut upload));
            upload.cancelled(&wanted);
            read.extend(loads(&mut upload));
        }
        let again = of([3]);
        upload.requested(&again, |_| Some(PIECE));
        read.extend(loads(&mut upload));
        assert!(read.len() as u64 <= most, "{read:?}");
        assert_eq!(read.iter().filter(|piece| **piece == 3).count(), 1);

        // What is wanted again comes once it is read, and nothing else does.
        for piece in read {
            upload.loaded(RESOURCE, piece, Some(&[1; PIECE]));
        }
        let packets: Vec<u32> = std::iter::from_fn(|| upload.packet(|_| true))
            .map(|packet| packet.piece)
            .collect();
        assert_eq!(packets, [3, 3]);
        assert!(upload.is_idle());
    }
}
