//! The files of the next message, above the text field: what they are, and how to take them out again.

use catnest::channel::ChannelId;
use leptos::prelude::*;

use super::{
    attach::{Attached, Chosen, list},
    chat::COMPOSER,
};
use crate::{
    amount,
    files::{FileName, Kind, carry},
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    js,
    state::State,
};

/// The chips, if there are any.
#[component]
pub(super) fn Chips() -> impl IntoView {
    let state = State::expect();
    let attached = Attached::expect();
    let chosen = Memo::new(move |_| attached.of(state.current.get()));
    let some = Memo::new(move |_| chosen.with(|chosen| !chosen.is_empty()));
    view! {
        <Show when=move || some.get()>
            <ul class="chips" data-testid="chips" aria-label=move || t("attached_label")>
                <For each=move || chosen.get() key=|chip| chip.key let:chip>
                    <Chip chip channel=state.current.get_untracked() />
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn Chip(chip: Chosen, channel: Option<ChannelId>) -> impl IntoView {
    let attached = Attached::expect();
    let Chosen {
        key,
        name,
        length,
        media_type,
    } = chip;
    let kind = Kind::of(&media_type);
    let thumb = (kind == Kind::Picture)
        .then(|| carry::address(attached.file(key)?.as_ref()))
        .flatten();
    let made = thumb.clone();
    on_cleanup(move || {
        if let Some(address) = made {
            carry::revoke(&address);
        }
    });
    let shown = name.clone();
    let label = move || t_with("attached_remove", &[&name]);
    let title = label.clone();
    let remove = move |_| {
        if let Some(channel) = channel {
            attached.remove(channel, &[key]);
            // Its button is gone.
            js::focus(COMPOSER);
        }
    };
    view! {
        <li class="attached" data-testid="attached" data-name=shown.clone()>
            {match thumb {
                Some(address) => view! { <img src=address alt="" /> }.into_any(),
                None => view! { <span class="file-icon"><Drawing icon=kind.icon() /></span> }.into_any(),
            }}
            <span class="attached-words">
                <FileName name=shown.clone() />
                <span class="hint">{amount::bytes(length as f64)}</span>
            </span>
            <button
                type="button"
                class="quiet"
                data-testid="attached-remove"
                title=title
                aria-label=label
                on:click=remove
            >
                <Drawing icon=Icon::Close small=true />
            </button>
        </li>
    }
}

/// The button that picks files.
#[component]
pub(super) fn AttachButton() -> impl IntoView {
    let state = State::expect();
    let attached = Attached::expect();
    let input = NodeRef::<leptos::html::Input>::new();
    let picked = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        attached.add(state, list(input.files()));
        // The same file can be picked again.
        input.set_value("");
        js::focus(COMPOSER);
    };
    let burns = Memo::new(move |_| state.burns());
    let words = move || {
        if burns.get() {
            t("attach_burning")
        } else {
            t("attach")
        }
    };
    let pick = move |_| {
        if attached.refuses(state) {
            // Not disabled: who cannot point at it would not learn why.
            return;
        }
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <input type="file" multiple hidden node_ref=input data-testid="attach-input" on:change=picked />
        <button
            type="button"
            class="quiet icon-button"
            data-testid="attach"
            title=words
            aria-label=words
            aria-disabled=move || burns.get().to_string()
            on:click=pick
        >
            <Drawing icon=Icon::Clip />
        </button>
    }
}
