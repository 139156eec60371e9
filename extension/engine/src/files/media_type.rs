//! What kind of file a file is: by what the browser says of it, or by its name.

use catnest::resource::{
    is_media_type,
    media_type::{UNKNOWN, by_name},
};

/// The media type of a file, from what the browser says (may be nothing: it asks the system, which may not know) and
/// from its name.
pub(super) fn of(said: &str, name: &str) -> String {
    let without_parameters = said.split(';').next().unwrap_or_default();
    let said = without_parameters.trim().to_ascii_lowercase();
    if is_media_type(&said) && said != UNKNOWN {
        return said;
    }
    by_name(name).unwrap_or(UNKNOWN).into()
}
