//! Marked messages as a file, in the format of a whole log.

use catnest::{channel::ChannelId, house::channel_file::Part};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    house,
    i18n::t,
    icon::{Drawing, Icon},
    problem::Trouble,
};

/// Saves all that is marked, also what the list does not show yet.
#[component]
pub(super) fn Button(
    channel: ChannelId,
    /// The nest's.
    name: String,
    problem: RwSignal<Option<Trouble>>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let export = move |_| {
        busy.set(true);
        let name = name.clone();
        spawn_local(async move {
            let saved = house::save_channel(channel, Part::Marked, &name, |_| {}).await;
            busy.try_set(false);
            problem.try_set(saved.err());
        });
    };
    view! {
        <button
            type="button"
            class="small"
            data-testid="marked-export"
            title=move || t("marked_export_title")
            disabled=busy
            on:click=export
        >
            <Drawing icon=Icon::Save small=true />
            <span>{move || t("marked_export")}</span>
        </button>
    }
}
