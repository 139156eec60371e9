//! Which nest is shown, what is new in the others, and the ways into more.

use catnest::{
    channel::ChannelId,
    limits::MAX_UNREAD,
    node::{ChannelView, Overview},
};
use leptos::prelude::*;

use super::{
    chat::{COMPOSER, Chat, Panel},
    menu::Menu,
};
use crate::{
    i18n::{t, t_plural, t_with},
    icon::{Drawing, Icon},
    js,
    state::State,
};

/// A badge has no room for more.
const MAX_SHOWN: usize = 99;

/// What the list shows of a nest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Nest {
    id: ChannelId,
    name: String,
    host: String,
    private: bool,
    muted: bool,
    unread: usize,
}

impl Nest {
    fn of(channel: &ChannelView) -> Self {
        Self {
            id: channel.id,
            name: channel.name.clone(),
            host: channel.address.authority.to_string(),
            private: channel.address.secret.is_some(),
            muted: channel.muted,
            unread: channel.unread.count.min(MAX_UNREAD),
        }
    }
}

/// How many messages wait in the nests that are not shown. Those of muted ones do not call.
fn elsewhere(overview: &Overview, current: Option<ChannelId>) -> usize {
    let others = overview.channels.iter();
    others
        .filter(|channel| Some(channel.id) != current && !channel.muted)
        .map(|channel| channel.unread.count)
        .sum()
}

/// The button and its list.
#[component]
pub(super) fn Switcher() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let shown = Memo::new(move |_| state.with_channel(Nest::of));
    let name = move || shown.get().map(|nest| nest.name);
    let private = Memo::new(move |_| shown.with(|n| n.as_ref().is_some_and(|n| n.private)));
    let muted = Memo::new(move |_| shown.with(|n| n.as_ref().is_some_and(|n| n.muted)));
    let waiting = Memo::new(move |_| {
        let current = state.current.get();
        let overview = state.overview.read();
        overview
            .as_ref()
            .map_or(0, |overview| elsewhere(overview, current))
    });
    let nests = Memo::new(move |_| {
        let overview = state.overview.read();
        let channels = overview.iter().flat_map(|overview| &overview.channels);
        channels.map(Nest::of).collect::<Vec<_>>()
    });
    let private_nest = || t("private_nest");
    view! {
        <div class="switch-nest">
            // The name is the page's heading, and the button in it.
            <h1>
                <button
                    type="button"
                    id="switcher"
                    class="quiet"
                    data-testid="channel-name"
                    aria-haspopup="menu"
                    aria-expanded=move || chat.is_open(Panel::Nests).to_string()
                    on:click=move |_| chat.toggle(Panel::Nests)
                >
                    <Show when=move || private.get()>
                        <span class="lock" role="img" data-testid="lock" aria-label=private_nest title=private_nest>
                            <Drawing icon=Icon::Lock small=true />
                        </span>
                    </Show>
                    <bdi class="name">{name}</bdi>
                    <Show when=move || muted.get()>
                        <span class="muted-mark" role="img" aria-label=|| t("muted") title=|| t("muted")>
                            <Drawing icon=Icon::BellOff small=true />
                        </span>
                    </Show>
                    <Drawing icon=Icon::Chevron small=true />
                    <Count count=waiting id="unread-elsewhere" words="unread_elsewhere" />
                </button>
            </h1>
            <Menu panel=Panel::Nests id="nests-menu" label=Signal::derive(|| t("switch_nest"))>
                <For each=move || nests.get() key=|nest| nest.clone() let:nest><Entry nest /></For>
                <hr role="separator" />
                <button
                    type="button"
                    role="menuitem"
                    tabindex="-1"
                    data-testid="join-another"
                    on:click=move |_| chat.panel.set(Panel::Joining)
                >
                    <Drawing icon=Icon::Letter small=true />
                    {move || t("join_another")}
                </button>
                <a
                    role="menuitem"
                    class="button"
                    tabindex="-1"
                    data-testid="new-nest"
                    href="welcome.html"
                    target="_blank"
                    on:click=move |_| chat.panel.set(Panel::Closed)
                >
                    <Drawing icon=Icon::Plus small=true />
                    {move || t("new_nest")}
                </a>
            </Menu>
        </div>
    }
}

#[component]
fn Entry(nest: Nest) -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let Nest {
        id,
        name,
        host,
        private,
        muted,
        unread,
    } = nest;
    let choose = move |_| {
        chat.panel.set(Panel::Closed);
        if state.current.get_untracked() != Some(id) {
            state.choose(id);
        }
        js::focus(COMPOSER);
    };
    view! {
        <button
            type="button"
            role="menuitemradio"
            tabindex="-1"
            class="nest"
            data-testid="nest"
            data-unread=unread.to_string()
            aria-checked=move || (state.current.get() == Some(id)).to_string()
            on:click=choose
        >
            <span class="mark">
                {move || (state.current.get() == Some(id)).then(|| view! { <Drawing icon=Icon::Check small=true /> })}
            </span>
            <span class="words">
                <bdi class="name">{name}</bdi>
                <bdi class="hint">{move || t_with("nest_on", &[&host])}</bdi>
            </span>
            {private.then(|| view! {
                <span class="lock" role="img" aria-label=t("private_nest")><Drawing icon=Icon::Lock small=true /></span>
            })}
            {muted.then(|| view! {
                <span class="muted-mark" role="img" aria-label=t("muted")><Drawing icon=Icon::BellOff small=true /></span>
            })}
            <Count count=Memo::new(move |_| unread) id="nest-unread" words="unread" muted />
        </button>
    }
}

/// A number on a badge, and in words for who cannot see what it stands for.
#[component]
fn Count(
    count: Memo<usize>,
    id: &'static str,
    /// The key of the words.
    words: &'static str,
    #[prop(optional)] muted: bool,
) -> impl IntoView {
    let shown = move || match count.get() {
        0..=MAX_SHOWN => count.get().to_string(),
        _ => format!("{MAX_SHOWN}+"),
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <span class="badge" class:muted=muted data-testid=id title=move || t_plural(words, count.get())>
                <span aria-hidden="true">{shown}</span>
                <span class="visually-hidden">{move || t_plural(words, count.get())}</span>
            </span>
        </Show>
    }
}
