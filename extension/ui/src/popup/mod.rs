//! The popup: one channel at a time, to read and to write.

mod actions;
mod attach;
mod attention;
mod burn;
mod chat;
mod chips;
mod composer;
mod drop;
mod empty;
mod fold;
mod header;
mod held_back;
mod invite;
mod join;
mod link_dialog;
mod links;
mod marked;
mod members;
mod menu;
mod message;
mod messages;
mod moving;
mod pending;
mod person;
mod profile;
mod retention;
mod rows;
mod said;
mod scroller;
mod search;
mod seen;
mod selection;
#[cfg(feature = "styleguide")]
mod specimens;
mod switcher;
mod unreached;
mod virtual_list;

use std::collections::BTreeSet;

use leptos::{ev::KeyboardEvent, prelude::*};

#[cfg(feature = "styleguide")]
pub(crate) use self::specimens::{Specimens, WritingSpecimens};
use self::{
    actions::RecallQuestion,
    attach::Attached,
    burn::BurnBanner,
    chat::{COMPOSER, Chat},
    composer::Composer,
    drop::{DropTarget, Drops},
    header::Header,
    held_back::HeldBack,
    join::Join,
    link_dialog::LinkDialog,
    marked::MarkedDialog,
    messages::Messages,
    profile::ProfileDialog,
    retention::RetentionDialog,
    search::SearchDialog,
    selection::SelectionBar,
};
use crate::{
    engine::Link,
    files::{RemoveQuestion, Removing},
    i18n::t,
    js,
    problem::ProblemBox,
    state::State,
};

/// The popup's view.
#[component]
pub(crate) fn Popup() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::provide();
    let drops = Drops::new(state, chat, Attached::provide());
    Removing::provide();
    attention::follow(state);
    keys(state, chat);
    let in_a_channel = Memo::new(move |_| state.current.get().is_some());
    let loaded = Memo::new(move |_| state.overview.with(Option::is_some));
    let current = Memo::new(move |_| state.current.get());
    Effect::new(move |_| {
        // Another channel: what was selected and looked for was in the one before.
        if current.get().is_some() {
            chat.selected.set(None);
            chat.search.set(false);
            chat.unfolded.update(BTreeSet::clear);
            request_animation_frame(|| js::focus(COMPOSER));
        }
    });
    let selecting = Memo::new(move |_| chat.selected.with(Option::is_some));
    let burns = Memo::new(move |_| state.burns());
    view! {
        <main
            class="popup"
            on:dragenter=move |event| drops.over(&event)
            on:dragover=move |event| drops.over(&event)
            on:dragleave=move |event| drops.leave(&event)
            on:drop=move |event| drops.dropped(&event)
            on:paste=move |event| drops.pasted(&event)
        >
            <Show when=move || state.link.get() == Link::Lost>
                <p class="status" role="status">{move || t("reconnecting")}</p>
            </Show>
            <ProblemBox problem=state.trouble />
            <Show
                when=move || loaded.get()
                fallback=|| view! {
                    <p class="empty progress" role="status">
                        <span class="spinner" aria-hidden="true"></span>
                        {move || t("starting")}
                    </p>
                }
            >
                <Show when=move || in_a_channel.get() fallback=|| view! { <NoChannel /> }>
                    <Header />
                    <Messages />
                    <Show when=move || selecting.get()><SelectionBar /></Show>
                    <div class="writing" class:burns=move || burns.get() hidden=move || selecting.get()>
                        <HeldBack />
                        <BurnBanner />
                        <Composer />
                    </div>
                    <LinkDialog />
                    <RecallQuestion />
                    <ProfileDialog />
                    <RetentionDialog />
                    <MarkedDialog />
                    <SearchDialog />
                    <RemoveQuestion />
                    <DropTarget />
                </Show>
            </Show>
        </main>
    }
}

/// Keys that work wherever the focus is.
fn keys(state: State, chat: Chat) {
    let listener = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let handled = match event.key().as_str() {
            // A dialog closes by itself, and an input method keeps its own.
            "Escape" if !event.default_prevented() && !event.is_composing() && !in_dialog() => {
                chat.close() || chat.stop_selecting()
            }
            // Of the log the browser would find only what is on the screen.
            "f" | "F" if finds(&event) && state.current.get_untracked().is_some() => {
                chat.search.set(true);
                true
            }
            "ArrowUp" if event.alt_key() && !in_dialog() => {
                chat.step(state, -1);
                true
            }
            "ArrowDown" if event.alt_key() && !in_dialog() => {
                chat.step(state, 1);
                true
            }
            _ => false,
        };
        if handled {
            // The browser would close the whole popup at Escape.
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// The keys that look for something, in every program.
fn finds(event: &KeyboardEvent) -> bool {
    (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key() && !in_dialog()
}

fn in_dialog() -> bool {
    matches!(document().query_selector("dialog[open]"), Ok(Some(_)))
}

#[component]
fn NoChannel() -> impl IntoView {
    view! {
        <div class="empty" data-testid="no-channel">
            <img class="mark" src="icons/icon.svg" alt="" />
            <h1>{move || t("no_channel_title")}</h1>
            <p>{move || t("no_channel_text")}</p>
            <Join on_joined=|| {} />
            <a class="button" href="welcome.html" target="_blank">{move || t("open_welcome")}</a>
        </div>
    }
}
