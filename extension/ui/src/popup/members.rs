//! Who is online, how this device is connected to each, and who is blocked.

use std::time::Duration;

use catnest::{
    identity::Author,
    node::{Command, Contact, Member},
};
use leptos::prelude::*;

use super::{
    chat::{Chat, Panel},
    person::{Avatar, KeyMark},
};
use crate::{
    engine::{self, Link},
    i18n::{isolated, t, t_with},
    icon::{Drawing, Icon},
    state::State,
};

/// Round trips are measured this often while somebody looks at them.
const MEASURE_EVERY: Duration = Duration::from_secs(5);

/// The panel. It is in the page while it is closed as well: who is online is known.
#[component]
pub(super) fn Members() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let members = Memo::new(move |_| {
        state
            .with_channel(|channel| channel.members.clone())
            .unwrap_or_default()
    });
    Effect::new(move |_| {
        let looked_at =
            chat.is_open(Panel::Members) && state.visible.get() && state.link.get() == Link::Up;
        let Some(channel) = state.current.get().filter(|_| looked_at) else {
            return;
        };
        let measure = move || engine::ask(Command::Measure { channel }, |_| {});
        measure();
        if let Ok(timer) = set_interval_with_handle(measure, MEASURE_EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
    let blocked = Memo::new(move |_| {
        let blocked = state.with_channel(|channel| channel.people.blocked.clone());
        blocked.unwrap_or_default()
    });
    view! {
        <section
            class="panel"
            id="members"
            hidden=move || !chat.is_open(Panel::Members)
            aria-labelledby="members-title"
        >
            <h2 id="members-title">{move || t("members_title")}</h2>
            <ul class="members">
                {move || members.get().into_iter().map(|member| view! { <Online member /> }).collect_view()}
            </ul>
            <Show when=move || blocked.with(|blocked| !blocked.is_empty())>
                <h2 id="blocked-title">{move || t("blocked_title")}</h2>
                <ul class="members" aria-labelledby="blocked-title">
                    {move || blocked.get().into_iter().map(|(author, name)| view! {
                        <Blocked author name />
                    }).collect_view()}
                </ul>
            </Show>
        </section>
    }
}

#[component]
pub(super) fn Online(member: Member) -> impl IntoView {
    let chat = Chat::expect();
    let (kind, words) = contact(&member);
    let Member {
        name,
        avatar,
        author,
        me,
        ..
    } = member;
    let shown = name.clone();
    view! {
        <li data-testid="member" data-contact=kind title=author.to_string()>
            <Avatar author name=name.clone() avatar small=true />
            <span class="name">
                <span data-testid="member-name">
                    <bdi>{shown}</bdi>
                    {me.then(|| format!(" ({})", t("you")))}
                </span>
                <KeyMark author />
            </span>
            <span class="hint" data-testid="member-contact">{words}</span>
            {if me {
                view! {
                    <button
                        type="button"
                        class="quiet icon-button small"
                        data-testid="profile-open"
                        title=t("profile_open")
                        aria-label=t("profile_open")
                        aria-haspopup="dialog"
                        on:click=move |_| chat.profile.set(true)
                    >
                        <Drawing icon=Icon::Edit small=true />
                    </button>
                }.into_any()
            } else {
                view! { <Block author name /> }.into_any()
            }}
        </li>
    }
}

/// Blocks a member, or does not any more.
#[component]
fn Block(author: Author, name: String) -> impl IntoView {
    let state = State::expect();
    let blocked = Memo::new(move |_| state.blocks(author));
    let label = move || {
        let key = if blocked.get() { "unblock" } else { "block" };
        t_with(key, &[&isolated(&name)])
    };
    let (title, label) = (label.clone(), label);
    view! {
        <button
            type="button"
            class="quiet icon-button small"
            class:on=blocked
            data-testid="block"
            title=title
            aria-label=label
            aria-pressed=move || blocked.get().to_string()
            on:click=move |_| set_blocked(state, author, !blocked.get_untracked())
        >
            <Drawing icon=Icon::Block small=true />
        </button>
    }
}

/// Somebody who is blocked, online or not.
#[component]
fn Blocked(author: Author, name: String) -> impl IntoView {
    let state = State::expect();
    let label = t_with("unblock", &[&isolated(&name)]);
    view! {
        <li data-testid="blocked-member" title=author.to_string()>
            <Avatar author name=name.clone() avatar=None small=true />
            <span class="name"><bdi>{name}</bdi><KeyMark author /></span>
            <button
                type="button"
                class="small"
                data-testid="unblock"
                aria-label=label
                on:click=move |_| set_blocked(state, author, false)
            >
                {t("unblock_short")}
            </button>
        </li>
    }
}

fn set_blocked(state: State, author: Author, blocked: bool) {
    if let Some(channel) = state.current.get_untracked() {
        state.carry_out(Command::Block {
            channel,
            author,
            blocked,
        });
    }
}

/// How a member is reached: a name for styles, and words.
fn contact(member: &Member) -> (&'static str, String) {
    let path = match member.contact {
        _ if member.me => return ("here", t("contact_here")),
        Contact::Here => return ("here", t("contact_here")),
        Contact::Members => return ("members", t("contact_members")),
        Contact::Link { path: None } => return ("link", t("contact_link")),
        Contact::Link { path: Some(path) } => path,
    };
    let (kind, way) = if path.relayed {
        ("relayed", t("contact_relayed"))
    } else {
        ("direct", t("contact_direct"))
    };
    let words = match path.round_trip_ms {
        Some(ms) => t_with("contact_ms", &[&way, &ms.to_string()]),
        None => way,
    };
    (kind, words)
}
