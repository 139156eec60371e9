//! One row of the log: what stands above the message, who wrote it, what it says, how far it came.

use catnest::{
    identity::Author,
    node::{Delivery, Message, Place},
};
use catnest_words::Lang;
use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen_futures::spawn_local;

use super::{
    chat::Chat,
    links::{Part, Target, parts},
    rows::Row,
    scroller::row_id,
};
use crate::{
    files::FileCard,
    i18n::{t, t_plural},
    icon::{Drawing, Icon},
    js,
    state::State,
    time,
};

/// Kinds of cats in tokens.css.
const HUES: u8 = 8;

/// A member's colour: the same in every view, and on every device.
pub(super) fn hue(author: Author) -> String {
    (author.0[0] % HUES).to_string()
}

/// A member's picture: the first letter of the name.
pub(super) fn initial(name: &str) -> String {
    name.trim()
        .chars()
        .next()
        .map(String::from)
        .unwrap_or_default()
}

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
    } = row;
    let place = message.place();
    let id = row_id(place);
    let part = |name: &str| format!("{id}-{name}");
    let (who, when, text, files) = (part("who"), part("when"), part("text"), part("files"));
    let (has_text, has_files) = (!message.text.is_empty(), !message.files.is_empty());
    let channel = state.current.get_untracked();
    let index = move || state.log.with(|log| log.index_from(place) + 1).to_string();
    let selecting = move || chat.selected.with(Option::is_some);
    let selected = move || {
        chat.selected
            .with(|s| s.as_ref().is_some_and(|s| s.contains(&place)))
    };
    let label = [
        Some(&who),
        Some(&when),
        has_text.then_some(&text),
        has_files.then_some(&files),
    ];
    let label = label
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let name = format!("{who} {when}");
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
                            <span class="avatar" data-hue=hue(message.author)>{initial(&message.name)}</span>
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
                        <time
                            id=when
                            data-testid="message-time"
                            datetime=time::machine(message.time)
                            title=time::full(message.time, lang)
                        >
                            {time::clock(message.time, lang)}
                        </time>
                    </p>
                    <div class="bubble" class:with-files=has_files>
                        {has_text.then(|| view! {
                            <p class="text" id=text dir="auto" data-testid="message-text">
                                <Text message=message.text.clone() />
                            </p>
                        })}
                        {has_files.then(|| view! {
                            <ul class="files" id=files aria-label=t("files_label") data-testid="message-files">
                                {message.files.iter().map(|file| view! {
                                    <FileCard file=file.clone() channel />
                                }).collect_view()}
                            </ul>
                        })}
                    </div>
                </div>
                {message.mine.then(|| view! { <DeliveryMark place /> })}
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

/// What can be done with the message that the pointer or the keyboard is on.
#[component]
fn Actions(place: Place) -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = state
            .log
            .with_untracked(|log| Some(log.get(place)?.text.clone()));
        let Some(text) = text else {
            return;
        };
        spawn_local(async move {
            let done = js::copy(&text).await;
            copied.try_set(Some(done));
        });
    };
    let has_text = state.log.with_untracked(|log| {
        log.get(place)
            .is_some_and(|message| !message.text.is_empty())
    });
    let words = move || match copied.get() {
        None => t("copy_text"),
        Some(true) => t("copied"),
        Some(false) => t("copy_failed"),
    };
    let icon = move || match copied.get() {
        Some(true) => Icon::Check,
        _ => Icon::Copy,
    };
    view! {
        <span class="actions" role="group" aria-label=t("message_actions")>
            {has_text.then(|| view! {
                <button type="button" data-testid="copy-text" title=words aria-label=words on:click=copy>
                    {move || view! { <Drawing icon=icon() small=true /> }}
                </button>
            })}
            <button
                type="button"
                data-testid="select"
                title=t("select")
                aria-label=t("select")
                on:click=move |_| {
                    chat.toggle_selected(place);
                    js::focus(&row_id(place));
                }
            >
                <Drawing icon=Icon::Select small=true />
            </button>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_the_first_letter_of_a_name() {
        for (name, expected) in [(" Ann", "A"), ("猫咪", "猫"), ("😺 Cat", "😺"), ("", "")] {
            assert_eq!(initial(name), expected);
        }
        assert_eq!(hue(Author([9; 32])), "1");
    }
}
