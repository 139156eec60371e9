//! What the music waits for from the store: what was there before this run, and what is kept.

use super::{
    Music, MusicEvent, MusicOutput, cached,
    lists::{self, Nest},
    playing::Here,
};
use crate::{
    channel::ChannelId,
    identity::Author,
    limits,
    music::{
        ban::BanTable,
        shelf::{Growth, ShelfFull},
        track::Track,
    },
    node::{Problem, RequestId},
    resource::ResourceId,
    store::{MusicPart, Reply, Request, StoreError},
    time::Millis,
};

/// What a request was made for.
#[derive(Debug)]
pub(in crate::node) enum MusicPending {
    /// If it fails, it is made good for later.
    Nothing,
    /// The queue, the player or the ban table of the last run is read.
    LoadPart(MusicPart),
    /// Whose lists are kept in a channel is looked up.
    LoadShelves(ChannelId),
    /// A list is read.
    LoadTracks {
        channel: ChannelId,
        of: Option<Author>,
        /// What was read before.
        tracks: Vec<Track>,
    },
    /// The queue or the player is kept.
    Part(MusicPart),
    /// The ban table is kept.
    Bans { request: RequestId, table: BanTable },
    /// The own list is changed.
    Own {
        channel: ChannelId,
        put: Vec<Track>,
        gone: Vec<ResourceId>,
        /// What the list has more then.
        growth: Growth,
        request: Option<RequestId>,
    },
}

impl MusicPending {
    /// Whether commands wait for it.
    fn is_loading(&self) -> bool {
        matches!(
            self,
            Self::LoadPart(_) | Self::LoadShelves(_) | Self::LoadTracks { .. }
        )
    }
}

/// What was loaded, until all of it is.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    queue: Option<Vec<u8>>,
    player: Option<Vec<u8>>,
    /// The player has it.
    used: bool,
}

impl Music {
    /// Reads what the last run left of the queue, the player and the ban table.
    pub(in crate::node) fn start(&mut self, cache_lists: bool) {
        self.cache_lists = cache_lists;
        for part in [MusicPart::Bans, MusicPart::Queue, MusicPart::Player] {
            self.load(Request::LoadMusic(part), MusicPending::LoadPart(part));
        }
    }

    /// Reads the lists of a channel that was opened again.
    pub(in crate::node) fn resume(&mut self, channel: ChannelId) {
        if let Some(nest) = self.nests.get_mut(&channel) {
            nest.loaded = false;
            self.load_tracks(channel, None, None, Vec::new());
            self.load(
                Request::LoadShelves(channel),
                MusicPending::LoadShelves(channel),
            );
        }
    }

    /// A track of a list as the store has it, if it can still be read; and what its owner is called.
    fn read(&mut self, channel: ChannelId, of: Option<Author>, bytes: &[u8]) -> Option<Track> {
        let Some(author) = of else {
            return Track::from_bytes(bytes).ok();
        };
        let (name, track) = cached::from_bytes(bytes)?;
        if let (Some(name), Some(nest)) = (name, self.nests.get_mut(&channel))
            && nest.name_of(author).is_none()
        {
            nest.call(author, name);
        }
        Some(track)
    }

    fn load_tracks(
        &mut self,
        channel: ChannelId,
        of: Option<Author>,
        after: Option<ResourceId>,
        tracks: Vec<Track>,
    ) {
        let load = Request::LoadTracks {
            channel,
            of,
            after,
            limit: limits::MAX_MUSIC_PAGE,
        };
        let pending = MusicPending::LoadTracks {
            channel,
            of,
            tracks,
        };
        self.load(load, pending);
    }

    fn load(&mut self, request: Request, pending: MusicPending) {
        self.loading += 1;
        self.store(request, pending);
    }

    /// Whether commands can be carried out.
    pub(super) fn is_loaded(&self) -> bool {
        self.loading == 0 && self.loaded.used
    }

    /// The store has answered. `exists` says whether a file is here, whole or in parts.
    pub(in crate::node) fn stored(
        &mut self,
        now: Millis,
        pending: MusicPending,
        result: Result<Reply, StoreError>,
        exists: &dyn Fn(ResourceId) -> bool,
        here: Here<'_>,
    ) {
        let loading = pending.is_loading();
        match result {
            Ok(reply) => self.store_did(now, pending, reply, exists, here),
            Err(error) => self.store_did_not(now, pending, &error.into()),
        }
        if loading {
            self.loading -= 1;
            self.loaded(now, here);
        }
    }

    fn store_did(
        &mut self,
        now: Millis,
        pending: MusicPending,
        reply: Reply,
        exists: &dyn Fn(ResourceId) -> bool,
        here: Here<'_>,
    ) {
        match (pending, reply) {
            (MusicPending::LoadPart(part), Reply::Music(bytes)) => self.part_loaded(part, bytes),
            (MusicPending::LoadShelves(channel), Reply::Shelves(authors)) => {
                for author in authors {
                    self.load_tracks(channel, Some(author), None, Vec::new());
                }
            }
            (
                MusicPending::LoadTracks {
                    channel,
                    of,
                    mut tracks,
                },
                Reply::Tracks(rows),
            ) => {
                let read = rows
                    .iter()
                    .filter_map(|row| self.read(channel, of, &row.bytes));
                tracks.extend(read.collect::<Vec<Track>>());
                if rows.len() >= limits::MAX_MUSIC_PAGE && tracks.len() < limits::MAX_SHELF_TRACKS {
                    let after = rows.last().map(|row| row.id);
                    return self.load_tracks(channel, of, after, tracks);
                }
                match of {
                    Some(author) => self.cached_loaded(channel, author, tracks),
                    None => self.own_loaded(now, channel, tracks, exists),
                }
            }
            (MusicPending::Part(what), _) => self.player_saved(now, what),
            (MusicPending::Bans { request, table }, _) => {
                let entries = table.entries().to_vec();
                self.take_bans(table);
                self.judge_player(now, here);
                self.tell(MusicEvent::Bans { entries });
                self.done(request, None);
            }
            (
                MusicPending::Own {
                    channel,
                    put,
                    gone,
                    growth,
                    request,
                },
                _,
            ) => {
                self.entered(channel, growth);
                self.own_saved(channel, put, gone);
                if let Some(request) = request {
                    self.done(request, Some(channel));
                }
            }
            // What is kept of others, or a reply that does not fit its request.
            _ => {}
        }
    }

    fn store_did_not(&mut self, now: Millis, pending: MusicPending, problem: &Problem) {
        if let MusicPending::Own {
            channel, growth, ..
        } = pending
        {
            self.entered(channel, growth);
        }
        match pending {
            MusicPending::Part(what) => self.player_saved(now, what),
            MusicPending::Bans { request, .. }
            | MusicPending::Own {
                request: Some(request),
                ..
            } => self.refuse(request, problem.clone()),
            MusicPending::LoadPart(_)
            | MusicPending::LoadShelves(_)
            | MusicPending::LoadTracks { .. } => {
                self.outputs
                    .push_back(MusicOutput::Trouble(problem.clone()));
            }
            // The list is as it was, and so is what the store has.
            MusicPending::Own { request: None, .. } | MusicPending::Nothing => {}
        }
    }

    fn part_loaded(&mut self, part: MusicPart, bytes: Option<Vec<u8>>) {
        match part {
            MusicPart::Queue => self.loaded.queue = bytes,
            MusicPart::Player => self.loaded.player = bytes,
            MusicPart::Bans => {
                let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
                // One that cannot be read any more is left where it is, until there is another one.
                if let Some(table) = text.and_then(|text| BanTable::parse(&text).ok()) {
                    self.take_bans(table);
                }
            }
        }
    }

    /// The own list of a channel is read. What is not here any more is forgotten: the end may have come between the one
    /// and the other.
    fn own_loaded(
        &mut self,
        now: Millis,
        channel: ChannelId,
        tracks: Vec<Track>,
        exists: &dyn Fn(ResourceId) -> bool,
    ) {
        let Some(nest) = self.nests.get_mut(&channel) else {
            return;
        };
        let (there, gone): (Vec<Track>, Vec<Track>) =
            tracks.into_iter().partition(|track| exists(track.id));
        let mut ids = Vec::new();
        for track in there {
            let id = track.id;
            if nest.own.get(id).is_none() && nest.own.put(track).is_ok() {
                ids.push(id);
            }
        }
        nest.loaded = true;
        self.own_changed(channel, &ids);
        self.answer_all(now, channel);
        if !gone.is_empty() {
            let gone = gone.iter().map(|track| track.id).collect();
            self.forget_own(channel, gone);
        }
    }

    fn cached_loaded(&mut self, channel: ChannelId, of: Author, tracks: Vec<Track>) {
        if !self.cache_lists {
            return self.forget_shelf(channel, of);
        }
        if let Some(nest) = self.nests.get_mut(&channel) {
            let delta = nest.library.cached_loaded(of, tracks);
            self.tell_rows(channel, delta);
        }
    }

    /// If all is loaded, the player takes up what was stored, and commands are carried out.
    fn loaded(&mut self, now: Millis, here: Here<'_>) {
        if self.loading > 0 {
            return;
        }
        if !std::mem::replace(&mut self.loaded.used, true) {
            let (queue, player) = (self.loaded.queue.take(), self.loaded.player.take());
            self.restore(now, queue.as_deref(), player.as_deref());
            let banned = |id| super::banned(&self.nests, id);
            let current = self.playing.player.queue().current();
            if current.is_some_and(|entry| banned(entry.resource)) {
                self.judge_player(now, here);
            }
        }
        for (request, command) in std::mem::take(&mut self.waiting) {
            self.outputs
                .push_back(MusicOutput::Waited { request, command });
        }
    }

    /// Puts tracks on the own list of a channel, once that is stored.
    ///
    /// # Errors
    /// When there is no room in it.
    pub(super) fn save_own(
        &mut self,
        channel: ChannelId,
        put: Vec<Track>,
        request: Option<RequestId>,
    ) -> Result<(), ShelfFull> {
        let mut growth = Growth::default();
        if let Some(nest) = self.nests.get_mut(&channel) {
            growth = nest.own.growth(&put, nest.entering)?;
            nest.entering.tracks += growth.tracks;
            nest.entering.bytes += growth.bytes;
        }
        self.store_own(channel, put, Vec::new(), growth, request);
        Ok(())
    }

    /// Takes tracks out of the own list of a channel, once that is stored.
    pub(super) fn forget_own(&mut self, channel: ChannelId, gone: Vec<ResourceId>) {
        self.store_own(channel, Vec::new(), gone, Growth::default(), None);
    }

    fn store_own(
        &mut self,
        channel: ChannelId,
        put: Vec<Track>,
        gone: Vec<ResourceId>,
        growth: Growth,
        request: Option<RequestId>,
    ) {
        let rows = put.iter().map(lists::row).collect();
        let save = Request::SaveTracks {
            channel,
            of: None,
            put: rows,
            gone: gone.clone(),
        };
        let pending = MusicPending::Own {
            channel,
            put,
            gone,
            growth,
            request,
        };
        self.store(save, pending);
    }

    /// What was to come into the own list is in it, or does not come.
    fn entered(&mut self, channel: ChannelId, growth: Growth) {
        if let Some(Nest { entering, .. }) = self.nests.get_mut(&channel) {
            entering.tracks = entering.tracks.saturating_sub(growth.tracks);
            entering.bytes = entering.bytes.saturating_sub(growth.bytes);
        }
    }

    fn own_saved(&mut self, channel: ChannelId, put: Vec<Track>, gone: Vec<ResourceId>) {
        let Some(nest) = self.nests.get_mut(&channel) else {
            return;
        };
        let mut ids = gone;
        for id in &ids {
            nest.own.remove(*id);
        }
        for track in put {
            let id = track.id;
            if nest.own.put(track).is_ok_and(|changed| changed) {
                ids.push(id);
            }
        }
        self.own_changed(channel, &ids);
    }
}
