//! The player of a node: what is said to it and what it wants, and that it is kept.

use super::{Music, MusicEvent, MusicOutput, lists::Nest};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    music::{
        player::{Intent, Player, PlayerOutput, Report, State},
        queue::{Playable, Queue},
        track::Track,
    },
    node::files::Wish,
    resource::ResourceId,
    store::{MusicPart, Request},
    time::Millis,
};

/// Whether a file is here whole.
pub(in crate::node) type Here<'a> = &'a dyn Fn(ResourceId) -> bool;

/// The player, and what of it is stored.
#[derive(Debug)]
pub(super) struct Playing {
    pub(super) player: Player,
    queue: Keeping,
    settings: Keeping,
    /// How it was when it said so last.
    pub(super) state: Option<State>,
    /// What was last said to be played.
    shown: Option<Track>,
    /// A person has just pointed at what is played.
    pointed: bool,
}

/// One blob in the store: at most one request for it is under way, and what changes meanwhile is in the next one.
#[derive(Debug, Default)]
struct Keeping {
    saving: bool,
    changed: bool,
}

impl Keeping {
    /// It changed: whether it is to be saved now.
    fn change(&mut self) -> bool {
        self.changed = self.saving;
        !std::mem::replace(&mut self.saving, true)
    }

    /// It is saved, or not: whether it is to be saved again.
    fn saved(&mut self) -> bool {
        self.saving = std::mem::take(&mut self.changed);
        self.saving
    }
}

impl Playing {
    pub(super) fn new(entropy: Entropy) -> Self {
        Self {
            player: Player::new(entropy),
            queue: Keeping::default(),
            settings: Keeping::default(),
            state: None,
            shown: None,
            pointed: false,
        }
    }
}

impl Music {
    /// Takes up what was stored. What cannot be read is left out: it is of another version, or damaged, and the music is
    /// there all the same.
    pub(super) fn restore(&mut self, now: Millis, queue: Option<&[u8]>, player: Option<&[u8]>) {
        let queue = queue.and_then(|bytes| Queue::from_bytes(bytes).ok());
        let restored = self
            .playing
            .player
            .restore(now, queue.unwrap_or_default(), player);
        drop(restored);
        self.drain_player(now);
    }

    /// The element reports something.
    pub(in crate::node) fn report(&mut self, now: Millis, report: Report, here: Here<'_>) {
        self.let_play(here, |player, playable| {
            player.report(now, report, playable);
        });
        self.follow_player(now, here);
    }

    /// A person does something with the player.
    pub(in crate::node) fn intent(&mut self, now: Millis, intent: Intent, here: Here<'_>) {
        let mut follows = self.nests.values_mut();
        let told = follows.all(|nest| nest.together.person(now, &intent));
        // What listening together wants comes first.
        self.follow_player(now, here);
        if told {
            // What a person plays is got, whatever became of it before.
            let pointed = intent.is_transport();
            self.let_play(here, |player, playable| {
                player.intent(now, intent, playable);
            });
            self.playing.pointed = pointed;
            self.drain_player(now);
            self.playing.pointed = false;
            self.follow_player(now, here);
        }
    }

    /// The member drops a file: if the player has it, it has nothing any more. Whether it had.
    pub(in crate::node) fn unload(
        &mut self,
        now: Millis,
        file: ResourceId,
        here: Here<'_>,
    ) -> bool {
        let had = self.playing.player.has(file);
        if had {
            self.let_play(here, |player, playable| player.dropped(now, playable));
            self.follow_player(now, here);
        }
        had
    }

    /// What is banned, or can be had, has changed.
    pub(super) fn judge_player(&mut self, now: Millis, here: Here<'_>) {
        let nests = &self.nests;
        let banned = |id| super::banned(nests, id);
        let playable = |id| super::playable(nests, id, here);
        self.playing.player.banned(now, &banned, &playable);
        self.follow_player(now, here);
    }

    /// Has the player do something, for which it has to know what can be played.
    pub(super) fn let_play(&mut self, here: Here<'_>, act: impl FnOnce(&mut Player, Playable<'_>)) {
        let nests = &self.nests;
        act(&mut self.playing.player, &|id| {
            super::playable(nests, id, here)
        });
    }

    /// Carries out what the player wants.
    pub(super) fn drain_player(&mut self, now: Millis) {
        while let Some(output) = self.playing.player.poll() {
            match output {
                PlayerOutput::KeepQueue => {
                    self.tell_queue();
                    if self.playing.queue.change() {
                        self.save_queue();
                    }
                }
                PlayerOutput::KeepPlayer => {
                    if self.playing.settings.change() {
                        self.save_player(now);
                    }
                }
                PlayerOutput::State(state) => {
                    self.playing.state = Some(state);
                    self.tell_player(state);
                    for nest in self.nests.values_mut() {
                        nest.together.player(now, state);
                    }
                }
                PlayerOutput::Prefetch(resource) => self.want(resource, Wish::Ahead),
                PlayerOutput::Metadata(resource) => {
                    self.playing.shown = None;
                    self.show(resource);
                }
                PlayerOutput::Load { resource, .. } => {
                    let pointed = self.playing.pointed;
                    // It begins to come while the element gets ready to ask for it.
                    self.want(resource, if pointed { Wish::Member } else { Wish::Turn });
                    let channel = self.channel_of(resource);
                    let output = MusicOutput::Player { output, channel };
                    self.outputs.push_back(output);
                }
                output => self.outputs.push_back(MusicOutput::Player {
                    output,
                    channel: None,
                }),
            }
        }
    }

    /// What is played, where it is got, and how the player is.
    pub(super) fn tell_player(&mut self, state: State) {
        let playing = state.track.map(|track| track.resource);
        let channel = playing.and_then(|id| self.channel_of(id));
        self.tell(MusicEvent::Player { state, channel });
    }

    pub(super) fn tell_queue(&mut self) {
        let queue = self.playing.player.queue();
        let entries = queue.entries().collect();
        let history = queue.history().collect();
        self.tell(MusicEvent::Queue { entries, history });
    }

    /// A blob of the player is stored, or not: then it is when it changes again.
    pub(in crate::node) fn player_saved(&mut self, now: Millis, what: MusicPart) {
        match what {
            MusicPart::Queue if self.playing.queue.saved() => self.save_queue(),
            MusicPart::Player if self.playing.settings.saved() => self.save_player(now),
            _ => {}
        }
    }

    fn save_queue(&mut self) {
        let bytes = self.playing.player.queue().to_bytes();
        self.save_part(MusicPart::Queue, bytes);
    }

    fn save_player(&mut self, now: Millis) {
        let bytes = self.playing.player.to_bytes(now);
        self.save_part(MusicPart::Player, bytes);
    }

    fn save_part(&mut self, what: MusicPart, bytes: Vec<u8>) {
        let save = Request::SaveMusic { what, bytes };
        let pending = super::MusicPending::Part(what);
        self.outputs.push_back(MusicOutput::Store(save, pending));
    }

    /// A channel in which a track can be asked for: where somebody is who has it, or else where it is known.
    pub(in crate::node) fn channel_of(&self, resource: ResourceId) -> Option<ChannelId> {
        let somebody = |nest: &&Nest| nest.library.playable(resource, false);
        let known = |nest: &&Nest| nest.library.track(resource).is_some();
        let find = |has: &dyn Fn(&&Nest) -> bool| {
            let mut nests = self.nests.iter();
            nests.find(|(_, nest)| has(nest)).map(|(id, _)| *id)
        };
        find(&somebody).or_else(|| find(&known))
    }

    /// The player needs a track, of which a list says what it is.
    fn want(&mut self, resource: ResourceId, wish: Wish) {
        if let (Some(track), Some(channel)) = self.known(Some(resource)) {
            self.outputs.push_back(MusicOutput::Want {
                channel,
                descriptor: track.descriptor(),
                wish,
            });
        }
    }

    /// Says what is played, unless that was said already.
    pub(super) fn show(&mut self, resource: Option<ResourceId>) {
        let (track, channel) = self.known(resource);
        if resource.is_none() || self.playing.shown != track || track.is_none() {
            self.playing.shown.clone_from(&track);
            let output = MusicOutput::NowPlaying { track, channel };
            self.outputs.push_back(output);
        }
    }
}
