//! What a view handed over as music, and how far it is.

use catnest::{
    channel::ChannelId,
    limits,
    music::folder::{self, Song},
    node::Problem,
};
use catnest_messages::{IntakeId, MusicIntake, SongProblem, SongTrouble};
use web_sys::File;

use super::Music;
use crate::files::held::Hold;

pub(super) struct Job {
    pub(super) id: IntakeId,
    pub(super) channel: ChannelId,
    files: Vec<(String, File)>,
    songs: Vec<Song>,
    pub(super) stage: Stage,
    pub(super) left_out: usize,
    pub(super) added: usize,
    failed: usize,
    troubles: Vec<SongTrouble>,
    /// Bytes of songs that are done, and of the one that is not, of twice their lengths.
    done_bytes: u64,
    now_bytes: u64,
    total_bytes: u64,
    /// What it has put into the store and not on the list yet.
    pub(super) unlisted: Vec<Hold>,
}

pub(super) enum Stage {
    /// It waits.
    Waits,
    /// This song is being taken in.
    Taking(String),
    /// Nothing more comes of it, for this reason if it is not done.
    Over(Option<Problem>),
}

/// A song with its files.
pub(super) struct Begun {
    /// As it is told to views.
    pub(super) path: String,
    pub(super) file: File,
    pub(super) is_named: bool,
    pub(super) lyrics: Option<File>,
    /// By its place among the files: many songs have the same.
    pub(super) cover: Option<(usize, File)>,
}

impl Job {
    pub(super) fn of(music: Music) -> Self {
        let Music { id, channel, files } = music;
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        let sorted = folder::sort(&paths);
        let length = |song: &Song| {
            files
                .get(song.file)
                .map_or(0, |(_, file)| file.size() as u64)
        };
        let total_bytes = 2 * sorted.songs.iter().map(length).sum::<u64>();
        Self {
            id,
            channel,
            files,
            songs: sorted.songs,
            stage: Stage::Waits,
            left_out: sorted.left_out,
            added: 0,
            failed: 0,
            troubles: Vec::new(),
            done_bytes: 0,
            now_bytes: 0,
            total_bytes,
            unlisted: Vec::new(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_))
    }

    /// The song of this number is being taken in; none if there are no more.
    pub(super) fn begin(&mut self, number: usize) -> Option<Begun> {
        let song = *self.songs.get(number)?;
        let file = |at: usize| self.files.get(at).map(|(_, file)| file.clone());
        let (path, _) = self.files.get(song.file)?;
        let begun = Begun {
            path: path.clone(),
            file: file(song.file)?,
            is_named: song.is_named,
            lyrics: song.lyrics.and_then(file),
            cover: song.cover.and_then(|at| Some((at, file(at)?))),
        };
        self.stage = Stage::Taking(begun.path.clone());
        Some(begun)
    }

    /// So many bytes of it are done, of twice its length.
    pub(super) fn progress(&mut self, bytes: u64) {
        self.now_bytes = bytes;
    }

    pub(super) fn end(&mut self, song: &Begun) {
        self.now_bytes = 0;
        self.done_bytes += 2 * song.file.size() as u64;
    }

    pub(super) fn failed(&mut self, song: &Begun, why: SongProblem) {
        self.failed += 1;
        if self.troubles.len() < limits::MAX_SONG_TROUBLES {
            let path = song.path.clone();
            self.troubles.push(SongTrouble { path, why });
        }
    }

    /// As views see it.
    pub(super) fn view(&self) -> MusicIntake {
        let (now, problem) = match &self.stage {
            Stage::Waits => (None, None),
            Stage::Taking(path) => (Some(path.clone()), None),
            Stage::Over(problem) => (None, problem.clone()),
        };
        MusicIntake {
            id: self.id.clone(),
            channel: self.channel,
            songs: self.songs.len(),
            added: self.added,
            left_out: self.left_out,
            failed: self.failed,
            troubles: self.troubles.clone(),
            now,
            total_bytes: self.total_bytes,
            done_bytes: self.done_bytes + self.now_bytes,
            is_over: self.is_over(),
            problem,
        }
    }
}
