//! Colours, what goes on, what is wrong, and invitations.

use catnest::{
    address::{AddressError, Part},
    house::{channel_file::ChannelFileError, identity_file::IdentityFileError},
    invitation::{self, EntryError},
    music::{
        ban::{self, BanError},
        track::TrackError,
    },
    node::{Problem, ServerState},
    resource::DescriptorError,
    secret::PassphraseError,
};
use leptos::prelude::*;

use super::Side;
use crate::{
    icon::{Drawing, Icon},
    invitation::{AddressField, Invitation, Pasted},
    parts::CopyLine,
    problem::{ProblemBox, Trouble},
    server::{Advice, LOCAL_SERVER, StateChip},
};

const COLOURS: [&str; 22] = [
    "sunken",
    "paper",
    "surface",
    "raised",
    "glow",
    "line",
    "line-strong",
    "ink",
    "ink-soft",
    "accent",
    "accent-strong",
    "accent-ink",
    "accent-soft",
    "mine",
    "good",
    "good-soft",
    "wait",
    "wait-soft",
    "bad",
    "bad-strong",
    "bad-ink",
    "bad-paper",
];

#[component]
pub(super) fn Tokens() -> impl IntoView {
    view! {
        <section>
            <h3>"Colours and type"</h3>
            <div class="swatches">
                {COLOURS.map(|name| view! {
                    <div>
                        <div class="swatch" style:background=format!("var(--{name})")></div>
                        <span class="hint">{name}</span>
                    </div>
                }).collect_view()}
            </div>
            {["text-display", "text-large", "text-big", "text-medium", "text", "text-small", "text-tiny"].map(|size| view! {
                <p style:font-size=format!("var(--{size})")>{format!("{size}: a nest 猫窝")}</p>
            }).collect_view()}
        </section>
    }
}

#[component]
pub(super) fn Going(side: Side) -> impl IntoView {
    view! {
        <section>
            <h3>"What goes on"</h3>
            <p class="progress"><span class="spinner" aria-hidden="true"></span>"One moment…"</p>
            <progress aria-label="Used" max="1" value="0.3"></progress>
            <progress aria-label="Nothing used" max="1" value="0"></progress>
            <div class="row wrap">
                <span class="toast"><Drawing icon=Icon::Check small=true />"Copied"</span>
                <span class="saved"><Drawing icon=Icon::Check small=true />"Saved"</span>
                {[ServerState::Connecting, ServerState::Online, ServerState::Offline].map(|state| view! {
                    <StateChip state=Signal::stored(state) />
                }).collect_view()}
            </div>
            <div class="notice" data-state="online"><strong>"The server is reached"</strong></div>
            <div class="notice">
                <strong>"The server is not reached"</strong>
                <Advice authority=Signal::stored(LOCAL_SERVER.to_owned()) />
            </div>
            <div class="notice"><Advice authority=Signal::stored("cat.example".to_owned()) /></div>
            <CopyLine
                id=side.pick("line-light", "line-dark")
                line=Signal::stored("catnest-host serve --config a/long/way/to/catnest.toml".to_owned())
            />
            <div class="empty">
                <img class="mark" src="icons/icon.svg" alt="" />
                <h3>"Nothing here yet"</h3>
                <p class="hint">"And what to do about it."</p>
            </div>
        </section>
    }
}

const PARTS: [Part; 9] = [
    Part::Address,
    Part::Scheme,
    Part::User,
    Part::Host,
    Part::Port,
    Part::Channel,
    Part::Resource,
    Part::Via,
    Part::Secret,
];

/// A private nest that nobody is in.
const PRIVATE: &str = "webrtc://127.0.0.1:7979/nest#lZVnaxTziEr0fdd3uBJbeW1EDEMYJwI5c5PylmfFwkc";

/// All that can be wrong.
fn troubles() -> Vec<Trouble> {
    let mut all: Vec<Trouble> = [
        Problem::Name,
        Problem::Text,
        Problem::OtherIdentity {
            name: "咪咪".to_owned(),
        },
        Problem::IdentityFile(IdentityFileError::NotOne),
        Problem::IdentityFile(IdentityFileError::Version { version: 2 }),
        Problem::IdentityFile(IdentityFileError::Cost),
        Problem::IdentityFile(IdentityFileError::Sealed),
        Problem::IdentityFile(IdentityFileError::Contents),
        Problem::NoMessage,
        Problem::Retention,
        Problem::Burning,
        Problem::Query,
        Problem::NoFile,
        Problem::FileChanged {
            name: "cat.png".to_owned(),
        },
        Problem::TooManyFiles,
        Problem::File(DescriptorError::Length(0)),
        Problem::File(DescriptorError::Name),
        Problem::File(DescriptorError::MediaType),
        Problem::TooManyTransfers,
        Problem::OutboxFull,
        Problem::Ban {
            error: BanError {
                entry: 2,
                line: None,
                at: Some(4),
                problem: ban::Problem::LookAround,
            },
        },
        Problem::TooManyTracks,
        Problem::NoTrack,
        Problem::Track {
            error: TrackError::MediaType,
        },
        Problem::NoLead,
        Problem::NotJoined,
        Problem::TooManyChannels,
        Problem::Busy,
        Problem::StoreFull,
        Problem::Quota {
            bytes: 3_000_000,
            room: 1_000_000,
        },
        Problem::StoreUnavailable {
            detail: "…".to_owned(),
        },
    ]
    .map(Trouble::from)
    .into();
    all.extend(
        [
            PassphraseError::TooShort(8),
            PassphraseError::TooShort(1),
            PassphraseError::TooLong,
        ]
        .map(|e| Trouble::Entry(EntryError::Passphrase(e))),
    );
    all.extend(PARTS.map(|part| {
        Trouble::from(AddressError {
            part,
            problem: String::new(),
        })
    }));
    all.extend(
        [
            ChannelFileError::NotOne,
            ChannelFileError::Version(2),
            ChannelFileError::Channel,
        ]
        .map(Trouble::ChannelFile),
    );
    all.extend([
        Trouble::Randomness,
        Trouble::Folder,
        Trouble::Unreadable,
        Trouble::NotSaved,
        Trouble::NothingChosen,
        Trouble::NoMusic,
        Trouble::Repeated,
    ]);
    all
}

#[component]
pub(super) fn Troubles() -> impl IntoView {
    view! {
        <section>
            <h3>"What is wrong"</h3>
            {troubles().into_iter().map(|trouble| view! {
                <ProblemBox problem=RwSignal::new(Some(trouble)) />
            }).collect_view()}
        </section>
    }
}

#[component]
pub(super) fn Invitations(side: Side) -> impl IntoView {
    let private = invitation::read(PRIVATE).ok();
    let public = invitation::public("cat.example", "our nest").ok();
    view! {
        <section>
            <h3>"Invitations"</h3>
            <Invitation address=Signal::stored(private) can_show=true />
            <Invitation address=Signal::stored(public) />
            <AddressField id=side.pick("address-light", "address-dark") pasted=Pasted::new() />
        </section>
    }
}
