//! Covers, which others chose: looked at before anything decodes them.

use catnest::{
    channel::ChannelId,
    limits,
    music::tags::picture,
    node::{ReadPart, ReadProblem},
    resource::{Descriptor, ResourceId},
};

use super::Reads;
use crate::mail::Mail;

/// Why there is no cover.
pub(crate) enum NoCover {
    /// It cannot be read.
    Read(ReadProblem),
    /// It is no picture that a cover can be.
    Picture,
}

/// Reads all of a cover. Its media type is what its bytes are, whatever was said of it.
pub(crate) async fn read(
    reads: &Reads,
    file: ResourceId,
    channel: Option<ChannelId>,
) -> Result<(Descriptor, Vec<u8>), NoCover> {
    let mail = Mail::default();
    let came = mail.clone();
    let reader = reads.reader(move |part| came.put(part));
    reader.begin(file, channel, 0, u64::MAX);
    let (mut opened, mut bytes) = (None, Vec::new());
    loop {
        match mail.take().await {
            ReadPart::Opened(cover) => {
                if cover.length > limits::MAX_COVER_BYTES {
                    return Err(NoCover::Picture);
                }
                opened = Some(cover);
            }
            ReadPart::Bytes { bytes: part, .. } => bytes.extend(part),
            ReadPart::End => break,
            ReadPart::Failed(problem) => return Err(NoCover::Read(problem)),
        }
        reader.more();
    }
    let cover = opened.ok_or(NoCover::Read(ReadProblem::Unknown))?;
    let picture = picture::check(bytes).map_err(|_| NoCover::Picture)?;
    let media_type = picture.media_type.to_owned();
    let cover = Descriptor {
        media_type,
        ..cover
    };
    Ok((cover, picture.bytes))
}
