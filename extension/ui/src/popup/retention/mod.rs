//! What this device keeps of a nest: chosen here, with what it would cost before it does.

mod choice;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    limits,
    node::{Command, Event, Problem},
};
use leptos::{ev::SubmitEvent, html, prelude::*};
use wasm_bindgen_futures::spawn_local;

use self::choice::{Choice, Kind, LOCAL};
use super::chat::Chat;
use crate::{
    engine,
    i18n::{t, t_count, t_with},
    js,
    parts::follow_dialog,
    problem::{ProblemBox, words},
    settings::storage,
    state::State,
};

/// A number that is being typed is not counted for at every digit.
const TYPING: Duration = Duration::from_millis(150);

/// What a choice would discard, as the engine has counted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outlook {
    retention: Retention,
    messages: usize,
    discards: usize,
}

/// The dialog, while it is open.
#[component]
pub(super) fn RetentionDialog() -> impl IntoView {
    let state = State::expect();
    let open = Chat::expect().retention;
    let dialog = NodeRef::<html::Dialog>::new();
    follow_dialog(dialog, open);
    let shown = move || {
        let open = open.get();
        // Which channel it was opened for: another one may come on view behind it.
        let channel = untrack(|| state.with_channel(|c| (c.id, c.name.clone(), c.retention)));
        channel.filter(|_| open)
    };
    view! {
        <dialog
            node_ref=dialog
            class="retention"
            data-testid="retention-dialog"
            aria-labelledby="retention-title"
            on:close=move |_| open.set(false)
        >
            {move || shown().map(|(channel, name, now)| view! { <Choosing channel name now /> })}
        </dialog>
    }
}

#[component]
fn Choosing(channel: ChannelId, name: String, now: Retention) -> impl IntoView {
    let open = Chat::expect().retention;
    let choice = RwSignal::new(Choice::of(now, &LOCAL));
    let chosen = Memo::new(move |_| choice.with(|choice| choice.retention(&LOCAL)));
    let outlook = RwSignal::new(None::<Outlook>);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        if let Some(retention) = chosen.get() {
            spawn_local(foresee(channel, retention, chosen, outlook, problem));
        }
    });
    // Only an answer about what is chosen now says what saving would do.
    let known = Memo::new(move |_| {
        let retention = chosen.get()?;
        outlook.get().filter(|known| known.retention == retention)
    });
    let discards = move || known.get().map_or(0, |known| known.discards);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(Outlook { retention, .. }) = known.get_untracked() else {
            return;
        };
        let command = Command::SetRetention { channel, retention };
        engine::ask(command, move |reply| match reply {
            Event::Refused { problem: why, .. } => {
                problem.try_set(Some(why));
            }
            _ => {
                open.try_set(false);
            }
        });
    };
    view! {
        <h2 id="retention-title" dir="auto">{t_with("retention_title", &[&name])}</h2>
        <form class="stack" on:submit=save>
            <p class="hint">{move || t("retention_text")}</p>
            <fieldset class="retention-kinds" aria-labelledby="retention-title">
                <Everything choice />
                <Amount choice kind=Kind::Days id="retention-days" words="retention_days" most=limits::MAX_RETENTION_DAYS />
                <Amount
                    choice
                    kind=Kind::Count
                    id="retention-count"
                    words="retention_count"
                    most=limits::MAX_RETENTION_MESSAGES
                />
                <Dates choice />
            </fieldset>
            <Foreseen chosen known outlook />
            <StorageUse />
            <ProblemBox problem />
            <div class="actions">
                <button type="button" data-testid="retention-cancel" on:click=move |_| open.set(false)>
                    {move || t("cancel")}
                </button>
                <button
                    type="submit"
                    class="primary"
                    class:danger=move || { discards() > 0 }
                    data-testid="retention-save"
                    disabled=move || known.get().is_none()
                >
                    {move || match discards() {
                        0 => t("retention_save"),
                        discards => t_count("retention_discard", discards),
                    }}
                </button>
            </div>
        </form>
    }
}

/// Asks what a retention would discard, unless something else is chosen by then. Nobody wants an answer that comes
/// after the next choice.
async fn foresee(
    channel: ChannelId,
    retention: Retention,
    chosen: Memo<Option<Retention>>,
    outlook: RwSignal<Option<Outlook>>,
    problem: RwSignal<Option<Problem>>,
) {
    js::pause(TYPING).await;
    let wanted = move || chosen.try_get_untracked() == Some(Some(retention));
    if !wanted() {
        return;
    }
    let command = Command::Outlook { channel, retention };
    engine::ask(command, move |reply| match reply {
        Event::Outlook {
            messages, discards, ..
        } if wanted() => {
            problem.set(None);
            outlook.set(Some(Outlook {
                retention,
                messages,
                discards,
            }));
        }
        Event::Refused { problem: why, .. } if wanted() => problem.set(Some(why)),
        _ => {}
    });
}

/// A radio button of the group.
#[component]
fn Kinds(
    choice: RwSignal<Choice>,
    kind: Kind,
    id: &'static str,
    /// What it says to who does not see the fields beside it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <input
            type="radio"
            name="retention"
            data-testid=id
            aria-label=label
            autofocus=choice.with_untracked(|choice| choice.kind == kind)
            prop:checked=move || choice.with(|choice| choice.kind == kind)
            on:change=move |_| choice.update(|choice| choice.kind = kind)
        />
    }
}

#[component]
fn Everything(choice: RwSignal<Choice>) -> impl IntoView {
    view! {
        <label class="retention-kind">
            <Kinds
                choice
                kind=Kind::Everything
                id="retention-everything"
                label=Signal::derive(|| t("retention_everything"))
            />
            <span>{move || t("retention_everything")}</span>
        </label>
    }
}

/// A number of something, in the middle of its words.
#[component]
fn Amount(
    choice: RwSignal<Choice>,
    kind: Kind,
    id: &'static str,
    words: &'static str,
    most: u32,
) -> impl IntoView {
    let number = move || {
        choice.with(|choice| match kind {
            Kind::Count => choice.count.clone(),
            _ => choice.days.clone(),
        })
    };
    let type_in = move |typed: String| {
        choice.update(|choice| {
            choice.kind = kind;
            match kind {
                Kind::Count => choice.count = typed,
                _ => choice.days = typed,
            }
        });
    };
    let part = move |after: bool| {
        let all = t(words);
        let (before, rest) = all.split_once("$1").unwrap_or((&all, ""));
        (if after { rest } else { before }).trim().to_owned()
    };
    let label = Signal::derive(move || t_with(words, &[&number()]));
    view! {
        <label class="retention-kind">
            <Kinds choice kind id label />
            <span>{move || part(false)}</span>
            <input
                type="number"
                class="number"
                min="1"
                max=most
                step="1"
                inputmode="numeric"
                data-testid=format!("{id}-number")
                aria-label=label
                prop:value=number
                on:input=move |event| type_in(event_target_value(&event))
            />
            <span>{move || part(true)}</span>
        </label>
    }
}

/// Two days, of which the second may be left out.
#[component]
fn Dates(choice: RwSignal<Choice>) -> impl IntoView {
    let chosen = Memo::new(move |_| choice.with(|choice| choice.kind == Kind::Between));
    view! {
        <label class="retention-kind">
            <Kinds
                choice
                kind=Kind::Between
                id="retention-between"
                label=Signal::derive(|| t("retention_between"))
            />
            <span>{move || t("retention_between")}</span>
        </label>
        <Show when=move || chosen.get()>
            <div class="retention-dates">
                <div class="field">
                    <label for="retention-from">{move || t("retention_from")}</label>
                    <input
                        type="date"
                        id="retention-from"
                        data-testid="retention-from"
                        prop:value=move || choice.with(|choice| choice.from.clone())
                        on:input=move |event| choice.update(|choice| choice.from = event_target_value(&event))
                    />
                </div>
                <div class="field">
                    <label for="retention-to">{move || t("retention_to")}</label>
                    <input
                        type="date"
                        id="retention-to"
                        data-testid="retention-to"
                        aria-describedby="retention-to-hint"
                        prop:value=move || choice.with(|choice| choice.to.clone())
                        on:input=move |event| choice.update(|choice| choice.to = event_target_value(&event))
                    />
                </div>
                <p class="hint" id="retention-to-hint">{move || t("retention_to_hint")}</p>
            </div>
        </Show>
    }
}

/// What the choice would discard. Until that is known, what was last known stays, so that nothing jumps.
#[component]
fn Foreseen(
    chosen: Memo<Option<Retention>>,
    known: Memo<Option<Outlook>>,
    outlook: RwSignal<Option<Outlook>>,
) -> impl IntoView {
    let said = move || {
        if chosen.get().is_none() {
            return words(&Problem::Retention);
        }
        let Some(Outlook {
            messages, discards, ..
        }) = outlook.get()
        else {
            return t("retention_counting");
        };
        let kept = t_count("retention_kept", messages);
        let discarded = match discards {
            0 => t("retention_discards_none"),
            discards => t_count("retention_discards", discards),
        };
        t_with(
            "retention_outlook",
            &[&kept, &discarded, &t("retention_marked")],
        )
    };
    let state = move || match (chosen.get(), known.get()) {
        (None, _) => "invalid",
        (_, None) => "counting",
        (_, Some(known)) if known.discards > 0 => "discards",
        _ => "keeps",
    };
    view! {
        <p class="outlook" role="status" data-testid="retention-outlook" data-state=state>{said}</p>
    }
}

/// How much this browser keeps in all, nests and files together.
#[component]
fn StorageUse() -> impl IntoView {
    let storage = storage::follow();
    view! {
        <p class="hint" data-testid="retention-storage">{move || storage.get().map(storage::used)}</p>
    }
}
