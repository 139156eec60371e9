//! What a music file says of itself, and the files that come out of it or lie beside it.

use std::ops::Range;

use catnest::{
    limits,
    music::{
        encoding,
        tags::{
            Step, TagReader,
            picture::{self, Picture},
        },
    },
    node::Problem,
};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{File, FilePropertyBag};

use super::{read, take_in::changed};
use crate::{files::messages::FromWorker, js};

/// What a music file says of itself; cover and lyrics as files of their own.
pub(super) async fn tags(file: &File, name: &str) -> Result<FromWorker, Problem> {
    let mut reader = TagReader::new(file.size() as u64);
    let mut tags = loop {
        match reader.step() {
            Step::Read(range) => {
                let end = range.offset + range.length;
                let bytes = bytes(file, range.offset..end, name).await?;
                reader.feed(&bytes);
            }
            Step::Done(told) => break *told,
        }
    };
    let (mut cover, mut lyrics) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
    if let Ok(tags) = &mut tags {
        if let Some(picture) = tags.cover.take() {
            let (_, kind) = picture.media_type.split_once('/').unwrap_or_default();
            let ending = if kind == "jpeg" { "jpg" } else { kind };
            cover = picture_file(&picture, &format!("cover.{ending}"));
        }
        let words = std::mem::take(&mut tags.lyrics);
        if !words.is_empty() {
            lyrics = file_of(words.as_bytes(), "lyrics.lrc", "text/plain");
        }
    }
    Ok(FromWorker::Tags {
        tags: Box::new(tags),
        cover,
        lyrics,
    })
}

/// A picture that can be a cover, as what its bytes are.
pub(super) async fn cover(file: &File) -> Result<FromWorker, Problem> {
    let length = file.size() as u64;
    let mut made = JsValue::UNDEFINED;
    if length <= limits::MAX_COVER_BYTES {
        let bytes = bytes(file, 0..length, &file.name()).await?;
        if let Ok(picture) = picture::check(bytes) {
            made = picture_file(&picture, &file.name());
        }
    }
    Ok(FromWorker::Made { file: made })
}

/// Lyrics in UTF-8, so that nobody has to guess again.
pub(super) async fn lyrics(file: &File) -> Result<FromWorker, Problem> {
    let length = file.size() as u64;
    let mut made = JsValue::UNDEFINED;
    if length <= limits::MAX_TEXT_FILE_BYTES as u64 {
        let bytes = bytes(file, 0..length, &file.name()).await?;
        let text = encoding::decode(&bytes).unwrap_or_default();
        if !text.trim().is_empty() {
            made = file_of(text.as_bytes(), &file.name(), "text/plain");
        }
    }
    Ok(FromWorker::Made { file: made })
}

async fn bytes(file: &File, range: Range<u64>, name: &str) -> Result<Vec<u8>, Problem> {
    let bytes = read::part(file, range).await;
    bytes.map_err(|error| changed(name, &error))
}

fn picture_file(picture: &Picture, name: &str) -> JsValue {
    file_of(&picture.bytes, name, picture.media_type)
}

fn file_of(bytes: &[u8], name: &str, media_type: &str) -> JsValue {
    let options = FilePropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let file = File::new_with_u8_array_sequence_and_options(&parts, name, &options);
    file.map_or_else(
        |error| {
            // There is no room for it, and the song does without.
            js::warn("a cover or lyrics cannot be taken out", &error);
            JsValue::UNDEFINED
        },
        JsValue::from,
    )
}
