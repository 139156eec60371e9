//! Messages that are selected: copied together, where the composer stands otherwise.

use leptos::prelude::*;

use super::{chat::Chat, said};
use crate::{
    i18n::{lang, t, t_plural},
    parts::CopyButton,
    state::State,
    time,
};

#[component]
pub(super) fn SelectionBar() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let count = Memo::new(move |_| chat.selected.with(|s| s.as_ref().map_or(0, |s| s.len())));
    let lang = Memo::new(move |_| lang());
    Effect::new(move |_| {
        // What is not loaded any more could not be copied.
        state.log.with(|log| {
            chat.selected.maybe_update(|selected| {
                let Some(selected) = selected else {
                    return false;
                };
                let before = selected.len();
                selected.retain(|place| log.get(*place).is_some());
                selected.len() != before
            });
        });
    });
    let text = move || {
        let selected = chat.selected.get_untracked()?;
        let lang = lang.get_untracked();
        let line = state.log.with_untracked(|log| {
            selected
                .iter()
                .filter_map(|place| log.get(*place))
                .map(|message| {
                    let when = time::short(message.time, lang);
                    format!("[{when}] {}: {}", message.name, said::copied(message))
                })
                .collect::<Vec<_>>()
        });
        Some(line.join("\n")).filter(|text| !text.is_empty())
    };
    let cancel = move |_| {
        chat.stop_selecting();
    };
    view! {
        <div class="selection" role="group" aria-label=move || t("selecting") data-testid="selection">
            <p class="grow" role="status">{move || t_plural("selected", count.get())}</p>
            <CopyButton
                id="copy-selected"
                class="primary"
                text=move || text()
                label=Signal::derive(|| t("copy"))
            />
            <button type="button" data-testid="select-cancel" on:click=cancel>{move || t("cancel")}</button>
        </div>
    }
}
