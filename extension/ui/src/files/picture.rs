//! A picture where its message stands. The place is kept before it is here, so that nothing moves when it comes.

use catnest::resource::Descriptor;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{actions, carry, status::Stage};
use crate::{
    i18n::t_with,
    icon::{Drawing, Icon},
};

/// What is larger is a picture for its own page: the browser needs many times as much to draw it.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Bytes of this page behind an address, for as long as something shows them.
#[derive(Clone, Copy)]
pub(crate) struct Shown(pub(crate) RwSignal<Option<String>>);

impl Shown {
    pub(crate) fn new() -> Self {
        let address = RwSignal::new(None::<String>);
        on_cleanup(move || {
            if let Some(Some(address)) = address.try_get_untracked() {
                carry::revoke(&address);
            }
        });
        Self(address)
    }

    /// Gets a file's bytes; `then` hears whether they are there.
    pub(crate) fn load(self, file: &Descriptor, then: impl FnOnce(bool) + 'static) {
        let (id, media_type) = (file.id, file.media_type.clone());
        spawn_local(async move {
            let blob = carry::want(id, &media_type).await;
            let address = blob.as_ref().and_then(carry::address);
            let there = address.is_some();
            // Nobody shows it any more.
            if let Some(Some(late)) = self.0.try_set(address) {
                carry::revoke(&late);
            }
            then(there);
        });
    }
}

/// The picture, once all of it is here. Rows are in the page only near the screen, so it is not read before.
#[component]
pub(super) fn Picture(file: Descriptor, stage: Memo<Stage>) -> impl IntoView {
    let shown = Shown::new();
    let file = StoredValue::new(file);
    Effect::new(move |_| {
        let small = file.with_value(|file| file.length <= MAX_BYTES);
        if small && stage.get() == Stage::Complete && shown.0.with_untracked(Option::is_none) {
            file.with_value(|file| shown.load(file, |_| {}));
        }
    });
    view! {
        <Framed
            name=file.with_value(|file| file.name.clone())
            address=shown.0
            waits=Signal::derive(move || matches!(stage.get(), Stage::Seeking | Stage::Fetching | Stage::Checking))
            on_open=move |()| file.with_value(actions::open)
        />
    }
}

/// The place of a picture, with it or without.
#[component]
pub(super) fn Framed(
    name: String,
    address: RwSignal<Option<String>>,
    /// It is on its way.
    #[prop(into)]
    waits: Signal<bool>,
    #[prop(into)] on_open: Callback<()>,
) -> impl IntoView {
    let name = StoredValue::new(name);
    // What the browser cannot draw is a file like any other.
    let broken = RwSignal::new(false);
    let there = Memo::new(move |_| address.with(Option::is_some) && !broken.get());
    let label = move || t_with("file_open_picture", &[&name.get_value()]);
    view! {
        <div class="picture" data-testid="picture" data-shown=move || there.get().to_string()>
            <Show
                when=move || there.get()
                fallback=move || view! {
                    <span class="waiting" class:moves=waits><Drawing icon=Icon::Picture /></span>
                }
            >
                <button
                    type="button"
                    data-testid="picture-open"
                    title=label
                    aria-label=label
                    on:click=move |_| on_open.run(())
                >
                    <img src=move || address.get() alt="" decoding="async" on:error=move |_| broken.set(true) />
                </button>
            </Show>
        </div>
    }
}
