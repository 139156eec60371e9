//! Tracks that come into the own list of a channel, with their covers and lyrics: each file is shared there first
//! ([`crate::node::sharing`]).

use std::collections::BTreeSet;

use super::{Music, MusicOutput, lists::Nest};
use crate::{
    channel::ChannelId,
    limits,
    music::track::Track,
    node::{Problem, RequestId},
    resource::{Descriptor, ResourceId},
    time::Millis,
};

/// Tracks, and the files that have to be shared before they are listed.
pub(super) type Listing = (Vec<Track>, Vec<ResourceId>);

impl Music {
    /// Tracks that are to be put on the list of a channel.
    pub(super) fn add(
        &self,
        now: Millis,
        channel: ChannelId,
        tracks: Vec<Track>,
    ) -> Result<Listing, Problem> {
        let nest = self.nests.get(&channel).ok_or(Problem::NotJoined)?;
        if tracks.is_empty() {
            return Err(Problem::NoTrack);
        }
        let new = tracks
            .iter()
            .filter(|track| nest.own.get(track.id).is_none());
        if tracks.len() > limits::MAX_MUSIC_ADD
            || nest.own.len() + new.count() > limits::MAX_SHELF_TRACKS
        {
            return Err(Problem::TooManyTracks);
        }
        let clean = tracks.into_iter().map(Track::cleaned);
        let clean = clean.collect::<Result<Vec<Track>, _>>();
        let mut tracks = clean.map_err(|error| Problem::Track { error })?;
        let mut files = BTreeSet::new();
        for track in &mut tracks {
            track.added = now;
            files.extend([track.id]);
            files.extend(track.cover.as_ref().map(|cover| cover.id));
            files.extend(track.lyrics);
        }
        Ok((tracks, files.into_iter().collect()))
    }

    /// A track of the own list that is to get another cover or other lyrics, from this file, or none.
    pub(super) fn dress(
        &self,
        channel: ChannelId,
        track: ResourceId,
        file: Option<ResourceId>,
        change: impl FnOnce(&mut Track),
    ) -> Result<Listing, Problem> {
        let nest = self.nests.get(&channel).ok_or(Problem::NotJoined)?;
        let mut track = Track::clone(nest.own.get(track).ok_or(Problem::NoTrack)?);
        change(&mut track);
        let track = track.cleaned().map_err(|error| Problem::Track { error })?;
        Ok((vec![track], file.into_iter().collect()))
    }

    /// Tracks whose files are shared are put on the own list. Whoever asked may be wrong about what the bytes are.
    pub(in crate::node) fn list(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        mut tracks: Vec<Track>,
        shared: &[Descriptor],
    ) {
        for track in &mut tracks {
            if let Some(file) = shared.iter().find(|file| file.id == track.id) {
                (track.md5, track.length) = (file.md5, file.length);
            }
        }
        let saved = self.save_own(channel, tracks, Some(request));
        if saved.is_err() {
            self.refuse(request, Problem::TooManyTracks);
        }
    }

    /// A file of a channel is here whole. What a list has of it joins the own list.
    pub(in crate::node) fn came(&mut self, file: &Descriptor, channels: &[ChannelId]) {
        for &channel in channels {
            let Some(nest) = self.nests.get(&channel) else {
                continue;
            };
            let known = nest.own.get(file.id);
            let Some(track) = known.or_else(|| nest.library.track(file.id)) else {
                continue;
            };
            if known.is_some_and(|track| track.md5 == file.md5) {
                continue;
            }
            // It stays where it stands in a list by age: what one reaches for does not move because it has come.
            let mut track = Track::clone(track);
            // What the bytes are is known now.
            (track.md5, track.length) = (file.md5, file.length);
            let cover = track.cover.as_ref().map(|cover| cover.id);
            let cover = cover.map(|file| (file, limits::MAX_COVER_BYTES));
            let lyrics = track.lyrics;
            let lyrics = lyrics.map(|file| (file, limits::MAX_TEXT_FILE_BYTES as u64));
            if self.save_own(channel, vec![track], None).is_err() {
                // It is here, and can be played; for the list there is no room.
                continue;
            }
            for (file, most) in cover.into_iter().chain(lyrics) {
                self.outputs.push_back(MusicOutput::WantBeside {
                    channel,
                    file,
                    most,
                });
            }
        }
    }

    /// A file is not here any more: it leaves the own lists.
    pub(in crate::node) fn dropped(&mut self, file: ResourceId) {
        let has = |nest: &Nest| nest.own.get(file).is_some();
        let lists = self.nests.iter().filter(|(_, nest)| has(nest));
        let lists: Vec<ChannelId> = lists.map(|(channel, _)| *channel).collect();
        for channel in lists {
            self.forget_own(channel, vec![file]);
        }
    }

    /// A file is not given in a channel any more: it leaves the own list there.
    pub(in crate::node) fn dropped_in(&mut self, channel: ChannelId, file: ResourceId) {
        let nest = self.nests.get(&channel);
        if nest.is_some_and(|nest| nest.own.get(file).is_some()) {
            self.forget_own(channel, vec![file]);
        }
    }
}
