//! What a file is, by its media type: how it is drawn, and whether it can be opened.

use catnest::resource::media_type::{Shown, shown_as};

use crate::icon::Icon;

/// Kinds that are treated alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pixels: shown where it stands.
    Picture,
    /// Another image, as SVG, which may have scripts and load things.
    Drawing,
    Audio,
    Video,
    /// Shown letter by letter, whatever it means.
    Text,
    Pdf,
    Archive,
    Other,
}

impl Kind {
    /// By a media type in lower case.
    pub(crate) fn of(media_type: &str) -> Self {
        match shown_as(media_type) {
            Some(Shown::Picture) => return Kind::Picture,
            Some(Shown::Audio) => return Kind::Audio,
            Some(Shown::Video) => return Kind::Video,
            Some(Shown::Text) => return Kind::Text,
            Some(Shown::Pdf) => return Kind::Pdf,
            None => {}
        }
        match media_type {
            "application/zip"
            | "application/gzip"
            | "application/x-tar"
            | "application/x-7z-compressed"
            | "application/vnd.rar"
            | "application/x-xz"
            | "application/zstd" => Kind::Archive,
            other => match other.split_once('/') {
                Some(("image", _)) => Kind::Drawing,
                Some(("audio", _)) => Kind::Audio,
                Some(("video", _)) => Kind::Video,
                _ => Kind::Other,
            },
        }
    }

    pub(crate) fn icon(self) -> Icon {
        match self {
            Kind::Picture | Kind::Drawing => Icon::Picture,
            Kind::Audio => Icon::Music,
            Kind::Video => Icon::Film,
            Kind::Text | Kind::Pdf => Icon::Document,
            Kind::Archive => Icon::Archive,
            Kind::Other => Icon::File,
        }
    }
}

/// The browser shows a file of this media type and runs nothing of it. Every other can only be saved.
pub(crate) fn opens(media_type: &str) -> bool {
    shown_as(media_type).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_nothing_is_opened() {
        for (media_type, kind, opens) in [
            ("image/png", Kind::Picture, true),
            ("image/svg+xml", Kind::Drawing, false),
            ("audio/mpeg", Kind::Audio, true),
            ("video/mp4", Kind::Video, true),
            ("audio/midi", Kind::Audio, false),
            ("image/bmp", Kind::Picture, true),
            ("text/csv", Kind::Text, true),
            ("text/plain", Kind::Text, true),
            ("text/html", Kind::Other, false),
            ("text/javascript", Kind::Other, false),
            ("application/xhtml+xml", Kind::Other, false),
            ("application/pdf", Kind::Pdf, true),
            ("application/zip", Kind::Archive, false),
            ("application/octet-stream", Kind::Other, false),
            ("", Kind::Other, false),
        ] {
            let found = (Kind::of(media_type), super::opens(media_type));
            assert_eq!(found, (kind, opens), "{media_type}");
        }
    }
}
