//! Burn after reading: turned on after a word about what it can do and what it cannot, and said above the composer for
//! as long as it is on.

use catnest::node::{BurnView, Command};
use catnest_words::Lang;
use leptos::{html, prelude::*};

use super::chat::Chat;
use crate::{
    i18n::{isolated, lang, t, t_with},
    icon::{Drawing, Icon},
    parts::{Outcome, follow_dialog},
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

/// That it is on, since when and by whom: before anything is typed, and read out when it changes.
#[component]
pub(super) fn BurnBanner() -> impl IntoView {
    let state = State::expect();
    let burn = Memo::new(move |_| {
        let burn = state.with_channel(|channel| channel.burn.clone()).flatten();
        burn.filter(|burn| burn.on)
    });
    view! {
        // Always in the page: only then is what comes into it read out.
        <div role="status" id=BANNER>
            {move || burn.get().map(|burn| view! { <BurnWords burn /> })}
        </div>
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

fn words(burn: &BurnView, lang: Lang) -> String {
    let today = time::day(burn.since) == time::today();
    let when = if today {
        time::clock(burn.since, lang)
    } else {
        time::short(burn.since, lang)
    };
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
