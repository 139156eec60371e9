//! The music of a node: the lists of its channels, the player, the ban table, and listening together.
//!
//! ```text
//! commands ───┐                                     ┌─→ neighbours
//! neighbours ─┼→ Music (a Nest for each channel, ───┼─→ the driver's media element
//! the element ┤         one player)                 ├─→ views
//! the store ──┘                                     └─→ the store, and the files that are wanted
//! ```
//!
//! What lists say, what is played and how devices listen together is decided by [`crate::music`]; this lets it act.
//! [`acting`] is the way between it and the node.

mod acting;
mod adding;
mod cached;
mod command;
mod event;
mod listening;
mod lists;
mod playing;
mod stored;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) use self::{acting::MusicMessage, stored::MusicPending};
pub use self::{
    command::MusicCommand,
    event::{HolderView, LeadView, MusicEvent, Row},
};
use self::{lists::Nest, playing::Playing};
use super::{
    Problem, RequestId,
    files::{PeerKey, Wish},
};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    identity::Author,
    music::{ban::BanTable, player::PlayerOutput, shelf, track::Track},
    resource::{Descriptor, ResourceId},
    store::Request,
    time::Millis,
    wire::{Frame, Run},
};

/// What the music wants of its node.
#[derive(Debug)]
pub(super) enum MusicOutput {
    /// Say something to a neighbour.
    Send(PeerKey, Frame),
    /// A neighbour broke the rules.
    Misbehaved(PeerKey, String),
    /// Ask the store.
    Store(Request, MusicPending),
    /// The views hear something.
    Tell(MusicEvent),
    /// Rows of a channel's list are others than before, or gone.
    Rows {
        channel: ChannelId,
        changed: BTreeSet<ResourceId>,
        gone: BTreeSet<ResourceId>,
    },
    /// Listening together is another way than before.
    Together,
    /// The media element has something to do; with where it is got, if it is a load.
    Player {
        output: PlayerOutput,
        channel: Option<ChannelId>,
    },
    /// Another track is played.
    NowPlaying {
        track: Option<Track>,
        channel: Option<ChannelId>,
    },
    /// A file is wanted here. Nothing has to come of it.
    Want {
        channel: ChannelId,
        descriptor: Descriptor,
        wish: Wish,
    },
    /// So is one that belongs to another, if it is no longer than so many bytes.
    WantBeside {
        channel: ChannelId,
        file: ResourceId,
        most: u64,
    },
    /// A command that had to wait can be carried out now.
    Waited {
        request: RequestId,
        command: MusicCommand,
    },
    /// Something is wrong that no command caused.
    Trouble(Problem),
    /// A command is carried out.
    Done {
        request: RequestId,
        channel: Option<ChannelId>,
    },
    /// A command is not.
    Refused {
        request: RequestId,
        problem: Problem,
    },
}

/// All music of a node.
#[derive(Debug)]
pub(super) struct Music {
    nests: BTreeMap<ChannelId, Nest>,
    playing: Playing,
    bans: BanTable,
    /// Requests to the store of what was there before this run, or before a channel was opened.
    loading: usize,
    /// What of the player was loaded.
    loaded: stored::Loaded,
    /// Commands that wait for that.
    waiting: VecDeque<(RequestId, MusicCommand)>,
    /// The lists of others are kept.
    cache_lists: bool,
    outputs: VecDeque<MusicOutput>,
}

impl Music {
    pub(super) fn new(entropy: &mut Entropy) -> Self {
        Self {
            nests: BTreeMap::new(),
            playing: Playing::new(Entropy::from_seed(entropy.bytes())),
            bans: BanTable::default(),
            loading: 0,
            loaded: stored::Loaded::default(),
            waiting: VecDeque::new(),
            cache_lists: true,
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub(super) fn poll(&mut self) -> Option<MusicOutput> {
        self.outputs.pop_front()
    }

    /// When [`Music::wake`] is due.
    pub(super) fn deadline(&self) -> Option<Millis> {
        self.nests.values().filter_map(Nest::deadline).min()
    }

    /// This device is in a channel now.
    pub(super) fn open(&mut self, now: Millis, channel: ChannelId, me: Run) {
        let mut nest = Nest::new(me, self.bans.clone());
        nest.together.player(now, self.playing.player.state());
        self.nests.insert(channel, nest);
    }

    /// This device has left a channel. What plays goes on if it is here.
    pub(super) fn leave(&mut self, channel: ChannelId) {
        self.nests.remove(&channel);
        self.outputs.push_back(MusicOutput::Together);
    }

    /// What is played, or would be.
    pub(super) fn playing(&self) -> Option<ResourceId> {
        Some(self.playing.state?.track?.resource)
    }

    /// How long a file may be of which lists know the id: as a track, or what belongs to one. Of others nothing is known.
    pub(super) fn most_bytes(&self, id: ResourceId) -> u64 {
        let nests = || self.nests.values().map(|nest| &nest.library);
        let listed = nests().filter_map(|library| library.track(id));
        let listed = listed.map(|track| track.length).max();
        let beside = || nests().filter_map(|library| library.most_beside(id)).max();
        listed.or_else(beside).unwrap_or(u64::MAX)
    }

    /// What a channel's list says of a track.
    fn track(&self, channel: ChannelId, id: ResourceId) -> Option<&Track> {
        Some(&**self.nests.get(&channel)?.library.track(id)?)
    }

    /// What a member was called when its list was told.
    fn name_of(&self, channel: ChannelId, author: Author) -> String {
        let nest = self.nests.get(&channel);
        let name = nest.and_then(|nest| nest.name_of(author));
        name.unwrap_or_default().to_owned()
    }

    /// A row of a channel's merged list.
    fn row(&self, channel: ChannelId, id: ResourceId) -> Option<shelf::Row> {
        self.nests.get(&channel)?.library.row(id)
    }

    /// Rows of it, in the order of ids.
    fn page(&self, channel: ChannelId, after: Option<ResourceId>, limit: usize) -> Vec<shelf::Row> {
        let nest = self.nests.get(&channel);
        nest.map_or_else(Vec::new, |nest| nest.library.page(after, limit))
    }

    /// The ids of tracks in the lists of a channel, in their order.
    pub(in crate::node) fn listed(
        &self,
        channel: ChannelId,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Vec<ResourceId> {
        let rows = self.page(channel, after, limit);
        rows.into_iter().map(|row| row.track.id).collect()
    }

    /// A track of another member's list, unless the ban table has it.
    pub(in crate::node) fn offered(
        &self,
        channel: ChannelId,
        id: ResourceId,
    ) -> Option<std::sync::Arc<Track>> {
        let row = self.row(channel, id)?;
        (!row.banned && !row.holders.is_empty()).then_some(row.track)
    }

    /// What is known of a track, and in which channel.
    fn known(&self, resource: Option<ResourceId>) -> (Option<Track>, Option<ChannelId>) {
        let Some(id) = resource else {
            return (None, None);
        };
        let mut nests = self.nests.values();
        let track = nests.find_map(|nest| nest.library.track(id));
        (track.map(|track| (**track).clone()), self.channel_of(id))
    }

    fn tell(&mut self, event: MusicEvent) {
        self.outputs.push_back(MusicOutput::Tell(event));
    }

    fn done(&mut self, request: RequestId, channel: Option<ChannelId>) {
        self.outputs
            .push_back(MusicOutput::Done { request, channel });
    }

    fn refuse(&mut self, request: RequestId, problem: Problem) {
        self.outputs
            .push_back(MusicOutput::Refused { request, problem });
    }
}

/// Whether a track is not banned and can be had: a nest has it, and it is here or with somebody who is there; or no nest
/// has it any more, and it is here.
fn playable(nests: &BTreeMap<ChannelId, Nest>, id: ResourceId, here: playing::Here<'_>) -> bool {
    let here = here(id);
    let mut listed = nests
        .values()
        .filter(|nest| nest.library.track(id).is_some());
    let can = |nest: &Nest| nest.library.playable(id, here);
    listed.clone().any(can) || (here && listed.next().is_none())
}

/// Whether the ban table has a track.
fn banned(nests: &BTreeMap<ChannelId, Nest>, id: ResourceId) -> bool {
    nests.values().any(|nest| nest.library.banned(id))
}
