//! The button at the top of the panel that leads and follows.

use catnest::{
    music::together::Part,
    node::{LeadView, MusicCommand},
};
use leptos::prelude::*;

use super::{alone, follow, name, nest, plays};
use crate::{
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    panel::{
        menu::{Entry, Menu},
        shared::{Open, Shared},
    },
    state::State,
};

/// The button, and its menu.
#[component]
pub(crate) fn TogetherControl() -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let part = Memo::new(move |_| state.music.listening.with(|listening| listening.part));
    let words = || t("together");
    view! {
        <div class="more together-control">
            <button
                type="button"
                id="together"
                class="quiet icon-button"
                data-testid="together"
                aria-haspopup="menu"
                aria-expanded=move || shared.is_open(Open::Together).to_string()
                aria-label=words
                title=words
                data-on=move || (part.get() != Part::Alone).to_string()
                on:click=move |_| shared.toggle(Open::Together)
            >
                <Drawing icon=Icon::Follow />
            </button>
            <Menu open=Open::Together id="together-menu" label=Signal::derive(words)>
                <Choices />
            </Menu>
        </div>
    }
}

/// What can be done, which depends on what this device does.
#[component]
pub(super) fn Choices() -> impl IntoView {
    let state = State::expect();
    let part = Memo::new(move |_| state.music.listening.with(|listening| listening.part));
    let leads = Memo::new(move |_| {
        let followed = |lead: &LeadView| part.get() == Part::Follows(lead.leader);
        let leads = state
            .music
            .listening
            .with(|listening| listening.leads.clone());
        leads
            .into_iter()
            .filter(|lead| !followed(lead))
            .collect::<Vec<_>>()
    });
    let lead_here = move || {
        let listening = state.music.listening.get_untracked();
        // Who follows takes over where the others are.
        let channel = listening.channel.or(state.current.get_untracked());
        if let Some(channel) = channel {
            state.ask_music(MusicCommand::Lead { channel });
        }
    };
    view! {
        {move || match part.get() {
            Part::Alone => state.current.get().map(|channel| view! {
                <Entry
                    id="together-lead"
                    icon=Icon::Lead
                    words=Signal::derive(move || t_with("together_lead", &[&nest(state, channel)]))
                    run=lead_here
                />
            }).into_any(),
            Part::Leads => view! {
                <Entry
                    id="together-menu-stop"
                    icon=Icon::Leave
                    words=Signal::derive(|| t("together_stop"))
                    run=move || alone(state)
                />
            }.into_any(),
            Part::Follows(_) => view! {
                <Entry
                    id="together-menu-take"
                    icon=Icon::Lead
                    words=Signal::derive(|| t("together_take"))
                    run=lead_here
                />
                <Entry
                    id="together-menu-leave"
                    icon=Icon::Leave
                    words=Signal::derive(|| t("together_leave"))
                    run=move || alone(state)
                />
            }.into_any(),
        }}
        <hr role="separator" />
        <Show
            when=move || leads.with(|leads| !leads.is_empty())
            fallback=|| view! { <p class="hint menu-says" role="presentation">{move || t("together_nobody")}</p> }
        >
            {move || leads.get().into_iter().map(|lead| view! { <Lead lead /> }).collect_view()}
        </Show>
    }
}

/// A device that can be followed.
#[component]
fn Lead(lead: LeadView) -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let (called, hinted) = (lead.clone(), lead.clone());
    let words = move || t_with("together_follow", &[&name(Some(&called))]);
    // What it plays, and where if that is not the nest that is shown.
    let hint = move || {
        let title = plays(state, &hinted).unwrap_or_else(|| t("together_quiet"));
        if Some(hinted.channel) == state.current.get() {
            title
        } else {
            t_with(
                "together_elsewhere",
                &[&title, &nest(state, hinted.channel)],
            )
        }
    };
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            class="lead"
            data-testid="together-follow"
            on:click=move |_| {
                shared.close();
                follow(state, &lead);
            }
        >
            <Drawing icon=Icon::Follow small=true />
            <span class="words">
                <span>{words}</span>
                <bdi class="hint">{hint}</bdi>
            </span>
        </button>
    }
}
