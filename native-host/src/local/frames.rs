//! Frames: a length in the machine's own byte order, then so many bytes ([`catnest::host`]).

use catnest::limits;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

/// A stream as frames.
pub(crate) type Frames<S> = Framed<S, LengthDelimitedCodec>;

/// Reads and writes frames. Of one that is too long nothing is read but its length.
pub(crate) fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder()
        .length_field_type::<u32>()
        .native_endian()
        .max_frame_length(limits::MAX_HOST_FRAME_BYTES)
        .new_codec()
}
