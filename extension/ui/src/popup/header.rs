//! The top of the popup: which nest, who is online, the invitation, and what else can be done.

use catnest::node::{Command, ServerState};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    burn::{self, BurnDialog},
    chat::{Chat, Panel},
    invite::Inviting,
    join::Join,
    members::Members,
    menu::Menu,
    moving::Moving,
    switcher::Switcher,
    unreached::UnreachedLine,
};
use crate::{
    host,
    i18n::{t, t_plural, t_with},
    icon::{Drawing, Icon},
    js,
    menu::MenuEntry,
    panel,
    parts::{Outcome, Question},
    problem::ProblemBox,
    server::{Advice, state_name},
    state::State,
    transfers,
};

/// The chat as a page of its own.
const PAGE: &str = "popup.html";

/// Its window, in pixels: the popup, and the window's own bar.
const WINDOW: (u32, u32) = (420, 680);

/// The bar and what opens below it.
#[component]
pub(super) fn Header() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let outcome = Outcome::new();
    let count = Memo::new(move |_| {
        state
            .with_channel(|channel| channel.members.len())
            .unwrap_or(0)
    });
    let online = move || t_plural("online", count.get());
    view! {
        <header class="bar">
            <Switcher />
            <Moving />
            <button
                type="button"
                class="quiet icon-button"
                id="members-toggle"
                data-testid="members-toggle"
                title=online
                aria-expanded=move || chat.is_open(Panel::Members).to_string()
                on:click=move |_| chat.toggle(Panel::Members)
            >
                <Drawing icon=Icon::Person small=true />
                <span aria-hidden="true">{move || count.get()}</span>
                <span class="visually-hidden" data-testid="members-count">{online}</span>
            </button>
            <button
                type="button"
                class="quiet icon-button"
                id="invite"
                data-testid="invite"
                title=move || t("invite")
                aria-label=move || t("invite")
                aria-expanded=move || chat.is_open(Panel::Inviting).to_string()
                on:click=move |_| chat.toggle(Panel::Inviting)
            >
                <Drawing icon=Icon::Invite />
            </button>
            <button
                type="button"
                class="quiet icon-button"
                id="search-open"
                data-testid="search-open"
                title=move || t("search_open")
                aria-label=move || t("search_open")
                aria-haspopup="dialog"
                on:click=move |_| {
                    chat.panel.set(Panel::Closed);
                    chat.search.set(true);
                }
            >
                <Drawing icon=Icon::Search />
            </button>
            <button
                type="button"
                class="quiet icon-button music-open"
                data-testid="music-open"
                title=move || t("music_open")
                aria-label=move || t("music_open")
                on:click=move |_| {
                    chat.panel.set(Panel::Closed);
                    spawn_local(js::open_panel(panel::PAGE));
                }
            >
                <Drawing icon=Icon::Music />
            </button>
            <div class="more">
                <button
                    type="button"
                    class="quiet icon-button"
                    id="more"
                    data-testid="more"
                    title=move || t("more")
                    aria-label=move || t("more")
                    aria-haspopup="menu"
                    aria-expanded=move || chat.is_open(Panel::More).to_string()
                    on:click=move |_| chat.toggle(Panel::More)
                >
                    <Drawing icon=Icon::More />
                </button>
                <More outcome />
            </div>
        </header>
        <ServerLine />
        <UnreachedLine />
        <ProblemBox problem=outcome.problem />
        <Members />
        <Show when=move || chat.is_open(Panel::Inviting)><Inviting /></Show>
        <Show when=move || chat.is_open(Panel::Joining)>
            <section class="panel" aria-label=move || t("join_another")>
                <Join
                    on_joined=move || { chat.close(); }
                    on_cancel=move |()| { chat.close(); }
                />
            </section>
        </Show>
        <Leaving outcome />
        <BurnDialog outcome />
    }
}

/// An entry of the menu that does something and closes it.
#[component]
fn Entry(
    id: &'static str,
    #[prop(into)] icon: Signal<Icon>,
    #[prop(into)] words: Signal<String>,
    #[prop(optional)] class: &'static str,
    run: impl Fn() + 'static,
) -> impl IntoView {
    let chat = Chat::expect();
    view! { <MenuEntry id icon words class close=move |()| { chat.close(); } run /> }
}

#[component]
fn More(outcome: Outcome) -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let muted = Memo::new(move |_| state.with_channel(|channel| channel.muted).unwrap_or(false));
    let mute = move || {
        if let Some(channel) = state.current.get_untracked() {
            let muted = !muted.get_untracked();
            outcome.ask(Command::Mute { channel, muted }, |_| {});
        }
    };
    let burns = Memo::new(move |_| state.burns());
    let settings = || {
        spawn_local(async {
            if let Err(error) = js::open_options_page().await {
                js::warn("the settings do not open", &error);
            }
        });
    };
    view! {
        <Menu panel=Panel::More id="more-menu" label=Signal::derive(|| t("more"))>
            <Entry
                id="mute"
                icon=Signal::derive(move || if muted.get() { Icon::Bell } else { Icon::BellOff })
                words=Signal::derive(move || if muted.get() { t("unmute_nest") } else { t("mute_nest") })
                run=mute
            />
            <Entry
                id="marked-open"
                icon=Icon::Bookmark
                words=Signal::derive(|| t("marked_title"))
                run=move || chat.marked.set(true)
            />
            <Entry
                id="retention-open"
                icon=Icon::History
                words=Signal::derive(|| t("retention_open"))
                run=move || chat.retention.set(true)
            />
            <Show when=move || state.host.present()><SeedEntry outcome /></Show>
            <Entry
                id="burn-toggle"
                icon=Icon::Flame
                words=Signal::derive(move || if burns.get() { t("burn_turn_off") } else { t("burn_turn_on") })
                run=move || burn::turn(state, chat, outcome)
            />
            <Entry
                id="music"
                icon=Icon::Music
                words=Signal::derive(|| t("music_title"))
                run=|| spawn_local(js::open_panel(panel::PAGE))
            />
            <Entry
                id="transfers"
                icon=Icon::Swap
                words=Signal::derive(|| t("transfers_title"))
                run=|| spawn_local(js::open_tab(transfers::PAGE))
            />
            <hr role="separator" />
            <Entry
                id="to-tab"
                icon=Icon::External
                words=Signal::derive(|| t("open_in_tab"))
                run=|| spawn_local(js::open_tab(PAGE))
            />
            <Entry
                id="to-window"
                icon=Icon::Window
                words=Signal::derive(|| t("open_in_window"))
                run=|| spawn_local(js::open_window(PAGE, WINDOW.0, WINDOW.1))
            />
            <Entry id="settings" icon=Icon::Settings words=Signal::derive(|| t("open_settings")) run=settings />
            <hr role="separator" />
            <Entry
                id="leave"
                class="danger"
                icon=Icon::Leave
                words=Signal::derive(|| t("leave_nest"))
                run=move || chat.leaving.set(true)
            />
        </Menu>
    }
}

/// Has the native host keep the nest when the browser is closed, or not any more.
#[component]
fn SeedEntry(outcome: Outcome) -> impl IntoView {
    let state = State::expect();
    let seeded = host::seeds(state, move || state.current.get());
    let turn = move || {
        let Some(channel) = state.current.get_untracked() else {
            return;
        };
        let on = !seeded.get_untracked();
        spawn_local(async move {
            let problem = host::turn_channel(state, channel, on).await.err();
            outcome.problem.try_set(problem);
        });
    };
    view! {
        <Entry
            id="seed-nest"
            icon=Icon::Seed
            words=Signal::derive(move || if seeded.get() { t("seed_stop") } else { t("seed_keep") })
            run=turn
        />
    }
}

#[component]
fn Leaving(outcome: Outcome) -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let name = move || state.channel_name();
    let leave = move |()| {
        if let Some(channel) = state.current.get_untracked() {
            outcome.ask(Command::Leave { channel }, |_| {});
        }
    };
    view! {
        <Question
            id="leave-question"
            open=chat.leaving
            title=Signal::derive(move || t_with("leave_title", &[&name()]))
            text=Signal::derive(|| t("leave_text"))
            yes=Signal::derive(|| t("leave_yes"))
            on_yes=leave
        />
    }
}

/// Whether the server is reached: a word only when it is not, with what to do about it.
#[component]
fn ServerLine() -> impl IntoView {
    let state = State::expect();
    let server = Memo::new(move |_| state.with_channel(|channel| channel.server));
    let shown = move || server.get().unwrap_or(ServerState::Connecting);
    let authority = Memo::new(move |_| {
        state
            .with_channel(|channel| channel.address.authority.to_string())
            .unwrap_or_default()
    });
    view! {
        <div
            class="server-line"
            class:visually-hidden=move || shown() == ServerState::Online
            data-testid="server-state"
            data-state=move || state_name(shown())
        >
            <p class="status" role="status">
                <span class="dot" aria-hidden="true"></span>
                {move || t(&format!("server_{}", state_name(shown())))}
            </p>
            <Show when=move || shown() == ServerState::Offline>
                <details>
                    <summary>{move || t("server_help")}</summary>
                    <div class="stack"><Advice authority /></div>
                </details>
            </Show>
        </div>
    }
}
