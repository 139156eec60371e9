//! One song on its way into the store: its tags, its own bytes, and then its cover and lyrics, which are files like others.

use std::collections::BTreeMap;

use catnest::{
    limits,
    music::{
        tags::Tags,
        track::{Cover, Track},
    },
    node::Problem,
    resource::{Descriptor, DescriptorError, ResourceId, to_file_name},
};
use catnest_messages::{IntakeId, SongProblem};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use super::{MusicIntakes, job::Begun, left};
use crate::files::{
    caller::{Caller, Taken},
    intakes::no_worker,
    messages::{FromWorker, ToWorker},
};

/// Why there is no track.
pub(super) enum Left {
    /// It is no music, and was not said to be.
    Out,
    /// It is not taken, for this reason.
    Failed(SongProblem),
    /// Neither is anything after it.
    All(Problem),
}

/// The covers of folders, by the places of their files: none if they are no pictures.
pub(super) type Covers = BTreeMap<usize, Option<Cover>>;

impl MusicIntakes {
    /// Takes a song in, whole, with all that belongs to it.
    pub(super) async fn take_song(
        &self,
        id: &IntakeId,
        worker: &Caller,
        song: &Begun,
        covers: &mut Covers,
    ) -> Result<Track, Left> {
        let length = song.file.size() as u64;
        if length > limits::MAX_RESOURCE_BYTES {
            return Err(left(Problem::File(DescriptorError::Length(length))));
        }
        let name = to_file_name(&song.file.name());
        let (tags, cover, lyrics) = read(worker, song, &name).await?;
        let media_type = tags.format.media_type();
        let progress = |bytes| {
            self.with_job(id, |job| job.progress(bytes));
            self.changed();
        };
        let own = self
            .take_file(id, worker, &song.file, name.clone(), media_type, progress)
            .await
            .map_err(left)?;
        let track = tags.track(&own, self.0.clock.now());
        let track = track.map_err(|error| Problem::Track { error });
        let mut track = track.map_err(left)?;
        track.lyrics = self
            .take_lyrics(id, worker, song, lyrics, &name)
            .await
            .map_err(Left::All)?;
        track.cover = self
            .take_cover(id, worker, song, cover, covers)
            .await
            .map_err(Left::All)?;
        Ok(track)
    }

    /// Takes one file in, and holds it until it is on the list.
    async fn take_file(
        &self,
        id: &IntakeId,
        worker: &Caller,
        file: &File,
        name: String,
        media_type: &str,
        progress: impl Fn(u64),
    ) -> Result<Descriptor, Problem> {
        let taken = Taken {
            file,
            name,
            media_type: media_type.to_owned(),
            now: self.0.clock.now(),
        };
        let hold = |resource: ResourceId| {
            let hold = self.0.place.held.hold(resource);
            self.with_job(id, |job| job.unlisted.push(hold));
        };
        worker.take_in(&self.0.place, taken, progress, hold).await
    }

    /// What lies beside the song, or else what is in it.
    async fn take_lyrics(
        &self,
        id: &IntakeId,
        worker: &Caller,
        song: &Begun,
        inside: Option<File>,
        name: &str,
    ) -> Result<Option<ResourceId>, Problem> {
        let beside = match &song.lyrics {
            Some(file) => {
                let file = file.clone();
                made(worker, ToWorker::Lyrics { file }).await?
            }
            None => None,
        };
        let Some(file) = beside.or(inside) else {
            return Ok(None);
        };
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let name = to_file_name(&format!("{stem}.lrc"));
        let taken = self.take_file(id, worker, &file, name, "text/plain", |_| {});
        Ok(minor(taken.await)?.map(|lyrics| lyrics.id))
    }

    /// What is in the song, or else what lies in its folder.
    async fn take_cover(
        &self,
        id: &IntakeId,
        worker: &Caller,
        song: &Begun,
        inside: Option<File>,
        covers: &mut Covers,
    ) -> Result<Option<Cover>, Problem> {
        if let Some(file) = inside {
            return self.take_picture(id, worker, &file).await;
        }
        let Some((place, file)) = &song.cover else {
            return Ok(None);
        };
        if let Some(known) = covers.get(place) {
            return Ok(known.clone());
        }
        let file = file.clone();
        let cover = match made(worker, ToWorker::Cover { file }).await? {
            Some(file) => self.take_picture(id, worker, &file).await?,
            None => None,
        };
        covers.insert(*place, cover.clone());
        Ok(cover)
    }

    async fn take_picture(
        &self,
        id: &IntakeId,
        worker: &Caller,
        file: &File,
    ) -> Result<Option<Cover>, Problem> {
        let media_type = file.type_();
        let name = to_file_name(&file.name());
        let taken = self.take_file(id, worker, file, name, &media_type, |_| {});
        Ok(minor(taken.await)?.map(|cover| Cover {
            id: cover.id,
            length: cover.length,
            media_type,
        }))
    }
}

/// What a song says of itself, with the cover and lyrics that are in it.
async fn read(
    worker: &Caller,
    song: &Begun,
    name: &str,
) -> Result<(Tags, Option<File>, Option<File>), Left> {
    let (file, name) = (song.file.clone(), name.to_owned());
    let answer = worker.ask(ToWorker::Tags { file, name }, |_| {}).await;
    match answer.map_err(left)? {
        FromWorker::Tags {
            tags,
            cover,
            lyrics,
        } => match *tags {
            Ok(tags) => Ok((tags, file_of(cover), file_of(lyrics))),
            Err(why) if song.is_named => Err(Left::Failed(SongProblem::Tags(why))),
            Err(_) => Err(Left::Out),
        },
        _ => Err(Left::All(no_worker("it said something else"))),
    }
}

/// What a worker makes of a file, if it is what it should be.
async fn made(worker: &Caller, what: ToWorker) -> Result<Option<File>, Problem> {
    match minor(worker.ask(what, |_| {}).await)? {
        Some(FromWorker::Made { file }) => Ok(file_of(file)),
        _ => Ok(None),
    }
}

pub(super) fn file_of(file: JsValue) -> Option<File> {
    file.dyn_into().ok()
}

/// A song does without what of this cannot be read, but not without a store.
fn minor<T>(done: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(problem) if super::ends_all(&problem) => Err(problem),
        Err(_) => Ok(None),
    }
}
