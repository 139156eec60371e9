//! A file in a page of its own: shown, if that can do no harm, and to be saved. The bytes live as long as the page, so
//! it does not matter whether the popup that led here is still open.

use catnest::{
    node::TransferState,
    resource::{Descriptor, ResourceId},
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{
    amount,
    files::{FileCard, FileName, Kind, RemoveQuestion, Removing, SaveButton, Shown, carry, opens},
    i18n::t,
    icon::Drawing,
    js,
    problem::{ProblemBox, Trouble},
    state::State,
};

/// As much of a text is shown: a book, and not a log file of a server.
const MAX_TEXT: f64 = 1024.0 * 1024.0;

/// The page.
#[component]
pub(crate) fn FilePage() -> impl IntoView {
    let state = State::expect();
    Removing::provide();
    let id = js::query("file").and_then(|id| id.parse::<ResourceId>().ok());
    let known = Memo::new(move |_| {
        state.transfers.with(|all| {
            let transfer = all.get(&id?)?;
            let complete = transfer.state == TransferState::Complete;
            Some((
                transfer.file.clone(),
                transfer.channels.first().copied(),
                complete,
            ))
        })
    });
    Effect::new(move |_| {
        if let Some((file, ..)) = known.get() {
            document().set_title(&file.name);
        }
    });
    view! {
        <main class="file-page">
            <ProblemBox problem=state.trouble />
            {move || match known.get() {
                Some((file, _, true)) => view! { <Whole file /> }.into_any(),
                Some((file, channel, false)) => view! {
                    <h1 class="visually-hidden">{t("file_title")}</h1>
                    <ul class="files card"><FileCard file channel listed=true /></ul>
                }.into_any(),
                None if state.transfers_known.get() => view! {
                    <div class="empty" data-testid="file-gone">
                        <img class="mark" src="icons/icon.svg" alt="" />
                        <h1>{t("file_gone_title")}</h1>
                        <p class="hint">{t("file_gone")}</p>
                    </div>
                }.into_any(),
                None => view! {
                    <h1 class="visually-hidden">{t("file_title")}</h1>
                    <p class="progress" role="status">
                        <span class="spinner" aria-hidden="true"></span>
                        {t("starting")}
                    </p>
                }.into_any(),
            }}
            <RemoveQuestion />
        </main>
    }
}

/// A file that is complete.
#[component]
fn Whole(file: Descriptor) -> impl IntoView {
    let trouble = RwSignal::new(None::<Trouble>);
    let (kind, opens) = (Kind::of(&file.media_type), opens(&file.media_type));
    view! {
        <header class="file-bar">
            <span class="file-icon"><Drawing icon=kind.icon() /></span>
            <div class="file-words">
                <h1><FileName name=file.name.clone() /></h1>
                <p class="hint">{amount::bytes(file.length as f64)}</p>
            </div>
            <SaveButton file=file.clone() trouble class="primary" />
        </header>
        <ProblemBox problem=trouble />
        {if opens {
            view! { <Content file kind trouble /> }.into_any()
        } else {
            view! { <p class="notice" data-testid="file-only-saved">{t("file_only_saved")}</p> }.into_any()
        }}
    }
}

#[component]
fn Content(file: Descriptor, kind: Kind, trouble: RwSignal<Option<Trouble>>) -> impl IntoView {
    let name = file.name.clone();
    if kind == Kind::Text {
        return view! { <Text file trouble /> }.into_any();
    }
    let shown = Shown::new();
    shown.load(&file, move |there| {
        if !there {
            trouble.try_set(Some(Trouble::Unreadable));
        }
    });
    let content = move || {
        let (address, name) = (shown.0.get()?, name.clone());
        Some(match kind {
            Kind::Audio => {
                view! { <audio controls src=address aria-label=name></audio> }.into_any()
            }
            Kind::Video => {
                view! { <video controls src=address aria-label=name></video> }.into_any()
            }
            Kind::Pdf => view! { <iframe src=address title=name></iframe> }.into_any(),
            _ => view! { <img src=address alt=name /> }.into_any(),
        })
    };
    view! { <div class="content" data-testid="content" data-kind=format!("{kind:?}")>{content}</div> }
        .into_any()
}

/// A text, letter by letter.
#[component]
fn Text(file: Descriptor, trouble: RwSignal<Option<Trouble>>) -> impl IntoView {
    let text = RwSignal::new(None::<String>);
    let cut = file.length as f64 > MAX_TEXT;
    spawn_local(async move {
        let read = async {
            let blob = carry::want(file.id, "text/plain").await?;
            let part = blob.slice_with_f64_and_f64(0.0, MAX_TEXT).ok()?;
            let text = JsFuture::from(part.text()).await.ok()?;
            text.unchecked_into::<js_sys::JsString>().as_string()
        };
        match read.await {
            Some(read) => {
                text.try_set(Some(read));
            }
            None => {
                trouble.try_set(Some(Trouble::Unreadable));
            }
        }
    });
    view! {
        // Scrolls by the keyboard, too.
        <pre class="content" tabindex="0" dir="auto" data-testid="content" data-kind="Text">{text}</pre>
        {cut.then(|| view! { <p class="hint">{t("file_text_cut")}</p> })}
    }
}
