//! What the core says, in words for a terminal.

use catnest::node::Problem;

/// A problem.
pub(crate) fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Address(error) => error.to_string(),
        Problem::StoreFull => "no room left on the disk".to_owned(),
        Problem::Quota { bytes, room } => format!(
            "{} are more than the quota has room for, which is {}; forget something, or give it more",
            size(*bytes),
            size(*room)
        ),
        Problem::StoreUnavailable { detail } => detail.clone(),
        Problem::File(error) => error.to_string(),
        Problem::NoFile => "the file is not there, or not whole".to_owned(),
        Problem::TooManyTransfers => "too many files are on their way".to_owned(),
        Problem::TooManyChannels => {
            format!(
                "a device is in no more than {} nests",
                catnest::limits::MAX_CHANNELS
            )
        }
        Problem::NotJoined => "the device is not in that nest".to_owned(),
        Problem::Retention => "that is no stretch of time".to_owned(),
        other => format!("refused: {other:?}"),
    }
}

/// A number of bytes: in thousands, not 1024s, as the views have it.
pub(crate) fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// Bytes a second.
pub(crate) fn rate(bytes_a_second: u64) -> String {
    format!("{}/s", size(bytes_a_second))
}
