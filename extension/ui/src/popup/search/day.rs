//! Going to a day: to the first message that was written on it, or after it.

use catnest::{
    chat::retention::first_at,
    node::{Command, Event, Message},
};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{engine, i18n::t, popup::chat::Chat, state::State, time};

/// How far that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    Not,
    Loading,
    Nothing,
    NoDay,
}

/// The field and its button. Only the button goes: a day is typed in parts, each of which would be a day.
#[component]
pub(super) fn Day() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let day = RwSignal::new(String::new());
    let going = RwSignal::new(Going::Not);
    let go = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(begin) = time::day_begin(&day.get_untracked(), 0) else {
            return going.set(Going::NoDay);
        };
        let Some(channel) = state.current.get_untracked() else {
            return;
        };
        going.set(Going::Loading);
        let command = Command::PageFrom {
            channel,
            from: first_at(begin).into(),
            limit: 1,
        };
        engine::ask(command, move |reply| {
            let first = match reply {
                Event::Page { messages, .. } => messages.first().map(Message::place),
                _ => None,
            };
            // The dialog may be closed by then: whoever closed it stays where they are.
            let says = first.map_or(Going::Nothing, |_| Going::Not);
            if going.try_set(says).is_none() && first.is_some() {
                chat.search.set(false);
                chat.wanted.set(first);
            }
        });
    };
    let said = move || match going.get() {
        Going::Not => String::new(),
        Going::Loading => t("search_date_busy"),
        Going::Nothing => t("search_date_none"),
        Going::NoDay => t("search_date_invalid"),
    };
    view! {
        <form class="search-day" on:submit=go>
            <label for="search-date">{move || t("search_date")}</label>
            <input
                type="date"
                id="search-date"
                data-testid="search-date"
                autocomplete="off"
                prop:value=day
                on:input=move |event| {
                    going.set(Going::Not);
                    day.set(event_target_value(&event));
                }
            />
            <button
                type="submit"
                data-testid="search-date-go"
                disabled=move || day.with(String::is_empty) || going.get() == Going::Loading
            >
                {move || t("search_date_go")}
            </button>
            <p class="hint" role="status" data-testid="search-date-says">{said}</p>
        </form>
    }
}
