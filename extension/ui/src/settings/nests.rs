//! The nests this device is in: quiet or not, their invitations, their logs as files, and the way out.

use catnest::{
    channel::ChannelId,
    node::{ChannelView, Command},
};
use leptos::prelude::*;

use super::nest_file::{SaveButton, SavingNest, SavingState, TakeIn};
use crate::{
    host::ChannelSeeds,
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    invitation::Invitation,
    js,
    parts::{NestName, Outcome, Question, SectionHead, Switch},
    state::State,
};

#[component]
pub(super) fn Nests() -> impl IntoView {
    let state = State::expect();
    let outcome = Outcome::new();
    let ids = Memo::new(move |_| {
        let ids = |channels: &[ChannelView]| {
            channels
                .iter()
                .map(|channel| channel.id)
                .collect::<Vec<_>>()
        };
        let overview = state.overview.read();
        overview
            .as_ref()
            .map(|o| ids(&o.channels))
            .unwrap_or_default()
    });
    view! {
        <section class="card" id="nests" aria-labelledby="nests-title">
            <SectionHead id="nests-title" icon=Icon::Nest title="nests_title" outcome />
            <Show
                when=move || !ids.read().is_empty()
                fallback=|| view! { <p class="hint">{move || t("no_channel_title")}</p> }
            >
                <ul class="entries">
                    <For each=move || ids.get() key=|id| *id let:id>
                        <Nest id outcome />
                    </For>
                </ul>
            </Show>
            <div class="row wrap">
                <a class="button" href="welcome.html">{move || t("another_nest")}</a>
            </div>
            <TakeIn />
        </section>
    }
}

#[component]
fn Nest(id: ChannelId, outcome: Outcome) -> impl IntoView {
    let state = State::expect();
    let channel = Memo::new(move |_| {
        let overview = state.overview.read();
        let mut channels = overview.as_ref()?.channels.iter();
        let channel = channels.find(|channel| channel.id == id)?;
        // What else changes, as who is online, is of no interest here.
        Some((channel.name.clone(), channel.address.clone(), channel.muted))
    });
    let name = Signal::derive(move || channel.get().map(|(name, ..)| name).unwrap_or_default());
    let address = Signal::derive(move || channel.get().map(|(_, address, _)| address));
    let private = Signal::derive(move || {
        address
            .get()
            .is_some_and(|address| address.secret.is_some())
    });
    let saving = SavingNest::new();
    let host = move || {
        let address = address.get()?;
        let hosts = std::iter::once(&address.authority).chain(&address.via);
        Some(
            hosts
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        )
    };
    let muted = RwSignal::new(false);
    let follow = move || muted.set(channel.get_untracked().is_some_and(|(.., muted)| muted));
    Effect::new(move |_| {
        channel.track();
        follow();
    });
    let mute = move |wanted| {
        muted.set(wanted);
        let command = Command::Mute {
            channel: id,
            muted: wanted,
        };
        outcome.ask(command, move |done| {
            if !done {
                follow();
            }
        });
    };
    let inviting = RwSignal::new(false);
    let leaving = RwSignal::new(false);
    let leave = move |()| {
        outcome.ask(Command::Leave { channel: id }, |left| {
            if left {
                // The entry is gone, and the focus with it.
                js::focus("nests-title");
            }
        });
    };
    view! {
        <li class="entry" data-testid="nest">
            <div class="row wrap">
                <div class="grow">
                    <NestName name private />
                    <p class="hint">{move || host().map(|host| t_with("nest_on", &[&host]))}</p>
                </div>
                <div class="row">
                <button
                    type="button"
                    class="small"
                    data-testid="nest-invite"
                    aria-expanded=move || inviting.get().to_string()
                    on:click=move |_| inviting.update(|inviting| *inviting = !*inviting)
                >
                    <Drawing icon=Icon::Invite small=true />
                    {move || t("invite")}
                </button>
                <SaveButton saving channel=id name private />
                <button
                    type="button"
                    class="small danger"
                    data-testid="nest-leave"
                    on:click=move |_| leaving.set(true)
                >
                    <Drawing icon=Icon::Leave small=true />
                    {move || t("leave")}
                </button>
                </div>
            </div>
            <Show when=move || inviting.get()>
                <p class="hint">
                    {move || if private.get() { t("invite_private") } else { t("invite_public") }}
                </p>
                <Invitation address />
            </Show>
            <SavingState saving channel=id name />
            <Switch id="nest-mute" label=Signal::derive(|| t("mute")) on=muted on_change=mute />
            <ChannelSeeds channel=id trouble=outcome.problem />
            <Question
                id=format!("leave-{id}")
                open=leaving
                title=Signal::derive(move || t_with("leave_title", &[&name.get()]))
                text=Signal::derive(|| t("leave_text"))
                yes=Signal::derive(|| t("leave_yes"))
                on_yes=leave
            />
        </li>
    }
}
