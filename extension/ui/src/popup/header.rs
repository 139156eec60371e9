//! The top of the popup: which channel, whether its server is reached, who is online, how to invite.

use catnest::{channel::ChannelId, node::Command, node::ServerState};
use leptos::{ev::Event, prelude::*};

use crate::{
    engine,
    i18n::{t, t_plural, t_with},
    icon::{Drawing, Icon},
    invitation::Invitation,
    state::State,
};

/// What opens below the bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Panel {
    Closed,
    Inviting,
    Members,
    Leaving,
}

/// The entry of the channel list that opens the join form.
const JOIN: &str = "join";

/// The channel switcher and what belongs to the channel.
#[component]
pub(super) fn Header(joining: RwSignal<bool>) -> impl IntoView {
    let state = State::expect();
    let panel = RwSignal::new(Panel::Closed);
    let toggle = move |which| {
        panel.update(|shown| {
            *shown = if *shown == which {
                Panel::Closed
            } else {
                which
            }
        });
    };
    let channels = Memo::new(move |_| {
        let list = |channels: &[catnest::node::ChannelView]| {
            channels
                .iter()
                .map(|channel| (channel.id, channel.name.clone()))
                .collect::<Vec<(ChannelId, String)>>()
        };
        state.overview.with(|overview| {
            overview
                .as_ref()
                .map(|o| list(&o.channels))
                .unwrap_or_default()
        })
    });
    let private = Memo::new(move |_| is_private(state));
    let private_nest = move || t("private_nest");
    let chosen = move || {
        if joining.get() {
            return JOIN.to_owned();
        }
        let current = state.current.get();
        current.map(|id| id.to_string()).unwrap_or_default()
    };
    let choose = move |event: Event| {
        let value = event_target_value(&event);
        joining.set(value == JOIN);
        if let Ok(channel) = value.parse() {
            state.show(Some(channel));
        }
    };
    view! {
        <header class="bar">
            <Show when=move || private.get()>
                <span class="lock" role="img" data-testid="lock" aria-label=private_nest title=private_nest>
                    <Drawing icon=Icon::Lock />
                </span>
            </Show>
            <label class="visually-hidden" for="channel">{move || t("channel_label")}</label>
            <select id="channel" data-testid="channel-name" prop:value=chosen on:change=choose>
                {move || channels.get().into_iter().map(|(id, name)| view! {
                    <option value=id.to_string() selected=move || state.current.get() == Some(id)>{name}</option>
                }).collect_view()}
                <option value=JOIN>{move || t("join_another")}</option>
            </select>
            <button
                class="icon-button"
                data-testid="members-toggle"
                aria-expanded=move || (panel.get() == Panel::Members).to_string()
                on:click=move |_| toggle(Panel::Members)
            >
                <span data-testid="members-count">
                    {move || t_plural("online", state.channel().map_or(0, |channel| channel.members.len()))}
                </span>
            </button>
            <button
                class="icon-button"
                data-testid="invite"
                title=move || t("invite")
                aria-expanded=move || (panel.get() == Panel::Inviting).to_string()
                on:click=move |_| toggle(Panel::Inviting)
            >
                <Drawing icon=Icon::Invite />
                <span class="visually-hidden">{move || t("invite")}</span>
            </button>
            <button
                class="icon-button"
                data-testid="leave"
                title=move || t("leave")
                aria-expanded=move || (panel.get() == Panel::Leaving).to_string()
                on:click=move |_| toggle(Panel::Leaving)
            >
                <Drawing icon=Icon::Leave />
                <span class="visually-hidden">{move || t("leave")}</span>
            </button>
        </header>
        <ServerLine />
        <section class="panel" hidden=move || panel.get() != Panel::Members aria-labelledby="members-title">
            <h2 id="members-title">{move || t("members_title")}</h2>
            <Members />
        </section>
        <Show when=move || panel.get() == Panel::Inviting>
            <Inviting />
        </Show>
        <Show when=move || panel.get() == Panel::Leaving>
            <Leaving on_cancel=move || panel.set(Panel::Closed) />
        </Show>
    }
}

#[component]
fn ServerLine() -> impl IntoView {
    let state = State::expect();
    let server = Memo::new(move |_| state.channel().map(|channel| channel.server));
    let name = move || match server.get() {
        Some(ServerState::Online) => "online",
        Some(ServerState::Offline) => "offline",
        Some(ServerState::Connecting) | None => "connecting",
    };
    view! {
        <p class="status" role="status" data-testid="server-state" data-state=name>
            <span class="dot" aria-hidden="true"></span>
            {move || t(&format!("server_{}", name()))}
        </p>
    }
}

fn is_private(state: State) -> bool {
    state
        .channel()
        .is_some_and(|channel| channel.address.secret.is_some())
}

/// The invitation to the channel that is shown.
#[component]
fn Inviting() -> impl IntoView {
    let state = State::expect();
    let channel = Memo::new(move |_| {
        state
            .channel()
            .map(|channel| (channel.name, channel.address))
    });
    let title = move || {
        let name = channel.get().map(|(name, _)| name).unwrap_or_default();
        t_with("invite_title", &[&name])
    };
    let address = Memo::new(move |_| channel.get().map(|(_, address)| address));
    let words = move || {
        if is_private(state) {
            t("invite_private")
        } else {
            t("invite_public")
        }
    };
    view! {
        <section class="panel stack" data-testid="invite-panel" aria-labelledby="invite-title">
            <h2 id="invite-title" dir="auto">{title}</h2>
            <p class="hint">{words}</p>
            <Invitation address />
        </section>
    }
}

#[component]
fn Members() -> impl IntoView {
    let state = State::expect();
    let members = move || {
        state
            .channel()
            .map(|channel| channel.members)
            .unwrap_or_default()
    };
    view! {
        <ul>
            {move || members().into_iter().map(|member| view! {
                <li data-testid="member" dir="auto" title=member.author.to_string()>
                    {member.name}
                    {member.me.then(|| format!(" ({})", t("you")))}
                </li>
            }).collect_view()}
        </ul>
    }
}

#[component]
fn Leaving(on_cancel: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let state = State::expect();
    let name = move || {
        state
            .channel()
            .map(|channel| channel.name)
            .unwrap_or_default()
    };
    let leave = move |_| {
        if let Some(channel) = state.current.get_untracked() {
            engine::ask(Command::Leave { channel }, move |_| on_cancel());
        }
    };
    view! {
        <section class="panel stack" role="group">
            <p>{move || t_with("leave_question", &[&name()])}</p>
            <div class="row">
                <button class="primary" data-testid="leave-yes" on:click=leave>{move || t("leave_yes")}</button>
                <button on:click=move |_| on_cancel()>{move || t("cancel")}</button>
            </div>
        </section>
    }
}
