//! What the extension keeps on the disk.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    i18n::{t, t_with},
    icon::Icon,
    js,
    parts::SectionHead,
};

/// Bytes as people read them: in powers of ten, as the browser's own settings have them.
fn readable(bytes: f64) -> String {
    let mut value = bytes;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 {
            return if value < 9.95 && unit != "B" {
                format!("{value:.1} {unit}")
            } else {
                format!("{value:.0} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[component]
pub(super) fn Storage() -> impl IntoView {
    let storage = RwSignal::new(None::<js::Storage>);
    let look = move || {
        spawn_local(async move {
            if let Some(now) = js::storage().await {
                storage.try_set(Some(now));
            }
        });
    };
    look();
    // Who comes back to this page sees what is now.
    let on_focus = window_event_listener(leptos::ev::focus, move |_| look());
    on_cleanup(move || on_focus.remove());
    let used = move || {
        let storage = storage.get()?;
        Some(t_with(
            "storage_used",
            &[&readable(storage.used), &readable(storage.quota)],
        ))
    };
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
            <p id="storage-used" data-testid="storage-used">{used}</p>
            <progress aria-labelledby="storage-used" max="1" prop:value=share></progress>
            <p class="hint">{persisted}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn bytes_are_readable() {
        for (bytes, expected) in [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (1000.0, "1.0 kB"),
            (9_949.0, "9.9 kB"),
            (9_951.0, "10 kB"),
            (999_600.0, "1.0 MB"),
            (1_234_567.0, "1.2 MB"),
            (64e9, "64 GB"),
            (2.5e12, "2.5 TB"),
        ] {
            assert_eq!(readable(bytes), expected);
        }
    }
}
