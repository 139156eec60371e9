//! Moving to another device: who the member is, as a file under a passphrase.

use catnest::{
    house::identity_file::{IdentityFile, IdentityFileError, Lock},
    invitation::EntryError,
    limits,
    node::{Command, Event, Problem},
    secret::{Cost, PassphraseError},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::{
    engine,
    files::carry::Saving,
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    js,
    parts::{FilePick, PassphraseField, Question, SectionHead},
    problem::{ProblemBox, Trouble},
};

const FILE_NAME: &str = "catnest-identity.json";
const MEDIA_TYPE: &str = "application/json";

/// What keeps a person waiting, or what came of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// The passphrase becomes a key.
    Deriving,
    Done,
}

#[component]
pub(super) fn Moving() -> impl IntoView {
    view! {
        <section class="card" id="moving" aria-labelledby="moving-title">
            <SectionHead id="moving-title" icon=Icon::Key title="moving_title" />
            <p class="hint">{move || t("moving_lead")}</p>
            <Leaving />
            <Arriving />
        </section>
    }
}

fn passphrase_trouble(error: PassphraseError) -> Trouble {
    EntryError::Passphrase(error).into()
}

/// Seals what is taken along, and saves it.
async fn save(passphrase: &str) -> Result<(), Trouble> {
    let mut entropy = js::entropy().ok_or(Trouble::Randomness)?;
    let lock = Lock::new(Cost::CHOSEN, &mut entropy);
    let key = lock.key(passphrase).map_err(passphrase_trouble)?;
    match engine::answer(Command::ExportIdentity { lock, key }).await {
        Event::Identity { file, .. } => {
            let saving = Saving::default();
            saving.add(&file)?;
            saving.save(MEDIA_TYPE, FILE_NAME)
        }
        Event::Refused { problem, .. } => Err(problem.into()),
        _ => Err(Problem::Busy.into()),
    }
}

/// The identity of this device is taken along.
#[component]
fn Leaving() -> impl IntoView {
    let passphrase = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Trouble>);
    let doing = RwSignal::new(Doing::Nothing);
    let go = move || async move {
        doing.set(Doing::Deriving);
        // Deriving the key keeps the page busy: first it says so.
        js::painted().await;
        let typed = passphrase.get_untracked();
        match save(&typed).await {
            Ok(()) => {
                passphrase.set(String::new());
                again.set(String::new());
                doing.set(Doing::Done);
            }
            Err(why) => {
                problem.set(Some(why));
                doing.set(Doing::Nothing);
                js::focus("leave-passphrase");
            }
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if doing.get_untracked() == Doing::Deriving {
            return;
        }
        problem.set(None);
        doing.set(Doing::Nothing);
        let typed = passphrase.get_untracked();
        if typed.trim() != again.get_untracked().trim() {
            problem.set(Some(Trouble::Repeated));
            js::focus("leave-again");
        } else if let Err(why) = Lock::check(&typed) {
            problem.set(Some(passphrase_trouble(why)));
            js::focus("leave-passphrase");
        } else {
            spawn_local(go());
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <h3>{move || t("leaving_title")}</h3>
            <PassphraseField
                id="leave-passphrase"
                label=Signal::derive(|| t("passphrase_label"))
                hint=Signal::derive(|| {
                    t_with("leaving_passphrase_hint", &[&limits::MIN_FILE_PASSPHRASE_CHARS.to_string()])
                })
                passphrase
            />
            <PassphraseField
                id="leave-again"
                label=Signal::derive(|| t("passphrase_again"))
                hint=Signal::derive(|| t("passphrase_again_hint"))
                passphrase=again
            />
            <ProblemBox problem />
            <div class="row wrap">
                <button data-testid="leave-save" disabled=move || doing.get() == Doing::Deriving>
                    <Drawing icon=Icon::Save small=true />
                    {move || t("leaving_save")}
                </button>
            </div>
            <Going doing done="leaving_done" />
        </form>
    }
}

/// What a file that was chosen holds; it is read at once, so that nothing is asked of a person for a wrong one.
async fn chosen(file: &File) -> Result<IdentityFile, Trouble> {
    let not_one = || Trouble::from(Problem::from(IdentityFileError::NotOne));
    if file.size() > limits::MAX_IDENTITY_FILE_BYTES as f64 {
        return Err(not_one());
    }
    let bytes = js::bytes(file).await.ok_or(Trouble::Unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| not_one())?;
    Ok(IdentityFile::parse(&text).map_err(Problem::from)?)
}

/// This device becomes who the member is elsewhere.
#[component]
fn Arriving() -> impl IntoView {
    let passphrase = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Trouble>);
    let doing = RwSignal::new(Doing::Nothing);
    let file = RwSignal::new(None::<(String, IdentityFile)>);
    // What was asked for, while it is asked whether the device's own identity is to go for it.
    let waiting = RwSignal::new(None::<Command>);
    let (asking, name) = (RwSignal::new(false), RwSignal::new(String::new()));
    let picked = move |picked: File| {
        problem.set(None);
        doing.set(Doing::Nothing);
        spawn_local(async move {
            match chosen(&picked).await {
                Ok(read) => {
                    file.set(Some((picked.name(), read)));
                    js::focus("arrive-passphrase");
                }
                Err(why) => {
                    file.set(None);
                    problem.set(Some(why));
                }
            }
        });
    };
    let ask = move |command: Command| async move {
        match engine::answer(command.clone()).await {
            Event::Refused {
                problem: Problem::OtherIdentity { name: theirs },
                ..
            } => {
                name.set(theirs);
                waiting.set(Some(command));
                doing.set(Doing::Nothing);
                asking.set(true);
            }
            Event::Refused { problem: why, .. } => {
                problem.set(Some(why.into()));
                doing.set(Doing::Nothing);
                js::focus("arrive-passphrase");
            }
            _ => {
                passphrase.set(String::new());
                file.set(None);
                doing.set(Doing::Done);
            }
        }
    };
    let go = move |read: IdentityFile| async move {
        doing.set(Doing::Deriving);
        js::painted().await;
        let typed = passphrase.get_untracked();
        match read.lock().key_again(&typed) {
            Ok(key) => {
                let file = read.to_string();
                let replace = false;
                ask(Command::ImportIdentity { file, key, replace }).await;
            }
            Err(why) => {
                problem.set(Some(passphrase_trouble(why)));
                doing.set(Doing::Nothing);
                js::focus("arrive-passphrase");
            }
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if doing.get_untracked() == Doing::Deriving {
            return;
        }
        problem.set(None);
        match file.get_untracked() {
            Some((_, read)) => spawn_local(go(read)),
            None => {
                problem.set(Some(Trouble::NothingChosen));
                js::focus("arrive-file");
            }
        }
    };
    let replace = move |()| {
        if let Some(Command::ImportIdentity { file, key, .. }) = waiting.get_untracked() {
            waiting.set(None);
            doing.set(Doing::Deriving);
            let replace = true;
            spawn_local(ask(Command::ImportIdentity { file, key, replace }));
        }
    };
    let title = move || {
        let name = name.get();
        if name.is_empty() {
            t("arriving_replace_title")
        } else {
            t_with("arriving_replace_title_name", &[&name])
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <h3>{move || t("arriving_title")}</h3>
            <div class="row wrap">
                <FilePick
                    id="arrive-file"
                    label=Signal::derive(|| t("arriving_file"))
                    accept=".json"
                    disabled=Signal::derive(move || doing.get() == Doing::Deriving)
                    on_pick=picked
                />
                <span role="status" data-testid="arrive-chosen">
                    {move || file.get().map(|(name, _)| view! { <bdi>{name}</bdi> })}
                </span>
            </div>
            <PassphraseField
                id="arrive-passphrase"
                label=Signal::derive(|| t("passphrase_label"))
                hint=Signal::derive(|| t("arriving_passphrase_hint"))
                passphrase
            />
            <ProblemBox problem />
            <div class="row wrap">
                <button data-testid="arrive-open" disabled=move || doing.get() == Doing::Deriving>
                    <Drawing icon=Icon::Key small=true />
                    {move || t("arriving_open")}
                </button>
            </div>
            <Going doing done="arriving_done" />
            <Question
                id="arrive-replace"
                open=asking
                title=Signal::derive(title)
                text=Signal::derive(|| t("arriving_replace_text"))
                yes=Signal::derive(|| t("arriving_replace_yes"))
                on_yes=replace
            />
        </form>
    }
}

/// Says what goes on, and that it is done.
#[component]
fn Going(
    doing: RwSignal<Doing>,
    /// The key of the words that say so.
    done: &'static str,
) -> impl IntoView {
    view! {
        <div role="status" data-testid=done>
            {move || match doing.get() {
                Doing::Nothing => ().into_any(),
                Doing::Deriving => view! {
                    <p class="progress">
                        <span class="spinner" aria-hidden="true"></span>
                        {t("deriving")}
                    </p>
                }.into_any(),
                Doing::Done => view! {
                    <p class="saved"><Drawing icon=Icon::Check small=true />{t(done)}</p>
                }.into_any(),
            }}
        </div>
    }
}
