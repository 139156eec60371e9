//! Tracks that come into the own list of a channel, with their covers and lyrics: each file is shared there first.

use std::collections::BTreeSet;

use super::{Music, MusicOutput, MusicPending};
use crate::{
    channel::ChannelId,
    limits,
    music::track::{Cover, Track},
    node::{Problem, RequestId},
    resource::{Descriptor, ResourceId},
    store::Request,
    time::Millis,
};

/// Tracks that are on their way into a list.
#[derive(Debug)]
pub(in crate::node) struct Adding {
    pub(super) request: RequestId,
    pub(in crate::node) channel: ChannelId,
    tracks: Vec<Track>,
    /// Files that are still to be looked up and entered.
    files: Vec<ResourceId>,
}

impl Music {
    /// Puts tracks on the list of a channel.
    pub(super) fn add(
        &mut self,
        now: Millis,
        request: RequestId,
        channel: ChannelId,
        tracks: Vec<Track>,
    ) -> Result<(), Problem> {
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
        let adding = Adding {
            request,
            channel,
            tracks,
            files: files.into_iter().collect(),
        };
        self.share_next(adding);
        Ok(())
    }

    /// Gives a track of the own list another cover, or none.
    pub(super) fn set_cover(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        track: ResourceId,
        cover: Option<Cover>,
    ) -> Result<(), Problem> {
        let file = cover.as_ref().map(|cover| cover.id);
        self.dress(request, channel, track, file, |track| {
            track.cover = cover;
        })
    }

    /// Gives a track of the own list other lyrics, or none.
    pub(super) fn set_lyrics(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        track: ResourceId,
        lyrics: Option<ResourceId>,
    ) -> Result<(), Problem> {
        self.dress(request, channel, track, lyrics, |track| {
            track.lyrics = lyrics;
        })
    }

    fn dress(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        track: ResourceId,
        file: Option<ResourceId>,
        change: impl FnOnce(&mut Track),
    ) -> Result<(), Problem> {
        let nest = self.nests.get(&channel).ok_or(Problem::NotJoined)?;
        let mut track = Track::clone(nest.own.get(track).ok_or(Problem::NoTrack)?);
        change(&mut track);
        let track = track.cleaned().map_err(|error| Problem::Track { error })?;
        let adding = Adding {
            request,
            channel,
            tracks: vec![track],
            files: file.into_iter().collect(),
        };
        self.share_next(adding);
        Ok(())
    }

    /// Looks the next file up that is to be shared; after the last one, the list changes.
    pub(super) fn share_next(&mut self, mut adding: Adding) {
        match adding.files.pop() {
            Some(file) => self.store(Request::LoadResource(file), MusicPending::Find(adding)),
            None => self.save_own(
                adding.channel,
                adding.tracks,
                Vec::new(),
                Some(adding.request),
            ),
        }
    }

    /// A file is shared, or cannot be.
    pub(in crate::node) fn shared(
        &mut self,
        mut adding: Adding,
        shared: Result<(Request, Descriptor), Problem>,
    ) {
        match shared {
            Ok((save, file)) => {
                // Whoever asked may be wrong about what its bytes are.
                for track in &mut adding.tracks {
                    if track.id == file.id {
                        (track.md5, track.length) = (file.md5, file.length);
                    }
                }
                self.store(save, MusicPending::Enter(adding));
            }
            Err(problem) => self.outputs.push_back(MusicOutput::Refused {
                request: adding.request,
                problem,
            }),
        }
    }
}
