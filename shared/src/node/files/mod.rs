//! The files of a node: what is here, what comes, and what neighbours get of it.
//!
//! ```text
//! commands ──┐                              ┌─→ store
//! neighbours ┼→ Files (one File each, ──────┼─→ neighbours, packets as links have room
//! the store ─┘   one Neighbour a link)      └─→ views
//! ```
//!
//! A file is shared in channels, and only neighbours of those channels hear of it. What is asked of whom is decided by
//! [`crate::swarm`]; this is what it takes to let it act.

mod checking;
mod commands;
mod digest;
mod file;
mod lengths;
mod neighbour;
mod news;
mod offers;
mod pictures;
mod reads;
mod room;
mod stored;
mod turns;
mod unchoosing;
mod unsaved;
mod wishes;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) use self::{commands::Wish, neighbour::PeerKey, reads::Wanted, stored::Waiting};
use self::{
    file::{File, Stage},
    neighbour::Neighbour,
    offers::Offers,
    reads::Reading,
    unsaved::Unsaved,
    wishes::Wishes,
};
use super::{
    event::{Event, Problem},
    read::{ReadKey, ReadPart},
};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    link::ConnectionKey,
    resource::{Descriptor, Have, Outline, ResourceId},
    seeding::Standing,
    store::{Request, ResourceEntry},
    swarm::{Download, Holding, Message},
    time::Millis,
};

/// What the files want of their node.
#[derive(Debug)]
pub(super) enum FilesOutput {
    /// Say something to a neighbour.
    Send(PeerKey, Message),
    /// A neighbour broke the rules.
    Misbehaved(PeerKey, &'static str),
    /// A neighbour may have packets waiting for its link.
    Upload(PeerKey),
    /// Ask the store.
    Store(Request, Waiting),
    /// The views hear something.
    Tell(Event),
    /// A reader gets something.
    Read(ReadKey, ReadPart),
    /// A file that came by itself has left.
    Left(ResourceId),
    /// It stays, and is not given in this channel any more.
    LeftIn(ChannelId, ResourceId),
}

/// All files, and what neighbours want of them.
#[derive(Debug, Default)]
pub(super) struct Files {
    files: BTreeMap<ResourceId, File>,
    /// Those that are not complete, and perhaps some that are: of no others anything is due at any time.
    active: BTreeSet<ResourceId>,
    /// Wanted by their ids alone: until somebody says what they are.
    sought: BTreeMap<ResourceId, Sought>,
    /// Those of them that the member asked for, until their entries are kept.
    wishes: Wishes,
    neighbours: BTreeMap<ConnectionKey, Neighbour>,
    /// Who reads a file while it comes.
    reads: BTreeMap<ReadKey, Reading>,
    /// While somebody waits for bytes: the files that are read. All others ask for no more.
    first: BTreeSet<ResourceId>,
    /// The member dropped it while it was played: who still reads it does not get it again.
    dropped: Option<ResourceId>,
    /// The number of the file that was entered last, and of what began for it.
    generation: u64,
    /// The outline that was asked for last: whoever asks for a part of it will ask for the next.
    outline: Option<(ResourceId, Outline)>,
    /// How many bytes all of them may have.
    quota: Option<u64>,
    /// There may be more room than when something was last told that there is none for it.
    room_freed: bool,
    offers: Offers,
    /// Files whose news the views have not heard.
    changed: BTreeSet<ResourceId>,
    outputs: VecDeque<FilesOutput>,
}

/// A file that is wanted by its id alone.
#[derive(Debug)]
struct Sought {
    channels: BTreeSet<ChannelId>,
    why: Why,
    /// It is not taken if it is longer.
    most: u64,
}

/// Why a file is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The member asked for it: until that is taken back.
    Asked,
    /// It belongs to another one: until then.
    Beside(Millis),
    /// It is offered where all is wanted: somebody may have it, until then.
    Offered(Millis),
    /// For as long as somebody reads it.
    Read,
}

impl Files {
    /// The next thing to do.
    pub(super) fn poll(&mut self) -> Option<FilesOutput> {
        self.outputs.pop_front()
    }

    /// Whether a file is here, whole or in parts, or wanted.
    pub(super) fn knows(&self, id: ResourceId) -> bool {
        self.files.contains_key(&id)
    }

    /// Whether a file is here whole.
    pub(super) fn is_whole(&self, id: ResourceId) -> bool {
        let file = self.files.get(&id);
        file.is_some_and(|file| file.have.is_complete())
    }

    /// What is known of a file that is here or wanted.
    pub(super) fn descriptor(&self, id: ResourceId) -> Option<Descriptor> {
        Some(self.files.get(&id)?.entry.descriptor.clone())
    }

    /// The entry of a file that is here or wanted.
    pub(super) fn entry(&self, id: ResourceId) -> Option<ResourceEntry> {
        Some(self.files.get(&id)?.entry.clone())
    }

    /// Which pieces are here of a file: from which one and before which one; and how many it has.
    pub(super) fn runs(&self, id: ResourceId) -> Option<(Vec<(u32, u32)>, u32)> {
        let have = &self.files.get(&id)?.have;
        Some((have.runs(), have.pieces()))
    }

    /// When [`Files::wake`] is due.
    pub(super) fn deadline(&self) -> Option<Millis> {
        let active = self.active.iter().filter_map(|id| self.files.get(id));
        let downloads = active.filter_map(File::deadline);
        let again = self.neighbours.values().filter_map(|of| of.say_again_at);
        let sought = self.sought.values().filter_map(|sought| match sought.why {
            Why::Beside(until) | Why::Offered(until) => Some(until),
            Why::Asked | Why::Read => None,
        });
        downloads
            .chain(again)
            .chain(sought)
            .chain(self.next_news())
            .chain(self.next_quiet())
            .chain(self.offers.deadline())
            .min()
    }

    /// A deadline has passed.
    pub(super) fn wake(&mut self, now: Millis) {
        let due = |id: &ResourceId| {
            let deadline = self.files.get(id).and_then(File::deadline);
            deadline.is_some_and(|at| at <= now)
        };
        let due: Vec<ResourceId> = self.active.iter().copied().filter(due).collect();
        for id in due {
            if let Some(file) = self.files.get_mut(&id) {
                let stalls = file.stalls_at.take_if(|at| *at <= now).is_some();
                file.stalled |= stalls;
            }
            if self.give_up_picture(now, id) {
                continue;
            }
            self.try_other_length(now, id);
            self.download(id, |download| download.wake(now));
            self.save_pieces(now, id);
        }
        self.say_again(now);
        self.give_up_sought(now);
        self.offers_in_vain(now);
        self.quiet_readers(now);
    }

    /// The channels in which the member wants something that no neighbour has.
    pub(super) fn hungry(&self) -> BTreeSet<ChannelId> {
        let active = self.active.iter().filter_map(|id| self.files.get(id));
        let seeking = active.filter(|file| file.is_seeking());
        let seeking = seeking.flat_map(|file| file.entry.channels.iter().copied());
        let sought = self.sought.values();
        let sought = sought.flat_map(|sought| sought.channels.iter().copied());
        sought.chain(seeking).collect()
    }

    /// The member dropped what the player had: whoever reads it on does not get it again, until it is wanted.
    pub(super) fn refuse_reads(&mut self, id: ResourceId) {
        self.dropped = Some(id);
    }

    /// Lets a download act, and carries out what it wants.
    fn download(&mut self, id: ResourceId, act: impl FnOnce(&mut Download)) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let Stage::Fetching(download) = &mut file.stage else {
            return;
        };
        act(download);
        let outputs: Vec<_> = std::iter::from_fn(|| download.poll()).collect();
        for output in outputs {
            self.download_wants(id, output);
        }
        self.changed.insert(id);
    }

    /// Gives up what was asked for of a file, if anything was.
    fn quit(&mut self, id: ResourceId) {
        // What pauses for ever has no use for the time.
        self.download(id, |download| download.pause(Millis::default(), true));
        if let Some(file) = self.files.get_mut(&id) {
            file.unsaved = Unsaved::default();
            file.putting.clear();
            file.digest.forget_early();
            file.proven = false;
        }
    }

    /// A number for a file that is new, or begins anew.
    fn next_generation(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    /// Asks all neighbours of a file's channels what they have of it.
    fn seek(&mut self, id: ResourceId) {
        if let Some(file) = self.files.get(&id) {
            let channels = file.entry.channels.clone();
            self.ask_for(id, &channels);
        }
    }

    /// Asks all neighbours of these channels what they have of a file.
    fn ask_for(&mut self, id: ResourceId, channels: &BTreeSet<ChannelId>) {
        for (&connection, neighbour) in &self.neighbours {
            if channels.contains(&neighbour.channel) {
                let to = neighbour.key(connection);
                self.outputs
                    .push_back(FilesOutput::Send(to, Message::Seek(id)));
            }
        }
    }

    /// Tells those who follow a file what is here of it, from the beginning: all of them, or who was not told yet.
    fn tell_holding(&mut self, id: ResourceId, all: bool) {
        let Some(file) = self.files.get(&id) else {
            return;
        };
        for (&connection, neighbour) in &mut self.neighbours {
            let follows = neighbour.follows.get_mut(&id);
            let Some(told) = follows.filter(|told| all || !**told) else {
                continue;
            };
            if file.entry.channels.contains(&neighbour.channel) {
                *told = true;
                let holding = Message::Holding(file.holding());
                let to = PeerKey {
                    channel: neighbour.channel,
                    connection,
                };
                self.outputs.push_back(FilesOutput::Send(to, holding));
            }
        }
    }

    /// Begins to get what is missing of a file, from everybody who has it and is asked for it.
    fn fetch(
        &mut self,
        now: Millis,
        id: ResourceId,
        outline: Option<Outline>,
        entropy: &mut Entropy,
    ) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        if file.have.is_complete() {
            // It had stopped while it was checked.
            return self.check(now, id);
        }
        let length = file.entry.descriptor.length;
        if length == 0 {
            // Nothing has to come; what is not the hash of nothing can never come.
            if is_of_nothing(id) {
                file.unsaved.add(0, Vec::new());
                file.stage = Stage::Resuming;
                self.save_pieces(now, id);
            } else if file.entry.automatic.is_some() {
                self.leave_by_itself(id);
            } else {
                self.stop(id, Problem::NoFile);
            }
            return;
        }
        let mut have = file.have.clone();
        if file.is_unproven() {
            have = Have::all(length);
            have.remove(file.last_piece());
        }
        let unproven = file.is_unproven();
        let mut download = Download::new(id, length, have, outline, entropy);
        download.pause(now, file.entry.paused);
        let held = !self.first.is_empty() && !self.first.contains(&id);
        download.hold(now, held && !unproven);
        file.moves(now);
        file.trial.until = Some(now + file.trial.patience());
        file.stage = Stage::Fetching(Box::new(download));
        self.changed.insert(id);
        self.hurry(now, id);
    }

    /// A neighbour has something of a file that was known by its id alone.
    fn found(&mut self, now: Millis, from: PeerKey, holding: &Holding, entropy: &mut Entropy) {
        let descriptor = &holding.descriptor;
        let id = descriptor.id;
        let fits = |sought: &&Sought| {
            sought.channels.contains(&from.channel) && descriptor.length <= sought.most
        };
        let sought = self.sought.get(&id).filter(fits);
        let Some((most, why)) = sought.map(|sought| (sought.most, sought.why)) else {
            return;
        };
        if descriptor.check().is_err() {
            return;
        }
        let offered = match why {
            Why::Offered(_) => return self.offer_found(now, from.channel, holding, entropy),
            // It goes before what it belongs to, if that was chosen.
            Why::Beside(_) => Some(now),
            Why::Asked | Why::Read => None,
        };
        let standing = offered.map_or(Standing::Chosen, Standing::Offered);
        let room = self.has_room(id, descriptor.length, standing);
        // All who are there were asked already.
        self.want(now, from.channel, descriptor.clone(), offered, entropy);
        if let Some(file) = self.files.get_mut(&id) {
            file.most = most;
        }
        if let Err(problem) = room {
            self.stop(id, problem);
        }
    }
}

/// Whether an id is that of a file without bytes.
fn is_of_nothing(id: ResourceId) -> bool {
    let nothing = Outline::check(id, 0, &id.0);
    nothing.is_ok_and(|outline| outline.proves(0, &[]))
}
