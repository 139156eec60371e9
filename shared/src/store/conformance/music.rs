//! Lists of tracks, and what a device has one of for its music.

use super::{NEST, OTHER, author, entry};
use crate::{
    channel::ChannelId,
    identity::Author,
    resource::ResourceId,
    store::{MusicPart, Reply, Request, Store, TrackRow},
};

fn id(number: u16) -> ResourceId {
    let mut id = [0; 32];
    id[..2].copy_from_slice(&number.to_be_bytes());
    ResourceId(id)
}

fn track(number: u16, words: &str) -> TrackRow {
    TrackRow {
        id: id(number),
        bytes: words.into(),
    }
}

/// The whole list.
async fn list(store: &impl Store, channel: ChannelId, of: Option<Author>) -> Vec<TrackRow> {
    store.tracks(channel, of, None, usize::MAX).await.unwrap()
}

/// A list comes in the order of ids, whatever order it came in.
pub async fn lists_tracks_in_the_order_of_ids(store: impl Store) {
    assert_eq!(list(&store, NEST, None).await, []);
    // The highest id, the lowest, and one of which only the last byte is not that of another.
    let last = TrackRow {
        id: ResourceId([u8::MAX; 32]),
        bytes: Vec::new(),
    };
    let first = TrackRow {
        id: ResourceId([0; 32]),
        bytes: vec![0; 2048],
    };
    let mut near = track(7, "near");
    near.id.0[31] = 1;
    let put = [
        last.clone(),
        near.clone(),
        track(300, "猫"),
        first.clone(),
        track(7, "b"),
    ];
    for of in [None, Some(author(1)), Some(author(u8::MAX))] {
        store.save_tracks(NEST, of, &put, &[]).await.unwrap();
        let expected = [
            first.clone(),
            track(7, "b"),
            near.clone(),
            track(300, "猫"),
            last.clone(),
        ];
        assert_eq!(list(&store, NEST, of).await, expected);
    }
}

/// A list is read part after part, whether or not the id is there after which it goes on.
pub async fn pages_through_a_list(store: impl Store) {
    let of = Some(author(4));
    let tracks: Vec<TrackRow> = (0..700).map(|number| track(2 * number, "miau")).collect();
    // Saved from its end, and with neighbours that are not to be read.
    for batch in tracks.rchunks(300) {
        store.save_tracks(NEST, of, batch, &[]).await.unwrap();
    }
    for other in [None, Some(author(3)), Some(author(5))] {
        let alone = [track(1, "other")];
        store.save_tracks(NEST, other, &alone, &[]).await.unwrap();
    }
    let page = |after: Option<ResourceId>, limit| store.tracks(NEST, of, after, limit);
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let rows = page(after, 256).await.unwrap();
        let Some(last) = rows.last() else {
            break;
        };
        after = Some(last.id);
        read.extend(rows);
    }
    assert_eq!(read, tracks);
    assert_eq!(page(None, 0).await, Ok(vec![]));
    assert_eq!(page(None, 2).await, Ok(tracks[..2].to_vec()));
    assert_eq!(page(Some(id(2)), 2).await, Ok(tracks[2..4].to_vec()));
    assert_eq!(page(Some(id(3)), 2).await, Ok(tracks[2..4].to_vec()));
    assert_eq!(page(Some(id(1394)), 9).await, Ok(tracks[698..].to_vec()));
    let last = Some(ResourceId([u8::MAX; 32]));
    assert_eq!(page(last, 9).await, Ok(vec![]));
}

/// One change puts some tracks, in place of those that were there, and removes others, which may not be there.
pub async fn replaces_and_removes_tracks(store: impl Store) {
    let before = [track(1, "a"), track(2, "b"), track(3, "c")];
    store.save_tracks(NEST, None, &before, &[]).await.unwrap();
    let put = [track(2, "better"), track(4, "d"), track(3, "again")];
    let gone = [id(1), id(9), id(3)];
    store.save_tracks(NEST, None, &put, &gone).await.unwrap();
    let after = [track(2, "better"), track(3, "again"), track(4, "d")];
    assert_eq!(list(&store, NEST, None).await, after);
    // Twice is once.
    store.save_tracks(NEST, None, &put, &gone).await.unwrap();
    assert_eq!(list(&store, NEST, None).await, after);
    store.save_tracks(NEST, None, &[], &[]).await.unwrap();
    assert_eq!(list(&store, NEST, None).await, after);
    // Of a list that is not there.
    let of = Some(author(1));
    store.save_tracks(NEST, of, &[], &gone).await.unwrap();
    assert_eq!(list(&store, NEST, of).await, []);
    assert_eq!(store.shelves(NEST).await, Ok(vec![]));
}

/// Each channel has a list of its own for the device and for each author, and tells whose there are.
pub async fn keeps_lists_apart(store: impl Store) {
    let lists = [
        (NEST, None, "own"),
        (NEST, Some(author(0)), "of the lowest"),
        (NEST, Some(author(2)), "of two"),
        (NEST, Some(author(u8::MAX)), "of the highest"),
        (OTHER, None, "own elsewhere"),
        (OTHER, Some(author(2)), "of two elsewhere"),
    ];
    for (channel, of, words) in lists.into_iter().rev() {
        let put = [track(5, words), track(6, words)];
        store.save_tracks(channel, of, &put, &[]).await.unwrap();
    }
    store.save_tracks(NEST, None, &[], &[id(5)]).await.unwrap();
    for (channel, of, words) in lists {
        let mut expected = vec![track(5, words), track(6, words)];
        if (channel, of) == (NEST, None) {
            expected.remove(0);
        }
        assert_eq!(list(&store, channel, of).await, expected);
    }
    let shelves = vec![author(0), author(2), author(u8::MAX)];
    assert_eq!(store.shelves(NEST).await, Ok(shelves));
    assert_eq!(store.shelves(OTHER).await, Ok(vec![author(2)]));
    assert_eq!(store.shelves(ChannelId([3; 32])).await, Ok(vec![]));
}

/// A shelf that is removed is gone, also when its last track goes, and others stay.
pub async fn removes_a_shelf(store: impl Store) {
    let one = [track(1, "a")];
    for channel in [NEST, OTHER] {
        for of in [None, Some(author(1)), Some(author(2)), Some(author(3))] {
            store.save_tracks(channel, of, &one, &[]).await.unwrap();
        }
    }
    store.remove_shelf(NEST, author(2)).await.unwrap();
    store.remove_shelf(NEST, author(9)).await.unwrap();
    assert_eq!(list(&store, NEST, Some(author(2))).await, []);
    assert_eq!(store.shelves(NEST).await, Ok(vec![author(1), author(3)]));
    let of = Some(author(3));
    store.save_tracks(NEST, of, &[], &[id(1)]).await.unwrap();
    assert_eq!(store.shelves(NEST).await, Ok(vec![author(1)]));
    assert_eq!(list(&store, NEST, None).await, one);
    assert_eq!(store.shelves(OTHER).await.unwrap().len(), 3);
}

/// Removing a channel removes all lists there, and nothing of others.
pub async fn removes_a_channel_with_its_lists(store: impl Store) {
    let one = [track(1, "a")];
    for (channel, joined) in [(NEST, 1), (OTHER, 2)] {
        store.save_channel(&entry(channel, joined)).await.unwrap();
        for of in [None, Some(author(0)), Some(author(u8::MAX))] {
            store.save_tracks(channel, of, &one, &[]).await.unwrap();
        }
    }
    let part = MusicPart::Queue;
    store.save_music(part, b"next").await.unwrap();
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.shelves(NEST).await, Ok(vec![]));
    for of in [None, Some(author(0)), Some(author(u8::MAX))] {
        assert_eq!(list(&store, NEST, of).await, []);
        assert_eq!(list(&store, OTHER, of).await, one);
    }
    assert_eq!(store.music(part).await, Ok(Some(b"next".to_vec())));
}

/// Queue, player and ban table are kept apart, and what is saved takes the place of what was.
pub async fn keeps_parts_of_music(store: impl Store) {
    let parts = [MusicPart::Queue, MusicPart::Player, MusicPart::Bans];
    for part in parts {
        assert_eq!(store.music(part).await, Ok(None));
    }
    for (part, bytes) in parts.into_iter().zip([&b"long before"[..], b"p", b""]) {
        store.save_music(part, bytes).await.unwrap();
    }
    // As large as they come.
    let queue = vec![7; crate::limits::MAX_QUEUE_BYTES];
    store.save_music(MusicPart::Queue, &queue).await.unwrap();
    assert_eq!(store.music(MusicPart::Queue).await, Ok(Some(queue)));
    let player = store.music(MusicPart::Player).await;
    assert_eq!(player, Ok(Some(b"p".to_vec())));
    let bans = store.music(MusicPart::Bans).await;
    assert_eq!(bans, Ok(Some(Vec::new())));
}

/// Requests about music are the methods by another name.
pub async fn executes_requests_of_music(store: impl Store) {
    let of = Some(author(1));
    let save = Request::SaveTracks {
        channel: NEST,
        of,
        put: vec![track(1, "a"), track(2, "b")],
        gone: vec![id(3)],
    };
    assert_eq!(store.execute(save).await, Ok(Reply::Done));
    let load = Request::LoadTracks {
        channel: NEST,
        of,
        after: Some(id(1)),
        limit: 1,
    };
    let second = Reply::Tracks(vec![track(2, "b")]);
    assert_eq!(store.execute(load.clone()).await, Ok(second));
    let shelves = Request::LoadShelves(NEST);
    let one = Reply::Shelves(vec![author(1)]);
    assert_eq!(store.execute(shelves).await, Ok(one));
    let remove = Request::RemoveShelf {
        channel: NEST,
        of: author(1),
    };
    assert_eq!(store.execute(remove).await, Ok(Reply::Done));
    assert_eq!(store.execute(load).await, Ok(Reply::Tracks(vec![])));
    let save = Request::SaveMusic {
        what: MusicPart::Bans,
        bytes: vec![1, 2],
    };
    let load = Request::LoadMusic(MusicPart::Bans);
    assert_eq!(store.execute(load.clone()).await, Ok(Reply::Music(None)));
    assert_eq!(store.execute(save).await, Ok(Reply::Done));
    let saved = Reply::Music(Some(vec![1, 2]));
    assert_eq!(store.execute(load).await, Ok(saved));
}
