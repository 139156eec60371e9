//! What else can be done with a track. The menu stands beside the list and not in it: a row may leave the page.

use catnest::{music::player::Intent, node::MusicCommand, resource::ResourceId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Library, TrackState, action::Action};
use crate::{
    files::carry,
    host::{self, Kept},
    i18n::t,
    icon::Icon,
    menu::MenuList,
    panel::{
        add::{Adding, Part},
        menu::Entry,
        shared::{Open, RowMenu, Shared},
        tabs::Tab,
    },
    problem::Trouble,
    state::State,
};

/// Room that a menu needs below its button, in pixels; where there is less, it opens above.
const ROOM: i32 = 360;

/// The menu of whichever row has one open.
#[component]
pub(super) fn RowMenuPlace() -> impl IntoView {
    let shared = Shared::expect();
    let open = Memo::new(move |_| match shared.open.get() {
        Some(Open::Row(menu)) => Some(menu),
        _ => None,
    });
    move || open.get().map(|menu| view! { <RowEntries menu /> })
}

#[component]
fn RowEntries(menu: RowMenu) -> impl IntoView {
    let shared = Shared::expect();
    let size = |size: Result<wasm_bindgen::JsValue, _>| {
        size.ok().and_then(|size| size.as_f64()).unwrap_or_default() as i32
    };
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let below = height - menu.bottom >= ROOM.min(menu.top);
    let inset = |below: bool, length: i32| below.then(|| format!("{length}px"));
    view! {
        <div
            class="row-menu"
            style:right=format!("{}px", width - menu.right)
            style:top=inset(below, menu.bottom)
            style:bottom=inset(!below, height - menu.top)
        >
            <MenuList
                id="track-menu"
                label=Signal::derive(|| t("more"))
                on_leave=move |()| shared.close()
                on_outside=move |()| shared.dismiss()
            >
                <Entries track=menu.track />
            </MenuList>
        </div>
    }
}

#[component]
fn Entries(track: ResourceId) -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let adding = Adding::expect();
    let it = TrackState::new(state, track);
    let library = Library::expect();
    let has = move |what: fn(&catnest::node::Row) -> bool| {
        Memo::new(move |_| it.row.with(|row| row.as_deref().is_some_and(what)))
    };
    let mine = has(|row| row.mine);
    let banned = has(|row| row.banned);
    let cover = has(|row| row.track.cover.is_some());
    let lyrics = has(|row| row.track.lyrics.is_some());
    // All that the button of the row may do, when it does something else now.
    let keeps = Memo::new(move |_| matches!(it.action.get(), Action::Play));
    let in_channel = move |run: &dyn Fn(catnest::channel::ChannelId)| {
        if let Some(channel) = state.current.get_untracked() {
            run(channel);
        }
    };
    let save = move || {
        let Some(row) = it.row.get_untracked() else {
            return;
        };
        spawn_local(async move {
            if !carry::save(track, &row.track.name).await {
                adding.trouble.try_set(Some(Trouble::Unreadable));
            }
        });
    };
    let ban = move || {
        let track = it
            .row
            .with_untracked(|row| Some(row.as_ref()?.track.clone()));
        shared.ban_wish.set(track);
        shared.tab.set(Tab::Bans);
    };
    let set_cover = move || {
        in_channel(&|channel| {
            state.ask_music(MusicCommand::SetCover {
                channel,
                track,
                cover: None,
            });
        });
    };
    let set_lyrics = move || {
        in_channel(&|channel| {
            state.ask_music(MusicCommand::SetLyrics {
                channel,
                track,
                lyrics: None,
            });
        });
    };
    let words = |key: &'static str| Signal::derive(move || t(key));
    view! {
        <Show when=move || !banned.get()>
            <Entry id="track-play" icon=Icon::Play words=words("track_play_from") run=move || it.play(library) />
            <Entry
                id="track-next"
                icon=Icon::PlayNext
                words=words("track_next")
                run=move || state.play(Intent::PlayNext(vec![track]))
            />
            <Entry
                id="track-append"
                icon=Icon::Queue
                words=words("track_append")
                run=move || state.play(Intent::Append(vec![track]))
            />
        </Show>
        <Show when=move || keeps.get()>
            <Entry
                id="track-keep"
                icon=Icon::Save
                words=words("track_keep")
                run=move || in_channel(&|channel| it.keep(channel))
            />
        </Show>
        <Show when=move || mine.get()>
            <Entry id="track-save" icon=Icon::File words=words("track_save") run=save />
            <hr role="separator" />
            <Entry
                id="track-cover"
                icon=Icon::Picture
                words=Signal::derive(move || if cover.get() { t("track_cover_change") } else { t("track_cover_add") })
                run=move || adding.pick_part(track, Part::Cover)
            />
            <Show when=move || cover.get()>
                <Entry id="track-cover-none" icon=Icon::Close words=words("track_cover_none") run=set_cover />
            </Show>
            <Entry
                id="track-lyrics"
                icon=Icon::Lyrics
                words=Signal::derive(move || if lyrics.get() { t("track_lyrics_change") } else { t("track_lyrics_add") })
                run=move || adding.pick_part(track, Part::Lyrics)
            />
            <Show when=move || lyrics.get()>
                <Entry id="track-lyrics-none" icon=Icon::Close words=words("track_lyrics_none") run=set_lyrics />
            </Show>
        </Show>
        <Show when=move || state.host.present()><SeedEntry track /></Show>
        <hr role="separator" />
        <Entry id="track-ban" class="danger" icon=Icon::Block words=words("track_ban") run=ban />
    }
}

/// Has the native host keep the track when the browser is closed, or not any more.
#[component]
fn SeedEntry(track: ResourceId) -> impl IntoView {
    let state = State::expect();
    let trouble = Adding::expect().trouble;
    let kept = host::kept(state, track, move || state.current.get());
    let words = move || match kept.get() {
        Kept::Not => t("seed_keep"),
        Kept::Sought | Kept::Chosen => t("seed_stop"),
        Kept::WithNest => t("seed_with_nest"),
    };
    let turn = move || {
        let (kept, channel) = (kept.get_untracked(), state.current.get_untracked());
        let Some(channel) = channel.filter(|_| kept != Kept::WithNest) else {
            return;
        };
        spawn_local(async move {
            let turned = host::turn_resource(state, channel, track, !kept.is_on()).await;
            trouble.try_set(turned.err());
        });
    };
    view! { <Entry id="track-seed" icon=Icon::Seed words=Signal::derive(words) run=turn /> }
}
