//! The messages that are marked to be kept: a list of their own, which leads to where they stand and out of the browser.

mod export;

use std::sync::Arc;

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Event, Message, Place},
};
use leptos::{html, prelude::*};

use super::{
    chat::Chat,
    fold::Fold,
    person::{KeyMark, hue},
};
use crate::{
    engine,
    i18n::{lang, t},
    icon::{Drawing, Icon},
    parts::follow_dialog,
    problem::{ProblemBox, Trouble},
    state::State,
    time,
};

/// Messages asked for at once.
const PAGE: usize = 50;
const _: () = assert!(PAGE <= limits::MAX_PAGE);

/// The list, newest first, as far as it was asked for.
#[derive(Clone, Copy)]
struct Marked {
    channel: ChannelId,
    messages: RwSignal<Vec<Arc<Message>>>,
    /// There may be older ones; none before the first answer.
    more: RwSignal<Option<bool>>,
    problem: RwSignal<Option<Trouble>>,
}

impl Marked {
    fn new(channel: ChannelId) -> Self {
        Self {
            channel,
            messages: RwSignal::new(Vec::new()),
            more: RwSignal::new(None),
            problem: RwSignal::new(None),
        }
    }

    /// Asks for those that are older than the last one here.
    fn load(self) {
        let last = self
            .messages
            .with_untracked(|messages| messages.last().map(|message| message.place()));
        let command = Command::PageKept {
            channel: self.channel,
            before: last,
            limit: PAGE,
        };
        engine::ask(command, move |reply| match reply {
            Event::Page { messages, more, .. } => {
                self.messages.try_update(|all| {
                    // Two presses of the button ask for the same ones.
                    let end = all.last().map(|message| message.place());
                    let older = |message: &Message| end.is_none_or(|end| message.place() < end);
                    all.extend(messages.into_iter().rev().filter(older).map(Arc::new));
                });
                self.more.try_set(Some(more));
            }
            Event::Refused { problem, .. } => {
                self.problem.try_set(Some(problem.into()));
            }
            _ => {}
        });
    }

    fn unmark(self, message: Place) {
        let command = Command::Keep {
            channel: self.channel,
            message,
            kept: false,
        };
        engine::ask(command, move |reply| match reply {
            Event::Refused { problem, .. } => {
                self.problem.try_set(Some(problem.into()));
            }
            _ => {
                self.messages
                    .try_update(|all| all.retain(|marked| marked.place() != message));
            }
        });
    }
}

/// The dialog, while it is open.
#[component]
pub(super) fn MarkedDialog() -> impl IntoView {
    let state = State::expect();
    let open = Chat::expect().marked;
    let dialog = NodeRef::<html::Dialog>::new();
    follow_dialog(dialog, open);
    let shown = move || {
        let open = open.get();
        let channel = untrack(|| state.with_channel(|c| (c.id, c.name.clone())));
        channel.filter(|_| open)
    };
    view! {
        <dialog
            node_ref=dialog
            class="marked"
            data-testid="marked-dialog"
            aria-labelledby="marked-title"
            on:close=move |_| open.set(false)
        >
            {move || shown().map(|(channel, name)| view! { <List channel name /> })}
        </dialog>
    }
}

#[component]
fn List(channel: ChannelId, name: String) -> impl IntoView {
    let open = Chat::expect().marked;
    let marked = Marked::new(channel);
    marked.load();
    let empty = Memo::new(move |_| marked.messages.with(Vec::is_empty));
    let nothing = move || empty.get() && marked.more.get() == Some(false);
    view! {
        <div class="section-head">
            <Drawing icon=Icon::Bookmark />
            <h2 id="marked-title" class="grow">{move || t("marked_title")}</h2>
            <Show when=move || !empty.get()>
                <export::Button channel name=name.clone() problem=marked.problem />
            </Show>
        </div>
        <ProblemBox problem=marked.problem />
        <Show when=nothing>
            <div class="empty" data-testid="marked-empty">
                <img class="mark" src="icons/icon.svg" alt="" />
                <h3>{move || t("marked_empty_title")}</h3>
                <p class="hint">{move || t("marked_empty")}</p>
            </div>
        </Show>
        <ul class="marked-list" aria-labelledby="marked-title" hidden=empty>
            <For
                each=move || {
                    let lang = lang();
                    marked.messages.get().into_iter().map(move |message| (message, lang)).collect::<Vec<_>>()
                }
                key=|(message, lang)| (message.id, lang.tag())
                let:entry
            >
                <Entry marked message=entry.0 />
            </For>
        </ul>
        <div class="actions">
            <Show when=move || marked.more.get() == Some(true)>
                <button type="button" data-testid="marked-more" on:click=move |_| marked.load()>
                    {move || t("marked_more")}
                </button>
            </Show>
            <button type="button" data-testid="marked-close" on:click=move |_| open.set(false)>
                {move || t("close")}
            </button>
        </div>
    }
}

#[component]
fn Entry(marked: Marked, message: Arc<Message>) -> impl IntoView {
    let chat = Chat::expect();
    let lang = lang();
    let place = message.place();
    let go = move |_| {
        chat.marked.set(false);
        chat.wanted.set(Some(place));
    };
    let folded = Fold::of(State::expect(), message.author, message.recalled);
    let names = message.files.iter().map(|file| file.name.clone());
    let names = names.collect::<Vec<_>>();
    view! {
        <li class="marked-entry" data-testid="marked-message">
            <p class="meta">
                <bdi class="who" data-hue=hue(message.author)>{message.name.clone()}</bdi>
                <KeyMark author=message.author />
                <time datetime=time::machine(message.time) title=time::full(message.time, lang)>
                    {time::short(message.time, lang)}
                </time>
            </p>
            {if let Some(fold) = folded {
                // Where it stands it can be unfolded.
                view! { <p class="hint">{fold.words()}</p> }.into_any()
            } else {
                view! {
                    {(!message.text.is_empty()).then(|| view! {
                        <p class="text" dir="auto" data-testid="marked-text">{message.text.clone()}</p>
                    })}
                    {names.into_iter().map(|name| view! {
                        <p class="row hint"><Drawing icon=Icon::Clip small=true /><bdi>{name}</bdi></p>
                    }).collect_view()}
                }.into_any()
            }}
            <div class="row wrap">
                <button type="button" class="small" data-testid="marked-go" on:click=go>
                    <Drawing icon=Icon::Down small=true />
                    <span>{t("marked_go")}</span>
                </button>
                <button
                    type="button"
                    class="small quiet"
                    data-testid="marked-unmark"
                    on:click=move |_| marked.unmark(place)
                >
                    {t("unkeep")}
                </button>
            </div>
        </li>
    }
}
