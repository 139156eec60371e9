//! The player: what a person wants, what the driver's `<audio>` element reports, and what the element has to do.
//!
//! A driver owns one media element. It carries out each [`PlayerOutput`], and gives each event of the element back as a
//! [`Report`]. The player decides everything else: which track is next, what a failure means, what views and Media Session
//! show.
//!
//! * **A lock on the track** (M13). A resource that is loaded, or being loaded, is never loaded again: who asks for it twice
//!   gets it once. Each load has a key, and what is reported of an earlier load is left out.
//! * **Fetching is something else** (M16). No download says anything here. An element that runs out of data reports that it
//!   waits; while it does, everything a person may do works as ever, and nothing times out.
//! * **Lists are something else** (M18). The queue holds ids of resources; whoever refreshes the lists that they came from
//!   changes nothing here.
//! * **Failures end.** A track that fails is passed over. Those that failed since something sounded are not tried again, so
//!   that a queue of which nothing can be played comes to rest.
//!
//! # What elements do, and what becomes of it here
//! | the element | the player |
//! |---|---|
//! | fires `pause` right before `ended` | a pause at the end is no pause: it waits for `ended` |
//! | fires `pause` when it was told to play again already | the pause that was asked for is known, and changes nothing |
//! | pauses by itself: headphones are pulled out, another application plays | paused, as if by the person |
//! | fires `seeking`, and `seeked` much later if bytes are missing | waits in between; positions in between are not believed |
//! | fires `seeked` once for several seeks | whichever comes last counts; the position it reads is the newest |
//! | rejects `play()` because nobody clicked in the page yet | paused, with the reason |
//! | rejects `play()` because a load or a pause came in between | nothing: that was asked for |
//! | forgets `playbackRate` with every load | the speed is set again after each load |
//! | plays on from the beginning when told to play at the end | it is sought there first, so that both know it |
//! | does not seek before it knows the track | the last place asked for is sought when it does |
//! | says `Infinity` or `NaN` for the duration of what it cannot measure | no duration |

mod drive;
mod guest;
mod intents;
mod reports;
mod state;
mod stored;

use std::collections::{BTreeSet, VecDeque};

pub use self::{
    guest::GuestCommand,
    intents::Intent,
    reports::{Fact, Report},
    state::{Activity, Failure, PauseReason, SessionState, State, Track},
    stored::PlayerError,
};
use super::{Speed, TrackTime, queue::Queue};
use crate::{entropy::Entropy, resource::ResourceId, time::Millis};

/// Tells loads apart: each has a larger one than those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoadKey(pub u64);

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayerOutput {
    /// Give the element this resource as its source; what was loaded before is done with. All reports from now on name the
    /// key. It will be sought to `start` once it is known: whoever fetches begins there.
    Load {
        /// The load.
        key: LoadKey,
        /// What is loaded.
        resource: ResourceId,
        /// Where it begins.
        start: TrackTime,
    },
    /// Take the source away from the element.
    Unload,
    /// Call `play()`.
    Play,
    /// Call `pause()`.
    Pause,
    /// Set `currentTime`.
    Seek(TrackTime),
    /// Set `playbackRate`, with `preservesPitch` on.
    Speed(Speed),
    /// Set `volume`, in percent, and `muted`.
    Volume {
        /// 0 to 100.
        percent: u8,
        /// Silent, whatever the volume.
        muted: bool,
    },
    /// This track is likely to be next: whoever fetches may begin, after what is urgent. Nothing has to come of it.
    Prefetch(ResourceId),
    /// Media Session: another track; its title, artist and artwork are wherever tags are kept.
    Metadata(Option<ResourceId>),
    /// Media Session: `playbackState`.
    Session(SessionState),
    /// Media Session: `setPositionState`; none while there is no duration, which the browser demands.
    Position(Option<Place>),
    /// What views show is different.
    State(State),
    /// The queue's stored form ([`Queue::to_bytes`]) is another one.
    KeepQueue,
    /// The player's stored form ([`Player::to_bytes`]) is another one.
    KeepPlayer,
}

/// How far a track is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How long the track is.
    pub duration: TrackTime,
    /// Where it is; never behind the duration.
    pub position: TrackTime,
    /// How fast it is played.
    pub speed: Speed,
}

/// What a person, or a leader, wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Play,
    Pause(PauseReason),
}

/// How far an element is with what it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It does not know the track yet.
    Loading,
    /// It may be sought.
    Ready,
    /// It has come to the end.
    Ended,
    /// Nothing comes of it.
    Failed(Failure),
}

/// What the element has.
#[derive(Clone, Debug)]
struct Element {
    key: LoadKey,
    resource: ResourceId,
    stage: Stage,
    /// It said that it plays, and not since then that it waits or has stopped.
    flowing: bool,
    /// It was sent somewhere and has not arrived.
    seeking: bool,
    /// Where it is to be sent once it knows the track.
    pending: Option<TrackTime>,
    /// How often it was told to pause and has not reported it yet.
    pauses: u8,
    prefetched: Option<ResourceId>,
}

/// A track that somebody else plays.
#[derive(Clone, Copy, Debug)]
struct Guest {
    resource: ResourceId,
    speed: Speed,
    /// Where the own track was.
    parked: TrackTime,
    parked_duration: Option<TrackTime>,
}

/// What was said last.
#[derive(Debug, Default)]
struct Told {
    state: Option<State>,
    metadata: Option<ResourceId>,
    session: SessionState,
    /// There is a place.
    place: bool,
    /// When the player was stored last.
    kept: Millis,
}

/// The player of one device.
#[derive(Debug)]
pub struct Player {
    queue: Queue,
    entropy: Entropy,
    wanted: Wanted,
    element: Option<Element>,
    guest: Option<Guest>,
    /// Where the track was at what time.
    anchor: (TrackTime, Millis),
    duration: Option<TrackTime>,
    speed: Speed,
    volume: u8,
    muted: bool,
    /// What failed since something sounded.
    failed: BTreeSet<ResourceId>,
    loads: u64,
    queue_changed: bool,
    settings_changed: bool,
    told: Told,
    outputs: VecDeque<PlayerOutput>,
}

impl Player {
    /// A player that has nothing to play yet.
    pub fn new(entropy: Entropy) -> Self {
        Self {
            queue: Queue::default(),
            entropy,
            wanted: Wanted::Pause(PauseReason::Person),
            element: None,
            guest: None,
            anchor: (TrackTime::START, Millis(0)),
            duration: None,
            speed: Speed::NORMAL,
            volume: 100,
            muted: false,
            failed: BTreeSet::new(),
            loads: 0,
            queue_changed: false,
            settings_changed: false,
            told: Told::default(),
            outputs: VecDeque::new(),
        }
    }

    /// What is to be done next, if anything is.
    pub fn poll(&mut self) -> Option<PlayerOutput> {
        self.outputs.pop_front()
    }

    /// The queue.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// How it is, exactly: views are told of it when it is worth telling.
    pub fn state(&self) -> State {
        let entry = self.queue.current();
        let track = match (self.guest, entry) {
            (Some(guest), _) => Some(Track {
                resource: guest.resource,
                entry: None,
            }),
            (None, entry) => entry.map(|entry| Track {
                resource: entry.resource,
                entry: Some(entry.id),
            }),
        };
        State {
            track,
            activity: self.activity(),
            position: self.anchor.0,
            at: self.anchor.1,
            duration: self.duration,
            speed: self.effective_speed(),
            volume: self.volume,
            muted: self.muted,
            shuffle: self.queue.shuffle(),
            repeat: self.queue.repeat(),
        }
    }

    fn activity(&self) -> Activity {
        if self.guest.is_none() && self.queue.current().is_none() {
            return Activity::Stopped;
        }
        match (self.wanted, &self.element) {
            (_, Some(element)) if let Stage::Failed(failure) = element.stage => {
                Activity::Failed(failure)
            }
            (Wanted::Pause(reason), _) => Activity::Paused(reason),
            (Wanted::Play, Some(element)) if element.flowing && !element.seeking => {
                Activity::Playing
            }
            (Wanted::Play, _) => Activity::Waiting,
        }
    }

    fn effective_speed(&self) -> Speed {
        self.guest.map_or(self.speed, |guest| guest.speed)
    }

    /// Where the track is.
    fn position(&self, now: Millis) -> TrackTime {
        self.state().position_at(now)
    }

    /// Remembers where the track is, because from now on it moves in another way.
    fn hold_position(&mut self, now: Millis) {
        self.anchor = (self.position(now), now);
    }
}
