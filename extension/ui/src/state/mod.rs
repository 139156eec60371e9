//! What a view was last told by the engine.

pub(crate) mod host;
pub(crate) mod music;
mod part;

use std::{collections::BTreeMap, sync::Arc};

use catnest::{
    channel::ChannelId,
    chat::record::RecordId,
    host::{HostState, Topic},
    identity::Author,
    node::{
        ChannelView, Command, Event, Message, Overview, Place, Problem, Transfer, TransferState,
        Unread,
    },
    resource::ResourceId,
};
use catnest_messages::{Intake, MusicIntake};
use leptos::prelude::*;

use self::{host::HostView, music::Music};
use crate::{
    engine::{self, Hears, Link},
    files::carry,
    js,
    log::Log,
};

/// The hint for the next view: which channel was shown last.
const CHANNEL_HINT: &str = "channel";

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
    /// The music that it takes in, or has taken in.
    pub(crate) music_intakes: RwSignal<Vec<MusicIntake>>,
    /// The name of the file that was completed last.
    pub(crate) completed: RwSignal<Option<String>>,
    /// The page can be seen.
    pub(crate) visible: RwSignal<bool>,
    /// Something that fills the page stands before the log: what comes is not seen.
    pub(crate) covered: RwSignal<bool>,
    /// What is known of the music.
    pub(crate) music: Music,
    /// What is known of the native host.
    pub(crate) host: HostView,
    /// Something is wrong that no command of this view caused.
    pub(crate) trouble: RwSignal<Option<Problem>>,
    /// Counts what was shown, so that what was asked for an earlier channel is known as such.
    visit: StoredValue<u32>,
    /// What was told of the log while a part of it was on its way, which may have been read before.
    meanwhile: StoredValue<Vec<Event>>,
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
            music_intakes: RwSignal::new(Vec::new()),
            completed: RwSignal::new(None),
            visible: RwSignal::new(true),
            covered: RwSignal::new(false),
            music: Music::new(),
            host: HostView::new(),
            trouble: RwSignal::new(None),
            visit: StoredValue::new(0),
            meanwhile: StoredValue::new(Vec::new()),
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

    /// Follows whether the page can be seen.
    pub(crate) fn watch_page(self) {
        let look = move || {
            let visible = document().visibility_state() == web_sys::VisibilityState::Visible;
            if self.visible.get_untracked() != visible {
                self.visible.set(visible);
            }
        };
        look();
        let change = leptos::ev::Custom::<web_sys::Event>::new("visibilitychange");
        // It bubbles from the document.
        let listener = window_event_listener(change, move |_| look());
        on_cleanup(move || listener.remove());
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
            Event::Message {
                channel,
                ref message,
            } => {
                if self.current.get_untracked() == Some(channel) {
                    self.arrived.set(Some(Arc::new(message.clone())));
                }
                self.log_news(channel, event);
            }
            Event::Messages { channel, .. }
            | Event::Discarded { channel, .. }
            | Event::Recalled { channel, .. }
            | Event::Kept { channel, .. }
            | Event::Delivered { channel, .. } => self.log_news(channel, event),
            Event::Unread { channel, unread } => self.count(channel, unread),
            Event::Music(event) => self.music.hear(self.current.get_untracked(), event),
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
}

impl Hears for State {
    fn hear(self, event: Event) {
        self.news(event);
    }

    fn take_in(self, intakes: Vec<Intake>) {
        self.intakes.set(intakes);
    }

    fn take_in_music(self, intakes: Vec<MusicIntake>) {
        self.music_intakes.set(intakes);
    }

    fn host(self, state: HostState) {
        self.host.is(Some(state));
    }

    fn host_news(self, topic: Topic) {
        self.host.hear(topic);
    }

    fn linked(self, link: Link) {
        self.link.set(link);
        match link {
            Link::Up => {
                engine::follow_intakes();
                engine::follow_host();
                engine::ask(Command::Transfers, move |reply| {
                    if let Event::Transfers { transfers, .. } = reply {
                        self.know(transfers);
                    }
                });
            }
            Link::Lost => {
                carry::forget();
                self.intakes.set(Vec::new());
                self.music_intakes.set(Vec::new());
                self.host.is(None);
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
