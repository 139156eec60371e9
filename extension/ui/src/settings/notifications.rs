//! What notifications tell whoever looks at the screen: four levels, each with an example.

use catnest::preferences::Notifications;
use leptos::prelude::*;

use super::preferences::Chosen;
use crate::{
    i18n::{t, t_plural, t_with},
    icon::Icon,
    parts::{Outcome, SectionHead},
};

const LEVELS: [Notifications; 4] = [
    Notifications::Off,
    Notifications::Hidden,
    Notifications::Sender,
    Notifications::Text,
];

fn id(level: Notifications) -> &'static str {
    match level {
        Notifications::Off => "off",
        Notifications::Hidden => "hidden",
        Notifications::Sender => "sender",
        Notifications::Text => "text",
    }
}

fn title(level: Notifications) -> String {
    match level {
        Notifications::Off => t("notify_off"),
        Notifications::Hidden => t("notify_hidden"),
        Notifications::Sender => t("notify_sender"),
        Notifications::Text => t("notify_text"),
    }
}

fn hint(level: Notifications) -> String {
    match level {
        Notifications::Off => t("notify_off_hint"),
        Notifications::Hidden => t("notify_hidden_hint"),
        Notifications::Sender => t("notify_sender_hint"),
        Notifications::Text => t("notify_text_hint"),
    }
}

/// Title and text of the example.
fn example(level: Notifications) -> Option<(String, String)> {
    let sender = || {
        t_with(
            "notice_title_sender",
            &[&t("example_sender"), &t("example_nest")],
        )
    };
    match level {
        Notifications::Off => None,
        Notifications::Hidden => Some((t("app_name"), t_plural("notice_hidden", 1))),
        Notifications::Sender => Some((sender(), t_plural("notice_hidden", 1))),
        Notifications::Text => Some((sender(), t("example_text"))),
    }
}

#[component]
pub(super) fn Notices(preferences: Chosen) -> impl IntoView {
    let outcome = Outcome::new();
    let choose = move |level| preferences.change(outcome, |p| p.notifications = level);
    view! {
        <section class="card" id="notifications" aria-labelledby="notifications-title">
            <SectionHead id="notifications-title" icon=Icon::Bell title="notifications_title" outcome />
            <p class="hint" id="notifications-hint">{move || t("notifications_lead")}</p>
            <div
                class="choices broad"
                role="radiogroup"
                aria-labelledby="notifications-title"
                aria-describedby="notifications-hint"
            >
                {LEVELS.map(|level| view! {
                    <label class="choice plain" data-testid=format!("notify-{}", id(level))>
                        <input
                            type="radio"
                            name="notifications"
                            value=id(level)
                            aria-labelledby=format!("notify-{}-title", id(level))
                            aria-describedby=format!("notify-{}-hint", id(level))
                            prop:checked=move || preferences.get().notifications == level
                            on:change=move |_| choose(level)
                        />
                        <span class="title" id=format!("notify-{}-title", id(level))>{move || title(level)}</span>
                        <span class="hint" id=format!("notify-{}-hint", id(level))>{move || hint(level)}</span>
                        {move || match example(level) {
                            Some((title, text)) => view! {
                                <span class="preview">
                                    <img src="icons/icon.svg" alt="" />
                                    <span><strong>{title}</strong><span>{text}</span></span>
                                </span>
                            }.into_any(),
                            None => view! { <span class="preview none">{t("notify_off_example")}</span> }.into_any(),
                        }}
                    </label>
                }).collect_view()}
            </div>
        </section>
    }
}
