//! Components that several views have in common: what a page says of the engine, names, switches, choices, what was saved,
//! questions, lines to copy.

use std::time::Duration;

use catnest::node::{Command, Event};
use leptos::{html, prelude::*};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::{
    engine::{self, Link},
    i18n::t,
    icon::{Drawing, Icon},
    js,
    problem::{ProblemBox, Trouble},
    state::State,
};

/// How long a view says that something is done.
pub(crate) const SAID: Duration = Duration::from_secs(2);

/// What became of a change: for a moment that it is saved, or what is wrong until the next one.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    saved: RwSignal<u32>,
    pub(crate) problem: RwSignal<Option<Trouble>>,
}

impl Outcome {
    pub(crate) fn new() -> Self {
        Self {
            saved: RwSignal::new(0),
            problem: RwSignal::new(None),
        }
    }

    /// Has the engine carry out a command; `then` hears whether it did.
    pub(crate) fn ask(self, command: Command, then: impl FnOnce(bool) + 'static) {
        engine::ask(command, move |reply| {
            if let Event::Refused { problem, .. } = reply {
                self.problem.set(Some(problem.into()));
                then(false);
            } else {
                self.problem.set(None);
                self.say_saved();
                then(true);
            }
        });
    }

    fn say_saved(self) {
        // Counted, so that the end of one saying does not end the next.
        self.saved.update(|sayings| *sayings += 1);
        spawn_local(async move {
            js::pause(SAID).await;
            self.saved.try_update(|sayings| *sayings -= 1);
        });
    }
}

/// What a page says of the engine: that it is not reached, and what is wrong.
#[component]
pub(crate) fn EngineStatus() -> impl IntoView {
    let state = State::expect();
    view! {
        <div role="status">
            <Show when=move || state.link.get() == Link::Lost>
                <p class="notice">{move || t("reconnecting")}</p>
            </Show>
        </div>
        <ProblemBox problem=state.trouble />
    }
}

/// The name of a nest in a list, with a lock if it is private.
#[component]
pub(crate) fn NestName(
    /// The name.
    name: Signal<String>,
    /// Whether it is.
    #[prop(into)]
    private: Signal<bool>,
) -> impl IntoView {
    view! {
        <h3 class="name">
            <Show when=move || private.get()>
                <Drawing icon=Icon::Lock small=true />
                <span class="visually-hidden">{move || t("private_nest")}</span>
            </Show>
            <span dir="auto">{name}</span>
        </h3>
    }
}

/// The heading of a section, with what became of the last change in it.
#[component]
pub(crate) fn SectionHead(
    id: &'static str,
    icon: Icon,
    /// The key of its words.
    title: &'static str,
    #[prop(optional)] outcome: Option<Outcome>,
) -> impl IntoView {
    view! {
        <div class="section-head">
            <Drawing icon />
            <h2 id=id tabindex="-1">{move || t(title)}</h2>
            {outcome.map(|outcome| view! { <Saved outcome /> })}
        </div>
        {outcome.map(|outcome| view! { <ProblemBox problem=outcome.problem /> })}
    }
}

#[component]
pub(crate) fn Saved(outcome: Outcome) -> impl IntoView {
    view! {
        <div role="status" data-testid="saved">
            <Show when=move || { outcome.saved.get() > 0 }>
                <span class="saved"><Drawing icon=Icon::Check small=true />{move || t("saved")}</span>
            </Show>
        </div>
    }
}

/// A switch with its words before it.
#[component]
pub(crate) fn Switch(
    #[prop(into)] id: String,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] on: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="switch-row">
            <span>{label}</span>
            <input
                type="checkbox"
                role="switch"
                class="switch"
                data-testid=id
                prop:checked=on
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
        </label>
    }
}

/// Radio buttons side by side, without a legend of their own: what they choose is said by `label`.
#[component]
pub(crate) fn Segmented<T: Copy + PartialEq + Send + Sync + 'static>(
    /// The name of the group; with it begin the test ids.
    name: &'static str,
    #[prop(into)] label: Signal<String>,
    /// What there is to choose: value, id, words.
    choices: Vec<(T, &'static str, Signal<String>)>,
    #[prop(into)] chosen: Signal<T>,
    #[prop(into)] on_choose: Callback<T>,
) -> impl IntoView {
    view! {
        <div class="segmented" role="radiogroup" aria-label=label>
            {choices.into_iter().map(|(value, id, words)| view! {
                <label data-testid=format!("{name}-{id}")>
                    <input
                        type="radio"
                        name=name
                        value=id
                        prop:checked=move || chosen.get() == value
                        on:change=move |_| on_choose.run(value)
                    />
                    <span>{words}</span>
                </label>
            }).collect_view()}
        </div>
    }
}

/// A button that copies a text and says so.
#[component]
pub(crate) fn CopyButton(
    #[prop(into)] id: String,
    #[prop(into)] text: Callback<(), Option<String>>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let Some(text) = text.run(()) else {
            return;
        };
        spawn_local(async move {
            copied.set(Some(js::copy(&text).await));
            js::pause(SAID).await;
            copied.try_set(None);
        });
    };
    view! {
        <button type="button" class=class data-testid=id on:click=copy>
            {move || view! {
                <Drawing icon=if copied.get() == Some(true) { Icon::Check } else { Icon::Copy } small=true />
            }}
            <span>{move || if copied.get() == Some(true) { t("copied") } else { label.get() }}</span>
        </button>
        // What the button's new words do not say to those who cannot see it.
        <span class="hint" role="status" class:visually-hidden=move || copied.get() != Some(false)>
            {move || copied.get().map(|done| if done { t("copied") } else { t("copy_failed") })}
        </span>
    }
}

/// A command line to copy.
#[component]
pub(crate) fn CopyLine(id: &'static str, #[prop(into)] line: Signal<String>) -> impl IntoView {
    view! {
        <div class="copy-line">
            <code class="code" data-testid=id>{line}</code>
            <CopyButton
                id=format!("{id}-copy")
                text=move || Some(line.get_untracked())
                label=Signal::derive(|| t("copy"))
            />
        </div>
    }
}

/// A button that has one file chosen.
#[component]
pub(crate) fn FilePick(
    /// Unique in the page.
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    /// The endings of files that are offered first.
    accept: &'static str,
    #[prop(into)] disabled: Signal<bool>,
    on_pick: impl Fn(File) + 'static,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let picked = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            on_pick(file);
        }
        // The same file may be chosen again.
        input.set_value("");
    };
    let pick = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <input
            type="file"
            hidden
            accept=accept
            node_ref=input
            data-testid=format!("{id}-input")
            on:change=picked
        />
        <button type="button" id=id data-testid=id disabled=disabled on:click=pick>
            <Drawing icon=Icon::File small=true />
            {label}
        </button>
    }
}

/// What is filled in, under a label and over a hint. The input has this id, and `{id}-hint` as its description.
#[component]
pub(crate) fn Field(
    /// Unique in the page.
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] hint: Signal<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {children()}
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
        </div>
    }
}

/// A passphrase to type, with a button that shows it.
#[component]
pub(crate) fn PassphraseField(
    /// Unique in the page.
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] hint: Signal<String>,
    passphrase: RwSignal<String>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    view! {
        <Field id label hint>
            <div class="row">
                <input
                    id=id
                    class="grow"
                    data-testid=id
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=format!("{id}-hint")
                    bind:value=passphrase
                />
                <button
                    type="button"
                    data-testid=format!("show-{id}")
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || if shown.get() { t("hide") } else { t("show") }}
                </button>
            </div>
        </Field>
    }
}

/// Shows a dialog above everything while `open` says so, and gives the keyboard back after it.
pub(crate) fn follow_dialog(dialog: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move |_| {
        let (Some(dialog), open) = (dialog.get(), open.get()) else {
            return;
        };
        if open && !dialog.open() {
            // Refused only to a dialog that is not in the page.
            let _shown = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
}

/// A question that has to be answered before anything else is done.
#[component]
pub(crate) fn Question(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    /// What somebody said that it is about; nothing if it is empty.
    #[prop(optional, into)]
    quote: Signal<String>,
    #[prop(into)] yes: Signal<String>,
    #[prop(into)] on_yes: Callback<()>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    follow_dialog(dialog, open);
    let title_id = format!("{id}-title");
    let text_id = format!("{id}-text");
    let quote_id = format!("{id}-quote");
    let described = format!("{quote_id} {text_id}");
    view! {
        <dialog
            node_ref=dialog
            data-testid="question"
            aria-labelledby=title_id.clone()
            // Where nothing is quoted, there is nothing of that id.
            aria-describedby=described
            on:close=move |_| open.set(false)
        >
            <h2 id=title_id.clone() dir="auto">{title}</h2>
            <Show when=move || !quote.read().is_empty()>
                <blockquote class="quote" id=quote_id.clone() dir="auto" data-testid="question-quote">{quote}</blockquote>
            </Show>
            <p id=text_id.clone()>{text}</p>
            <div class="actions">
                // The first has the focus: Enter at once changes nothing.
                <button type="button" data-testid="question-no" on:click=move |_| open.set(false)>
                    {move || t("cancel")}
                </button>
                <button
                    type="button"
                    class="primary danger"
                    data-testid="question-yes"
                    on:click=move |_| {
                        open.set(false);
                        on_yes.run(());
                    }
                >
                    {yes}
                </button>
            </div>
        </dialog>
    }
}
