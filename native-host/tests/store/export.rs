//! Complete files are handed out.

use std::{
    fs::{self, OpenOptions},
    io::Write,
};

use catnest::store::Store;
use catnest_host::store::{ExportError, Source};

use crate::{Sample, folder, names, open};

#[pollster::test]
async fn what_is_complete_is_handed_out_and_kept() {
    let (home, out, sample) = (folder(), folder(), Sample::of(2));
    let store = sample.complete(home.path()).await;
    let target = out.path().join("猫.ogg");
    store.export(sample.id(), &target, false).unwrap();
    assert_eq!(fs::read(&target).unwrap(), sample.bytes);
    assert_eq!(names(out.path()), ["猫.ogg"]);
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    drop(store);
    let store = open(home.path());
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    // Again, elsewhere, and over itself.
    store
        .export(sample.id(), &out.path().join("2.ogg"), false)
        .unwrap();
    store.export(sample.id(), &target, true).unwrap();
    assert_eq!(names(out.path()), ["2.ogg", "猫.ogg"]);
    fs::remove_file(&target).unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
}

#[pollster::test]
async fn what_is_there_is_replaced_only_by_force() {
    let (home, out, sample) = (folder(), folder(), Sample::of(2));
    let store = sample.complete(home.path()).await;
    let target = out.path().join("猫.ogg");
    fs::write(&target, "mine").unwrap();
    let refused = store.export(sample.id(), &target, false);
    assert!(matches!(refused, Err(ExportError::Exists(path)) if path == target));
    assert_eq!(fs::read(&target).unwrap(), b"mine");
    store.export(sample.id(), &target, true).unwrap();
    assert_eq!(fs::read(&target).unwrap(), sample.bytes);
    assert_eq!(names(out.path()), ["猫.ogg"]);
}

#[pollster::test]
async fn what_is_not_complete_or_not_known_is_not_handed_out() {
    let (home, out, sample) = (folder(), folder(), Sample::of(2));
    let store = open(home.path());
    let target = out.path().join("猫.ogg");
    let refused = store.export(sample.id(), &target, false);
    assert!(matches!(refused, Err(ExportError::Unknown)));
    store.save_resource(&sample.entry).await.unwrap();
    store
        .put_pieces(sample.id(), &[sample.piece(0)])
        .await
        .unwrap();
    let refused = store.export(sample.id(), &target, true).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the file is not complete: 1 of 3 pieces are there"
    );
    store
        .put_pieces(sample.id(), &sample.pieces())
        .await
        .unwrap();
    let nowhere = out.path().join("nowhere/猫.ogg");
    let refused = store.export(sample.id(), &nowhere, false);
    assert!(matches!(refused, Err(ExportError::Target { .. })));
    assert_eq!(names(out.path()), [] as [&str; 0]);
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
}

/// What the user does to a file that was handed out is not undone, and not sent to anybody.
#[pollster::test]
async fn a_file_that_was_handed_out_is_the_users() {
    let (home, out, sample) = (folder(), folder(), Sample::of(2));
    let store = sample.complete(home.path()).await;
    let target = out.path().join("猫.ogg");
    store.export(sample.id(), &target, false).unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    let mut file = OpenOptions::new().append(true).open(&target).unwrap();
    file.write_all(b"a tag").unwrap();
    let edited = fs::read(&target).unwrap();
    // Where there are no hard links it is a copy, and the store still has its own.
    for reopened in [false, true] {
        let had = sample.had(&store).await;
        assert!(had.is_empty() || had == [0, 1, 2], "{reopened}: {had:?}");
    }
    drop(store);
    let store = open(home.path());
    store.drop_pieces(sample.id(), &[0, 1, 2]).await.unwrap();
    store
        .put_pieces(sample.id(), &sample.pieces())
        .await
        .unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    assert_eq!(fs::read(&target).unwrap(), edited);
}

#[pollster::test]
async fn a_linked_file_is_handed_out_as_a_copy() {
    let (home, out, sample) = (folder(), folder(), Sample::of(2));
    let (shared, target) = (out.path().join("a.ogg"), out.path().join("b.ogg"));
    fs::write(&shared, &sample.bytes).unwrap();
    let store = open(home.path());
    let source = Source::of(&shared).unwrap();
    store
        .link_file(&sample.entry, &sample.hashed.outline, &source)
        .unwrap();
    store.export(sample.id(), &target, false).unwrap();
    fs::write(&shared, "another song").unwrap();
    assert_eq!(fs::read(&target).unwrap(), sample.bytes);
    let refused = store.export(sample.id(), &out.path().join("c.ogg"), false);
    assert!(matches!(
        refused,
        Err(ExportError::Incomplete { have: 0, .. })
    ));
    assert_eq!(names(out.path()), ["a.ogg", "b.ogg"]);
}
