//! Tracks for tests of lists.

use catnest::{
    music::track::Track,
    resource::{Md5, ResourceId},
    time::Millis,
};

/// The track of a number. Ids are in the order of the numbers.
pub(crate) fn track(number: u32) -> Track {
    let [a, b, c, d] = number.to_be_bytes();
    let mut id = [0; 32];
    id[..4].copy_from_slice(&[a, b, c, d]);
    Track {
        id: ResourceId(id),
        md5: Md5([d; 16]),
        length: 27_000_000,
        media_type: "audio/flac".into(),
        name: format!("{number}.flac"),
        title: format!("Song {number}"),
        artist: "The Nest".into(),
        album: "Purr".into(),
        number: None,
        disc: None,
        year: None,
        play_ms: Some(245_120),
        cover: None,
        lyrics: None,
        added: Millis(1_790_000_000_000),
    }
}
