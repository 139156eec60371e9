//! One row of the log: what stands above the message, who wrote it, what it says, how far it came.

use std::sync::Arc;

use catnest::node::{Delivery, Message, Place};
use catnest_words::Lang;
use leptos::{ev::KeyboardEvent, prelude::*};

use super::{
    actions::Actions,
    burn::BurningMark,
    chat::Chat,
    fold::Fold,
    links::{Part, Target, parts},
    person::{Avatar, KeyMark, hue},
    rows::Row,
    scroller::row_id,
};
use crate::{
    files::FileCard,
    i18n::{t, t_plural},
    icon::{Drawing, Icon},
    state::State,
    time,
};

/// The row. It is made anew in another language, so its words need not follow.
#[component]
pub(super) fn MessageRow(
    row: Row,
    lang: Lang,
    /// The message that the pointer or the keyboard is on.
    active: RwSignal<Option<Place>>,
) -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let Row {
        message,
        new_day,
        unread,
        head,
        late,
    } = row;
    let place = message.place();
    let id = row_id(place);
    let part = |name: &str| format!("{id}-{name}");
    let (who, when, said) = (part("who"), part("when"), part("said"));
    let author = message.author;
    // Nobody sees what they did not want to see.
    let folded_for = Memo::new(move |_| {
        let recalled = state
            .log
            .with(|log| log.get(place).is_some_and(|m| m.recalled));
        Fold::of(state, author, recalled)
    });
    let is_folded = Memo::new(move |_| folded_for.get().is_some());
    let has_files = !message.files.is_empty();
    let with_files = move || has_files && (!is_folded.get() || chat.is_unfolded(place));
    let (whole, folded) = (message.clone(), message.clone());
    let index = move || state.log.with(|log| log.index_from(place) + 1).to_string();
    let selecting = move || chat.selected.with(Option::is_some);
    let selected = move || {
        chat.selected
            .with(|s| s.as_ref().is_some_and(|s| s.contains(&place)))
    };
    let (mine, burning) = (message.mine, message.burning);
    let name = format!("{who} {when}");
    let label = format!("{name} {said}");
    view! {
        <article
            class="message"
            id=id
            tabindex="-1"
            data-testid="message"
            data-mine=message.mine.to_string()
            data-head=head.to_string()
            class:selected=selected
            aria-labelledby=name
            aria-posinset=index
            // How many there are in all is not known before the oldest is here.
            aria-setsize="-1"
        >
            {new_day.then(|| view! {
                <p class="divider day" data-testid="day">{day_name(&message, lang)}</p>
            })}
            {unread.then(|| view! {
                <p class="divider unread" data-testid="unread-divider">{t("unread_divider")}</p>
            })}
            {message.gap.then(|| view! { <p class="gap" data-testid="gap">{t("gap")}</p> })}
            <div class="line">
                {move || selecting().then(|| view! {
                    <input
                        type="checkbox"
                        class="pick"
                        data-testid="pick"
                        aria-labelledby=label.clone()
                        prop:checked=selected
                        on:change=move |_| chat.toggle_selected(place)
                    />
                })}
                {(!message.mine).then(|| view! {
                    <span class="gutter" aria-hidden="true">
                        {head.then(|| view! {
                            <Avatar author name=message.name.clone() avatar=message.avatar.clone() />
                        })}
                    </span>
                })}
                <div class="said">
                    <p class="meta">
                        <bdi
                            id=who
                            class="who"
                            class:visually-hidden=!head || message.mine
                            data-testid="message-name"
                            data-hue=hue(message.author)
                            title=message.author.to_string()
                        >
                            {message.name.clone()}
                        </bdi>
                        {(head && !message.mine).then(|| view! { <KeyMark author /> })}
                        <time
                            id=when
                            data-testid="message-time"
                            datetime=time::machine(message.time)
                            title=time::full(message.time, lang)
                        >
                            {time::clock(message.time, lang)}
                        </time>
                        {late.then(|| view! {
                            <span class="late" data-testid="late" title=t("late_title")>{t("late_mark")}</span>
                        })}
                    </p>
                    <div class="bubble" id=said class:with-files=with_files class:recalled=is_folded class:burning=burning>
                        <Show
                            when=move || is_folded.get()
                            fallback=move || view! { <Body message=whole.clone() /> }
                        >
                            <Folded message=folded.clone() why=folded_for />
                        </Show>
                        <KeptMark place />
                        {burning.then(|| view! { <BurningMark /> })}
                    </div>
                </div>
                {mine.then(|| view! { <DeliveryMark place /> })}
                {move || (active.get() == Some(place) && !selecting()).then(|| view! { <Actions place /> })}
            </div>
        </article>
    }
}

fn day_name(message: &Message, lang: Lang) -> String {
    match time::today() - time::day(message.time) {
        0 => t("today"),
        1 => t("yesterday"),
        _ => time::day_name(message.time, lang),
    }
}

/// What a message says, and what came with it.
#[component]
fn Body(message: Arc<Message>) -> impl IntoView {
    let channel = State::expect().current.get_untracked();
    let files = message.files.iter().map(|file| {
        view! { <FileCard file=file.clone() channel /> }
    });
    view! {
        {(!message.text.is_empty()).then(|| view! {
            <p class="text" dir="auto" data-testid="message-text">
                <Text message=message.text.clone() />
            </p>
        })}
        {(!message.files.is_empty()).then(|| view! {
            <ul class="files" aria-label=t("files_label") data-testid="message-files">
                {files.collect_view()}
            </ul>
        })}
    }
}

/// A message that is folded: what it says is not in the page before somebody asks for it.
#[component]
fn Folded(message: Arc<Message>, why: Memo<Option<Fold>>) -> impl IntoView {
    let chat = Chat::expect();
    let place = message.place();
    let mine = message.mine;
    let icon = move || match why.get() {
        Some(Fold::Blocked) => Icon::Block,
        _ => Icon::Recall,
    };
    let words = move || match why.get() {
        Some(Fold::Recalled) if mine => t("recalled_mine"),
        why => why.map(Fold::words).unwrap_or_default(),
    };
    let id = move || match why.get() {
        Some(Fold::Blocked) => "blocked",
        _ => "recalled",
    };
    let unfolded = move || chat.is_unfolded(place);
    view! {
        <p class="folded" data-testid=id>
            {move || view! { <Drawing icon=icon() small=true /> }}
            <span>{words}</span>
            <button
                type="button"
                class="small quiet"
                data-testid=move || format!("{}-show", id())
                aria-expanded=move || unfolded().to_string()
                on:click=move |_| chat.toggle_folded(place)
            >
                {move || if unfolded() { t("recalled_hide") } else { t("recalled_show") }}
            </button>
        </p>
        <Show when=unfolded>
            <div class="unfolded"><Body message=message.clone() /></div>
        </Show>
    }
}

/// Says that a message is marked to be kept, on the edge of its bubble: no row changes its height for it.
#[component]
fn KeptMark(place: Place) -> impl IntoView {
    let state = State::expect();
    let kept = Memo::new(move |_| state.log.with(|log| log.get(place).is_some_and(|m| m.kept)));
    view! {
        <Show when=move || kept.get()>
            <span class="kept" role="img" data-testid="kept" aria-label=t("kept_mark") title=t("kept_mark")>
                <Drawing icon=Icon::Bookmark small=true />
            </span>
        </Show>
    }
}

/// What others write is text, never markup; addresses of the web can be followed, but not by mistake.
#[component]
fn Text(message: String) -> impl IntoView {
    parts(&message)
        .into_iter()
        .map(|part| match part {
            Part::Plain(text) => text.to_owned().into_any(),
            Part::Link(typed) => view! { <Link typed=typed.to_owned() /> }.into_any(),
        })
        .collect_view()
}

/// A link without an address: neither a middle click nor a drag gets past the question.
#[component]
fn Link(typed: String) -> impl IntoView {
    let chat = Chat::expect();
    let target = typed.clone();
    let ask = move || {
        let target = Target::read(&target);
        // What the browser does not take for an address of the web stays text.
        if target.is_some() {
            chat.link.set(target);
        }
    };
    let by_key = ask.clone();
    view! {
        <a
            role="link"
            tabindex="0"
            class="link"
            data-testid="link"
            on:click=move |_| ask()
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Enter" {
                    event.prevent_default();
                    by_key();
                }
            }
        >
            {typed}
        </a>
    }
}

/// How far an own message came.
#[component]
fn DeliveryMark(place: Place) -> impl IntoView {
    let state = State::expect();
    let delivery = Memo::new(move |_| state.log.with(|log| log.get(place)?.delivery));
    let drawn = move || {
        let (name, icon, words) = match delivery.get()? {
            Delivery::Queued => ("queued", Icon::Clock, t("delivery_queued")),
            Delivery::Sent => ("sent", Icon::Check, t("delivery_sent")),
            Delivery::Held { devices } => {
                ("held", Icon::Checks, t_plural("delivery_held", devices))
            }
        };
        Some(view! {
            <span
                class="delivery"
                role="img"
                data-testid="delivery"
                data-state=name
                aria-label=words.clone()
                title=words.clone()
            >
                <Drawing icon small=true />
            </span>
        })
    };
    view! { {drawn} }
}
