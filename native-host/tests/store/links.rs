//! Files that are shared where they are.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use catnest::store::{Store, StoreError};
use catnest_host::store::{Source, SqliteStore};

use crate::{Sample, folder, names, open};

const NONE: [u32; 0] = [];

/// A sample in a file, and a store that has it there.
async fn linked(sample: &Sample, folder: &Path) -> SqliteStore {
    let path = folder.join("猫.ogg");
    fs::write(&path, &sample.bytes).unwrap();
    let store = open(&folder.join("store"));
    let source = Source::of(&path).unwrap();
    store
        .link_file(&sample.entry, &sample.hashed.outline, &source)
        .unwrap();
    store
}

fn age(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[pollster::test]
async fn a_linked_file_is_read_where_it_is() {
    let (folder, sample) = (folder(), Sample::of(2));
    let store = linked(&sample, folder.path()).await;
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    assert_eq!(
        store.outline(sample.id()).await,
        Ok(Some(sample.hashed.outline.clone()))
    );
    assert_eq!(names(&folder.path().join("store/files")), NONE.map(|_| ""));
    // What is saved or put again changes nothing.
    store.save_resource(&sample.entry).await.unwrap();
    store
        .put_pieces(sample.id(), &[sample.piece(1)])
        .await
        .unwrap();
    drop(store);
    let store = open(&folder.path().join("store"));
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    store.remove_resource(sample.id()).await.unwrap();
    let path = folder.path().join("猫.ogg");
    assert_eq!(fs::read(path).unwrap(), sample.bytes);
}

#[pollster::test]
async fn a_linked_file_that_is_not_as_it_was_has_no_pieces() {
    let (folder, sample) = (folder(), Sample::of(2));
    let store = linked(&sample, folder.path()).await;
    let path = folder.path().join("猫.ogg");
    let source = Source::of(&path).unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    // Another time, another length, gone.
    age(&path, 1_000_000_000);
    assert_eq!(sample.had(&store).await, NONE);
    store
        .link_file(
            &sample.entry,
            &sample.hashed.outline,
            &Source::of(&path).unwrap(),
        )
        .unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(10).unwrap();
    age(&path, 1_000_000_000);
    assert_eq!(sample.had(&store).await, NONE);
    fs::remove_file(&path).unwrap();
    assert_eq!(sample.had(&store).await, NONE);
    // As it was: a disk that is back.
    fs::write(&path, &sample.bytes).unwrap();
    age(&path, 1_000_000_000);
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    // Not the file that was hashed.
    let refused = store.link_file(&sample.entry, &sample.hashed.outline, &source);
    assert!(matches!(refused, Err(StoreError::Unavailable(text)) if text.contains("has changed")));
}

#[pollster::test]
async fn pieces_that_a_linked_file_lost_go_to_a_file_of_the_store() {
    let (folder, sample) = (folder(), Sample::of(2));
    let store = linked(&sample, folder.path()).await;
    let path = folder.path().join("猫.ogg");
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    fs::write(&path, "another song").unwrap();
    store
        .put_pieces(sample.id(), &[sample.piece(1)])
        .await
        .unwrap();
    assert_eq!(sample.had(&store).await, [1]);
    store
        .put_pieces(sample.id(), &sample.pieces())
        .await
        .unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    assert_eq!(fs::read(path).unwrap(), b"another song");
}

#[pollster::test]
async fn a_linked_file_with_a_wrong_piece_is_linked_no_more() {
    let (folder, sample) = (folder(), Sample::of(2));
    let store = linked(&sample, folder.path()).await;
    store.drop_pieces(sample.id(), &[9]).await.unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    store.drop_pieces(sample.id(), &[1]).await.unwrap();
    assert_eq!(sample.had(&store).await, NONE);
    let path = folder.path().join("猫.ogg");
    assert_eq!(fs::read(path).unwrap(), sample.bytes);
}

#[pollster::test]
async fn a_link_takes_the_place_of_pieces_but_not_of_the_file_itself() {
    let (folder, sample) = (folder(), Sample::of(2));
    let home = folder.path().join("store");
    let store = sample.complete(&home).await;
    let own = Source::of(&sample.file(&home)).unwrap();
    let refused = store.link_file(&sample.entry, &sample.hashed.outline, &own);
    assert!(matches!(refused, Err(StoreError::Unavailable(text)) if text.contains("itself")));
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    drop(store);
    let store = linked(&sample, folder.path()).await;
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    assert!(!sample.file(&home).exists());
}

#[pollster::test]
async fn links_are_forgotten_and_nothing_else() {
    let (folder, sample, kept, own) = (folder(), Sample::of(2), Sample::of(1), Sample::of(3));
    let home = folder.path().join("store");
    drop(linked(&kept, folder.path()).await);
    let kept_path = folder.path().join("kept.ogg");
    fs::rename(folder.path().join("猫.ogg"), &kept_path).unwrap();
    let store = linked(&sample, folder.path()).await;
    let source = Source::of(&kept_path).unwrap();
    store
        .link_file(&kept.entry, &kept.hashed.outline, &source)
        .unwrap();
    drop(store);
    let store = own.complete(&home).await;
    store.unlink_all_but(&[kept.id()].into()).unwrap();
    assert_eq!(store.resource(sample.id()).await, Ok(None));
    assert_eq!(kept.had(&store).await, [0, 1]);
    assert_eq!(own.had(&store).await, [0, 1, 2, 3]);
    let path = folder.path().join("猫.ogg");
    assert_eq!(fs::read(path).unwrap(), sample.bytes);
}
