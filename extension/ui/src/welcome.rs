//! The welcome page: from the installation to the first channel.

use catnest::{
    address::{Address, AddressError, ChannelName},
    node::{Command, Event, Problem},
};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    engine,
    i18n::{t, t_with},
    popup::CopyAddress,
    problem::ProblemBox,
    state::State,
};

/// The server that `catnest-host serve` is without further words.
const LOCAL_SERVER: &str = "127.0.0.1:7979";
const RUN_A_SERVER: &str = "catnest-host serve --listen 127.0.0.1:7979";

/// The address that the form's fields make: a pasted one, or server and channel.
fn address(pasted: &str, server: &str, channel: &str) -> Result<Address, AddressError> {
    if !pasted.trim().is_empty() {
        return pasted.parse();
    }
    Ok(Address::of_channel(
        server.trim().parse()?,
        ChannelName::new(channel.trim())?,
    ))
}

/// The page: a form, and once it is done, what to do next.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let joined = RwSignal::new(None::<Address>);
    view! {
        <main class="welcome">
            <header>
                <img src="icons/icon.svg" alt="" />
                <div>
                    <h1>{move || t("welcome_title")}</h1>
                    <p>{move || t("welcome_lead")}</p>
                </div>
            </header>
            <Show when=move || joined.with(Option::is_some) fallback=move || view! { <Form joined /> }>
                <Done address=Signal::derive(move || joined.get().map(|a| a.to_string()).unwrap_or_default()) />
            </Show>
        </main>
    }
}

#[component]
fn Form(joined: RwSignal<Option<Address>>) -> impl IntoView {
    let state = State::expect();
    let name = RwSignal::new(String::new());
    let server = RwSignal::new(LOCAL_SERVER.to_owned());
    let channel = RwSignal::new(String::new());
    let pasted = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let working = RwSignal::new(false);
    Effect::new(move |_| {
        let known = state
            .overview
            .with(|overview| overview.as_ref().map(|o| o.name.clone()));
        if let Some(known) = known
            && name.with_untracked(String::is_empty)
        {
            name.set(known);
        }
    });
    let result = Memo::new(move |_| address(&pasted.read(), &server.read(), &channel.read()));
    let refuse = move |why| {
        working.set(false);
        problem.set(Some(why));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let address = match result.get_untracked() {
            Ok(address) => address,
            Err(error) => return problem.set(Some(Problem::Address(error))),
        };
        working.set(true);
        problem.set(None);
        engine::ask(
            Command::SetName {
                name: name.get_untracked(),
            },
            move |reply| match reply {
                Event::Refused { problem: why, .. } => refuse(why),
                _ => engine::ask(
                    Command::Join {
                        address: address.to_string(),
                    },
                    move |reply| match reply {
                        Event::Refused { problem: why, .. } => refuse(why),
                        _ => joined.set(Some(address)),
                    },
                ),
            },
        );
    };
    view! {
        <form class="stack" on:submit=submit>
            <section class="card">
                <label class="field">
                    <span>{move || t("name_label")}</span>
                    <input data-testid="name" autocomplete="nickname" autofocus bind:value=name />
                    <span class="hint">{move || t("name_hint")}</span>
                </label>
            </section>
            <section class="card">
                <h2>{move || t("where_title")}</h2>
                <label class="field">
                    <span>{move || t("channel_label")}</span>
                    <input data-testid="channel" bind:value=channel />
                    <span class="hint">{move || t("channel_hint")}</span>
                </label>
                <label class="field">
                    <span>{move || t("server_label")}</span>
                    <input data-testid="server" spellcheck="false" bind:value=server />
                    <span class="hint">{move || t_with("server_hint", &[RUN_A_SERVER])}</span>
                </label>
                <label class="field">
                    <span>{move || t("or_address")}</span>
                    <input data-testid="address" placeholder="webrtc://…" spellcheck="false" bind:value=pasted />
                </label>
                {move || result.get().ok().map(|address| view! {
                    <div class="field">
                        <span class="hint">{move || t("result_label")}</span>
                        <p class="address" data-testid="result-address">{address.to_string()}</p>
                    </div>
                })}
            </section>
            <ProblemBox problem />
            <button class="primary" data-testid="submit" disabled=move || working.get()>
                {move || if working.get() { t("working") } else { t("enter") }}
            </button>
        </form>
    }
}

#[component]
fn Done(address: Signal<String>) -> impl IntoView {
    view! {
        <section class="card" data-testid="done" role="status">
            <h2>{move || t("done_title")}</h2>
            <p>{move || t("done_text")}</p>
            <a class="button primary" href="popup.html">{move || t("open_chat")}</a>
            <p>{move || t("done_share")}</p>
            <CopyAddress address />
        </section>
    }
}
