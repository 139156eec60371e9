//! The bytes of a file: slice by slice, or one part of it.

use std::ops::Range;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// A part of a file; it has fewer bytes if the file has shrunk.
pub(super) async fn part(file: &Blob, range: Range<u64>) -> Result<Vec<u8>, JsValue> {
    // Exact up to 8 PiB.
    let part = file.slice_with_f64_and_f64(range.start as f64, range.end as f64)?;
    let buffer = JsFuture::from(part.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Reads slices of a file in order. The next one is on its way while one is worked on, and no more than that.
pub(super) struct Slices<'a, I, T> {
    file: &'a Blob,
    ranges: I,
    coming: Option<(T, Result<JsFuture, JsValue>)>,
}

impl<'a, T, I: Iterator<Item = (T, Range<u64>)>> Slices<'a, I, T> {
    /// Each slice is named by something.
    pub(super) fn of(file: &'a Blob, ranges: I) -> Self {
        let coming = None;
        let mut slices = Self {
            file,
            ranges,
            coming,
        };
        slices.ask();
        slices
    }

    fn ask(&mut self) {
        self.coming = self.ranges.next().map(|(name, range)| {
            // Exact up to 8 PiB.
            let (start, end) = (range.start as f64, range.end as f64);
            let slice = self.file.slice_with_f64_and_f64(start, end);
            (name, slice.map(|slice| slice.array_buffer().into()))
        });
    }

    /// The next slice; it has fewer bytes than its range if the file has shrunk.
    pub(super) async fn next(&mut self) -> Result<Option<(T, Vec<u8>)>, JsValue> {
        let Some((name, coming)) = self.coming.take() else {
            return Ok(None);
        };
        let buffer = coming?.await?;
        self.ask();
        Ok(Some((name, Uint8Array::new(&buffer).to_vec())))
    }
}
