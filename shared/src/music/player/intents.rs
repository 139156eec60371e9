//! What a person does.

use serde::{Deserialize, Serialize};

use super::{Activity, PauseReason, Player, PlayerOutput, Stage, Wanted};
use crate::{
    limits,
    music::{
        Speed, TrackTime,
        queue::{EntryId, Playable, Repeat, Step},
    },
    resource::ResourceId,
    time::Millis,
};

/// What a person wants: from a view, a key, or Media Session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Play. Media Session: `play`.
    Play,
    /// Be quiet. Media Session: `pause`.
    Pause,
    /// The one or the other.
    Toggle,
    /// Be quiet, at the beginning of the track. Media Session: `stop`.
    Stop,
    /// The next entry. Media Session: `nexttrack`.
    Next,
    /// The beginning, or within [`limits::RESTART_AFTER`] what was played before. Media Session: `previoustrack`.
    Previous,
    /// Go to a place. Media Session: `seekto`.
    Seek(TrackTime),
    /// Go so many milliseconds on, or back. Media Session: `seekforward`, `seekbackward`.
    SeekBy(i64),
    /// In percent; more is 100. Makes it audible again.
    Volume(u8),
    /// Silent, or as loud as before.
    Mute(bool),
    /// Play so fast.
    Speed(Speed),
    /// A random order, or the list's.
    Shuffle(bool),
    /// What happens at the end.
    Repeat(Repeat),
    /// A row of a list was clicked: play that list from there.
    PlayList {
        /// The list as it was shown, without what it folds away.
        list: Vec<ResourceId>,
        /// The row in it.
        row: usize,
    },
    /// An entry of the queue was clicked.
    Jump(EntryId),
    /// Play these after the current entry.
    PlayNext(Vec<ResourceId>),
    /// Play these after everything else.
    Append(Vec<ResourceId>),
    /// An entry was dragged in front of another one, or to the end.
    Move {
        /// The one that was dragged.
        entry: EntryId,
        /// What it lies in front of now.
        before: Option<EntryId>,
    },
    /// Take these out of the queue.
    Remove(Vec<EntryId>),
    /// Take all but the current entry out of the queue.
    Clear,
    /// Forget what was played.
    ClearHistory,
}

impl Intent {
    /// Whether it is about what sounds now; the others are about the queue, and about how loud it is.
    pub fn is_transport(&self) -> bool {
        match self {
            Self::Play | Self::Pause | Self::Toggle | Self::Stop | Self::Next | Self::Previous => {
                true
            }
            Self::Seek(_) | Self::SeekBy(_) | Self::Speed(_) => true,
            Self::PlayList { .. } | Self::Jump(_) => true,
            Self::Volume(_) | Self::Mute(_) | Self::Shuffle(_) | Self::Repeat(_) => false,
            Self::PlayNext(_) | Self::Append(_) | Self::Move { .. } => false,
            Self::Remove(_) | Self::Clear | Self::ClearHistory => false,
        }
    }
}

impl Player {
    /// A person wants something. While this device listens with another one, only what is not about the sound now is
    /// done: [`crate::music::together::Together::person`] ends that first.
    pub fn intent(&mut self, now: Millis, intent: Intent, playable: Playable) {
        if self.guest.is_some() && intent.is_transport() {
            return;
        }
        match intent {
            Intent::Play => self.play(now, playable),
            Intent::Pause => self.pause(now, PauseReason::Person),
            Intent::Toggle => match self.activity() {
                Activity::Playing | Activity::Waiting => self.pause(now, PauseReason::Person),
                _ => self.play(now, playable),
            },
            Intent::Stop => {
                self.pause(now, PauseReason::Person);
                self.seek(now, TrackTime::START);
            }
            Intent::Next => {
                self.failed.clear();
                self.step(now, Step::Asked, playable);
            }
            Intent::Previous => self.previous(now, playable),
            Intent::Seek(place) => self.seek(now, place),
            Intent::SeekBy(by) => {
                let place = self.position(now).moved(by);
                self.seek(now, place);
            }
            Intent::Volume(percent) => self.set_volume(percent.min(100), false),
            Intent::Mute(muted) => self.set_volume(self.volume, muted),
            Intent::Speed(speed) => {
                self.hold_position(now);
                self.speed = Speed::new(speed.thousandths());
                self.settings_changed = true;
                self.outputs.push_back(PlayerOutput::Speed(self.speed));
            }
            Intent::PlayList { list, row } => {
                if self.queue.play(&list, row, &mut self.entropy).is_some() {
                    self.queue_changed = true;
                    self.pointed_at(now, playable);
                }
            }
            Intent::Jump(entry) => {
                if self.queue.jump(entry).is_some() {
                    self.queue_changed = true;
                    self.pointed_at(now, playable);
                }
            }
            other => self.edit(now, other, playable),
        }
        self.settle(now, playable);
    }

    /// What is banned is banned from now on: if that is the track that plays, it is left. Only for bans, never because a
    /// list was refreshed: who has lost the last holder of a track still hears what is here.
    pub fn banned(&mut self, now: Millis, banned: &dyn Fn(ResourceId) -> bool, playable: Playable) {
        let current = self.queue.current();
        if self.guest.is_none() && current.is_some_and(|entry| banned(entry.resource)) {
            if self.wanted == Wanted::Play {
                self.step(now, Step::Failed, &|id| playable(id) && !banned(id));
            }
            // Nothing else is playable, or it was quiet anyway.
            if self.queue.current() == current {
                self.unload(now);
                self.wanted = Wanted::Pause(PauseReason::QueueEnd);
            }
        }
        self.settle(now, playable);
    }

    /// The bytes of what the element has are gone: it has nothing any more, and is quiet. The entry stays where it is.
    pub fn dropped(&mut self, now: Millis, playable: Playable) {
        self.unload(now);
        self.wanted = Wanted::Pause(PauseReason::Person);
        self.settle(now, playable);
    }

    /// What changes the queue, and not what sounds, unless the current entry is removed.
    fn edit(&mut self, now: Millis, intent: Intent, playable: Playable) {
        match intent {
            Intent::Shuffle(on) => self.queue.set_shuffle(on, &mut self.entropy),
            Intent::Repeat(repeat) => self.queue.set_repeat(repeat),
            Intent::PlayNext(resources) => {
                self.queue.play_next(&resources);
            }
            Intent::Append(resources) => {
                self.queue.append(&resources);
            }
            Intent::Move { entry, before } => {
                self.queue.move_before(entry, before);
            }
            Intent::Remove(entries) => {
                let other = self.queue.remove(&entries, playable);
                if other && self.guest.is_none() {
                    let goes_on = self.wanted == Wanted::Play && self.queue.current().is_some();
                    if goes_on {
                        self.start(now, TrackTime::START);
                    } else {
                        self.unload(now);
                        self.wanted = Wanted::Pause(PauseReason::Person);
                    }
                } else if other && let Some(guest) = &mut self.guest {
                    guest.parked = TrackTime::START;
                    guest.parked_duration = None;
                }
            }
            Intent::Clear => self.queue.clear(),
            Intent::ClearHistory => self.queue.clear_history(),
            _ => return,
        }
        self.queue_changed = true;
    }

    fn play(&mut self, now: Millis, playable: Playable) {
        self.failed.clear();
        match self.queue.current() {
            None => self.step(now, Step::Asked, playable),
            Some(entry) if !playable(entry.resource) && !self.has(entry.resource) => {
                self.step(now, Step::Failed, playable);
            }
            Some(_) => self.resume(now),
        }
    }

    /// An entry was pointed at. If it may not be played, what follows it is.
    fn pointed_at(&mut self, now: Millis, playable: Playable) {
        self.failed.clear();
        let Some(entry) = self.queue.current() else {
            return;
        };
        if self.has(entry.resource) {
            // Somebody clicked twice, or on what plays already (M13).
            self.resume(now);
        } else if playable(entry.resource) {
            self.start(now, TrackTime::START);
        } else {
            self.anchor = (TrackTime::START, now);
            self.step(now, Step::Failed, playable);
        }
    }

    fn previous(&mut self, now: Millis, playable: Playable) {
        self.failed.clear();
        let begun = self.position(now) > TrackTime(limits::RESTART_AFTER.as_millis() as u64);
        if begun || self.queue.previous(playable).is_none() {
            self.seek(now, TrackTime::START);
            return;
        }
        self.queue_changed = true;
        self.start(now, TrackTime::START);
    }

    fn set_volume(&mut self, percent: u8, muted: bool) {
        self.volume = percent;
        self.muted = muted;
        self.settings_changed = true;
        self.outputs
            .push_back(PlayerOutput::Volume { percent, muted });
    }

    /// Whether the element has this resource, or is getting it.
    pub fn has(&self, resource: ResourceId) -> bool {
        self.element.as_ref().is_some_and(|element| {
            element.resource == resource && !matches!(element.stage, Stage::Failed(_))
        })
    }
}
