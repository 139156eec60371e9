//! A file as it stands below a message, or in the list of transfers. Its height does not depend on how far it is: what
//! is read above and below it stays where it is.

use catnest::{channel::ChannelId, resource::Descriptor};
use leptos::prelude::*;

use super::{
    FileName, Kind,
    actions::FileActions,
    picture::Picture,
    status::{self, Stage},
};
use crate::{
    amount,
    i18n::{t, t_with},
    icon::Drawing,
    problem::Trouble,
    state::State,
};

/// The card.
#[component]
pub(crate) fn FileCard(
    file: Descriptor,
    /// Where it is asked for.
    channel: Option<ChannelId>,
    /// In a list, with more words and without its picture.
    #[prop(optional)]
    listed: bool,
) -> impl IntoView {
    let state = State::expect();
    let id = file.id;
    let transfer = Memo::new(move |_| state.transfers.with(|all| all.get(&id).cloned()));
    let stage = Memo::new(move |_| transfer.with(|transfer| Stage::of(transfer.as_ref())));
    let trouble = RwSignal::new(None::<Trouble>);
    let kind = Kind::of(&file.media_type);
    let size = amount::bytes(file.length as f64);
    let facts = Memo::new(move |_| {
        if let Some(trouble) = trouble.get() {
            return trouble.words();
        }
        transfer.with(|transfer| match transfer {
            Some(transfer) if listed => status::line(&status::details(transfer)),
            transfer => status::line(&status::facts(transfer.as_ref())),
        })
    });
    let wrong = move || trouble.with(Option::is_some) || stage.get() == Stage::Stopped;
    let holders =
        move || (!listed).then(|| transfer.with(|transfer| status::holders(transfer.as_ref())))?;
    let progress = Memo::new(move |_| transfer.with(|t| status::progress(t.as_ref())));
    let has_progress = Memo::new(move |_| progress.get().is_some());
    let name = StoredValue::new(file.name.clone());
    let nests = move || {
        let names = transfer.with(|transfer| Some(state.names_of(&transfer.as_ref()?.channels)))?;
        let names = names.join(&t("list_comma"));
        (listed && !names.is_empty()).then_some(names)
    };
    view! {
        <li
            class="file"
            data-testid="file"
            data-name=file.name.clone()
            data-state=move || stage.get().name()
        >
            {(kind == Kind::Picture && !listed).then(|| view! { <Picture file=file.clone() stage /> })}
            <div class="file-head">
                <span class="file-icon"><Drawing icon=kind.icon() /></span>
                <div class="file-words">
                    <p class="file-title">
                        <FileName name=file.name.clone() />
                        <span class="hint" data-testid="file-size">{size}</span>
                    </p>
                    <p
                        class="hint facts"
                        class:wrong=wrong
                        class:full=move || listed || wrong()
                        data-testid="file-facts"
                        title=facts
                    >
                        {facts}
                    </p>
                    {move || nests().map(|nests| view! {
                        <p class="hint nests" dir="auto" data-testid="file-nests">{nests}</p>
                    })}
                </div>
            </div>
            <div class="file-actions" role="group" aria-label=file.name.clone()>
                <FileActions file=file.clone() channel stage trouble />
                <span class="hint holders" data-testid="file-holders">{holders}</span>
            </div>
            <Show when=move || has_progress.get()>
                <progress
                    max="1"
                    data-testid="file-progress"
                    aria-label=move || t_with("file_progress", &[&name.get_value()])
                    prop:value=move || progress.get().unwrap_or_default()
                ></progress>
            </Show>
        </li>
    }
}
