//! From the store to views.

use std::{cell::Cell, rc::Rc};

use catnest::store::Store;
use catnest_engine::files::Blobs;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

use crate::stage::{bytes, content, hashed, new_place, put, store, want};

#[wasm_bindgen_test]
async fn blobs_have_the_bytes_and_no_type_that_could_do_harm() {
    let place = new_place().await;
    let blobs = Blobs::new(place.clone(), |file| panic!("{file} is whole"));
    let long = bytes(9 * 1024 * 1024 + 1, 5);
    for (length, said, given) in [
        (long.len(), "image/png", "image/png"),
        (0, "text/plain", "text/plain"),
        (10, "text/html", "application/octet-stream"),
        (11, "image/svg+xml", "application/octet-stream"),
        (12, "application/xhtml+xml", "application/octet-stream"),
        (13, "audio/mpeg", "audio/mpeg"),
    ] {
        let id = put(&place, "a", said, &long[..length], u32::MAX).await;
        let blob: Blob = want(&blobs, id).await.dyn_into().unwrap();
        assert_eq!(blob.type_(), given);
        assert!(content(&blob).await == long[..length], "{said}");
    }
}

#[wasm_bindgen_test]
async fn what_is_not_whole_is_not_given_and_damage_is_told_and_not_kept() {
    let place = new_place().await;
    let told = Rc::new(Cell::new(None));
    let heard = told.clone();
    let blobs = Blobs::new(place.clone(), move |file| heard.set(Some(file)));
    let long = bytes(5 * 1024 * 1024, 6);
    assert!(want(&blobs, hashed(b"absent").id).await.is_undefined());
    assert_eq!(told.take(), None);
    let id = put(&place, "a", "image/png", &long, 79).await;
    assert!(want(&blobs, id).await.is_undefined());
    assert_eq!(told.take(), Some(id));
    let rotten = [(79, vec![0; 64 * 1024])];
    store(&place).put_pieces(id, &rotten).await.unwrap();
    assert!(want(&blobs, id).await.is_undefined());
    assert_eq!(told.take(), Some(id));
    let have = store(&place).resource(id).await.unwrap().unwrap().have;
    assert_eq!(have.missing().collect::<Vec<_>>(), [79]);
}
