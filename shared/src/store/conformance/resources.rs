//! What every store must do with resources.

use super::{NEST, OTHER};
use crate::{
    resource::{Descriptor, Hashed, Have, Md5, ResourceHasher, ResourceId},
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
