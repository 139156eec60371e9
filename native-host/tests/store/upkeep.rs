//! A store is looked after: damage is found wherever it is, and what is not needed goes.

use std::fs::{self, OpenOptions};

use catnest::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    identity::Author,
    store::{ChannelEntry, Mark, NewRecord, Store, StoreError},
    time::Millis,
};
use catnest_host::store::{SqliteStore, Verified, free, taken};

use crate::{PIECE, Sample, folder, open};

/// What is found of a sample.
async fn verify(store: &SqliteStore, sample: &Sample) -> Verified {
    let stored = store.resource(sample.id()).await.unwrap().unwrap();
    let mut read = 0;
    let found = store.verify(&stored, |bytes| read += bytes).await.unwrap();
    assert_eq!(read, found.bytes);
    found
}

fn spoil(path: &std::path::Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[pollster::test]
async fn one_changed_byte_is_found_and_its_piece_forgotten() {
    for outline in [true, false] {
        let (folder, sample) = (folder(), Sample::of(3));
        let store = sample.complete(folder.path()).await;
        if outline {
            let outline = &sample.hashed.outline;
            store.save_outline(sample.id(), outline).await.unwrap();
        }
        let whole = Verified {
            pieces: 4,
            bytes: sample.bytes.len() as u64,
            damaged: 0,
            unread: 0,
        };
        assert_eq!(verify(&store, &sample).await, whole);
        // Now it has one.
        assert!(store.outline(sample.id()).await.unwrap().is_some());
        drop(store);
        spoil(&sample.file(folder.path()), PIECE + 1);
        let store = open(folder.path());
        let found = verify(&store, &sample).await;
        assert_eq!((found.pieces, found.damaged), (4, 1));
        assert_eq!(sample.had(&store).await, [0, 2, 3]);
        assert_eq!(verify(&store, &sample).await.damaged, 0);
    }
}

#[pollster::test]
async fn a_piece_that_changed_on_the_disk_is_not_given() {
    for pieces in [0, 3] {
        let (folder, sample) = (folder(), Sample::of(pieces));
        let store = sample.complete(folder.path()).await;
        let outline = &sample.hashed.outline;
        store.save_outline(sample.id(), outline).await.unwrap();
        let all: Vec<u32> = (0..sample.count()).collect();
        let given = async || store.pieces(sample.id(), &all).await.unwrap();
        assert!(given().await.iter().all(Option::is_some));
        spoil(&sample.file(folder.path()), 1);
        let given = given().await;
        assert_eq!(given[0], None);
        assert!(given[1..].iter().all(Option::is_some));
        // Verifying tells it from what is not there.
        assert_eq!(verify(&store, &sample).await.damaged, 1);
    }
}

#[pollster::test]
async fn of_what_nothing_proves_all_is_forgotten() {
    let (folder, sample) = (folder(), Sample::of(3));
    drop(sample.complete(folder.path()).await);
    spoil(&sample.file(folder.path()), 5);
    let store = open(folder.path());
    assert_eq!(verify(&store, &sample).await.damaged, 4);
    assert_eq!(sample.had(&store).await, [] as [u32; 0]);

    // Some pieces, and no outline.
    let some = [sample.piece(0), sample.piece(2)];
    store.put_pieces(sample.id(), &some).await.unwrap();
    assert_eq!(verify(&store, &sample).await.damaged, 2);
    assert_eq!(sample.had(&store).await, [] as [u32; 0]);
}

/// Of a file that is there nobody can be refused who is root: so it is no file for a while.
#[pollster::test]
async fn what_cannot_be_read_now_stays_and_what_is_not_there_is_forgotten() {
    for outline in [true, false] {
        let (folder, sample) = (folder(), Sample::of(3));
        let store = sample.complete(folder.path()).await;
        if outline {
            let outline = &sample.hashed.outline;
            store.save_outline(sample.id(), outline).await.unwrap();
        }
        drop(store);
        let (file, aside) = (sample.file(folder.path()), folder.path().join("aside"));
        let store = open(folder.path());
        fs::rename(&file, &aside).unwrap();
        fs::create_dir(&file).unwrap();
        let found = verify(&store, &sample).await;
        assert_eq!((found.pieces, found.damaged, found.unread), (4, 0, 4));
        fs::remove_dir(&file).unwrap();
        fs::rename(&aside, &file).unwrap();
        assert_eq!(sample.had(&store).await, [0, 1, 2, 3]);
        let found = verify(&store, &sample).await;
        assert_eq!((found.damaged, found.unread), (0, 0));
        drop(store);
        let store = open(folder.path());
        fs::remove_file(&file).unwrap();
        let found = verify(&store, &sample).await;
        assert_eq!((found.damaged, found.unread), (4, 0));
        assert_eq!(sample.had(&store).await, [] as [u32; 0]);
    }
}

#[pollster::test]
async fn pieces_of_what_is_not_whole_are_looked_at_and_so_are_small_files() {
    let (folder, sample, small) = (folder(), Sample::of(3), Sample::of(0));
    let store = open(folder.path());
    for sample in [&sample, &small] {
        store.save_resource(&sample.entry).await.unwrap();
        let outline = &sample.hashed.outline;
        if sample.count() > 1 {
            store.save_outline(sample.id(), outline).await.unwrap();
        }
    }
    let some = [sample.piece(0), sample.piece(2)];
    store.put_pieces(sample.id(), &some).await.unwrap();
    store.put_pieces(small.id(), &small.pieces()).await.unwrap();
    assert_eq!(verify(&store, &small).await.damaged, 0);
    drop(store);
    spoil(&sample.part(folder.path()), 2 * PIECE);
    spoil(&small.file(folder.path()), 0);
    // Shorter than it should be while it is open.
    let store = open(folder.path());
    let part = OpenOptions::new()
        .write(true)
        .open(sample.part(folder.path()));
    part.unwrap().set_len(PIECE as u64 / 2).unwrap();
    let found = verify(&store, &sample).await;
    assert_eq!((found.pieces, found.damaged), (2, 2));
    assert_eq!(verify(&store, &small).await.damaged, 1);
}

// Elsewhere nothing tells what is free, and nothing is refused for it.
#[cfg(unix)]
#[pollster::test]
async fn pieces_leave_part_of_the_disk_free_and_nothing_else_is_refused() {
    let (folder, sample) = (folder(), Sample::of(3));
    assert!(free(folder.path()).is_some());
    assert_eq!(free(&folder.path().join("gone")), None);
    let store = open(folder.path()).leaving_free(u64::MAX / 2);
    store.save_resource(&sample.entry).await.unwrap();
    let outline = &sample.hashed.outline;
    store.save_outline(sample.id(), outline).await.unwrap();
    let put = store.put_pieces(sample.id(), &sample.pieces()).await;
    assert_eq!(put, Err(StoreError::Full));
    assert_eq!(sample.had(&store).await, [] as [u32; 0]);
    let store = store.leaving_free(1);
    store
        .put_pieces(sample.id(), &sample.pieces())
        .await
        .unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2, 3]);
}

#[pollster::test]
async fn what_is_not_needed_takes_no_room() {
    let (folder, sample) = (folder(), Sample::of(20));
    let kept = Sample::of(2);
    let store = sample.complete(folder.path()).await;
    let channel = ChannelId([1; 32]);
    let address = "webrtc://127.0.0.1/cats".parse().unwrap();
    let entry = ChannelEntry::new(channel, &address, Millis(1));
    store.save_channel(&entry).await.unwrap();
    let mut shared = kept.entry.clone();
    shared.channels.insert(channel);
    store.save_resource(&shared).await.unwrap();
    store.put_pieces(kept.id(), &kept.pieces()).await.unwrap();
    for number in 0..500 {
        let record = NewRecord {
            position: Position {
                time: Millis(number),
                id: RecordId([7; 32]),
            },
            bytes: vec![1; 4000],
            author: Author([2; 32]),
            recalls: None,
            mark: Mark::None,
            kept: false,
        };
        // Of a channel that was left, it will have been.
        store.append(ChannelId([2; 32]), &record).await.unwrap();
    }
    store.remove_channel(ChannelId([2; 32])).await.unwrap();
    let before = taken(folder.path()).unwrap();
    assert!(before > 3_000_000, "{before}");
    // The sample belongs to no channel.
    assert_eq!(store.compact().await, Ok(1));
    let after = taken(folder.path()).unwrap();
    assert!(after < 400_000, "{after}");
    assert_eq!(store.resource(sample.id()).await, Ok(None));
    assert_eq!(kept.had(&store).await, [0, 1, 2]);
    assert_eq!(store.channels().await, Ok(vec![entry]));
    assert_eq!(store.check_database(), Ok(Vec::new()));
}
