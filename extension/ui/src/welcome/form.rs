//! The form of the welcome page: who one is, and by which way one gets in.

use catnest::{
    address::{Address, Part},
    chat::retention::Retention,
    invitation::{self, EntryError},
    node::{Command, Event, Problem},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen_futures::spawn_local;

use super::{
    Entered,
    way::{Way, Ways},
};
use crate::{
    engine,
    i18n::t,
    invitation::{AddressField, Pasted},
    js,
    parts::{Field, PassphraseField},
    problem::{ProblemBox, Trouble},
    server::LOCAL_SERVER,
    state::State,
};

/// What keeps a person waiting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// The passphrase becomes a key.
    Deriving,
    Entering,
}

/// What stands in the form.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    way: RwSignal<Way>,
    channel: RwSignal<String>,
    server: RwSignal<String>,
    passphrase: RwSignal<String>,
    pasted: Pasted,
}

impl Fields {
    fn new() -> Self {
        Self {
            name: RwSignal::new(String::new()),
            way: RwSignal::new(Way::NewPrivate),
            channel: RwSignal::new(String::new()),
            server: RwSignal::new(LOCAL_SERVER.to_owned()),
            passphrase: RwSignal::new(String::new()),
            pasted: Pasted::new(),
        }
    }

    /// Where the fields lead. By passphrase it takes about a second.
    fn address(self) -> Result<Address, Trouble> {
        let server = &*self.server.read_untracked();
        let channel = &*self.channel.read_untracked();
        match self.way.get_untracked() {
            Way::NewPrivate => {
                let mut entropy = js::entropy().ok_or(Trouble::Randomness)?;
                Ok(invitation::new_private(server, channel, &mut entropy)?)
            }
            Way::Passphrase => {
                let passphrase = &*self.passphrase.read_untracked();
                Ok(invitation::with_passphrase(server, channel, passphrase)?)
            }
            Way::Public => Ok(invitation::public(server, channel)?),
            Way::Invitation => Ok(self.pasted.address.get_untracked()?),
        }
    }

    /// The id of the field that something is wrong with.
    fn of(self, trouble: &Trouble) -> Option<&'static str> {
        match trouble {
            Trouble::Engine(Problem::Name) => Some("name"),
            Trouble::Entry(EntryError::Passphrase(_)) => Some("passphrase"),
            Trouble::Entry(EntryError::Address(_))
                if self.way.get_untracked() == Way::Invitation =>
            {
                Some("address")
            }
            Trouble::Entry(EntryError::Address(error)) if error.part == Part::Channel => {
                Some("channel")
            }
            Trouble::Entry(EntryError::Address(_)) => Some("server"),
            _ => None,
        }
    }
}

/// Who, by which way, and where.
#[component]
pub(super) fn Form(entered: RwSignal<Option<Entered>>) -> impl IntoView {
    let state = State::expect();
    let fields = Fields::new();
    let Fields { name, way, .. } = fields;
    let problem = RwSignal::new(None::<Trouble>);
    let doing = RwSignal::new(Doing::Nothing);
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
    Effect::new(move |_| {
        // What was wrong on one way says nothing about another.
        way.track();
        problem.set(None);
    });
    let refuse = move |why: Trouble| {
        doing.set(Doing::Nothing);
        if let Some(field) = fields.of(&why) {
            js::focus(field);
        }
        problem.set(Some(why));
    };
    let enter = move |by: Way, address: Address| {
        let command = Command::Join {
            address: address.to_string(),
            retention: Retention::Forever,
        };
        engine::ask(command, move |reply| match reply {
            Event::Refused { problem, .. } => refuse(problem.into()),
            Event::Done { channel, .. } => entered.set(Some(Entered {
                by,
                address,
                channel,
            })),
            // A join has no other reply.
            _ => doing.set(Doing::Nothing),
        });
    };
    let go = move || async move {
        let by = way.get_untracked();
        if by == Way::Passphrase {
            doing.set(Doing::Deriving);
            // Deriving the key keeps the page busy: first it says so.
            js::painted().await;
        }
        match fields.address() {
            Ok(address) => {
                doing.set(Doing::Entering);
                enter(by, address);
            }
            Err(why) => refuse(why),
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if doing.get_untracked() != Doing::Nothing {
            return;
        }
        doing.set(Doing::Entering);
        problem.set(None);
        let name = name.get_untracked();
        engine::ask(Command::SetName { name }, move |reply| match reply {
            Event::Refused { problem, .. } => refuse(problem.into()),
            _ => spawn_local(go()),
        });
    };
    let submit_words = move || match (doing.get(), way.get()) {
        (Doing::Nothing, Way::NewPrivate) => t("found"),
        (Doing::Nothing, _) => t("enter"),
        (Doing::Deriving | Doing::Entering, _) => t("working"),
    };
    view! {
        <form class="stack wide" on:submit=submit>
            <section class="card">
                <Field
                    id="name"
                    label=Signal::derive(|| t("name_label"))
                    hint=Signal::derive(|| t("name_hint"))
                >
                    <input
                        id="name"
                        data-testid="name"
                        autocomplete="nickname"
                        autofocus
                        aria-describedby="name-hint"
                        bind:value=name
                    />
                </Field>
                <p class="hint">
                    <a href="settings.html#moving" target="_blank" data-testid="welcome-moving">
                        {move || t("welcome_moving")}
                    </a>
                </p>
            </section>
            <Ways way />
            <section class="card">
                <Show when=move || way.get() == Way::Invitation fallback=move || view! { <Place fields /> }>
                    <AddressField id="address" pasted=fields.pasted />
                </Show>
            </section>
            <ProblemBox problem />
            <button class="primary large" data-testid="submit" disabled=move || doing.get() != Doing::Nothing>
                {submit_words}
            </button>
            <div role="status">
                <Show when=move || doing.get() == Doing::Deriving>
                    <p class="progress" data-testid="deriving">
                        <span class="spinner" aria-hidden="true"></span>
                        {move || t("deriving")}
                    </p>
                </Show>
            </div>
        </form>
    }
}

/// Name and server of a nest, and its passphrase where it has one.
#[component]
fn Place(fields: Fields) -> impl IntoView {
    let by_passphrase = move || fields.way.get() == Way::Passphrase;
    view! {
        <Field
            id="channel"
            label=Signal::derive(|| t("nest_label"))
            hint=Signal::derive(move || fields.way.get().name_hint())
        >
            <input
                id="channel"
                data-testid="channel"
                autocomplete="off"
                aria-describedby="channel-hint"
                bind:value=fields.channel
            />
        </Field>
        <Show when=by_passphrase>
            <PassphraseField
                id="passphrase"
                label=Signal::derive(|| t("passphrase_label"))
                hint=Signal::derive(|| t("passphrase_hint"))
                passphrase=fields.passphrase
            />
        </Show>
        <Field
            id="server"
            label=Signal::derive(|| t("server_label"))
            hint=Signal::derive(|| t("server_hint"))
        >
            <input
                id="server"
                data-testid="server"
                autocomplete="off"
                spellcheck="false"
                aria-describedby="server-hint"
                bind:value=fields.server
            />
        </Field>
    }
}
