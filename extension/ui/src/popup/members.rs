//! Who is online, and how this device is connected to each.

use std::time::Duration;

use catnest::node::{Command, Contact, Member};
use leptos::prelude::*;

use super::{
    chat::{Chat, Panel},
    message::{hue, initial},
};
use crate::{
    engine::{self, Link},
    i18n::{t, t_with},
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
        </section>
    }
}

#[component]
pub(super) fn Online(member: Member) -> impl IntoView {
    let (kind, words) = contact(&member);
    view! {
        <li data-testid="member" data-contact=kind title=member.author.to_string()>
            <span class="avatar small" aria-hidden="true" data-hue=hue(member.author)>
                {initial(&member.name)}
            </span>
            <span class="name" data-testid="member-name">
                <bdi>{member.name}</bdi>
                {member.me.then(|| format!(" ({})", t("you")))}
            </span>
            <span class="hint" data-testid="member-contact">{words}</span>
        </li>
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
