//! What the member looks at: the engine notifies of everything else.

use leptos::prelude::*;

use crate::{
    engine::{self, Link},
    state::State,
};

/// Tells the engine, whenever it changes and whenever the engine is new.
pub(super) fn follow(state: State) {
    state.watch_page();
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
