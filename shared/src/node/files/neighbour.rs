//! What neighbours say about files, and what they get.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{Files, FilesOutput, Stage, Waiting};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    limits,
    link::ConnectionKey,
    resource::{Outline, ResourceId, pieces},
    store::Request,
    swarm::{
        DownloadOutput, HolderKey, Message, OutlineFrom, OutlinePart, Packet, Pieces, Upload,
        UploadOutput,
    },
    time::Millis,
};

/// Names a neighbour: a link in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::node) struct PeerKey {
    pub(in crate::node) channel: ChannelId,
    pub(in crate::node) connection: ConnectionKey,
}

/// One link, as far as files go.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub(super) channel: ChannelId,
    /// What it wants to hear of, and whether it was told what is here.
    pub(super) follows: BTreeMap<ResourceId, bool>,
    /// What it asked for.
    pub(super) upload: Upload,
    /// Bytes of pieces that it was asked for and that may still come.
    owes: u64,
    /// Requests for outlines that wait for the store.
    outlines: usize,
    /// Files of which its link did not take what was to be said.
    unheard: BTreeSet<ResourceId>,
    /// When that is said again.
    pub(super) say_again_at: Option<Millis>,
    /// Files that it could not follow, because it follows too many.
    not_followed: usize,
}

impl Neighbour {
    pub(super) fn key(&self, connection: ConnectionKey) -> PeerKey {
        let channel = self.channel;
        PeerKey {
            channel,
            connection,
        }
    }
}

/// A neighbour as a holder.
pub(super) fn holder(peer: PeerKey) -> HolderKey {
    HolderKey(peer.connection.0)
}

impl Files {
    /// A link is up: it is asked for all that is wanted in its channel.
    pub(in crate::node) fn met(&mut self, peer: PeerKey) {
        let Entry::Vacant(new) = self.neighbours.entry(peer.connection) else {
            // Its member has a new name.
            return;
        };
        new.insert(Neighbour {
            channel: peer.channel,
            follows: BTreeMap::new(),
            upload: Upload::default(),
            owes: 0,
            outlines: 0,
            unheard: BTreeSet::new(),
            say_again_at: None,
            not_followed: 0,
        });
        self.offers.met(peer.channel);
        self.seek_all(peer);
    }

    /// Whether a file is wanted in a channel, by its id alone or not.
    fn is_wanted_in(&self, channel: ChannelId, id: ResourceId) -> bool {
        let fetched = self
            .files
            .get(&id)
            .is_some_and(|file| file.is_wanted() && file.entry.channels.contains(&channel));
        let sought = self.sought.get(&id);
        fetched || sought.is_some_and(|sought| sought.channels.contains(&channel))
    }

    /// Asks a neighbour what it has of all that is wanted in its channel: nobody hears what is wanted elsewhere.
    fn seek_all(&mut self, peer: PeerKey) {
        let ids = self.files.keys().chain(self.sought.keys());
        let wanted = ids.filter(|id| self.is_wanted_in(peer.channel, **id));
        let seeks: Vec<FilesOutput> = wanted
            .map(|id| FilesOutput::Send(peer, Message::Seek(*id)))
            .collect();
        self.outputs.extend(seeks);
    }

    /// A link is gone.
    pub(in crate::node) fn parted(&mut self, now: Millis, peer: PeerKey) {
        self.neighbours.remove(&peer.connection);
        for file in self.files.values_mut() {
            file.others.remove(&peer.connection);
        }
        for id in self.fetching() {
            self.download(id, |download| download.lost(now, holder(peer)));
        }
    }

    /// What was on its way over a link may be lost: both ends ask again. What the other end asked for stays: it may have
    /// asked again already, and what was sent in part is sent anew once it does.
    pub(in crate::node) fn rerouted(&mut self, now: Millis, peer: PeerKey) {
        for id in self.fetching() {
            self.download(id, |download| download.ask_again(now, holder(peer)));
        }
        self.seek_all(peer);
    }

    /// A link had no room for what was to be said: what is here, and what is wanted, is told again soon. Pieces that were
    /// asked for are asked for again after a while, as if they had not come.
    pub(in crate::node) fn unheard(&mut self, now: Millis, peer: PeerKey, message: &Message) {
        let (Message::Seek(_) | Message::Holding(_) | Message::Gained(_)) = message else {
            return;
        };
        let Some(neighbour) = self.neighbours.get_mut(&peer.connection) else {
            return;
        };
        let id = message.resource();
        if let Some(told) = neighbour.follows.get_mut(&id) {
            *told = false;
        }
        neighbour.unheard.insert(id);
        neighbour.say_again_at = Some(now + limits::SAY_AGAIN);
    }

    /// Says again what links did not take.
    pub(super) fn say_again(&mut self, now: Millis) {
        let mut unheard = Vec::new();
        for (&connection, neighbour) in &mut self.neighbours {
            if neighbour.say_again_at.is_some_and(|at| at <= now) {
                neighbour.say_again_at = None;
                let ids = std::mem::take(&mut neighbour.unheard);
                unheard.push((neighbour.key(connection), ids));
            }
        }
        for (peer, ids) in unheard {
            for id in ids {
                if self.is_wanted_in(peer.channel, id) {
                    let seek = Message::Seek(id);
                    self.outputs.push_back(FilesOutput::Send(peer, seek));
                }
                let neighbour = self.neighbours.get(&peer.connection);
                if neighbour.is_some_and(|of| of.follows.get(&id) == Some(&false)) {
                    self.follow(peer, id);
                }
            }
        }
    }

    /// A neighbour said something.
    pub(in crate::node) fn message(
        &mut self,
        now: Millis,
        from: PeerKey,
        message: Message,
        entropy: &mut Entropy,
    ) {
        let id = message.resource();
        let holder = holder(from);
        match message {
            Message::Seek(id) => self.follow(from, id),
            Message::Holding(holding) => {
                self.found(now, from, &holding, entropy);
                if self.is_shared_with(from, id) {
                    self.said_length(from, &holding);
                    self.download(id, |download| download.holding(now, holder, holding));
                }
            }
            Message::Gained(gained) => {
                self.download(id, |download| download.gained(now, holder, &gained.pieces));
            }
            Message::AskOutline(ask) => self.ask_outline(from, ask),
            Message::Outline(part) => {
                self.download(id, |download| download.outline_part(now, holder, &part));
            }
            Message::Request(wanted) => {
                if self.is_shared_with(from, id) {
                    self.was_wanted(now, id);
                }
                self.requested(from, &wanted);
            }
            Message::Reject(rejection) => {
                self.download(id, |download| download.rejected(now, holder, &rejection));
            }
            Message::Cancel(unwanted) => {
                if let Some(neighbour) = self.neighbours.get_mut(&from.connection) {
                    neighbour.upload.cancelled(&unwanted);
                }
                self.drain_upload(from);
            }
            Message::Packet(packet) => self.packet(now, from, &packet),
        }
    }

    /// A neighbour wants to be told about a file.
    fn follow(&mut self, from: PeerKey, id: ResourceId) {
        let shared = self.is_shared_with(from, id);
        let Some(neighbour) = self.neighbours.get_mut(&from.connection) else {
            return;
        };
        let file = self.files.get(&id).filter(|_| shared);
        let known = neighbour.follows.contains_key(&id);
        if !known && neighbour.follows.len() >= limits::MAX_FOLLOWED {
            // Of whole files there is no more to tell: should a piece be lost, whoever asks for it hears that. All are looked
            // through now and then only.
            if neighbour.not_followed.is_multiple_of(limits::MAX_FOLLOWED) {
                neighbour.follows.retain(|id, told| {
                    let file = self.files.get(id).filter(|_| *told);
                    file.is_none_or(|file| !file.have.is_complete())
                });
            }
            neighbour.not_followed = neighbour.not_followed.wrapping_add(1);
        }
        if known || neighbour.follows.len() < limits::MAX_FOLLOWED {
            neighbour.follows.insert(id, file.is_some());
        }
        if let Some(file) = file {
            let holding = Message::Holding(file.holding());
            self.outputs.push_back(FilesOutput::Send(from, holding));
        }
    }

    fn is_shared_with(&self, peer: PeerKey, id: ResourceId) -> bool {
        let file = self.files.get(&id);
        file.is_some_and(|file| file.entry.channels.contains(&peer.channel))
    }

    fn packet(&mut self, now: Millis, from: PeerKey, packet: &Packet) {
        let Some(neighbour) = self.neighbours.get_mut(&from.connection) else {
            return;
        };
        let bytes = packet.data.len();
        let Some(owes) = neighbour.owes.checked_sub(bytes as u64) else {
            let lie = "it sends pieces that nobody asked for";
            return self.outputs.push_back(FilesOutput::Misbehaved(from, lie));
        };
        neighbour.owes = owes;
        let id = packet.resource;
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.told.incoming.add(bytes);
        let (unproven, before) = (file.is_unproven(), file.unsaved.len());
        self.download(id, |download| download.packet(now, holder(from), packet));
        let after = self.files.get(&id).map_or(0, |file| file.unsaved.len());
        if after > before {
            if unproven {
                self.ask_for_the_rest(now, id);
            }
            self.serve_readers(now, id);
        }
        self.save_pieces(now, id);
    }

    /// A neighbour asks for part of an outline.
    fn ask_outline(&mut self, from: PeerKey, ask: OutlineFrom) {
        let id = ask.resource;
        let file = self.files.get(&id);
        let file = file.filter(|file| file.entry.channels.contains(&from.channel));
        let known = match file.map(|file| &file.stage) {
            None => return self.send_outline(from, ask, Vec::new()),
            Some(Stage::Fetching(download)) => download.outline(),
            Some(_) => None,
        };
        let kept = self.outline.as_ref().filter(|(of, _)| *of == id);
        let known = known.or_else(|| kept.map(|(_, outline)| outline));
        if let Some(outline) = known {
            // A whole one has up to 2 MiB.
            let part = outline.part(ask.first, limits::OUTLINE_PART);
            return self.send_outline(from, ask, part);
        }
        let Some(neighbour) = self.neighbours.get_mut(&from.connection) else {
            return;
        };
        // A part that is not answered is asked for again, of somebody else.
        if neighbour.outlines < limits::OUTLINE_PARTS_AHEAD as usize {
            neighbour.outlines += 1;
            let waiting = Waiting::Serve { from, ask };
            self.outputs
                .push_back(FilesOutput::Store(Request::LoadOutline(id), waiting));
        }
    }

    /// The store has the outline that a neighbour asked for, or does not.
    pub(super) fn serve_outline(
        &mut self,
        from: PeerKey,
        ask: OutlineFrom,
        outline: Option<Outline>,
    ) {
        if let Some(neighbour) = self.neighbours.get_mut(&from.connection) {
            neighbour.outlines = neighbour.outlines.saturating_sub(1);
        }
        let part = outline.as_ref();
        let part = part.map(|outline| outline.part(ask.first, limits::OUTLINE_PART));
        self.send_outline(from, ask, part.unwrap_or_default());
        self.outline = outline
            .map(|outline| (ask.resource, outline))
            .or(self.outline.take());
    }

    fn send_outline(&mut self, to: PeerKey, ask: OutlineFrom, values: Vec<u8>) {
        let part = OutlinePart {
            resource: ask.resource,
            first: ask.first,
            values,
        };
        self.outputs
            .push_back(FilesOutput::Send(to, Message::Outline(part)));
    }

    /// A neighbour asks for pieces.
    fn requested(&mut self, from: PeerKey, wanted: &Pieces) {
        let shared = self.is_shared_with(from, wanted.resource);
        let file = self.files.get(&wanted.resource).filter(|_| shared);
        let Some(neighbour) = self.neighbours.get_mut(&from.connection) else {
            return;
        };
        neighbour.upload.requested(wanted, |piece| {
            let file = file?;
            let length = file.entry.descriptor.length;
            file.have
                .contains(piece)
                .then(|| pieces::bytes_of(length, piece))
        });
        self.drain_upload(from);
    }

    /// The next packet for a neighbour, if its link has room for it.
    pub(in crate::node) fn next_packet(
        &mut self,
        to: PeerKey,
        room: impl Fn(u32) -> bool,
    ) -> Option<Packet> {
        let neighbour = self.neighbours.get_mut(&to.connection)?;
        let packet = neighbour.upload.packet(room);
        self.drain_upload(to);
        let packet = packet?;
        if let Some(file) = self.files.get_mut(&packet.resource) {
            file.told.outgoing.add(packet.data.len());
            self.changed.insert(packet.resource);
        }
        Some(packet)
    }

    pub(super) fn drain_upload(&mut self, peer: PeerKey) {
        let Some(neighbour) = self.neighbours.get_mut(&peer.connection) else {
            return;
        };
        while let Some(output) = neighbour.upload.poll() {
            self.outputs.push_back(match output {
                UploadOutput::Load(wanted) => FilesOutput::Store(
                    Request::LoadPieces {
                        resource: wanted.resource,
                        pieces: wanted.pieces.clone(),
                    },
                    Waiting::Upload { to: peer, wanted },
                ),
                UploadOutput::Send(message) => FilesOutput::Send(peer, message),
            });
        }
    }

    /// What a download wants of its holders.
    pub(super) fn download_wants(&mut self, id: ResourceId, output: DownloadOutput) {
        match output {
            DownloadOutput::Send(HolderKey(connection), message) => {
                let connection = ConnectionKey(connection);
                let (Some(neighbour), Some(file)) =
                    (self.neighbours.get_mut(&connection), self.files.get(&id))
                else {
                    return;
                };
                if let Message::Request(wanted) = &message {
                    let length = file.entry.descriptor.length;
                    let bytes = |piece: &u32| pieces::bytes_of(length, *piece) as u64;
                    neighbour.owes += wanted.pieces.iter().map(bytes).sum::<u64>();
                }
                let to = neighbour.key(connection);
                self.outputs.push_back(FilesOutput::Send(to, message));
            }
            DownloadOutput::Liar(HolderKey(connection), lie) => {
                let connection = ConnectionKey(connection);
                if let Some(neighbour) = self.neighbours.get(&connection) {
                    let liar = neighbour.key(connection);
                    self.outputs.push_back(FilesOutput::Misbehaved(liar, lie));
                }
            }
            DownloadOutput::Outline(outline) => self.save_outline(id, outline),
            DownloadOutput::Piece { piece, bytes } => {
                self.hash(id, piece, &bytes);
                if let Some(file) = self.files.get_mut(&id) {
                    file.unsaved.add(piece, bytes);
                    // What is asked for first is the last one.
                    file.proven = true;
                }
            }
        }
    }

    /// Pieces are here now: whoever follows the file hears it.
    pub(super) fn tell_gained(&mut self, id: ResourceId, gained: &[u32]) {
        let Some(file) = self.files.get(&id) else {
            return;
        };
        for (&connection, neighbour) in &mut self.neighbours {
            let shared = file.entry.channels.contains(&neighbour.channel);
            let Some(told) = neighbour.follows.get_mut(&id).filter(|_| shared) else {
                continue;
            };
            let message = if std::mem::replace(told, true) {
                Message::Gained(Pieces {
                    resource: id,
                    pieces: gained.to_vec(),
                })
            } else {
                Message::Holding(file.holding())
            };
            let to = PeerKey {
                channel: neighbour.channel,
                connection,
            };
            self.outputs.push_back(FilesOutput::Send(to, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        resource::{Descriptor, Have, Md5},
        swarm::Holding,
    };

    fn sent(files: &mut Files) -> Vec<Message> {
        let outputs = std::iter::from_fn(|| files.poll());
        let sent = outputs.filter_map(|output| match output {
            FilesOutput::Send(_, message) => Some(message),
            _ => None,
        });
        sent.collect()
    }

    #[test]
    fn what_a_link_did_not_take_is_said_again() {
        let now = Millis(1_000_000);
        let channel = ChannelId([1; 32]);
        let peer = PeerKey {
            channel,
            connection: ConnectionKey(1),
        };
        let mut files = Files::default();
        let entropy = &mut Entropy::from_seed([1; 32]);
        let wanted = ResourceId([2; 32]);
        let asked = files.want_file(now, channel, wanted, None, entropy);
        assert_eq!(asked, Ok(()));
        let descriptor = Descriptor {
            id: ResourceId([3; 32]),
            length: 100,
            md5: Md5([0; 16]),
            name: "a".into(),
            media_type: "text/plain".into(),
        };
        let here = descriptor.id;
        files.want(now, channel, descriptor.clone(), None, entropy);
        files.met(peer);
        files.message(now, peer, Message::Seek(here), entropy);
        let have = Have::none(100);
        let holding = Message::Holding(Holding { descriptor, have });
        let mut said = [Message::Seek(here), Message::Seek(wanted), holding];
        assert_eq!(sent(&mut files), said);
        for message in &said {
            files.unheard(now, peer, message);
        }
        let again = now + limits::SAY_AGAIN;
        assert_eq!(files.deadline(), Some(again));
        files.wake(again);
        said.swap(0, 1);
        assert_eq!(sent(&mut files), said);
        files.wake(again + limits::SAY_AGAIN);
        assert!(sent(&mut files).is_empty());
    }
}
