//! What the member looks at: the engine notifies of everything else.

use leptos::prelude::*;

use crate::{
    engine::{self, Link},
    state::State,
};

/// Tells the engine, whenever it changes and whenever the engine is new.
pub(super) fn follow(state: State) {
    let look = move || {
        let visible = document().visibility_state() == web_sys::VisibilityState::Visible;
        if state.visible.get_untracked() != visible {
            state.visible.set(visible);
        }
    };
    look();
    let change = leptos::ev::Custom::<web_sys::Event>::new("visibilitychange");
    // It bubbles from the document.
    let listener = window_event_listener(change, move |_| look());
    on_cleanup(move || listener.remove());
    let looked_at = Memo::new(move |_| {
        let up = state.link.get() == Link::Up;
        let current = state.current.get();
        up.then(|| current.filter(|_| state.visible.get()))
    });
    Effect::new(move |_| {
        if let Some(channel) = looked_at.get() {
            engine::look_at(channel);
        }
    });
}
