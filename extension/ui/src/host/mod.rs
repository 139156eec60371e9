//! The native host, as people see it: whether it is there, what it keeps, and the switches that say what it is to keep.
//!
//! [`HostPage`] is its own page; [`ChannelSeeds`], [`ResourceSeeds`] and what stands in menus are where a nest or a file is.

mod absent;
mod facts;
mod kept;
mod nest;
mod nests;
mod plan;
mod resources;
mod turn;

use catnest::host::HostState;
use leptos::prelude::*;

use self::{absent::Absent, facts::Running, nests::Nests};
pub(crate) use self::{
    kept::Kept,
    turn::{ChannelSeeds, ResourceSeeds, kept, seeds, turn_channel, turn_resource},
};
use crate::{
    engine::{self, Link},
    i18n::t,
    js,
    parts::EngineStatus,
    problem::ProblemBox,
    state::{State, host::Part},
};

/// Its page.
pub(crate) const PAGE: &str = "host.html";

/// The page.
#[component]
pub(crate) fn HostPage() -> impl IntoView {
    let state = State::expect();
    let host = state.host;
    for part in [Part::Status, Part::Channels, Part::Resources] {
        host.need(part);
    }
    // Whoever opens the page wants to know how it is now.
    Effect::new(move |_| {
        if state.link.get() == Link::Up {
            engine::look_for_host();
        }
    });
    let present = Memo::new(move |_| host.present());
    view! {
        <div class="host-page">
            <header class="page-head">
                <img src="icons/icon.svg" alt="" />
                <div>
                    <h1>{move || t("host_title")}</h1>
                    <p>{move || t("host_lead")}</p>
                </div>
            </header>
            <main>
                <EngineStatus />
                <ProblemBox problem=host.trouble />
                <Found />
                <Show when=move || present.get()>
                    <Running />
                    <Nests />
                </Show>
            </main>
        </div>
    }
}

/// What there is to say of a host that is not there, or not yet.
#[component]
fn Found() -> impl IntoView {
    let host = State::expect().host;
    let looking = Memo::new(move |_| {
        let state = host.state.get();
        matches!(state, None | Some(HostState::Looking))
    });
    // While it is looked for again, what was wrong stays, and the keyboard with it.
    let wrong = Memo::new(
        move |before: Option<&Option<HostState>>| match host.state.get() {
            None | Some(HostState::Looking) => before.cloned().flatten(),
            Some(HostState::Present { .. }) => None,
            absent => absent,
        },
    );
    let asked = RwSignal::new(false);
    let look = Callback::new(move |()| {
        asked.set(true);
        engine::look_for_host();
    });
    Effect::new(move |_| {
        if host.present() && asked.get_untracked() {
            asked.set(false);
            // The button is gone.
            request_animation_frame(|| js::focus("running-title"));
        }
    });
    let said = move || match host.state.get() {
        None | Some(HostState::Looking) => t("host_looking"),
        Some(HostState::Present { .. }) => t("host_running"),
        Some(state) => absent::title(&state),
    };
    view! {
        <p
            class="visually-hidden"
            role="status"
            data-testid="host-state"
            data-state=move || state_name(host.state.get().as_ref())
        >
            {said}
        </p>
        <Show when=move || looking.get() && wrong.with(Option::is_none)>
            <p class="progress">
                <span class="spinner" aria-hidden="true"></span>
                {move || t("host_looking")}
            </p>
        </Show>
        {move || wrong.get().map(|state| view! { <Absent state looking look /> })}
    }
}

/// A state's name in attributes.
fn state_name(state: Option<&HostState>) -> &'static str {
    match state {
        None => "unknown",
        Some(HostState::Looking) => "looking",
        Some(HostState::Absent { .. }) => "absent",
        Some(HostState::Incompatible { .. }) => "incompatible",
        Some(HostState::Present { .. }) => "present",
    }
}
