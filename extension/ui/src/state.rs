//! What a view was last told by the engine.

use std::collections::BTreeMap;

use catnest::{
    channel::ChannelId,
    node::{ChannelView, Command, Event, Message, Overview, Place, Problem},
};
use leptos::prelude::*;

use crate::engine;

/// Messages asked for at once.
const PAGE: usize = 50;

/// The connection to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Not yet.
    Starting,
    /// It answers.
    Up,
    /// It is gone, and asked for again.
    Lost,
}

/// The signals all parts of a view share.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) link: RwSignal<Link>,
    pub(crate) overview: RwSignal<Option<Overview>>,
    /// The channel that is shown.
    pub(crate) current: RwSignal<Option<ChannelId>>,
    /// The part of its log that is loaded.
    pub(crate) messages: RwSignal<BTreeMap<Place, Message>>,
    /// There may be older messages than those.
    pub(crate) more: RwSignal<bool>,
    /// Something is wrong that no command of this view caused.
    pub(crate) trouble: RwSignal<Option<Problem>>,
}

impl State {
    pub(crate) fn provide() -> Self {
        let state = Self {
            link: RwSignal::new(Link::Starting),
            overview: RwSignal::new(None),
            current: RwSignal::new(None),
            messages: RwSignal::new(BTreeMap::new()),
            more: RwSignal::new(false),
            trouble: RwSignal::new(None),
        };
        provide_context(state);
        state
    }

    /// The state of the view this is called in.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// The channel that is shown, as the engine last told it.
    pub(crate) fn channel(self) -> Option<ChannelView> {
        let current = self.current.get();
        self.overview.with(|overview| {
            overview
                .as_ref()?
                .channels
                .iter()
                .find(|channel| Some(channel.id) == current)
                .cloned()
        })
    }

    /// News from the engine.
    pub(crate) fn hear(self, event: Event) {
        match event {
            Event::Overview(overview) => {
                let current = self.current.get_untracked();
                let still = overview
                    .channels
                    .iter()
                    .any(|channel| Some(channel.id) == current);
                let last = overview.channels.last().map(|channel| channel.id);
                self.overview.set(Some(overview));
                if !still {
                    self.show(last);
                }
            }
            Event::Message { channel, message } => {
                if self.current.get_untracked() == Some(channel) {
                    self.messages.update(|messages| {
                        messages.insert(message.place(), message);
                    });
                }
            }
            Event::Delivered { .. } | Event::Unread { .. } => {}
            Event::Trouble(problem) => self.trouble.set(Some(problem)),
            // Replies go to who asked.
            Event::Done { .. } | Event::Page { .. } | Event::Refused { .. } => {}
        }
    }

    /// Shows a channel, from its newest messages on.
    pub(crate) fn show(self, channel: Option<ChannelId>) {
        self.messages.set(BTreeMap::new());
        self.more.set(false);
        self.current.set(channel);
        self.load(None, || {});
    }

    /// Loads messages that are older than those that are shown.
    pub(crate) fn load_older(self, then: impl FnOnce() + 'static) {
        let oldest = self
            .messages
            .with_untracked(|messages| messages.keys().next().copied());
        self.load(oldest, then);
    }

    fn load(self, before: Option<Place>, then: impl FnOnce() + 'static) {
        let Some(channel) = self.current.get_untracked() else {
            return;
        };
        engine::ask(
            Command::Page {
                channel,
                before,
                limit: PAGE,
            },
            move |reply| {
                if let Event::Page {
                    channel,
                    messages,
                    more,
                    ..
                } = reply
                    && self.current.get_untracked() == Some(channel)
                {
                    self.more.set(more);
                    self.messages.update(|shown| {
                        shown.extend(
                            messages
                                .into_iter()
                                .map(|message| (message.place(), message)),
                        );
                    });
                }
                then();
            },
        );
    }
}
