//! Turning seeding on and off, wherever a view offers it.

use catnest::{channel::ChannelId, host::Request, resource::ResourceId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    kept::Kept,
    plan::{self, Way},
};
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    parts::Switch,
    problem::Trouble,
    state::{State, host::Part},
};

/// A switch that takes a moment. It shows what was chosen last until that is done, or was not.
#[derive(Clone, Copy)]
pub(super) struct Turning {
    wanted: RwSignal<Option<bool>>,
    busy: StoredValue<bool>,
}

impl Turning {
    pub(super) fn new() -> Self {
        Self {
            wanted: RwSignal::new(None),
            busy: StoredValue::new(false),
        }
    }

    /// What it shows, where this is so.
    pub(super) fn shown(self, is: Memo<bool>) -> Memo<bool> {
        Memo::new(move |_| self.wanted.get().unwrap_or_else(|| is.get()))
    }

    /// Shows that, until it is turned or what is so is shown again.
    pub(super) fn show(self, on: bool) {
        self.wanted.set(Some(on));
    }

    /// Shows what is so.
    pub(super) fn show_what_is(self) {
        self.wanted.set(None);
    }

    /// It is being turned.
    pub(super) fn is_busy(self) -> bool {
        self.busy.get_value()
    }

    /// Turns it; when it was turned again meanwhile, once more. The view it is in may be gone before it is done.
    pub(super) fn turn(
        self,
        to: bool,
        trouble: RwSignal<Option<Trouble>>,
        carry: impl AsyncFn(bool) -> Result<(), Trouble> + 'static,
    ) {
        trouble.try_set(None);
        self.wanted.try_set(Some(to));
        if self.busy.get_value() {
            return;
        }
        self.busy.set_value(true);
        spawn_local(async move {
            let mut to = to;
            loop {
                let done = carry(to).await;
                if let Err(why) = done {
                    trouble.try_set(Some(why));
                    break;
                }
                match self.wanted.try_get_untracked().flatten() {
                    Some(wanted) if wanted != to => to = wanted,
                    _ => break,
                }
            }
            self.wanted.try_set(None);
            self.busy.try_set_value(false);
        });
    }
}

fn way(state: State, channel: ChannelId) -> Option<Way> {
    state.overview.with_untracked(|overview| {
        let mut channels = overview.as_ref()?.channels.iter();
        let view = channels.find(|view| view.id == channel)?;
        Some(Way {
            address: view.address.to_string(),
            retention: view.retention,
        })
    })
}

/// Has the host seed all of a channel, or not any more; returns once the view knows.
pub(crate) async fn turn_channel(
    state: State,
    channel: ChannelId,
    on: bool,
) -> Result<(), Trouble> {
    let there = state.host.look_up(channel).await?;
    let plan = plan::channel(channel, on, there, way(state, channel));
    state.host.carry_out(plan).await?;
    state.host.read_channels().await
}

/// Has the host leave a channel, whatever was chosen of it.
pub(crate) async fn leave_channel(state: State, channel: ChannelId) -> Result<(), Trouble> {
    state
        .host
        .carry_out(vec![Request::Leave { channel }])
        .await?;
    state.host.read_channels().await?;
    state.host.read_resources().await
}

/// Has the host seed a resource, or not any more.
pub(crate) async fn turn_resource(
    state: State,
    channel: ChannelId,
    resource: ResourceId,
    on: bool,
) -> Result<(), Trouble> {
    let there = state.host.look_up(channel).await?;
    let plan = plan::resource(channel, resource, on, there, way(state, channel));
    state.host.carry_out(plan).await?;
    state.host.read_channels().await?;
    state.host.read_resources().await
}

/// Whether the host seeds all of a channel. Whoever asks has it known.
pub(crate) fn seeds(
    state: State,
    channel: impl Fn() -> Option<ChannelId> + Send + Sync + 'static,
) -> Memo<bool> {
    state.host.need(Part::Channels);
    Memo::new(move |_| channel().is_some_and(|channel| state.host.seeds_all(channel)))
}

/// How it is with a resource. Whoever asks has it known.
pub(crate) fn kept(
    state: State,
    resource: ResourceId,
    channel: impl Fn() -> Option<ChannelId> + Send + Sync + 'static,
) -> Memo<Kept> {
    state.host.need(Part::Channels);
    state.host.need(Part::Resources);
    Memo::new(move |_| Kept::of(state.host, resource, channel()))
}

/// Whether a channel is seeded after the browser was closed: a switch, where there is a host.
#[component]
pub(crate) fn ChannelSeeds(
    channel: ChannelId,
    trouble: RwSignal<Option<Trouble>>,
) -> impl IntoView {
    let state = State::expect();
    view! {
        <Show when=move || state.host.present()>
            <ChannelSwitch channel trouble />
        </Show>
    }
}

#[component]
fn ChannelSwitch(channel: ChannelId, trouble: RwSignal<Option<Trouble>>) -> impl IntoView {
    let state = State::expect();
    let turning = Turning::new();
    let on = turning.shown(seeds(state, move || Some(channel)));
    view! {
        <Switch
            id="seed-nest"
            label=Signal::derive(|| t("seed_keep"))
            on
            on_change=move |to| {
                turning.turn(to, trouble, async move |on| turn_channel(state, channel, on).await);
            }
        />
    }
}

/// Whether a file is seeded after the browser was closed: a button as small as those beside it, where there is a host.
#[component]
pub(crate) fn ResourceSeeds(
    resource: ResourceId,
    channel: ChannelId,
    trouble: RwSignal<Option<Trouble>>,
) -> impl IntoView {
    let state = State::expect();
    view! {
        <Show when=move || state.host.present()>
            <ResourceSwitch resource channel trouble />
        </Show>
    }
}

#[component]
fn ResourceSwitch(
    resource: ResourceId,
    channel: ChannelId,
    trouble: RwSignal<Option<Trouble>>,
) -> impl IntoView {
    let state = State::expect();
    let kept = kept(state, resource, move || Some(channel));
    let turning = Turning::new();
    let on = turning.shown(Memo::new(move |_| kept.get().is_on()));
    let with_nest = move || kept.get() == Kept::WithNest;
    let words = move || {
        if with_nest() {
            t("seed_with_nest")
        } else {
            t("seed_keep")
        }
    };
    let turn = move |_| {
        if kept.get_untracked() != Kept::WithNest {
            let to = !on.get_untracked();
            turning.turn(to, trouble, async move |on| {
                turn_resource(state, channel, resource, on).await
            });
        }
    };
    view! {
        <button
            type="button"
            role="switch"
            class="small quiet icon-button seed"
            data-testid="seed-file"
            aria-checked=move || on.get().to_string()
            aria-disabled=move || with_nest().then_some("true")
            aria-label=words
            title=words
            on:click=turn
        >
            <Drawing icon=Icon::Seed small=true />
        </button>
    }
}
