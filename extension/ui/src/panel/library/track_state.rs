//! How things are with one track, for whatever shows it.

use std::sync::Arc;

use catnest::{
    channel::ChannelId,
    music::player::{Activity, Intent},
    node::{Command, MusicCommand, Row},
    resource::ResourceId,
};
use leptos::prelude::*;

use super::{
    Library,
    action::{Action, Facts},
};
use crate::{amount, files::status::Stage, panel::shared::Shared, state::State};

/// The signals of a track in the list that is shown.
#[derive(Clone, Copy)]
pub(crate) struct TrackState {
    state: State,
    pub(crate) id: ResourceId,
    /// None once it is gone.
    pub(crate) row: Memo<Option<Arc<Row>>>,
    /// It is what the player has.
    pub(crate) current: Memo<bool>,
    /// What the player does with it, if it has it.
    pub(crate) activity: Memo<Option<Activity>>,
    pub(crate) stage: Memo<Stage>,
    pub(crate) percent: Memo<u64>,
    pub(crate) action: Memo<Action>,
}

impl TrackState {
    pub(crate) fn new(state: State, id: ResourceId) -> Self {
        let music = state.music;
        let row = Memo::new(move |_| music.rows.with(|rows| rows.get(&id).cloned()));
        let current = Memo::new(move |_| music.playing() == Some(id));
        let activity = Memo::new(move |_| current.get().then(|| music.activity()));
        let stage = Memo::new(move |_| state.transfers.with(|all| Stage::of(all.get(&id))));
        let percent = Memo::new(move |_| {
            state.transfers.with(|all| {
                all.get(&id)
                    .map_or(0, |t| amount::percent(t.have_bytes, t.file.length))
            })
        });
        let action = Memo::new(move |_| {
            let (here, holders, banned) = row.with(|row| {
                row.as_ref().map_or((false, 0, false), |row| {
                    (row.mine, present(row), row.banned)
                })
            });
            Action::of(Facts {
                here,
                holders,
                banned,
                stage: stage.get(),
                percent: percent.get(),
                plays: matches!(activity.get(), Some(Activity::Playing | Activity::Waiting)),
            })
        });
        Self {
            state,
            id,
            row,
            current,
            activity,
            stage,
            percent,
            action,
        }
    }

    /// Plays the list that is shown from this track on. What is banned is not in it.
    pub(crate) fn play(self, library: Library) {
        let list = library
            .arranged
            .with_untracked(|arranged| arranged.list.clone());
        if let Some(row) = list.iter().position(|track| *track == self.id) {
            self.state.play(Intent::PlayList { list, row });
        }
    }

    /// What the row's button does now.
    pub(crate) fn act(self, library: Library, shared: Shared) {
        let Some(channel) = self.state.current.get_untracked() else {
            return;
        };
        let (track, file) = (self.id, self.id);
        let pause = |paused| self.state.carry_out(Command::Pause { file, paused });
        match self.action.get_untracked() {
            Action::Play => self.play(library),
            Action::Pause(_) => pause(true),
            Action::Resume(_) => pause(false),
            Action::Retry | Action::Keep => self.keep(channel),
            Action::Drop { last: false } => self.state.ask_music(MusicCommand::Drop { track }),
            Action::Drop { last: true } => {
                let track = self
                    .row
                    .with_untracked(|row| Some(row.as_ref()?.track.clone()));
                shared.dropping.set(track);
            }
            Action::Wait(_) => {}
        }
    }

    pub(crate) fn keep(self, channel: ChannelId) {
        let track = self.id;
        self.state.ask_music(MusicCommand::Keep { channel, track });
    }
}

/// How many others have it who are here.
pub(crate) fn present(row: &Row) -> usize {
    row.holders.iter().filter(|holder| !holder.cached).count()
}
