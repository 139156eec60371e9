//! Adding music: files and folders that are picked or dropped go to the engine, which reads and lists them. The panel may be
//! closed after that.

use catnest::{channel::ChannelId, node::Problem, resource::ResourceId};
use catnest_messages::IntakeId;
use leptos::{ev::DragEvent, html, prelude::*};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::{
    files::{carry, folder},
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    js,
    problem::Trouble,
    state::State,
};

/// What is offered first; anything else can be dropped.
const SONGS: &str =
    "audio/*,video/mp4,video/webm,.flac,.mp3,.ogg,.oga,.opus,.m4a,.m4b,.aac,.wav,.weba,.lrc";
const PICTURES: &str = "image/*";
const LYRICS: &str = ".lrc,.txt,text/plain";

/// What belongs to a track beside its sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Cover,
    Lyrics,
}

/// The ways in.
#[derive(Clone, Copy)]
pub(crate) struct Adding {
    state: State,
    files: NodeRef<html::Input>,
    folder: NodeRef<html::Input>,
    cover: NodeRef<html::Input>,
    lyrics: NodeRef<html::Input>,
    /// The track that a cover or lyrics are picked for, and the nest in which.
    track: RwSignal<Option<(ChannelId, ResourceId)>>,
    /// Files are dragged over the panel.
    pub(crate) dragging: RwSignal<bool>,
    /// How many drops have their folders looked through.
    pub(crate) looking: RwSignal<usize>,
    /// Why the last ones were not taken.
    pub(crate) trouble: RwSignal<Option<Trouble>>,
}

impl Adding {
    pub(crate) fn provide(state: State) -> Self {
        let adding = Self {
            state,
            files: NodeRef::new(),
            folder: NodeRef::new(),
            cover: NodeRef::new(),
            lyrics: NodeRef::new(),
            track: RwSignal::new(None),
            dragging: RwSignal::new(false),
            looking: RwSignal::new(0),
            trouble: RwSignal::new(None),
        };
        provide_context(adding);
        adding
    }

    pub(crate) fn expect() -> Self {
        expect_context()
    }

    pub(crate) fn pick_files(self) {
        click(self.files);
    }

    pub(crate) fn pick_folder(self) {
        click(self.folder);
    }

    /// Asks for the file of a part of a track, for the nest that is shown.
    pub(crate) fn pick_part(self, track: ResourceId, part: Part) {
        let channel = self.state.current.get_untracked();
        self.track.set(channel.map(|channel| (channel, track)));
        click(match part {
            Part::Cover => self.cover,
            Part::Lyrics => self.lyrics,
        });
    }

    fn picked(self, input: NodeRef<html::Input>) {
        if let Some(input) = input.get_untracked() {
            let files = folder::picked(input.files().as_ref());
            // The same may be chosen again.
            input.set_value("");
            if let Some(channel) = self.target() {
                self.hand_over(channel, files);
            }
        }
    }

    fn picked_part(self, input: NodeRef<html::Input>, part: Part) {
        let (Some(input), Some((channel, track))) =
            (input.get_untracked(), self.track.get_untracked())
        else {
            return;
        };
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        if let Some(file) = file {
            self.trouble.set(None);
            spawn_local(async move {
                if let Err(problem) = take_part(channel, track, part, &file).await {
                    self.trouble.try_set(Some(problem.into()));
                }
            });
        }
    }

    /// The nest that takes what is added now. Asked when it is picked or dropped: before all of it is found, another nest may
    /// be shown.
    fn target(self) -> Option<ChannelId> {
        let channel = self.state.current.get_untracked()?;
        let burns = self.state.burns_now();
        self.trouble.set(burns.then(|| Problem::Burning.into()));
        (!burns).then_some(channel)
    }

    fn hand_over(self, channel: ChannelId, files: Vec<(String, File)>) {
        if files.is_empty() {
            self.trouble.try_set(Some(Trouble::NoMusic));
            return;
        }
        spawn_local(async move {
            if let Err(problem) = take(channel, files).await {
                self.trouble.try_set(Some(problem.into()));
            }
        });
    }

    /// Files are over the panel. Without this the browser would show them in place of it.
    pub(crate) fn over(self, event: &DragEvent) {
        if !has_files(event) {
            return;
        }
        event.prevent_default();
        let takes = self.state.current.get_untracked().is_some() && !self.state.burns_now();
        if let Some(data) = event.data_transfer() {
            data.set_drop_effect(if takes { "copy" } else { "none" });
        }
        if takes && !self.dragging.get_untracked() {
            self.dragging.set(true);
        }
    }

    /// They went to another part of the panel, or away.
    pub(crate) fn leave(self, event: &DragEvent) {
        let node = |target: Option<web_sys::EventTarget>| {
            target.and_then(|target| target.dyn_into::<web_sys::Node>().ok())
        };
        let inside = match (node(event.current_target()), node(event.related_target())) {
            (Some(panel), Some(next)) => panel.contains(Some(&next)),
            _ => false,
        };
        if !inside {
            self.dragging.set(false);
        }
    }

    /// They are let go here.
    pub(crate) fn dropped(self, event: &DragEvent) {
        if !has_files(event) {
            return;
        }
        event.prevent_default();
        self.dragging.set(false);
        let Some(data) = event.data_transfer() else {
            return;
        };
        let Some(channel) = self.target() else {
            return;
        };
        let entries = folder::dropped(&data);
        self.looking.update(|looking| *looking += 1);
        spawn_local(async move {
            let files = folder::all_files(entries).await;
            self.looking.try_update(|looking| *looking -= 1);
            self.hand_over(channel, files);
        });
    }
}

fn click(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.click();
    }
}

fn has_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// Hands music over to the engine.
async fn take(channel: ChannelId, files: Vec<(String, File)>) -> Result<(), Problem> {
    let intake = js::random_name().ok_or(Problem::Busy)?;
    carry::share_music(&IntakeId(intake), channel, &files).await
}

/// Hands a cover or lyrics over to the engine, which then gives them to the track.
async fn take_part(
    channel: ChannelId,
    track: ResourceId,
    part: Part,
    file: &File,
) -> Result<(), Problem> {
    let part = match part {
        Part::Cover => "cover",
        Part::Lyrics => "lyrics",
    };
    carry::set_part(channel, track, part, file).await
}

/// The inputs, which are never seen: what is pressed are buttons and entries of menus.
#[component]
pub(super) fn Inputs() -> impl IntoView {
    let adding = Adding::expect();
    // No attribute of the standard, and known to all browsers.
    adding.folder.on_load(|input| {
        let _set = input.set_attribute("webkitdirectory", "");
    });
    view! {
        <input
            type="file"
            multiple
            hidden
            accept=SONGS
            data-testid="add-files-input"
            node_ref=adding.files
            on:change=move |_| adding.picked(adding.files)
        />
        <input
            type="file"
            hidden
            data-testid="add-folder-input"
            node_ref=adding.folder
            on:change=move |_| adding.picked(adding.folder)
        />
        <input
            type="file"
            hidden
            accept=PICTURES
            data-testid="cover-input"
            node_ref=adding.cover
            on:change=move |_| adding.picked_part(adding.cover, Part::Cover)
        />
        <input
            type="file"
            hidden
            accept=LYRICS
            data-testid="lyrics-input"
            node_ref=adding.lyrics
            on:change=move |_| adding.picked_part(adding.lyrics, Part::Lyrics)
        />
    }
}

/// What covers the panel while files are dragged over it.
#[component]
pub(super) fn DropTarget() -> impl IntoView {
    let state = State::expect();
    let adding = Adding::expect();
    view! {
        <Show when=move || adding.dragging.get()>
            <div class="drop-target" data-testid="drop-target">
                <div class="drop-words">
                    <Drawing icon=Icon::Music />
                    <p dir="auto">{move || t_with("music_drop", &[&state.channel_name()])}</p>
                    <p class="hint">{move || t("music_drop_hint")}</p>
                </div>
            </div>
        </Show>
    }
}
