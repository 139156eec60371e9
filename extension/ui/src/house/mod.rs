//! Files of a move, between the engine and the disk: what is written page by page, and what is read part by part.

mod export;
mod import;

use web_sys::File;

pub(crate) use self::{
    export::save_channel,
    import::{Begun, Report},
};
use crate::js;

/// Files are read in parts of this.
const PART: f64 = 256.0 * 1024.0;

/// Reads part of a file; none if the browser cannot read it any more.
async fn read(file: &File, from: f64) -> Option<Vec<u8>> {
    let part = file.slice_with_f64_and_f64(from, from + PART).ok()?;
    js::bytes(&part).await
}
