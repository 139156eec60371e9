//! Files that are dropped on the chat, or pasted into it.

use leptos::{
    ev::{ClipboardEvent, DragEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;

use super::{
    attach::Attached,
    chat::{COMPOSER, Chat},
};
use crate::{
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    js,
    state::State,
};

/// What hears of files that come from outside.
#[derive(Clone, Copy)]
pub(super) struct Drops {
    state: State,
    chat: Chat,
    attached: Attached,
}

impl Drops {
    pub(super) fn new(state: State, chat: Chat, attached: Attached) -> Self {
        Self {
            state,
            chat,
            attached,
        }
    }

    /// Files are over the chat. Without this the browser would show them in place of it.
    pub(super) fn over(self, event: &DragEvent) {
        if !has_files(event) {
            return;
        }
        event.prevent_default();
        let takes = self.state.current.get_untracked().is_some() && !self.state.burns_now();
        if let Some(data) = event.data_transfer() {
            data.set_drop_effect(if takes { "copy" } else { "none" });
        }
        if takes && !self.attached.dragging.get_untracked() {
            self.attached.dragging.set(true);
        }
    }

    /// They went to another part of the chat, or away.
    pub(super) fn leave(self, event: &DragEvent) {
        let node = |target: Option<web_sys::EventTarget>| {
            target.and_then(|target| target.dyn_into::<web_sys::Node>().ok())
        };
        let inside = match (node(event.current_target()), node(event.related_target())) {
            (Some(chat), Some(next)) => chat.contains(Some(&next)),
            _ => false,
        };
        if !inside {
            self.attached.dragging.set(false);
        }
    }

    /// They are let go here.
    pub(super) fn dropped(self, event: &DragEvent) {
        if !has_files(event) {
            return;
        }
        event.prevent_default();
        self.attached.dragging.set(false);
        if let Some(data) = event.data_transfer() {
            self.attached.take(self.state, &data);
            self.show_composer();
        }
    }

    /// Something is pasted: files, or what the field it is pasted into takes by itself.
    pub(super) fn pasted(self, event: &ClipboardEvent) {
        let Some(data) = event.clipboard_data() else {
            return;
        };
        // Who copies from a table or a text gets a picture of it as well, and means the words.
        let has_text = data
            .get_data("text/plain")
            .is_ok_and(|text| !text.is_empty());
        if !has_text && self.attached.take(self.state, &data) {
            event.prevent_default();
            self.show_composer();
        }
    }

    fn show_composer(self) {
        self.chat.stop_selecting();
        js::focus(COMPOSER);
    }
}

fn has_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// What covers the chat while files are dragged over it.
#[component]
pub(super) fn DropTarget() -> impl IntoView {
    let state = State::expect();
    let attached = Attached::expect();
    let name = Memo::new(move |_| state.with_channel(|channel| channel.name.clone()));
    view! {
        <Show when=move || attached.dragging.get()>
            <DropWords name=Signal::derive(move || name.get().unwrap_or_default()) />
        </Show>
    }
}

/// Where the files go.
#[component]
pub(super) fn DropWords(#[prop(into)] name: Signal<String>) -> impl IntoView {
    view! {
        <div class="drop-target" data-testid="drop-target">
            <div class="drop-words">
                <Drawing icon=Icon::Clip />
                <p dir="auto">{move || t_with("drop_here", &[&name.get()])}</p>
                <p class="hint">{move || t("drop_hint")}</p>
            </div>
        </div>
    }
}
