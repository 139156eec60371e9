//! What every store must do with resources.

use std::ops::Range;

use super::{NEST, OTHER};
use crate::{
    limits,
    resource::{Descriptor, Hashed, Have, Md5, ResourceHasher, ResourceId, pieces},
    store::{ResourceEntry, Store, StoredResource},
    time::Millis,
};

/// A file of two pieces and a half.
fn file() -> (Vec<u8>, Hashed) {
    let bytes: Vec<u8> = (0..160 * 1024u32).map(|i| (i % 251) as u8).collect();
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(&bytes).unwrap();
    (bytes, hasher.finish().unwrap())
}

fn resource(id: ResourceId, length: u64, added: u64) -> ResourceEntry {
    ResourceEntry {
        descriptor: Descriptor {
            id,
            length,
            md5: Md5([3; 16]),
            name: "小猫.ogg".into(),
            media_type: "audio/ogg".into(),
        },
        channels: [NEST].into(),
        paused: false,
        added: Millis(added),
        md5_checked: false,
        automatic: None,
    }
}

fn nothing_of(entry: &ResourceEntry) -> StoredResource {
    StoredResource {
        entry: entry.clone(),
        have: Have::none(entry.descriptor.length),
    }
}

/// Resources come back in the order they were added, and saving replaces an entry.
pub async fn lists_resources(store: impl Store) {
    assert_eq!(store.resources().await, Ok(vec![]));
    let (one, other) = (ResourceId([9; 32]), ResourceId([8; 32]));
    store.save_resource(&resource(one, 10, 1)).await.unwrap();
    store.save_resource(&resource(other, 20, 2)).await.unwrap();
    let paused = ResourceEntry {
        paused: true,
        channels: [NEST, OTHER].into(),
        automatic: Some(Millis(3)),
        ..resource(one, 10, 1)
    };
    store.save_resource(&paused).await.unwrap();
    let all = vec![nothing_of(&paused), nothing_of(&resource(other, 20, 2))];
    assert_eq!(store.resources().await, Ok(all));
    assert_eq!(store.resource(one).await, Ok(Some(nothing_of(&paused))));
    store.remove_resource(one).await.unwrap();
    assert_eq!(store.resource(one).await, Ok(None));
}

/// Pieces are there once they were put, and not any more once they were dropped.
pub async fn keeps_pieces(store: impl Store) {
    let (bytes, hashed) = file();
    let pieces: Vec<&[u8]> = bytes.chunks(64 * 1024).collect();
    let entry = resource(hashed.id, bytes.len() as u64, 1);
    store.save_resource(&entry).await.unwrap();
    let put = [(2, pieces[2].to_vec()), (0, pieces[0].to_vec())];
    store.put_pieces(hashed.id, &put).await.unwrap();
    let loaded = store.pieces(hashed.id, &[0, 1, 2, 3]).await.unwrap();
    let expected = [Some(pieces[0]), None, Some(pieces[2]), None];
    assert_eq!(loaded, expected.map(|piece| piece.map(<[u8]>::to_vec)));
    // An entry that is saved again has its pieces, unless it is of another length.
    store.save_resource(&entry).await.unwrap();
    let have = store.resource(hashed.id).await.unwrap().unwrap().have;
    assert_eq!(have.missing().collect::<Vec<_>>(), [1]);
    store.drop_pieces(hashed.id, &[0]).await.unwrap();
    assert_eq!(store.pieces(hashed.id, &[0]).await, Ok(vec![None]));
    let have = store.resource(hashed.id).await.unwrap().unwrap().have;
    assert_eq!(have.missing().collect::<Vec<_>>(), [0, 1]);
    let longer = resource(hashed.id, bytes.len() as u64 * 2, 1);
    store.save_resource(&longer).await.unwrap();
    assert_eq!(
        store.resource(hashed.id).await,
        Ok(Some(nothing_of(&longer)))
    );
    assert_eq!(store.pieces(hashed.id, &[2]).await, Ok(vec![None]));
}

/// A resource without bytes has one piece without bytes.
pub async fn keeps_an_empty_resource(store: impl Store) {
    let hashed = ResourceHasher::new(0).finish().unwrap();
    store
        .save_resource(&resource(hashed.id, 0, 1))
        .await
        .unwrap();
    store.put_pieces(hashed.id, &[(0, vec![])]).await.unwrap();
    assert_eq!(store.pieces(hashed.id, &[0]).await, Ok(vec![Some(vec![])]));
    let stored = store.resource(hashed.id).await.unwrap().unwrap();
    assert!(stored.have.is_complete());
}

/// Pieces that come in rows, and go one by one.
pub async fn keeps_rows_of_pieces(store: impl Store) {
    let size = limits::MIN_PIECE_BYTES;
    // The last one is short.
    let length = 30 * size + 5;
    let id = ResourceId([8; 32]);
    let piece = |number: u32| -> (u32, Vec<u8>) {
        let bytes = pieces::bytes_of(length, number);
        (number, vec![number as u8; bytes])
    };
    let row = |numbers: Range<u32>| numbers.map(piece).collect::<Vec<_>>();
    store.save_resource(&resource(id, length, 1)).await.unwrap();
    for numbers in [20..31, 3..5, 5..16, 0..1] {
        store.put_pieces(id, &row(numbers)).await.unwrap();
    }
    store.drop_pieces(id, &[4, 9, 30]).await.unwrap();
    // Among them some that are here.
    store.put_pieces(id, &row(8..11)).await.unwrap();
    let all: Vec<u32> = (0..31).collect();
    let here = |number: &u32| matches!(number, 0 | 3 | 5..16 | 20..30);
    let expected = all
        .iter()
        .map(|number| here(number).then(|| piece(*number).1));
    let expected: Vec<Option<Vec<u8>>> = expected.collect();
    // Not assert_eq: nobody wants to read two million numbers.
    assert!(store.pieces(id, &all).await.unwrap() == expected);
    let backwards: Vec<u32> = all.into_iter().rev().collect();
    let found = store.pieces(id, &backwards).await.unwrap();
    assert!(found.into_iter().rev().eq(expected));
    let stored = store.resource(id).await.unwrap().unwrap();
    let missing: Vec<u32> = stored.have.missing().collect();
    assert_eq!(missing, [1, 2, 4, 16, 17, 18, 19, 30]);
}

/// The largest pieces there are.
pub async fn keeps_large_pieces(store: impl Store) {
    let length = limits::MAX_RESOURCE_BYTES;
    let size = pieces::piece_bytes(length) as usize;
    assert_eq!(size as u64, limits::MAX_PIECE_BYTES);
    let bytes: Vec<u8> = (0..size as u32).map(|at| (at / 251) as u8).collect();
    let id = ResourceId([7; 32]);
    store.save_resource(&resource(id, length, 1)).await.unwrap();
    store.put_pieces(id, &[(3, bytes.clone())]).await.unwrap();
    let loaded = store.pieces(id, &[2, 3, 4]).await.unwrap();
    // Not assert_eq: nobody wants to read a million numbers.
    assert!(loaded == [None, Some(bytes), None]);
    store.drop_pieces(id, &[3]).await.unwrap();
    assert_eq!(store.pieces(id, &[3]).await, Ok(vec![None]));
}

/// An outline is kept with its resource.
pub async fn keeps_outlines(store: impl Store) {
    let (bytes, hashed) = file();
    store
        .save_outline(hashed.id, &hashed.outline)
        .await
        .unwrap();
    assert_eq!(store.outline(hashed.id).await, Ok(None));
    let entry = resource(hashed.id, bytes.len() as u64, 1);
    store.save_resource(&entry).await.unwrap();
    store
        .save_outline(hashed.id, &hashed.outline)
        .await
        .unwrap();
    assert_eq!(store.outline(hashed.id).await, Ok(Some(hashed.outline)));
}

/// A resource goes with all that is kept of it, and what comes too late is not kept.
pub async fn removes_a_resource_with_its_pieces(store: impl Store) {
    let (bytes, hashed) = file();
    let entry = resource(hashed.id, bytes.len() as u64, 1);
    let piece = [(0, bytes[..64 * 1024].to_vec())];
    store.save_resource(&entry).await.unwrap();
    store
        .save_outline(hashed.id, &hashed.outline)
        .await
        .unwrap();
    store.put_pieces(hashed.id, &piece).await.unwrap();
    store.remove_resource(hashed.id).await.unwrap();
    store.put_pieces(hashed.id, &piece).await.unwrap();
    assert_eq!(store.resources().await, Ok(vec![]));
    store.save_resource(&entry).await.unwrap();
    assert_eq!(
        store.resource(hashed.id).await,
        Ok(Some(nothing_of(&entry)))
    );
    assert_eq!(store.outline(hashed.id).await, Ok(None));
    assert_eq!(store.pieces(hashed.id, &[0]).await, Ok(vec![None]));
}
