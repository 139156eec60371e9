//! Burn after reading: turned on after a word about what it can do and what it cannot, and said above the composer for
//! as long as it is on.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    node::{BurnView, Command},
};
use catnest_words::Lang;
use leptos::{html, prelude::*};

use super::chat::Chat;
use crate::{
    i18n::{isolated, lang, t, t_with},
    icon::{Drawing, Icon},
    parts::{Outcome, Question, follow_dialog},
    state::State,
    time,
};

/// Turns the switch of the channel that is shown: off at once, on after a question.
pub(super) fn turn(state: State, chat: Chat, outcome: Outcome) {
    if state.burns_now() {
        tell(state, outcome, false);
    } else {
        chat.burning.set(true);
    }
}

fn tell(state: State, outcome: Outcome, on: bool) {
    if let Some(channel) = state.current.get_untracked() {
        outcome.ask(Command::Burn { channel, on }, |_| {});
    }
}

/// Seconds that a message stays after it was shown.
fn seconds(state: State) -> String {
    let chosen = state
        .overview
        .with(|overview| overview.as_ref().map(|overview| overview.preferences));
    let stays = chosen.unwrap_or_default().burn_after();
    stays.as_secs().to_string()
}

/// What it does and what it cannot do, before it is turned on.
#[component]
pub(super) fn BurnDialog(outcome: Outcome) -> impl IntoView {
    let state = State::expect();
    let open = Chat::expect().burning;
    let dialog = NodeRef::<html::Dialog>::new();
    follow_dialog(dialog, open);
    let name = move || state.channel_name();
    let confirm = move |_| {
        open.set(false);
        tell(state, outcome, true);
    };
    view! {
        <dialog
            node_ref=dialog
            class="burn-question"
            data-testid="burn-question"
            aria-labelledby="burn-title"
            aria-describedby="burn-text"
            on:close=move |_| open.set(false)
        >
            <div class="section-head">
                <Drawing icon=Icon::Flame />
                <h2 id="burn-title">{move || t("burn_title")}</h2>
            </div>
            <div class="stack" id="burn-text">
                <p dir="auto">{move || t_with("burn_text", &[&name()])}</p>
                <ul class="burn-points">
                    <Point icon=Icon::Check words=Signal::derive(|| t("burn_stores_nothing")) />
                    <Point icon=Icon::Check words=Signal::derive(move || t_with("burn_leaves", &[&seconds(state)])) />
                    <Point icon=Icon::Info words=Signal::derive(|| t("burn_ends")) />
                    <Point icon=Icon::Clip words=Signal::derive(|| t("burn_no_files")) />
                    <Point icon=Icon::Info words=Signal::derive(|| t("burn_cannot")) />
                </ul>
            </div>
            <div class="actions">
                // The first has the focus: Enter at once changes nothing.
                <button type="button" data-testid="burn-cancel" on:click=move |_| open.set(false)>
                    {move || t("cancel")}
                </button>
                <button type="button" class="primary" data-testid="burn-confirm" on:click=confirm>
                    {move || t("burn_confirm")}
                </button>
            </div>
        </dialog>
    }
}

#[component]
fn Point(icon: Icon, words: Signal<String>) -> impl IntoView {
    view! {
        <li class="row">
            <Drawing icon small=true />
            <span>{words}</span>
        </li>
    }
}

/// The id of the banner's words, which describe the composer.
pub(super) const BANNER: &str = "burn-banner";

/// That it is on, since when and by whom: before anything is typed, and read out when it changes. If it is turned off
/// while this is shown, that is said until something is sent or another nest is shown: who writes may not have looked up.
#[component]
pub(super) fn BurnBanner() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let turn = Memo::new(move |_| {
        state
            .with_channel(|channel| Some((channel.id, channel.burn.clone()?)))
            .flatten()
    });
    let ended = RwSignal::new(None::<BurnView>);
    Effect::new(move |before: Option<Option<(ChannelId, BurnView)>>| {
        let now = turn.get();
        let was_on = before.flatten().filter(|(_, burn)| burn.on);
        let news = was_on
            .zip(now.clone())
            .filter(|((of, was), (channel, is))| {
                // An older turn may count again, once somebody is blocked: that is no news.
                of == channel && !is.on && is.since > was.since
            });
        ended.set(news.map(|(_, (_, burn))| burn));
        now
    });
    Effect::new(move |_| {
        chat.said.track();
        ended.set(None);
    });
    let burn = move || turn.get().map(|(_, burn)| burn).filter(|burn| burn.on);
    view! {
        // Always in the page: only then is what comes into it read out.
        <div role="status" id=BANNER>
            {move || burn().map(|burn| view! { <BurnWords burn /> })}
            {move || ended.get().map(|burn| view! {
                <p class="burn-banner ended" data-testid="burn-ended">
                    <Drawing icon=Icon::Info />
                    <span dir="auto">
                        {ended_words(&burn, lang())}
                    </span>
                </p>
            })}
        </div>
    }
}

/// Drafts that were typed while burning was on, and were meant to burn: once it is off, they are neither stored nor sent
/// without a question.
#[derive(Clone, Copy)]
pub(super) struct MeantToBurn {
    drafts: StoredValue<BTreeSet<ChannelId>>,
    pub(super) asking: RwSignal<bool>,
}

impl MeantToBurn {
    pub(super) fn new() -> Self {
        Self {
            drafts: StoredValue::new(BTreeSet::new()),
            asking: RwSignal::new(false),
        }
    }

    /// Something was typed.
    pub(super) fn typed(self, state: State, channel: ChannelId, draft: &str) {
        self.drafts.update_value(|drafts| {
            if draft.trim().is_empty() {
                drafts.remove(&channel);
            } else if state.burns_now() {
                drafts.insert(channel);
            }
        });
    }

    /// It was sent, or is sent all the same.
    pub(super) fn settle(self, channel: ChannelId) {
        self.drafts
            .try_update_value(|drafts| drafts.remove(&channel));
    }

    /// What stands in the composer was typed while burning was on, and it is off.
    pub(super) fn holds(self, state: State, channel: ChannelId) -> bool {
        !state.burns_now() && self.drafts.with_value(|drafts| drafts.contains(&channel))
    }
}

/// Whether what was meant to burn is to be sent, and kept.
#[component]
pub(super) fn KeepQuestion(
    open: RwSignal<bool>,
    #[prop(into)] on_yes: Callback<()>,
) -> impl IntoView {
    view! {
        <Question
            id="keep-question"
            open
            title=Signal::derive(|| t("burn_over_title"))
            text=Signal::derive(|| t("burn_over_text"))
            yes=Signal::derive(|| t("burn_over_yes"))
            on_yes
        />
    }
}

/// The banner itself.
#[component]
pub(super) fn BurnWords(burn: BurnView) -> impl IntoView {
    view! {
        <p class="burn-banner" data-testid="burn-banner">
            <Drawing icon=Icon::Flame />
            <span dir="auto">{words(&burn, lang())}</span>
        </p>
    }
}

fn ended_words(burn: &BurnView, lang: Lang) -> String {
    let when = when(burn, lang);
    if burn.mine {
        return t_with("burn_ended_mine", &[&when]);
    }
    t_with("burn_ended", &[&when, &isolated(&burn.by)])
}

fn when(burn: &BurnView, lang: Lang) -> String {
    if time::day(burn.since) == time::today() {
        time::clock(burn.since, lang)
    } else {
        time::short(burn.since, lang)
    }
}

fn words(burn: &BurnView, lang: Lang) -> String {
    let when = when(burn, lang);
    if burn.mine {
        return t_with("burn_banner_mine", &[&when]);
    }
    t_with("burn_banner", &[&when, &isolated(&burn.by)])
}

/// Says that a message burns, on the edge of its bubble: no row changes its height for it.
#[component]
pub(super) fn BurningMark() -> impl IntoView {
    let words = t_with("burning_mark", &[&seconds(State::expect())]);
    view! {
        <span
            class="burning-mark"
            role="img"
            data-testid="burning"
            aria-label=words.clone()
            title=words
        >
            <Drawing icon=Icon::Flame small=true />
        </span>
    }
}
