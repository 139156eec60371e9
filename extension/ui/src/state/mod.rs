//! What a view was last told by the engine.

use std::{collections::BTreeMap, sync::Arc};

use catnest::{
    channel::ChannelId,
    chat::record::RecordId,
    identity::Author,
    node::{
        ChannelView, Command, Event, Message, Overview, Place, Problem, Transfer, TransferState,
        Unread,
    },
    resource::ResourceId,
};
use catnest_messages::Intake;
use leptos::prelude::*;

use crate::{
    engine::{self, Hears, Link},
    files::carry,
    js,
    log::Log,
};

/// Messages asked for at once: several screens, and read from the store within a few frames.
const PAGE: usize = 100;

/// Pages loaded at most to come over a gap: beyond that one starts again.
const MAX_PAGES: usize = 20;

/// The hint for the next view: which channel was shown last.
const CHANNEL_HINT: &str = "channel";

/// Which messages are asked for.
#[derive(Clone, Copy)]
enum Part {
    /// The newest before a place.
    Before(Option<Place>),
    /// The oldest from a place on.
    From(Place),
}

/// The signals all parts of a view share.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) link: RwSignal<Link>,
    pub(crate) overview: RwSignal<Option<Overview>>,
    /// The channel that is shown.
    pub(crate) current: RwSignal<Option<ChannelId>>,
    /// The part of its log that is loaded.
    pub(crate) log: RwSignal<Log>,
    /// The first messages of the channel are not all here yet.
    pub(crate) opening: RwSignal<bool>,
    /// There may be older messages than those in the log.
    pub(crate) more: RwSignal<bool>,
    /// There may be newer ones: what is loaded is far back.
    pub(crate) later: RwSignal<bool>,
    /// Some of them are on their way.
    pub(crate) loading: RwSignal<bool>,
    /// Where the unread messages began when the channel was opened.
    pub(crate) divider: RwSignal<Option<Place>>,
    /// What came last while the channel was shown.
    pub(crate) arrived: RwSignal<Option<Arc<Message>>>,
    /// The files that are here or on their way, once they are known.
    pub(crate) transfers: RwSignal<BTreeMap<ResourceId, Transfer>>,
    /// The engine has told which files there are.
    pub(crate) transfers_known: RwSignal<bool>,
    /// The files that the engine takes in.
    pub(crate) intakes: RwSignal<Vec<Intake>>,
    /// The name of the file that was completed last.
    pub(crate) completed: RwSignal<Option<String>>,
    /// The page can be seen.
    pub(crate) visible: RwSignal<bool>,
    /// Something that fills the page stands before the log: what comes is not seen.
    pub(crate) covered: RwSignal<bool>,
    /// Something is wrong that no command of this view caused.
    pub(crate) trouble: RwSignal<Option<Problem>>,
    /// Counts what was shown, so that what was asked for an earlier channel is known as such.
    visit: StoredValue<u32>,
    /// Counts what came, which a page that was asked for before may not have.
    came: StoredValue<u32>,
}

impl State {
    pub(crate) fn provide() -> Self {
        let state = Self {
            link: RwSignal::new(Link::Starting),
            overview: RwSignal::new(None),
            current: RwSignal::new(None),
            log: RwSignal::new(Log::default()),
            opening: RwSignal::new(false),
            more: RwSignal::new(false),
            later: RwSignal::new(false),
            loading: RwSignal::new(false),
            divider: RwSignal::new(None),
            arrived: RwSignal::new(None),
            transfers: RwSignal::new(BTreeMap::new()),
            transfers_known: RwSignal::new(false),
            intakes: RwSignal::new(Vec::new()),
            completed: RwSignal::new(None),
            visible: RwSignal::new(true),
            covered: RwSignal::new(false),
            trouble: RwSignal::new(None),
            visit: StoredValue::new(0),
            came: StoredValue::new(0),
        };
        provide_context(state);
        state
    }

    /// The state of the view this is called in.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Something of the channel that is shown, as the engine last told it.
    pub(crate) fn with_channel<T>(self, look: impl FnOnce(&ChannelView) -> T) -> Option<T> {
        let current = self.current.get();
        self.overview.with(|overview| {
            let mut channels = overview.as_ref()?.channels.iter();
            Some(look(channels.find(|channel| Some(channel.id) == current)?))
        })
    }

    /// Who this member is in the channel that is shown.
    fn me(self) -> Option<Author> {
        self.with_channel(|channel| channel.members.first().map(|me| me.author))
            .flatten()
    }

    /// The name of the channel that is shown; nothing without one.
    pub(crate) fn channel_name(self) -> String {
        let name = self.with_channel(|channel| channel.name.clone());
        name.unwrap_or_default()
    }

    /// Nothing that is said in the channel that is shown is stored now.
    pub(crate) fn burns(self) -> bool {
        let burn = self.with_channel(|channel| channel.burn.as_ref().is_some_and(|burn| burn.on));
        burn.unwrap_or(false)
    }

    /// Whether somebody is blocked in the channel that is shown.
    pub(crate) fn blocks(self, author: Author) -> bool {
        let blocks = self.with_channel(|channel| channel.people.blocked.contains_key(&author));
        blocks.unwrap_or(false)
    }

    /// As [`State::burns`], for who acts on it once.
    pub(crate) fn burns_now(self) -> bool {
        untrack(|| self.burns())
    }

    /// Has the engine carry something out. What is wrong with it is said at the top of the view.
    pub(crate) fn carry_out(self, command: Command) {
        engine::ask(command, move |reply| {
            if let Event::Refused { problem, .. } = reply {
                self.trouble.try_set(Some(problem));
            }
        });
    }

    /// The names of these channels, as far as this device is in them.
    pub(crate) fn names_of(self, channels: &[ChannelId]) -> Vec<String> {
        self.overview.with(|overview| {
            let all = overview.iter().flat_map(|overview| &overview.channels);
            all.filter(|channel| channels.contains(&channel.id))
                .map(|channel| channel.name.clone())
                .collect()
        })
    }

    /// News from the engine.
    fn news(self, event: Event) {
        match event {
            Event::Overview(overview) => {
                let current = self.current.get_untracked();
                let has = |id| overview.channels.iter().any(|channel| channel.id == id);
                if current.is_some_and(has) {
                    let before = untrack(|| self.me());
                    self.overview.set(Some(overview));
                    // A device that is another member's now has other messages for its own.
                    if before != untrack(|| self.me()) {
                        self.show(current);
                    }
                    return;
                }
                let hinted = js::query(CHANNEL_HINT).or_else(|| js::remembered(CHANNEL_HINT));
                let hinted = hinted.and_then(|id| id.parse().ok()).filter(|id| has(*id));
                let last = overview.channels.last().map(|channel| channel.id);
                self.overview.set(Some(overview));
                self.show(hinted.or(last));
            }
            Event::Message { channel, message } => {
                if self.current.get_untracked() == Some(channel) {
                    self.arrived.set(Some(Arc::new(message.clone())));
                    self.came.update_value(|came| *came += 1);
                    if self.reaches(message.place()) {
                        self.log.update(|log| log.extend([message]));
                    }
                }
            }
            Event::Messages { channel, messages } => {
                if self.current.get_untracked() == Some(channel) {
                    self.came.update_value(|came| *came += 1);
                    let (more, later) = (self.more.get_untracked(), self.later.get_untracked());
                    self.log
                        .update(|log| log.extend_within(messages, more, later));
                }
            }
            Event::Discarded { channel, messages } => self.discarded(channel, &messages),
            Event::Recalled { channel, message } => {
                if self.current.get_untracked() == Some(channel) {
                    self.unsay(&[message]);
                    self.log.maybe_update(|log| log.recall(message));
                }
            }
            Event::Kept {
                channel,
                message,
                kept,
            } => {
                if self.current.get_untracked() == Some(channel) {
                    self.log.maybe_update(|log| log.keep(message, kept));
                }
            }
            Event::Delivered {
                channel,
                message,
                delivery,
            } => {
                if self.current.get_untracked() == Some(channel) {
                    self.log.maybe_update(|log| log.deliver(message, delivery));
                }
            }
            Event::Unread { channel, unread } => self.count(channel, unread),
            Event::Trouble(problem) => self.trouble.set(Some(problem)),
            Event::Transfers { transfers, .. } => self.know(transfers),
            Event::Transfer(transfer) => self.moved(transfer),
            Event::TransferGone { file } => {
                self.transfers
                    .maybe_update(|all| all.remove(&file).is_some());
            }
            // Replies go to who asked.
            Event::Done { .. }
            | Event::Page { .. }
            | Event::Outlook { .. }
            | Event::Imported { .. }
            | Event::Exported { .. }
            | Event::Identity { .. }
            | Event::Found { .. }
            | Event::Refused { .. } => {}
        }
    }

    fn discarded(self, channel: ChannelId, messages: &[RecordId]) {
        if self.current.get_untracked() != Some(channel) {
            return;
        }
        self.unsay(messages);
        self.log.maybe_update(|log| log.discard(messages));
        if self.log.with_untracked(Log::is_empty) {
            // What stays may be outside of all that was loaded.
            self.load_newest(|| {});
            self.load_older();
        }
    }

    /// What is gone is not read out any more, and not left in the page.
    fn unsay(self, gone: &[RecordId]) {
        let said = |arrived: &Arc<Message>| gone.contains(&arrived.id);
        if self
            .arrived
            .with_untracked(|arrived| arrived.as_ref().is_some_and(said))
        {
            self.arrived.set(None);
        }
    }

    /// All files there are.
    fn know(self, transfers: Vec<Transfer>) {
        let by_id = transfers.into_iter().map(|t| (t.file.id, t));
        self.transfers.set(by_id.collect());
        self.transfers_known.set(true);
    }

    fn moved(self, transfer: Transfer) {
        let complete = transfer.state == TransferState::Complete;
        let name = transfer.file.name.clone();
        let mut before = None;
        self.transfers.update(|all| {
            before = all.insert(transfer.file.id, transfer);
        });
        // One's own files are complete from the beginning: that is no news.
        if complete && before.is_some_and(|before| before.state != TransferState::Complete) {
            self.completed.set(Some(name));
        }
    }

    fn count(self, channel: ChannelId, unread: Unread) {
        let mut before = None;
        self.overview.update(|overview| {
            let channels = overview.iter_mut().flat_map(|o| &mut o.channels);
            for counted in channels.filter(|counted| counted.id == channel) {
                before = Some(std::mem::replace(&mut counted.unread, unread));
            }
        });
        // What comes while nobody looks is as new to who comes back as what came before the channel was opened.
        if self.current.get_untracked() == Some(channel)
            && !self.visible.get_untracked()
            && before.is_some_and(|before| before.count == 0)
        {
            self.divider.set(unread.first);
        }
    }

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
            Some(first) => self.load_around(first, move || self.opening.set(false)),
            None => self.load_end(move || self.opening.set(false)),
        }
    }

    /// Whether what stands here belongs to what is loaded, and makes no gap at its end.
    fn reaches(self, place: Place) -> bool {
        let newest = self.log.with_untracked(Log::newest);
        !self.later.get_untracked() || newest.is_some_and(|newest| place < newest)
    }

    /// Loads messages that are older than those in the log, unless some are on their way already.
    pub(crate) fn load_older(self) {
        if !self.more.get_untracked() || self.loading.get_untracked() {
            return;
        }
        self.loading.set(true);
        let oldest = self.log.with_untracked(Log::oldest);
        self.page(Part::Before(oldest), move |state, messages, more| {
            state.more.set(more);
            state.loading.set(false);
            state.log.update(|log| log.extend_back(messages));
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
        self.loading.set(true);
        let came = self.came.get_value();
        self.page(Part::From(newest), move |state, messages, later| {
            state.later.set(later || state.came.get_value() != came);
            state.loading.set(false);
            state.log.update(|log| log.extend(messages));
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
        self.loading.set(true);
        let came = self.came.get_value();
        self.page(Part::Before(None), move |state, messages, more| {
            state.more.set(more);
            state.show_part(messages, false, came);
            then();
        });
    }

    /// Has what stands around a place in the log, however far back that is; `then` hears of it, unless something else is to be
    /// shown by then. What was loaded elsewhere is given up, and what is between is not read: it comes as one scrolls there.
    pub(crate) fn load_around(self, place: Place, then: impl FnOnce() + 'static) {
        let oldest = self.log.with_untracked(Log::oldest);
        let begun = !self.more.get_untracked() || oldest.is_some_and(|oldest| oldest <= place);
        if begun && self.reaches(place) && !self.opening.get_untracked() {
            return then();
        }
        self.visit.update_value(|visit| *visit += 1);
        self.loading.set(true);
        let came = self.came.get_value();
        self.page(Part::Before(Some(place)), move |state, older, more| {
            state.page(Part::From(place), move |state, newer, later| {
                state.more.set(more);
                let messages = older.into_iter().chain(newer).collect();
                state.show_part(messages, later, came);
                then();
            });
        });
    }

    /// Shows a part of the log instead of the one that was loaded. Up to the newest, it goes on with what came since it was
    /// asked for; if that was not kept, it comes as more.
    fn show_part(self, messages: Vec<Message>, later: bool, came: u32) {
        let mut log = Log::of(messages);
        let missed = !later && self.came.get_value() != came;
        let kept = !self.later.get_untracked();
        if missed && kept {
            self.log.with_untracked(|old| log.go_on_with(old));
        }
        self.later.set(later || missed && !kept);
        self.loading.set(false);
        self.log.set(log);
    }

    /// What was said while the engine was gone is not in the log yet.
    fn catch_up(self) {
        match self.log.with_untracked(Log::newest) {
            // It comes when one scrolls there.
            Some(_) if self.later.get_untracked() => {}
            Some(newest) => self.bridge(newest, Vec::new(), 0),
            None => self.show(self.current.get_untracked()),
        }
    }

    /// Reads backwards until the log is reached, so that it has no gap.
    fn bridge(self, newest: Place, mut news: Vec<Message>, pages: usize) {
        let before = news.first().map(Message::place);
        self.page(Part::Before(before), move |state, mut messages, more| {
            let reached = !more || messages.first().is_none_or(|first| first.place() <= newest);
            messages.append(&mut news);
            if reached {
                state.log.update(|log| log.extend(messages));
            } else if pages < MAX_PAGES {
                state.bridge(newest, messages, pages + 1);
            } else {
                state.show(state.current.get_untracked());
            }
        });
    }

    /// Asks for a page of the channel that is shown; `then` gets it if that is still the one, and whether there may be more.
    fn page(self, part: Part, then: impl FnOnce(Self, Vec<Message>, bool) + 'static) {
        let Some(channel) = self.current.get_untracked() else {
            return;
        };
        let visit = self.visit.get_value();
        let limit = PAGE;
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

impl Hears for State {
    fn hear(self, event: Event) {
        self.news(event);
    }

    fn take_in(self, intakes: Vec<Intake>) {
        self.intakes.set(intakes);
    }

    fn linked(self, link: Link) {
        self.link.set(link);
        match link {
            Link::Up => {
                engine::follow_intakes();
                engine::ask(Command::Transfers, move |reply| {
                    if let Event::Transfers { transfers, .. } = reply {
                        self.know(transfers);
                    }
                });
            }
            Link::Lost => {
                carry::forget();
                self.intakes.set(Vec::new());
            }
            Link::Starting => {}
        }
        if link == Link::Up && self.current.get_untracked().is_some() {
            self.catch_up();
        }
    }
}

/// Lets later views begin with this channel.
pub(crate) fn prefer(channel: ChannelId) {
    js::remember(CHANNEL_HINT, Some(&channel.to_string()));
}
