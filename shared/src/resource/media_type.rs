//! Media types: what a file is by its name, and as what it can be shown without harm.
//!
//! Whoever shares a file says what it is, and may lie. So nothing is decided here that the bytes could turn against the
//! reader: a page or a drawing that is opened from a blob runs its scripts with the rights of the extension, and a type
//! that carries none does not, whatever the bytes are.

/// What nothing better is known of (RFC 2046 §4.5.1).
pub const UNKNOWN: &str = "application/octet-stream";

/// Media types by the endings of names. Systems and browsers know more of them, each others; the same file is to be the
/// same everywhere.
const BY_ENDING: [(&str, &str); 69] = [
    ("3gp", "video/3gpp"),
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("aif", "audio/aiff"),
    ("aiff", "audio/aiff"),
    ("apk", "application/vnd.android.package-archive"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("bz2", "application/x-bzip2"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("jxl", "image/jxl"),
    ("log", "text/plain"),
    ("lrc", "text/plain"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("md", "text/markdown"),
    ("mid", "audio/midi"),
    ("mkv", "video/matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("rar", "application/vnd.rar"),
    ("rtf", "application/rtf"),
    ("srt", "application/x-subrip"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("wma", "audio/x-ms-wma"),
    ("wmv", "video/x-ms-wmv"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("xml", "application/xml"),
    ("xz", "application/x-xz"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

/// As what a browser shows a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Pixels, which every browser knows.
    Picture,
    /// Played, and heard only.
    Audio,
    /// Played.
    Video,
    /// Letter by letter, whatever it means.
    Text,
    /// In the browser's own viewer.
    Pdf,
}

/// All that is shown, in the order of the alphabet: nothing of it carries scripts that a browser would run. SVG and HTML
/// do.
const SHOWN: [(&str, Shown); 34] = [
    ("application/pdf", Shown::Pdf),
    ("audio/aac", Shown::Audio),
    ("audio/flac", Shown::Audio),
    ("audio/m4a", Shown::Audio),
    ("audio/mp3", Shown::Audio),
    ("audio/mp4", Shown::Audio),
    ("audio/mpeg", Shown::Audio),
    ("audio/ogg", Shown::Audio),
    ("audio/opus", Shown::Audio),
    ("audio/vnd.wave", Shown::Audio),
    ("audio/wav", Shown::Audio),
    ("audio/wave", Shown::Audio),
    ("audio/webm", Shown::Audio),
    ("audio/x-aac", Shown::Audio),
    ("audio/x-flac", Shown::Audio),
    ("audio/x-m4a", Shown::Audio),
    ("audio/x-wav", Shown::Audio),
    ("image/avif", Shown::Picture),
    ("image/bmp", Shown::Picture),
    ("image/gif", Shown::Picture),
    ("image/jpeg", Shown::Picture),
    ("image/png", Shown::Picture),
    ("image/webp", Shown::Picture),
    ("text/csv", Shown::Text),
    ("text/markdown", Shown::Text),
    ("text/plain", Shown::Text),
    ("video/3gpp", Shown::Video),
    ("video/matroska", Shown::Video),
    ("video/mp4", Shown::Video),
    ("video/ogg", Shown::Video),
    ("video/quicktime", Shown::Video),
    ("video/webm", Shown::Video),
    ("video/x-m4v", Shown::Video),
    ("video/x-matroska", Shown::Video),
];

/// The media type of a file, by the ending of its name.
pub fn by_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let known = BY_ENDING.iter().find(|(known, _)| *known == ending);
    known.map(|(_, media_type)| *media_type)
}

/// As what a file of a media type, in lower case and without parameters, is shown; one of any other can only be saved.
pub fn shown_as(media_type: &str) -> Option<Shown> {
    let known = SHOWN.iter().find(|(known, _)| *known == media_type);
    known.map(|(_, shown)| *shown)
}

/// The type that bytes may be given where a browser opens them: their own if nothing of it runs, or none.
pub fn harmless(media_type: &str) -> &str {
    shown_as(media_type).map_or(UNKNOWN, |_| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::is_media_type;

    #[test]
    fn each_type_and_ending_stands_once_and_can_be_said() {
        assert!(BY_ENDING.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(SHOWN.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let types = BY_ENDING.iter().map(|(_, media_type)| media_type);
        for media_type in types.chain(SHOWN.iter().map(|(media_type, _)| media_type)) {
            assert!(is_media_type(media_type), "{media_type}");
        }
    }

    #[test]
    fn a_name_tells_by_its_ending_only() {
        for (name, media_type) in [
            ("a song.FLAC", Some("audio/flac")),
            ("archive.tar.gz", Some("application/gzip")),
            (".png", Some("image/png")),
            ("png", None),
            ("猫", None),
            ("a.", None),
        ] {
            assert_eq!(by_name(name), media_type, "{name}");
        }
    }

    #[test]
    fn what_could_run_scripts_is_bytes() {
        for media_type in ["image/png", "text/plain", "application/pdf", "audio/mpeg"] {
            assert_eq!(harmless(media_type), media_type);
        }
        for media_type in [
            "image/svg+xml",
            "text/html",
            "text/xml",
            "application/xhtml+xml",
            "text/javascript",
            "IMAGE/PNG",
            "",
        ] {
            assert_eq!(harmless(media_type), UNKNOWN);
        }
    }
}
