//! What a crash, or somebody with a file manager, leaves behind.

use std::{
    fs::{self, OpenOptions},
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use catnest::store::{Store, StoreError};

use crate::{PIECE, Sample, folder, names, open};

/// The folder of the store that the child writes to.
const CHILD_FOLDER: &str = "CATNEST_TEST_STORE";

#[pollster::test]
async fn bytes_without_their_bit_are_not_had() {
    let (folder, sample) = (folder(), Sample::of(3));
    let store = open(folder.path());
    store.save_resource(&sample.entry).await.unwrap();
    let put = [sample.piece(2), sample.piece(0)];
    store.put_pieces(sample.id(), &put).await.unwrap();
    drop(store);
    let part = sample.part(folder.path());
    let mut bytes = fs::read(&part).unwrap();
    assert_eq!(bytes.len(), 3 * PIECE);
    bytes[PIECE..2 * PIECE].copy_from_slice(&sample.piece(1).1);
    fs::write(&part, bytes).unwrap();
    let store = open(folder.path());
    assert_eq!(sample.had(&store).await, [0, 2]);
    let missing = [sample.piece(1), sample.piece(3)];
    store.put_pieces(sample.id(), &missing).await.unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2, 3]);
    assert_eq!(fs::read(sample.file(folder.path())).unwrap(), sample.bytes);
}

#[pollster::test]
async fn a_file_has_the_name_of_what_is_in_it() {
    let (folder, sample) = (folder(), Sample::of(2));
    let (whole, part) = (sample.file(folder.path()), sample.part(folder.path()));
    let store = sample.complete(folder.path()).await;
    assert!(whole.exists() && !part.exists());
    store.drop_pieces(sample.id(), &[1]).await.unwrap();
    assert!(!whole.exists() && part.exists());
    assert_eq!(sample.had(&store).await, [0, 2]);
    let again = [sample.piece(1)];
    store.put_pieces(sample.id(), &again).await.unwrap();
    assert!(whole.exists() && !part.exists());
    drop(store);
    // Killed after the bits were committed, and before the file was renamed.
    fs::rename(&whole, &part).unwrap();
    let store = open(folder.path());
    assert_eq!(sample.had(&store).await, [0, 1, 2]);
    assert!(whole.exists() && !part.exists());
}

#[pollster::test]
async fn pieces_go_with_their_file() {
    let (folder, sample) = (folder(), Sample::of(3));
    drop(sample.complete(folder.path()).await);
    let whole = sample.file(folder.path());
    let cut = OpenOptions::new().write(true).open(&whole).unwrap();
    cut.set_len(2 * PIECE as u64 + 1).unwrap();
    let store = open(folder.path());
    assert_eq!(sample.had(&store).await, [0, 1]);
    drop(store);
    fs::remove_file(sample.part(folder.path())).unwrap();
    let store = open(folder.path());
    assert_eq!(sample.had(&store).await, [] as [u32; 0]);
    // It can be had again.
    store
        .put_pieces(sample.id(), &sample.pieces())
        .await
        .unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2, 3]);
}

#[pollster::test]
async fn a_file_that_vanishes_takes_its_pieces_along() {
    let (folder, sample) = (folder(), Sample::of(20));
    let store = open(folder.path());
    store.save_resource(&sample.entry).await.unwrap();
    let early: Vec<_> = (0..9).map(|number| sample.piece(number)).collect();
    store.put_pieces(sample.id(), &early).await.unwrap();
    fs::remove_file(sample.part(folder.path())).unwrap();
    drop(store);
    let store = open(folder.path());
    let late = [sample.piece(12)];
    store.put_pieces(sample.id(), &late).await.unwrap();
    assert_eq!(sample.had(&store).await, [12]);
}

#[pollster::test]
async fn files_without_rows_are_removed_and_others_left() {
    let (folder, sample, gone) = (folder(), Sample::of(1), Sample::of(2));
    drop(sample.complete(folder.path()).await);
    for stray in [gone.file(folder.path()), gone.part(folder.path())] {
        fs::write(stray, "left over").unwrap();
    }
    // Both names: of one that is complete, the part is nothing.
    fs::write(sample.part(folder.path()), "old").unwrap();
    let files = folder.path().join("files");
    fs::write(files.join("readme.txt"), "mine").unwrap();
    let store = open(folder.path());
    assert_eq!(
        names(&files),
        [sample.id().to_string(), "readme.txt".into()]
    );
    assert_eq!(sample.had(&store).await, [0, 1]);
    store.remove_resource(sample.id()).await.unwrap();
    assert_eq!(names(&files), ["readme.txt"]);
}

#[pollster::test]
async fn a_put_that_fails_changes_nothing() {
    let (folder, sample) = (folder(), Sample::of(3));
    let store = open(folder.path());
    store.save_resource(&sample.entry).await.unwrap();
    // What cannot be written: a folder has the file's name.
    fs::create_dir(sample.part(folder.path())).unwrap();
    let put = store.put_pieces(sample.id(), &sample.pieces()).await;
    assert!(matches!(put, Err(StoreError::Unavailable(_))), "{put:?}");
    fs::remove_dir(sample.part(folder.path())).unwrap();
    assert_eq!(sample.had(&store).await, [] as [u32; 0]);
    // Nor does a piece that is none, with those beside it.
    let long = vec![1; PIECE + 1];
    let put = [sample.piece(0), (1, long)];
    let put = store.put_pieces(sample.id(), &put).await;
    assert!(matches!(put, Err(StoreError::Unavailable(_))), "{put:?}");
    assert_eq!(sample.had(&store).await, [] as [u32; 0]);
    store
        .put_pieces(sample.id(), &sample.pieces())
        .await
        .unwrap();
    assert_eq!(sample.had(&store).await, [0, 1, 2, 3]);
}

/// What was said to be there is there when the process is killed, and what is there is right.
#[pollster::test]
async fn who_is_killed_keeps_what_was_acknowledged() {
    let sample = Sample::of(200);
    for batches in [1, 2, 5, 9, 20] {
        let folder = folder();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crashes::puts_pieces_until_it_is_killed"])
            .arg("--nocapture")
            .env(CHILD_FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let acknowledged = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("put ")?.parse::<u32>().ok())
            .nth(batches - 1)
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let had = sample.had(&open(folder.path())).await;
        let at_least: Vec<u32> = (0..acknowledged).collect();
        assert!(had.starts_with(&at_least), "{acknowledged}: {had:?}");
        // Batches come whole.
        assert!(had.len().is_multiple_of(8) || had.len() == 201);
    }
}

/// The process of `who_is_killed_keeps_what_was_acknowledged`; by itself it does nothing.
#[pollster::test]
async fn puts_pieces_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let sample = Sample::of(200);
    let store = open(folder.as_ref());
    store.save_resource(&sample.entry).await.unwrap();
    for batch in sample.pieces().chunks(8) {
        store.put_pieces(sample.id(), batch).await.unwrap();
        println!("\nput {}", batch[batch.len() - 1].0 + 1);
    }
}
