//! What is asked of the engine while somebody types, and which answers count: only those to what stands in the field.

use std::{sync::Arc, time::Duration};

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Event, Message, Place, Problem},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{engine, js, problem::Trouble};

/// What comes at once, as a word from an input method, is asked for once. The letters of a quick typist are 80 ms apart.
const TYPING: Duration = Duration::from_millis(40);

/// An engine that has too much to do is asked again after this.
const AGAIN: Duration = Duration::from_millis(400);

/// Messages asked for at once.
const PAGE: usize = 30;
const _: () = assert!(PAGE <= limits::MAX_PAGE);

/// What was found, newest first, as far as it was asked for.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) query: String,
    pub(super) messages: Vec<Arc<Message>>,
    /// There are older ones.
    pub(super) more: bool,
}

/// A search in one channel.
#[derive(Clone, Copy)]
pub(super) struct Search {
    channel: ChannelId,
    pub(super) typed: RwSignal<String>,
    /// An input method has not finished a word yet.
    pub(super) composing: RwSignal<bool>,
    /// The last answer. It stays until the next one is there, so that nothing flickers.
    pub(super) found: RwSignal<Option<Found>>,
    /// Counts the questions: an answer to an earlier one is dropped.
    asked: RwSignal<u32>,
    /// The last one is not answered.
    pub(super) busy: RwSignal<bool>,
    pub(super) problem: RwSignal<Option<Trouble>>,
}

impl Search {
    pub(super) fn new(channel: ChannelId) -> Self {
        let search = Self {
            channel,
            typed: RwSignal::new(String::new()),
            composing: RwSignal::new(false),
            found: RwSignal::new(None),
            asked: RwSignal::new(0),
            busy: RwSignal::new(false),
            problem: RwSignal::new(None),
        };
        // While the first letters are typed.
        engine::ask(Command::PrepareSearch { channel }, |_| {});
        Effect::new(move |_| {
            let typed = search.typed.get();
            if !search.composing.get() {
                search.begin(typed);
            }
        });
        search
    }

    /// What stands in the field is looked for, unless something else stands there soon after.
    fn begin(self, query: String) {
        self.asked.update(|asked| *asked += 1);
        self.problem.set(None);
        if query.trim().is_empty() {
            self.busy.set(false);
            return self.found.set(None);
        }
        self.busy.set(true);
        self.ask_after(TYPING, query, None);
    }

    /// Asks for those that are older than the last one here.
    pub(super) fn load_older(self) {
        let last = self.found.with_untracked(|found| {
            let found = found.as_ref()?;
            Some((found.query.clone(), found.messages.last()?.place()))
        });
        if let (Some((query, last)), false) = (last, self.busy.get_untracked()) {
            self.busy.set(true);
            self.ask(query, Some(last));
        }
    }

    fn ask_after(self, pause: Duration, query: String, before: Option<Place>) {
        let asked = self.asked.get_untracked();
        spawn_local(async move {
            js::pause(pause).await;
            if self.asked.try_get_untracked() == Some(asked) {
                self.ask(query, before);
            }
        });
    }

    fn ask(self, query: String, before: Option<Place>) {
        let asked = self.asked.get_untracked();
        let command = Command::Search {
            channel: self.channel,
            query: query.clone(),
            before,
            limit: PAGE,
        };
        engine::ask(command, move |reply| {
            if self.asked.try_get_untracked() != Some(asked) {
                return;
            }
            match reply {
                Event::Found { messages, more, .. } => {
                    self.busy.set(false);
                    self.take_in(query, messages, more, before.is_some());
                }
                Event::Refused {
                    problem: Problem::Busy,
                    ..
                } => self.ask_after(AGAIN, query, before),
                Event::Refused { problem, .. } => {
                    self.busy.set(false);
                    self.found.set(None);
                    self.problem.set(Some(problem.into()));
                }
                // A search has no other reply.
                _ => self.busy.set(false),
            }
        });
    }

    fn take_in(self, query: String, messages: Vec<Message>, more: bool, older: bool) {
        let messages = messages.into_iter().map(Arc::new);
        self.found.update(|found| match found {
            Some(found) if older => {
                found.messages.extend(messages);
                found.more = more;
            }
            _ => {
                *found = Some(Found {
                    query,
                    messages: messages.collect(),
                    more,
                });
            }
        });
    }
}
