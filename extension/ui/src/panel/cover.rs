//! A track's cover, or a tile in a colour of its album where there is none.

use catnest::{channel::ChannelId, music::track::Track, resource::ResourceId};
use leptos::prelude::*;

use crate::{
    icon::{Drawing, Icon},
    state::State,
};

/// What is shown for a track's cover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Face {
    /// Where the picture is.
    pub(crate) address: Option<String>,
    /// One of the eight colours of cats.
    pub(crate) hue: u8,
    /// So many others who are here have it.
    holders: usize,
}

impl Face {
    /// Of a track on a channel's list, which so many others have who are here.
    pub(crate) fn of(track: &Track, channel: Option<ChannelId>, holders: usize) -> Self {
        let cover = track.cover.as_ref().zip(channel);
        Self {
            address: cover.map(|(cover, channel)| address(cover.id, channel)),
            hue: hue(track),
            holders,
        }
    }
}

/// Where the bytes of a resource are read, while they come.
pub(crate) fn address(resource: ResourceId, channel: ChannelId) -> String {
    format!("/stream/{resource}?channel={channel}")
}

/// Tracks of one album have one colour; so have those of one artist without an album.
fn hue(track: &Track) -> u8 {
    let texts = [&track.album, &track.artist, &track.title, &track.name];
    let text = texts.into_iter().find(|text| !text.is_empty());
    let sum = text.map_or(0, |text| {
        text.bytes().fold(0_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        })
    });
    // Of high bits, which depend on all bytes.
    ((sum.wrapping_mul(0x9e37_79b1) >> 29) & 7) as u8
}

/// The picture, beside words that say what it belongs to.
#[component]
pub(crate) fn Cover(#[prop(into)] face: Signal<Face>) -> impl IntoView {
    let address = Memo::new(move |_| face.with(|face| face.address.clone()));
    let state = State::expect();
    // Who may give it: others, and the engine, which reads it.
    let givers = Memo::new(move |_| (state.link.get(), face.with(|face| face.holders)));
    // What cannot be had or drawn is as if there were none, until there is another one, or others give it.
    let broken = RwSignal::new(None);
    let shown = Memo::new(move |_| {
        let known = broken.get();
        let address = address.get()?;
        (known != Some((address.clone(), givers.get()))).then_some(address)
    });
    view! {
        <span class="cover" data-hue=move || face.with(|face| face.hue.to_string()) aria-hidden="true">
            <Drawing icon=Icon::Music />
            {move || shown.get().map(|address| {
                let failed = address.clone();
                view! {
                    <img
                        loading="lazy"
                        decoding="async"
                        alt=""
                        draggable="false"
                        src=address
                        on:error=move |_| broken.set(Some((failed.clone(), givers.get_untracked())))
                    />
                }
            })}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::{super::library::entries::tests::row, *};

    #[test]
    fn an_album_has_one_colour_and_albums_have_several() {
        let hue_of = |title: &str, album: &str| hue(&row(1, title, "Ann", album).track);
        assert_eq!(hue_of("one", "Fish"), hue_of("two", "Fish"));
        let hues: std::collections::BTreeSet<u8> = (0..40)
            .map(|album| hue_of("one", &format!("Album {album}")))
            .collect();
        assert_eq!(hues.len(), 8, "{hues:?}");
    }

    #[test]
    fn a_cover_is_read_where_it_is_listed() {
        let mut track = row(1, "one", "", "").track;
        let face = |track: &Track| Face::of(track, Some(ChannelId([2; 32])), 0);
        assert_eq!(face(&track).address, None);
        track.cover = Some(catnest::music::track::Cover {
            id: ResourceId([0xab; 32]),
            length: 1,
            media_type: "image/png".to_owned(),
        });
        let address = face(&track).address.unwrap();
        let expected = format!("/stream/{}?channel={}", "ab".repeat(32), "02".repeat(32));
        assert_eq!(address, expected);
    }
}
