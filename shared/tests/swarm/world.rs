//! A download, and holders of every kind, in virtual time.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    time::Duration,
};

use catnest::{
    entropy::Entropy,
    limits,
    resource::{Descriptor, Hashed, Have, Md5, ResourceHasher, pieces},
    swarm::{
        Download, DownloadOutput, HolderKey, Holding, Message, OutlinePart, Packet, Pieces, Reason,
        Rejection, Upload, UploadOutput,
    },
    time::Millis,
};

/// What a holder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    Honest,
    /// It has every so-many-th piece only.
    Has(u32),
    /// The bytes are others.
    Lies,
    /// So do the outline's.
    LiesAboutTheOutline,
    /// After so many packets it sends nothing more.
    Stalls(u32),
    /// After so many packets it is gone.
    Vanishes(u32),
    /// It sends so many bytes a second.
    Slow(u64),
    /// At first, so many packets, it is faster than the others; then it sends one in a while, just before patience ends.
    Drips(u32),
    /// It gives the outline value by value.
    Crumbles,
    /// It sends something else than what it was asked for.
    Unasked,
    /// It sends everything over and over.
    Repeats,
    /// Beyond the end of a piece.
    Overflows,
    /// It has nothing of what it said.
    Boasts,
    /// It is always busy.
    Busy,
}

pub(crate) struct Holder {
    pub(crate) habit: Habit,
    upload: Upload,
    packets: u32,
    /// When its uplink is free.
    free_at: Millis,
    gone: bool,
}

/// What is on its way.
#[derive(Debug)]
enum Parcel {
    ToHolder(HolderKey, Message),
    ToDownload(HolderKey, Message),
    Vanish(HolderKey),
    Stored(Vec<u32>),
}

pub(crate) struct World {
    bytes: Vec<u8>,
    hashed: Hashed,
    pub(crate) now: Millis,
    pub(crate) download: Download,
    pub(crate) holders: BTreeMap<HolderKey, Holder>,
    parcels: BinaryHeap<Reverse<(Millis, u64)>>,
    contents: BTreeMap<u64, Parcel>,
    number: u64,
    pub(crate) stored: BTreeMap<u32, Vec<u8>>,
    pub(crate) liars: BTreeMap<HolderKey, &'static str>,
    /// The pieces in the order in which they came.
    pub(crate) came: Vec<u32>,
    /// Each piece that was asked for, in that order, and of whom.
    pub(crate) asked: Vec<(u32, HolderKey)>,
    /// Of whom each piece is asked for now.
    outstanding: BTreeMap<u32, BTreeSet<HolderKey>>,
    /// Pieces that were asked of somebody while another one was to give them.
    pub(crate) asked_twice: BTreeSet<u32>,
    pub(crate) most_undurable: usize,
    undurable: usize,
}

const LATENCY: Duration = Duration::from_millis(20);
const DISK: Duration = Duration::from_millis(3);
pub(crate) const RATE: u64 = 2_000_000;

impl World {
    pub(crate) fn new(seed: u8, length: u64, habits: &[Habit]) -> Self {
        let bytes: Vec<u8> = (0..length).map(|i| (i * i % 251) as u8).collect();
        let mut hasher = ResourceHasher::new(length);
        hasher.update(&bytes).unwrap();
        let hashed = hasher.finish().unwrap();
        let mut entropy = Entropy::from_seed([seed; 32]);
        let none = Have::none(length);
        let download = Download::new(hashed.id, length, none, None, &mut entropy);
        let mut world = Self {
            bytes,
            hashed,
            now: Millis(1_000_000),
            download,
            holders: BTreeMap::new(),
            parcels: BinaryHeap::new(),
            contents: BTreeMap::new(),
            number: 0,
            stored: BTreeMap::new(),
            liars: BTreeMap::new(),
            came: Vec::new(),
            asked: Vec::new(),
            outstanding: BTreeMap::new(),
            asked_twice: BTreeSet::new(),
            most_undurable: 0,
            undurable: 0,
        };
        for habit in habits {
            world.join(*habit);
        }
        world
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(crate) fn join(&mut self, habit: Habit) -> HolderKey {
        let key = HolderKey(self.holders.len() as u64);
        let holder = Holder {
            habit,
            upload: Upload::default(),
            packets: 0,
            free_at: self.now,
            gone: false,
        };
        self.holders.insert(key, holder);
        let mut have = Have::none(self.length());
        let step = if let Habit::Has(step) = habit {
            step
        } else {
            1
        };
        for piece in (0..have.pieces()).step_by(step as usize) {
            have.insert(piece);
        }
        let descriptor = Descriptor {
            id: self.hashed.id,
            length: self.length(),
            md5: Md5([0; 16]),
            name: "a".into(),
            media_type: "a/b".into(),
        };
        let holding = Message::Holding(Holding { descriptor, have });
        self.send(LATENCY, Parcel::ToDownload(key, holding));
        key
    }

    fn send(&mut self, after: Duration, parcel: Parcel) {
        self.number += 1;
        self.parcels.push(Reverse((self.now + after, self.number)));
        self.contents.insert(self.number, parcel);
    }

    fn piece(&self, piece: u32) -> Option<&[u8]> {
        let range = pieces::range(self.length(), piece)?;
        self.bytes.get(range.start as usize..range.end as usize)
    }

    /// Lets everything happen until all is here, or nothing happens any more.
    pub(crate) fn run(&mut self, limit: Duration) -> bool {
        self.run_until(limit, |world| world.download.have().is_complete())
    }

    /// Lets everything happen until something is so, or nothing happens any more.
    pub(crate) fn run_until(&mut self, limit: Duration, is_so: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + limit;
        while !is_so(self) {
            let next = self.parcels.peek().map(|Reverse((at, _))| *at);
            let alarm = self.download.deadline();
            let Some(at) = [next, alarm].into_iter().flatten().min() else {
                return false;
            };
            if at > end {
                return false;
            }
            self.now = self.now.max(at);
            if alarm.is_some_and(|alarm| alarm <= self.now) {
                self.download.wake(self.now);
            } else if let Some(Reverse((_, number))) = self.parcels.pop() {
                let parcel = self.contents.remove(&number).unwrap();
                self.arrive(parcel);
            }
            self.carry_out();
        }
        true
    }

    fn arrive(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::ToHolder(key, message) => self.ask(key, &message),
            Parcel::ToDownload(key, message) if !self.holders[&key].gone => {
                let now = self.now;
                match message {
                    Message::Holding(holding) => self.download.holding(now, key, holding),
                    Message::Outline(part) => self.download.outline_part(now, key, &part),
                    Message::Packet(packet) => self.download.packet(now, key, &packet),
                    Message::Reject(reject) => self.download.rejected(now, key, &reject),
                    Message::Gained(gained) => self.download.gained(now, key, &gained.pieces),
                    other => panic!("{other:?}"),
                }
            }
            Parcel::ToDownload(..) => {}
            Parcel::Vanish(key) => {
                self.holders.get_mut(&key).unwrap().gone = true;
                self.lets_go(key);
                self.download.lost(self.now, key);
            }
            Parcel::Stored(pieces) => {
                self.undurable -= pieces.len();
                self.download.stored(self.now, &pieces);
            }
        }
    }

    pub(crate) fn carry_out(&mut self) {
        while let Some(output) = self.download.poll() {
            match output {
                DownloadOutput::Send(key, message) => {
                    self.note(key, &message);
                    self.send(LATENCY, Parcel::ToHolder(key, message));
                }
                DownloadOutput::Outline(outline) => assert_eq!(outline, self.hashed.outline),
                DownloadOutput::Piece { piece, bytes } => {
                    assert_eq!(self.piece(piece), Some(&bytes[..]), "piece {piece}");
                    self.came.push(piece);
                    self.outstanding.remove(&piece);
                    let twice = self.stored.insert(piece, bytes);
                    assert_eq!(twice, None, "piece {piece} is stored twice");
                    self.undurable += 1;
                    self.most_undurable = self.most_undurable.max(self.undurable);
                    self.send(DISK, Parcel::Stored(vec![piece]));
                }
                DownloadOutput::Liar(key, lie) => {
                    assert_eq!(self.liars.insert(key, lie), None, "{key:?} is blamed twice");
                    self.lets_go(key);
                }
            }
        }
    }

    /// Writes down what a holder is asked for, and what not any more.
    fn note(&mut self, key: HolderKey, message: &Message) {
        match message {
            Message::Request(request) => {
                for &piece in &request.pieces {
                    self.asked.push((piece, key));
                    let of = self.outstanding.entry(piece).or_default();
                    of.insert(key);
                    if of.len() > 1 {
                        self.asked_twice.insert(piece);
                    }
                }
            }
            Message::Cancel(cancel) => {
                for piece in &cancel.pieces {
                    if let Some(of) = self.outstanding.get_mut(piece) {
                        of.remove(&key);
                    }
                }
            }
            _ => {}
        }
    }

    /// A holder is none any more.
    fn lets_go(&mut self, key: HolderKey) {
        for of in self.outstanding.values_mut() {
            of.remove(&key);
        }
    }

    /// A holder is asked for something.
    fn ask(&mut self, key: HolderKey, message: &Message) {
        let habit = self.holders[&key].habit;
        match message {
            Message::AskOutline(from) => {
                let values = self.hashed.outline.bytes();
                let start = from.first as usize * 32;
                let most = if habit == Habit::Crumbles {
                    1
                } else {
                    limits::OUTLINE_PART
                };
                let end = values.len().min(start + most * 32);
                let mut values = values[start..end].to_vec();
                if habit == Habit::LiesAboutTheOutline {
                    values[0] ^= 1;
                }
                let part = OutlinePart {
                    resource: from.resource,
                    first: from.first,
                    values,
                };
                self.send(LATENCY, Parcel::ToDownload(key, Message::Outline(part)));
            }
            Message::Request(request) => self.request(key, habit, request),
            Message::Cancel(cancel) => {
                let holder = self.holders.get_mut(&key).unwrap();
                holder.upload.cancelled(cancel);
            }
            other => panic!("{other:?}"),
        }
    }

    fn request(&mut self, key: HolderKey, habit: Habit, request: &Pieces) {
        let reject = |reason| {
            let pieces = request.clone();
            Parcel::ToDownload(key, Message::Reject(Rejection { pieces, reason }))
        };
        match habit {
            Habit::Boasts => return self.send(LATENCY, reject(Reason::NotHere)),
            Habit::Busy => return self.send(LATENCY, reject(Reason::Busy)),
            _ => {}
        }
        let length = self.length();
        let holder = self.holders.get_mut(&key).unwrap();
        holder.upload.requested(request, |piece| {
            Some(pieces::bytes_of(length, piece)).filter(|bytes| *bytes > 0)
        });
        while let Some(output) = self.holders.get_mut(&key).unwrap().upload.poll() {
            match output {
                UploadOutput::Load(load) => {
                    for piece in load.pieces {
                        let bytes = self.piece(piece).map(<[u8]>::to_vec);
                        let holder = self.holders.get_mut(&key).unwrap();
                        holder.upload.loaded(load.resource, piece, bytes.as_deref());
                    }
                }
                UploadOutput::Send(message) => {
                    self.send(LATENCY, Parcel::ToDownload(key, message));
                }
            }
            while let Some(packet) = self.holders.get_mut(&key).unwrap().upload.packet(|_| true) {
                self.give(key, habit, packet);
            }
        }
    }

    /// A holder sends a packet, as its habit is.
    fn give(&mut self, key: HolderKey, habit: Habit, mut packet: Packet) {
        let holder = self.holders.get_mut(&key).unwrap();
        holder.packets += 1;
        let mut times = 1;
        match habit {
            Habit::Lies => packet.data[0] ^= 1,
            Habit::Stalls(after) if holder.packets > after => return,
            Habit::Vanishes(after) if holder.packets == after => {
                return self.send(LATENCY, Parcel::Vanish(key));
            }
            Habit::Unasked if holder.packets == 20 => packet.piece += 1000,
            Habit::Overflows if holder.packets == 20 => packet.offset += 40_000,
            Habit::Repeats => times = 5,
            _ => {}
        }
        let rate = match habit {
            Habit::Slow(rate) => rate,
            Habit::Drips(fast) if holder.packets <= fast => RATE * 10,
            Habit::Drips(_) => limits::PACKET_BYTES as u64 / 7,
            _ => RATE,
        };
        for _ in 0..times {
            let holder = self.holders.get_mut(&key).unwrap();
            let takes = Duration::from_millis(packet.data.len() as u64 * 1000 / rate);
            holder.free_at = holder.free_at.max(self.now) + takes;
            let after = holder.free_at.since(self.now) + LATENCY;
            let parcel = Parcel::ToDownload(key, Message::Packet(packet.clone()));
            self.send(after, parcel);
        }
    }

    /// All is here, and each byte came once or hardly more often.
    pub(crate) fn expect_complete(&self) {
        assert!(self.download.have().is_complete());
        let bytes: Vec<u8> = self.stored.values().flatten().copied().collect();
        assert_eq!(bytes, self.bytes);
    }
}
