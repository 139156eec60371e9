//! What the extension keeps on the disk.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    amount,
    i18n::{t, t_with},
    icon::Icon,
    js,
    parts::SectionHead,
};

/// What is kept on the disk, once the browser has told it; looked at again whenever somebody comes back to the page.
pub(crate) fn follow() -> RwSignal<Option<js::Storage>> {
    let storage = RwSignal::new(None::<js::Storage>);
    let look = move || {
        spawn_local(async move {
            if let Some(now) = js::storage().await {
                storage.try_set(Some(now));
            }
        });
    };
    look();
    let on_focus = window_event_listener(leptos::ev::focus, move |_| look());
    on_cleanup(move || on_focus.remove());
    storage
}

/// How much of what the browser allows is used.
pub(crate) fn used(storage: js::Storage) -> String {
    t_with(
        "storage_used",
        &[&amount::bytes(storage.used), &amount::bytes(storage.quota)],
    )
}

#[component]
pub(super) fn Storage() -> impl IntoView {
    let storage = follow();
    let share = move || storage.get().map_or(0.0, |s| s.used / s.quota.max(1.0));
    let persisted = move || {
        let storage = storage.get()?;
        Some(if storage.persisted {
            t("storage_persisted")
        } else {
            t("storage_not_persisted")
        })
    };
    view! {
        <section class="card" id="storage" aria-labelledby="storage-title">
            <SectionHead id="storage-title" icon=Icon::Disk title="storage_title" />
            <p id="storage-used" data-testid="storage-used">{move || storage.get().map(used)}</p>
            <progress aria-labelledby="storage-used" max="1" prop:value=share></progress>
            <p class="hint">{persisted}</p>
        </section>
    }
}
