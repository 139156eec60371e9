//! How the member appears in the nest that is shown: a name and an avatar of its own.

use catnest::node::Command;
use leptos::{ev::SubmitEvent, html, prelude::*};

use super::chat::Chat;
use crate::{
    i18n::{t, t_with},
    parts::{Field, Outcome, follow_dialog},
    problem::ProblemBox,
    state::State,
};

/// What is offered: any other emoji can be typed.
const AVATARS: [&str; 16] = [
    "🐱",
    "😺",
    "🐈",
    "🐈‍⬛",
    "🐾",
    "🦊",
    "🐼",
    "🐧",
    "🦉",
    "🐢",
    "🌙",
    "⭐",
    "🌸",
    "🍵",
    "🎧",
    "🎲",
];

/// The dialog, in the page while it is open.
#[component]
pub(super) fn ProfileDialog() -> impl IntoView {
    let state = State::expect();
    let open = Chat::expect().profile;
    let dialog = NodeRef::<html::Dialog>::new();
    follow_dialog(dialog, open);
    let name = move || state.channel_name();
    view! {
        <dialog
            node_ref=dialog
            class="profile"
            data-testid="profile"
            aria-labelledby="profile-title"
            on:close=move |_| open.set(false)
        >
            <h2 id="profile-title" dir="auto">{move || t_with("profile_nest_title", &[&name()])}</h2>
            <Show when=move || open.get()><Form open /></Show>
        </dialog>
    }
}

#[component]
fn Form(open: RwSignal<bool>) -> impl IntoView {
    let state = State::expect();
    let outcome = Outcome::new();
    let chosen =
        untrack(|| state.with_channel(|channel| channel.people.clone())).unwrap_or_default();
    let name = RwSignal::new(chosen.name.unwrap_or_default());
    let avatar = RwSignal::new(chosen.avatar.unwrap_or_default());
    let everywhere = untrack(|| {
        state
            .overview
            .with(|overview| overview.as_ref().map(|overview| overview.name.clone()))
    });
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(channel) = state.current.get_untracked() else {
            return;
        };
        let some = |text: String| (!text.trim().is_empty()).then_some(text);
        let command = Command::SetProfile {
            channel,
            name: some(name.get_untracked()),
            avatar: some(avatar.get_untracked()),
        };
        outcome.ask(command, move |done| {
            if done {
                open.try_set(false);
            }
        });
    };
    view! {
        <form class="stack" on:submit=save>
            <Field
                id="profile-name"
                label=Signal::derive(|| t("profile_nest_name"))
                hint=Signal::derive(|| t("profile_nest_name_hint"))
            >
                <input
                    id="profile-name"
                    data-testid="profile-name"
                    autocomplete="off"
                    placeholder=everywhere.unwrap_or_default()
                    aria-describedby="profile-name-hint"
                    bind:value=name
                />
            </Field>
            <fieldset class="avatars">
                <legend>{move || t("profile_avatar")}</legend>
                <label class="avatar-choice">
                    <input
                        type="radio"
                        name="avatar"
                        data-testid="avatar-none"
                        aria-label=move || t("profile_avatar_none")
                        prop:checked=move || avatar.with(|avatar| avatar.trim().is_empty())
                        on:change=move |_| avatar.set(String::new())
                    />
                    <span aria-hidden="true">"–"</span>
                </label>
                {AVATARS.map(|offered| view! {
                    <label class="avatar-choice">
                        <input
                            type="radio"
                            name="avatar"
                            data-testid=format!("avatar-{offered}")
                            aria-label=offered
                            prop:checked=move || avatar.with(|avatar| avatar == offered)
                            on:change=move |_| avatar.set(offered.to_owned())
                        />
                        <span aria-hidden="true">{offered}</span>
                    </label>
                })}
                <input
                    class="avatar-typed"
                    data-testid="avatar-typed"
                    autocomplete="off"
                    aria-label=move || t("profile_avatar_typed")
                    placeholder=move || t("profile_avatar_typed")
                    bind:value=avatar
                />
            </fieldset>
            <p class="hint">{move || t("profile_nest_seen")}</p>
            <ProblemBox problem=outcome.problem />
            <div class="actions">
                <button type="button" data-testid="profile-cancel" on:click=move |_| open.set(false)>
                    {move || t("cancel")}
                </button>
                <button type="submit" class="primary" data-testid="profile-save">{move || t("profile_save")}</button>
            </div>
        </form>
    }
}
