//! Tracks that come into the own list of a channel, with their covers and lyrics: each file is shared there first
//! ([`crate::node::sharing`]).

use std::collections::BTreeSet;

use super::Music;
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
        self.save_own(channel, tracks, Vec::new(), Some(request));
    }
}
