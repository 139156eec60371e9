//! The part of the log that is loaded: which one that is, and how it is kept without gaps while more of it comes.

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Message, Place},
};
use leptos::prelude::*;

use super::{State, prefer};
use crate::{engine, log::Log};

/// Messages asked for at once: several screens, and read from the store within a few frames.
const PAGE: usize = 100;

/// Messages asked for while nothing is shown yet: what fills the screen and its surroundings, and no more to wait for.
const FIRST_PAGE: usize = 30;

/// Pages loaded at most to come over a gap: beyond that one starts again.
const MAX_PAGES: usize = 20;

/// So much may be told of the log while a part of it is on its way: beyond that one starts again.
const MAX_MEANWHILE: usize = 1000;

/// Which messages are asked for.
#[derive(Clone, Copy)]
enum Part {
    /// The newest before a place.
    Before(Option<Place>),
    /// The oldest from a place on.
    From(Place),
}

impl State {
    /// Shows a channel that somebody chose.
    pub(crate) fn choose(self, channel: ChannelId) {
        prefer(channel);
        self.show(Some(channel));
    }

    /// Shows a channel: from where its unread messages begin, else its newest messages.
    pub(crate) fn show(self, channel: Option<ChannelId>) {
        self.visit.update_value(|visit| *visit += 1);
        self.log.set(Log::default());
        self.more.set(false);
        self.later.set(false);
        self.loading.set(false);
        self.arrived.set(None);
        self.current.set(channel);
        let first = untrack(|| self.with_channel(|channel| channel.unread.first).flatten());
        self.divider.set(first);
        self.opening.set(channel.is_some());
        match first {
            Some(first) => self.load_around(first, || {}),
            None => self.load_end(|| {}),
        }
    }

    /// Something changed in a log.
    pub(super) fn log_news(self, channel: ChannelId, event: Event) {
        if self.current.get_untracked() != Some(channel) {
            return;
        }
        if self.loading.get_untracked() {
            self.meanwhile.update_value(|meanwhile| {
                if meanwhile.len() < MAX_MEANWHILE {
                    meanwhile.push(event.clone());
                }
            });
        }
        self.change(event);
        let gone = !self.opening.get_untracked() && self.log.with_untracked(Log::is_empty);
        if gone && (self.more.get_untracked() || self.later.get_untracked()) {
            // What stays is outside of all that was loaded.
            self.load_newest(|| {});
            self.load_older();
        }
    }

    /// Changes what is loaded by what was told; once more has no effect.
    fn change(self, event: Event) {
        let (more, later) = (self.more.get_untracked(), self.later.get_untracked());
        match event {
            Event::Message { message, .. } => {
                let here = |log: &Log| log.covers(message.place(), more, later);
                if self.log.with_untracked(here) {
                    self.log.update(|log| log.extend([message]));
                }
            }
            Event::Messages { messages, .. } => {
                self.log
                    .update(|log| log.extend_within(messages, more, later));
            }
            Event::Discarded { messages, .. } => {
                self.unsay(&messages);
                self.log.maybe_update(|log| log.discard(&messages));
            }
            Event::Recalled { message, .. } => {
                self.unsay(&[message]);
                self.log.maybe_update(|log| log.recall(message));
            }
            Event::Kept { message, kept, .. } => {
                self.log.maybe_update(|log| log.keep(message, kept));
            }
            Event::Delivered {
                message, delivery, ..
            } => {
                self.log.maybe_update(|log| log.deliver(message, delivery));
            }
            _ => {}
        }
    }

    /// Part of the log is on its way from now on.
    fn begin(self) {
        self.loading.set(true);
        self.meanwhile.set_value(Vec::new());
    }

    /// It is here, but for what was told meanwhile.
    fn end(self) {
        self.loading.set(false);
        let meanwhile = self.meanwhile.try_update_value(std::mem::take);
        let meanwhile = meanwhile.unwrap_or_default();
        if meanwhile.len() >= MAX_MEANWHILE {
            return self.show(self.current.get_untracked());
        }
        for event in meanwhile {
            self.change(event);
        }
    }

    /// Loads messages that are older than those in the log, unless some are on their way already.
    pub(crate) fn load_older(self) {
        if !self.more.get_untracked() || self.loading.get_untracked() {
            return;
        }
        self.begin();
        let oldest = self.log.with_untracked(Log::oldest);
        self.page(Part::Before(oldest), PAGE, move |state, messages, more| {
            state.more.set(more);
            state.log.update(|log| log.extend_back(messages));
            state.end();
        });
    }

    /// Loads messages that are newer than those in the log, unless some are on their way already.
    pub(crate) fn load_newer(self) {
        let newest = self.log.with_untracked(Log::newest);
        let Some(newest) = newest.filter(|_| self.later.get_untracked()) else {
            return;
        };
        if self.loading.get_untracked() {
            return;
        }
        self.begin();
        self.page(Part::From(newest), PAGE, move |state, messages, later| {
            state.later.set(later);
            state.log.update(|log| log.extend(messages));
            state.end();
        });
    }

    /// Has the newest messages in the log; `then` hears of it, unless something else is to be shown by then.
    pub(crate) fn load_newest(self, then: impl FnOnce() + 'static) {
        if self.later.get_untracked() {
            self.load_end(then);
        } else {
            then();
        }
    }

    /// Loads the newest messages, and no others.
    fn load_end(self, then: impl FnOnce() + 'static) {
        self.visit.update_value(|visit| *visit += 1);
        self.begin();
        self.page(
            Part::Before(None),
            FIRST_PAGE,
            move |state, messages, more| {
                state.show_part(messages, more, false);
                then();
            },
        );
    }

    /// Has what stands around a place in the log, however far back that is; `then` hears of it, unless something else is to be
    /// shown by then. What was loaded elsewhere is given up, and what is between is not read: it comes as one scrolls there.
    pub(crate) fn load_around(self, place: Place, then: impl FnOnce() + 'static) {
        let (more, later) = (self.more.get_untracked(), self.later.get_untracked());
        let here = self
            .log
            .with_untracked(|log| log.covers(place, more, later));
        if here && !self.opening.get_untracked() {
            return then();
        }
        self.visit.update_value(|visit| *visit += 1);
        self.begin();
        self.page(
            Part::Before(Some(place)),
            FIRST_PAGE,
            move |state, older, more| {
                state.page(Part::From(place), FIRST_PAGE, move |state, newer, later| {
                    let messages = older.into_iter().chain(newer).collect();
                    state.show_part(messages, more, later);
                    then();
                });
            },
        );
    }

    /// Shows a part of the log instead of the one that was loaded.
    fn show_part(self, messages: Vec<Message>, more: bool, later: bool) {
        self.more.set(more);
        self.later.set(later);
        self.log.set(Log::of(messages));
        self.opening.set(false);
        self.end();
    }

    /// What was said while the engine was gone is not in the log yet.
    pub(super) fn catch_up(self) {
        match self.log.with_untracked(Log::newest) {
            // It comes when one scrolls there.
            Some(_) if self.later.get_untracked() => {}
            Some(newest) => {
                self.begin();
                self.bridge(newest, Vec::new(), 0);
            }
            None => self.show(self.current.get_untracked()),
        }
    }

    /// Reads backwards until the log is reached, so that it has no gap.
    fn bridge(self, newest: Place, mut news: Vec<Message>, pages: usize) {
        let before = news.first().map(Message::place);
        self.page(
            Part::Before(before),
            PAGE,
            move |state, mut messages, more| {
                let reached = !more || messages.first().is_none_or(|first| first.place() <= newest);
                messages.append(&mut news);
                if reached {
                    state.log.update(|log| log.extend(messages));
                    state.end();
                } else if pages < MAX_PAGES {
                    state.bridge(newest, messages, pages + 1);
                } else {
                    state.show(state.current.get_untracked());
                }
            },
        );
    }

    /// Asks for a page of the channel that is shown; `then` gets it if that is still the one, and whether there may be more.
    fn page(self, part: Part, limit: usize, then: impl FnOnce(Self, Vec<Message>, bool) + 'static) {
        let Some(channel) = self.current.get_untracked() else {
            return self.loading.set(false);
        };
        let visit = self.visit.get_value();
        let command = match part {
            Part::Before(before) => Command::Page {
                channel,
                before,
                limit,
            },
            Part::From(from) => Command::PageFrom {
                channel,
                from,
                limit,
            },
        };
        engine::ask(command, move |reply| {
            if self.visit.get_value() != visit {
                return;
            }
            match reply {
                Event::Page { messages, more, .. } => then(self, messages, more),
                // The engine is gone or in trouble; what is here stays, and is completed when it is back.
                _ => {
                    self.loading.set(false);
                    self.opening.set(false);
                }
            }
        });
    }
}
