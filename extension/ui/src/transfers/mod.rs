//! The list of transfers: what is taken in, what comes, what others take, and what is here.

mod groups;

use catnest::resource::ResourceId;
use leptos::prelude::*;

use self::groups::{Group, Totals};
use crate::{
    amount,
    files::{FileCard, IntakeCard, RemoveQuestion, Removing},
    host,
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    parts::EngineStatus,
    state::State,
};

/// Its page.
pub(crate) const PAGE: &str = "transfers.html";

/// The page.
#[component]
pub(crate) fn Transfers() -> impl IntoView {
    let state = State::expect();
    Removing::provide();
    let loaded = state.transfers_known;
    view! {
        <div class="transfers-page">
            <header class="page-head">
                <img src="icons/icon.svg" alt="" />
                <div>
                    <h1>{move || t("transfers_title")}</h1>
                    <Rates />
                    <a data-testid="host-open" href=host::PAGE>{move || t("host_open")}</a>
                </div>
            </header>
            <main>
                <EngineStatus />
                <Show
                    when=move || loaded.get()
                    fallback=|| view! {
                        <p class="progress" role="status">
                            <span class="spinner" aria-hidden="true"></span>
                            {move || t("starting")}
                        </p>
                    }
                >
                    <Lists />
                </Show>
            </main>
            <RemoveQuestion />
        </div>
    }
}

/// How much moves in all.
#[component]
fn Rates() -> impl IntoView {
    let state = State::expect();
    let totals = Memo::new(move |_| state.transfers.with(|all| Totals::of(all.values())));
    view! {
        <p class="rates" data-testid="rates">
            <span title=move || t("rate_down")>
                <Drawing icon=Icon::Down small=true />
                <span class="visually-hidden">{move || t("rate_down")}</span>
                <span data-testid="rate-down">{move || amount::rate(totals.get().receiving)}</span>
            </span>
            <span class="up" title=move || t("rate_up")>
                <Drawing icon=Icon::Down small=true />
                <span class="visually-hidden">{move || t("rate_up")}</span>
                <span data-testid="rate-up">{move || amount::rate(totals.get().sending)}</span>
            </span>
            <span data-testid="kept">
                {move || t_with("transfers_kept", &[&amount::bytes(totals.get().here as f64)])}
            </span>
        </p>
    }
}

#[component]
fn Lists() -> impl IntoView {
    let state = State::expect();
    let intakes = Memo::new(move |_| {
        let all = state.intakes.read();
        all.iter()
            .map(|intake| intake.id.clone())
            .collect::<Vec<_>>()
    });
    let has_intakes = Memo::new(move |_| intakes.with(|intakes| !intakes.is_empty()));
    let has_files = Memo::new(move |_| state.transfers.with(|all| !all.is_empty()));
    view! {
        <Show when=move || !has_intakes.get() && !has_files.get()>
            <section class="card empty" data-testid="no-transfers">
                <img class="mark" src="icons/icon.svg" alt="" />
                <h2>{move || t("transfers_empty_title")}</h2>
                <p class="hint">{move || t("transfers_empty")}</p>
                <div><a class="button primary" href="popup.html">{move || t("open_chat")}</a></div>
            </section>
        </Show>
        <Show when=move || has_intakes.get()>
            <section class="card" aria-labelledby="intakes-title">
                <Head id="intakes-title" icon=Icon::Clip title="transfers_intakes" />
                <For each=move || intakes.get() key=|id| id.clone() let:id>
                    <IntakeCard id />
                </For>
            </section>
        </Show>
        {Group::ALL.map(|group| view! { <Listed group /> }).collect_view()}
    }
}

#[component]
fn Head(id: &'static str, icon: Icon, title: &'static str) -> impl IntoView {
    view! {
        <div class="section-head">
            <Drawing icon />
            <h2 id=id>{move || t(title)}</h2>
        </div>
    }
}

/// The files of one group, newest first.
#[component]
fn Listed(group: Group) -> impl IntoView {
    let state = State::expect();
    let ids = Memo::new(move |_| state.transfers.with(|all| group.of(all.values())));
    let some = Memo::new(move |_| ids.with(|ids| !ids.is_empty()));
    let (id, title, icon) = match group {
        Group::Coming => ("coming-title", "transfers_coming", Icon::Save),
        Group::Given => ("given-title", "transfers_given", Icon::Swap),
        Group::Here => ("here-title", "transfers_here", Icon::Disk),
    };
    view! {
        <Show when=move || some.get()>
            <section class="card" aria-labelledby=id>
                <Head id icon title />
                <ul class="files" aria-labelledby=id data-testid=id>
                    <For each=move || ids.get() key=|id| *id let:id>
                        <Row id />
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Row(id: ResourceId) -> impl IntoView {
    let state = State::expect();
    let known = state.transfers.with_untracked(|all| {
        all.get(&id)
            .map(|t| (t.file.clone(), t.channels.first().copied()))
    });
    known.map(|(file, channel)| view! { <FileCard file channel listed=true /> })
}
