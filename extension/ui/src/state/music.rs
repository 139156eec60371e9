//! What a view was last told of the music: the merged list of the nest that is shown, the player, the queue, the ban table.
//!
//! The list is read page by page once the view [follows](Music::follow) it, and changed by what is told after that. When it
//! is read again, since the engine was gone, rows that are still there stay the same rows: whoever scrolls or listens does
//! not notice (M18).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use catnest::{
    channel::ChannelId,
    limits::MAX_MUSIC_PAGE,
    music::{
        TrackTime, ban,
        player::{self, Activity, Intent},
        queue::Entry,
        together::{Leaving, Part},
        track::Track,
    },
    node::{Command, Event, LeadView, MusicCommand, MusicEvent, Problem, Row},
    resource::ResourceId,
    wire::Run,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::State;
use crate::{
    engine::{self, Link},
    js,
};

/// An engine that has too much to do is asked again after this.
const AGAIN: Duration = Duration::from_millis(400);

/// Rows by their tracks. They are shared: what is shown of one outlives the next news of it.
pub(crate) type Rows = BTreeMap<ResourceId, Arc<Row>>;

/// What is here of the track that plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pieces {
    pub(crate) track: ResourceId,
    /// Runs: from which piece, and before which one.
    pub(crate) here: Vec<(u32, u32)>,
    /// How many pieces it has.
    pub(crate) count: u32,
}

/// Who listens with whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listening {
    pub(crate) part: Part,
    /// In which channel; none: alone.
    pub(crate) channel: Option<ChannelId>,
    pub(crate) leads: Vec<LeadView>,
}

/// A track, and a list that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) track: Track,
    pub(crate) channel: ChannelId,
}

/// The signals.
#[derive(Clone, Copy)]
pub(crate) struct Music {
    /// The merged list of the channel that is shown.
    pub(crate) rows: RwSignal<Rows>,
    /// All of it is here.
    pub(crate) loaded: RwSignal<bool>,
    /// How the player is, once that is known.
    pub(crate) player: RwSignal<Option<player::State>>,
    /// Where the track is now: as the player told, and reckoned on from there ([`crate::panel`] does).
    pub(crate) position: RwSignal<TrackTime>,
    /// In the order in which they are played.
    pub(crate) queue: RwSignal<Vec<Entry>>,
    /// The latest first.
    pub(crate) history: RwSignal<Vec<Entry>>,
    pub(crate) pieces: RwSignal<Option<Pieces>>,
    pub(crate) bans: RwSignal<Vec<ban::Entry>>,
    pub(crate) listening: RwSignal<Listening>,
    /// Why this device stopped listening with another one, until that was read.
    pub(crate) left: RwSignal<Option<Leaving>>,
    /// Tracks that are not on the list that is shown, as the one that plays may be.
    elsewhere: RwSignal<BTreeMap<ResourceId, Arc<Known>>>,
    /// Which of them were looked for.
    looked_for: StoredValue<BTreeSet<ResourceId>>,
    /// The view wants all this.
    follows: StoredValue<bool>,
    /// Counts the readings of a list, so that a page of an earlier one is known as such.
    reading: StoredValue<u32>,
    /// What was told of the list while it was read.
    meanwhile: StoredValue<BTreeSet<ResourceId>>,
}

impl Music {
    pub(super) fn new() -> Self {
        Self {
            rows: RwSignal::new(Rows::new()),
            loaded: RwSignal::new(false),
            player: RwSignal::new(None),
            position: RwSignal::new(TrackTime::START),
            queue: RwSignal::new(Vec::new()),
            history: RwSignal::new(Vec::new()),
            pieces: RwSignal::new(None),
            bans: RwSignal::new(Vec::new()),
            listening: RwSignal::new(Listening {
                part: Part::Alone,
                channel: None,
                leads: Vec::new(),
            }),
            left: RwSignal::new(None),
            elsewhere: RwSignal::new(BTreeMap::new()),
            looked_for: StoredValue::new(BTreeSet::new()),
            follows: StoredValue::new(false),
            reading: StoredValue::new(0),
            meanwhile: StoredValue::new(BTreeSet::new()),
        }
    }

    /// Reads the list of the channel that is shown, now and whenever it is another one or the engine is, and what else
    /// there is to know of the music.
    pub(crate) fn follow(self, state: State) {
        self.follows.set_value(true);
        let up = Memo::new(move |_| state.link.get() == Link::Up);
        let shown = Memo::new(move |_| state.current.get());
        Effect::new(move |_| {
            if up.get() {
                self.looked_for.update_value(BTreeSet::clear);
                state.ask_music(MusicCommand::Tell);
            }
        });
        Effect::new(move |before: Option<Option<ChannelId>>| {
            let channel = shown.get();
            if let Some(before) = before.filter(|before| *before != channel) {
                if let Some(before) = before {
                    self.set_aside(before);
                }
                self.looked_for.update_value(BTreeSet::clear);
                self.rows.set(Rows::new());
                self.loaded.set(false);
            }
            if let Some(channel) = channel.filter(|_| up.get()) {
                self.read(state, channel);
            }
            channel
        });
        // What plays has words, wherever it is listed.
        let playing = Memo::new(move |_| self.playing());
        Effect::new(move |_| {
            if let Some(track) = playing.get() {
                self.look_for(state, vec![track]);
            }
        });
    }

    fn read(self, state: State, channel: ChannelId) {
        self.reading.update_value(|reading| *reading += 1);
        let reading = self.reading.get_value();
        self.meanwhile.set_value(BTreeSet::new());
        spawn_local(async move {
            let mut told = BTreeSet::new();
            let mut after = None;
            loop {
                let reply = engine::answer(Command::Music(MusicCommand::Library {
                    channel,
                    after,
                    limit: MAX_MUSIC_PAGE,
                }));
                let reply = reply.await;
                if self.reading.try_get_value() != Some(reading) {
                    return;
                }
                match reply {
                    Event::Music(MusicEvent::Library { rows, more, .. }) => {
                        told.extend(rows.iter().map(|row| row.track.id));
                        after = rows.last().map(|row| row.track.id);
                        self.take(rows);
                        if !more || after.is_none() {
                            break;
                        }
                    }
                    Event::Refused {
                        problem: Problem::Busy,
                        ..
                    } => js::pause(AGAIN).await,
                    Event::Refused { problem, .. } => {
                        state.trouble.set(Some(problem));
                        break;
                    }
                    _ => return,
                }
            }
            self.meanwhile
                .with_value(|meanwhile| told.extend(meanwhile.iter()));
            self.rows.maybe_update(|rows| {
                let before = rows.len();
                rows.retain(|id, _| told.contains(id));
                rows.len() != before
            });
            self.loaded.set(true);
        });
    }

    fn take(self, rows: Vec<Row>) {
        let same = self.rows.with_untracked(|known| {
            let mut rows = rows.iter();
            rows.all(|row| known.get(&row.track.id).is_some_and(|old| **old == *row))
        });
        if !same {
            self.rows.update(|known| {
                for row in rows {
                    // What is told again is the same row.
                    if known.get(&row.track.id).is_none_or(|old| **old != row) {
                        known.insert(row.track.id, Arc::new(row));
                    }
                }
            });
        }
    }

    /// News from the engine.
    pub(super) fn hear(self, current: Option<ChannelId>, event: MusicEvent) {
        if !self.follows.get_value() {
            return;
        }
        match event {
            // Replies go to who asked.
            MusicEvent::Library { .. } => {}
            MusicEvent::Rows {
                channel,
                rows,
                gone,
            } => {
                if current == Some(channel) {
                    self.meanwhile.update_value(|meanwhile| {
                        meanwhile.extend(rows.iter().map(|row| row.track.id));
                        meanwhile.retain(|id| !gone.contains(id));
                    });
                    self.take(rows);
                    self.rows.maybe_update(|known| {
                        let before = known.len();
                        known.retain(|id, _| !gone.contains(id));
                        known.len() != before
                    });
                }
            }
            MusicEvent::Player { state, .. } => self.player.set(Some(state)),
            MusicEvent::Queue { entries, history } => {
                self.queue.set(entries);
                self.history.set(history);
            }
            MusicEvent::Pieces {
                track,
                here,
                pieces,
            } => self.pieces.set(Some(Pieces {
                track,
                here,
                count: pieces,
            })),
            MusicEvent::Bans { entries } => self.bans.set(entries),
            MusicEvent::Together {
                part,
                channel,
                leads,
            } => self.listening.set(Listening {
                part,
                channel,
                leads,
            }),
            MusicEvent::LeftTogether { why } => self.left.set(Some(why)),
        }
    }

    /// The track that plays, or would.
    pub(crate) fn playing(self) -> Option<ResourceId> {
        self.player
            .with(|player| Some(player.as_ref()?.track?.resource))
    }

    /// What the player does.
    pub(crate) fn activity(self) -> Activity {
        self.player
            .with(|player| player.as_ref().map_or(Activity::Stopped, |p| p.activity))
    }

    /// Somebody else leads what this device plays, who also says where in it and how fast (L2).
    pub(crate) fn leader(self) -> Option<Run> {
        self.listening.with(|listening| match listening.part {
            Part::Follows(leader) => Some(leader),
            Part::Alone | Part::Leads => None,
        })
    }

    /// What is known of a track, on the list that is shown or on another one that was [looked for](Music::look_for).
    pub(crate) fn known(self, shown: Option<ChannelId>, track: ResourceId) -> Option<Arc<Known>> {
        let listed = self.rows.with(|rows| Some(rows.get(&track)?.track.clone()));
        match (listed, shown) {
            (Some(track), Some(channel)) => Some(Arc::new(Known { track, channel })),
            _ => self.elsewhere.with(|all| all.get(&track).cloned()),
        }
    }

    /// What is named elsewhere keeps its words while another list is shown than the one they stand on.
    fn set_aside(self, shown: ChannelId) {
        let queued = |entries: &Vec<Entry>| entries.iter().map(|entry| entry.resource).collect();
        let mut named: BTreeSet<ResourceId> = self.queue.with_untracked(queued);
        named.append(&mut self.history.with_untracked(queued));
        named.extend(untrack(|| self.playing()));
        self.listening.with_untracked(|listening| {
            named.extend(listening.leads.iter().filter_map(|lead| lead.resource));
        });
        let known: Vec<_> = self.rows.with_untracked(|rows| {
            let named = named.iter().filter_map(|id| rows.get(id));
            named.map(|row| known(row.track.clone(), shown)).collect()
        });
        if !known.is_empty() {
            self.elsewhere.update(|all| all.extend(known));
        }
    }

    /// Looks for tracks on the lists that are not shown, each once. The effect in which this is called looks again when
    /// another list was read.
    pub(crate) fn look_for(self, state: State, tracks: Vec<ResourceId>) {
        // Before that nobody knows which of them are on the list that is shown.
        if !self.loaded.get() {
            return;
        }
        let current = state.current.get_untracked();
        let channels: Vec<ChannelId> = state.overview.with_untracked(|overview| {
            let all = overview.iter().flat_map(|overview| &overview.channels);
            all.map(|channel| channel.id)
                .filter(|channel| Some(*channel) != current)
                .collect()
        });
        for track in tracks {
            let listed = self.rows.with_untracked(|rows| rows.contains_key(&track));
            let new =
                !listed && self.looked_for.try_update_value(|all| all.insert(track)) == Some(true);
            if new && !channels.is_empty() {
                let channels = channels.clone();
                spawn_local(async move { self.look_in(&channels, track).await });
            }
        }
    }

    async fn look_in(self, channels: &[ChannelId], track: ResourceId) {
        for channel in channels {
            let rows = loop {
                let reply = engine::answer(Command::Music(MusicCommand::Library {
                    channel: *channel,
                    after: before(track),
                    limit: 1,
                }));
                match reply.await {
                    Event::Music(MusicEvent::Library { rows, .. }) => break rows,
                    Event::Refused {
                        problem: Problem::Busy,
                        ..
                    } => js::pause(AGAIN).await,
                    _ => {
                        // Whoever looks for it next asks again.
                        self.looked_for.try_update_value(|all| all.remove(&track));
                        break Vec::new();
                    }
                }
            };
            if let Some(row) = rows.into_iter().find(|row| row.track.id == track) {
                self.elsewhere
                    .try_update(|all| all.extend([known(row.track, *channel)]));
                return;
            }
        }
    }
}

impl State {
    /// Has the engine do something about music. What is wrong with it is said at the top of the view.
    pub(crate) fn ask_music(self, music: MusicCommand) {
        self.carry_out(Command::Music(music));
    }

    /// A person does something with the player.
    pub(crate) fn play(self, intent: Intent) {
        self.ask_music(MusicCommand::Play { intent });
    }
}

/// A track on a channel's list, by its id.
fn known(track: Track, channel: ChannelId) -> (ResourceId, Arc<Known>) {
    (track.id, Arc::new(Known { track, channel }))
}

/// The id before this one: what comes after that begins with this. None before the first one.
fn before(track: ResourceId) -> Option<ResourceId> {
    let mut bytes = track.0;
    for byte in bytes.iter_mut().rev() {
        let (less, borrow) = byte.overflowing_sub(1);
        *byte = less;
        if !borrow {
            return Some(ResourceId(bytes));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use catnest::{music::queue::EntryId, resource::Md5, time::Millis};

    use super::*;

    const TRACK: ResourceId = ResourceId([3; 32]);

    fn row() -> Row {
        Row {
            track: Track {
                id: TRACK,
                md5: Md5([3; 16]),
                length: 1000,
                media_type: "audio/flac".to_owned(),
                name: "fish.flac".to_owned(),
                title: "Fish".to_owned(),
                artist: String::new(),
                album: String::new(),
                number: None,
                disc: None,
                year: None,
                play_ms: None,
                cover: None,
                lyrics: None,
                added: Millis(0),
            },
            mine: true,
            holders: Vec::new(),
            banned: false,
        }
    }

    #[test]
    fn m18_what_is_queued_keeps_its_words_while_another_nest_is_shown() {
        let [first, other] = [1, 2].map(|byte| ChannelId([byte; 32]));
        Owner::new().with(|| {
            let music = Music::new();
            music.take(vec![row()]);
            let entry = |resource| Entry {
                id: EntryId(1),
                resource,
            };
            music.queue.set(vec![entry(TRACK)]);
            let channel = |shown| Some(music.known(Some(shown), TRACK)?.channel);
            assert_eq!(channel(first), Some(first));
            music.set_aside(first);
            music.rows.set(Rows::new());
            assert_eq!(channel(other), Some(first));
            // What is on the list that is shown is read there.
            music.take(vec![row()]);
            assert_eq!(channel(other), Some(other));
        });
        Owner::new().with(|| {
            let music = Music::new();
            music.take(vec![row()]);
            // Nothing names it.
            music.set_aside(first);
            music.rows.set(Rows::new());
            assert_eq!(music.known(Some(other), TRACK), None);
        });
    }

    #[test]
    fn the_id_before_another_is_one_less() {
        let id = |first: u8, last: [u8; 2]| {
            let mut bytes = [0; 32];
            (bytes[0], bytes[30], bytes[31]) = (first, last[0], last[1]);
            ResourceId(bytes)
        };
        assert_eq!(before(id(7, [1, 2])), Some(id(7, [1, 1])));
        assert_eq!(before(id(7, [1, 0])), Some(id(7, [0, 255])));
        assert_eq!(before(id(0, [0, 0])), None);
        let mut lower = [255; 32];
        lower[0] = 6;
        assert_eq!(before(id(7, [0, 0])), Some(ResourceId(lower)));
    }
}
