//! Small drawings in the colour of the text around them.

use leptos::prelude::*;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Archive,
    Bell,
    BellOff,
    Block,
    Bookmark,
    Check,
    Checks,
    Chevron,
    Clip,
    Clock,
    Close,
    Copy,
    Disk,
    Document,
    Down,
    Edit,
    External,
    File,
    Film,
    Flame,
    Folder,
    Follow,
    Globe,
    Grip,
    Group,
    Here,
    History,
    Info,
    Invite,
    Key,
    Keyboard,
    Lead,
    Leave,
    Letter,
    Lock,
    Lyrics,
    Moon,
    More,
    Music,
    Nest,
    Next,
    Pause,
    Person,
    Picture,
    Play,
    PlayNext,
    Plus,
    Previous,
    Qr,
    Queue,
    Recall,
    Repeat,
    RepeatOne,
    Retry,
    Save,
    Search,
    Seed,
    Select,
    Send,
    Server,
    Settings,
    Shuffle,
    Sort,
    Swap,
    Trash,
    Volume,
    VolumeOff,
    Window,
}

impl Icon {
    /// All of them, for the style guide.
    #[cfg(feature = "styleguide")]
    pub(crate) const ALL: [Self; 68] = [
        Self::Archive,
        Self::Bell,
        Self::BellOff,
        Self::Block,
        Self::Bookmark,
        Self::Check,
        Self::Checks,
        Self::Chevron,
        Self::Clip,
        Self::Clock,
        Self::Close,
        Self::Copy,
        Self::Disk,
        Self::Document,
        Self::Down,
        Self::Edit,
        Self::External,
        Self::File,
        Self::Film,
        Self::Flame,
        Self::Folder,
        Self::Follow,
        Self::Globe,
        Self::Grip,
        Self::Group,
        Self::Here,
        Self::History,
        Self::Info,
        Self::Invite,
        Self::Key,
        Self::Keyboard,
        Self::Lead,
        Self::Leave,
        Self::Letter,
        Self::Lock,
        Self::Lyrics,
        Self::Moon,
        Self::More,
        Self::Music,
        Self::Nest,
        Self::Next,
        Self::Pause,
        Self::Person,
        Self::Picture,
        Self::Play,
        Self::PlayNext,
        Self::Plus,
        Self::Previous,
        Self::Qr,
        Self::Queue,
        Self::Recall,
        Self::Repeat,
        Self::RepeatOne,
        Self::Retry,
        Self::Save,
        Self::Search,
        Self::Seed,
        Self::Select,
        Self::Send,
        Self::Server,
        Self::Settings,
        Self::Shuffle,
        Self::Sort,
        Self::Swap,
        Self::Trash,
        Self::Volume,
        Self::VolumeOff,
        Self::Window,
    ];

    /// Strokes on a grid of 24 × 24.
    fn strokes(self) -> &'static str {
        match self {
            Icon::Archive => {
                "M4 4h16a1 1 0 0 1 1 1v3H3V5a1 1 0 0 1 1-1zM4.5 8v11a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1V8M10 12h4"
            }
            Icon::Clip => {
                "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8"
            }
            Icon::Close => "M6 6l12 12M18 6L6 18",
            Icon::Document => {
                "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5M9 13h6M9 17h4"
            }
            Icon::File => "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5",
            Icon::Film => {
                "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM10 9l5 3-5 3z"
            }
            Icon::Flame => {
                "M12 21a6.5 6.5 0 0 0 6.5-6.5c0-3-1.5-5-3-6.5-.3 1.5-1 2.5-2 3 .3-3-1-6-4-8 .2 3-4 6-4 11.5A6.5 6.5 0 0 0 12 21z"
            }
            Icon::Music => {
                "M9 18V6l11-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM20 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z"
            }
            Icon::Pause => "M8 5v14M16 5v14",
            Icon::Picture => {
                "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 16.5l4.5-4.5 4 4 2.5-2.5 5 5M15 9v.01"
            }
            Icon::Play => "M7 5l12 7-12 7z",
            Icon::Bookmark => "M7 3h10a1 1 0 0 1 1 1v17l-6-4.5L6 21V4a1 1 0 0 1 1-1z",
            Icon::History => "M4 12a8 8 0 1 0 2.6-5.9M4 3v5h5M12 8v4.5l3 2",
            Icon::Recall => "M9 14l-5-5 5-5M4 9h10a6 6 0 0 1 0 12h-3",
            Icon::Retry => "M20 12a8 8 0 1 1-2.6-5.9M20 3v5h-5",
            Icon::Search => "M10.5 18a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM16 16l5 5",
            Icon::Seed => "M12 21v-9M12 14c0-4-3-7-8-7 0 4 3 7 8 7zM12 11c0-4 3-7 8-7 0 4-3 7-8 7z",
            Icon::Save => "M12 4v11M7 10.5l5 5 5-5M4 20h16",
            Icon::Swap => "M8 4v15M4 15l4 4 4-4M16 20V5M12 9l4-4 4 4",
            Icon::Trash => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
            Icon::Send => "M21 3 3 10.5l7 2.5 2.5 7zM10 13l4-4",
            Icon::Window => {
                "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM3 9.5h18"
            }
            Icon::Select => {
                "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8 12.5l3 3 5-6"
            }
            Icon::Plus => "M12 5v14M5 12h14",
            Icon::More => "M12 5.5v.01M12 12v.01M12 18.5v.01",
            Icon::Down => "M12 4v16M5 13l7 7 7-7",
            Icon::Clock => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
            Icon::Chevron => "M6 9l6 6 6-6",
            Icon::Checks => "M1.5 12.5l5 5L18 6.5M11 16.5l1 1L22.5 7",
            Icon::Block => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.7 5.7l12.6 12.6",
            Icon::Edit => "M4 20l1-4L15.5 5.5l3 3L8 19zM13.5 7.5l3 3",
            Icon::BellOff => "M18 13V10a6 6 0 0 0-9.5-4.9M6 9v8l-2 2h13M10 21.5h4M3 3l18 18",
            Icon::Bell => "M6 17V10a6 6 0 0 1 12 0v7l2 2H4zM10 21.5h4",
            Icon::Check => "M4 12.5l5 5L20 6.5",
            Icon::Copy => {
                "M10 8h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2zM4 16a2 2 0 0 1-1-2V5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 1"
            }
            Icon::Disk => {
                "M12 10c5 0 8-1.3 8-3s-3-3-8-3-8 1.3-8 3 3 3 8 3zM4 7v10c0 1.7 3 3 8 3s8-1.3 8-3V7M4 12c0 1.7 3 3 8 3s8-1.3 8-3"
            }
            Icon::External => {
                "M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4"
            }
            Icon::Globe => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c4.5 5 4.5 13 0 18M12 3c-4.5 5-4.5 13 0 18"
            }
            Icon::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v6M12 7.5v.01",
            Icon::Invite => {
                "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21v-2a5 5 0 0 1 5-5h4a5 5 0 0 1 5 5v2M19 8v6M16 11h6"
            }
            Icon::Key => "M8 20a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 13l9-9M16 8l3 3M13 11l2 2",
            Icon::Keyboard => {
                "M4 6h16a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM6 10h.01M10 10h.01M14 10h.01M18 10h.01M8 14h8"
            }
            Icon::Lead => "M12 11v10M8.5 14.5a5 5 0 1 1 7 0M5.6 17.6a9 9 0 1 1 12.8 0M12 11v.01",
            Icon::Leave => "M9 21H6a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h3M16 17l5-5-5-5M21 12H9",
            Icon::Letter => {
                "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM3.5 6.5 12 13l8.5-6.5"
            }
            Icon::Lock => {
                "M7 11h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2zM8 11V8a4 4 0 0 1 8 0v3"
            }
            Icon::Moon => "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
            // A head with two ears above a bowl, as in the mark.
            Icon::Nest => "M6 12V4l3.5 3h5L18 4v8M2 12h20c0 5-4 8-10 8S2 17 2 12zM7 16h10",
            Icon::Person => {
                "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21v-1a6 6 0 0 1 6-6h4a6 6 0 0 1 6 6v1"
            }
            Icon::Qr => {
                "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v2M14 20h2M20 20v-1M17.5 17.5v.01"
            }
            Icon::Server => {
                "M5 4h14a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM5 13h14a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1zM8 7.5h.01M8 16.5h.01"
            }
            Icon::Queue => "M4 6h11M4 11h11M4 16h6M14 14.5l6 3.5-6 3.5z",
            Icon::Lyrics => {
                "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8 9h8M8 12.5h5"
            }
            Icon::Previous => "M18 5l-10 7 10 7zM6 5v14",
            Icon::Next => "M6 5l10 7-10 7zM18 5v14",
            Icon::Shuffle => {
                "M3 7h3c5 0 6 10 11 10h4M3 17h3c1.8 0 3-1.3 4-3M13 9.5C14 8 15.2 7 17 7h4M18.5 4.5L21 7l-2.5 2.5M18.5 14.5L21 17l-2.5 2.5"
            }
            Icon::Repeat => {
                "M4 12V10a4 4 0 0 1 4-4h12M17 3l3 3-3 3M20 12v2a4 4 0 0 1-4 4H4M7 21l-3-3 3-3"
            }
            Icon::RepeatOne => {
                "M4 12V10a4 4 0 0 1 4-4h12M17 3l3 3-3 3M20 12v2a4 4 0 0 1-4 4H4M7 21l-3-3 3-3M11 10.5l1.5-1v5.5"
            }
            Icon::Volume => {
                "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"
            }
            Icon::VolumeOff => "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM16 9.5l5 5M21 9.5l-5 5",
            Icon::Grip => "M9 6v.01M9 12v.01M9 18v.01M15 6v.01M15 12v.01M15 18v.01",
            Icon::Group => "M4 5h10M8 10h12M8 14h12M4 19h10M4 10v.01M4 14v.01",
            Icon::Sort => "M7 5v14M3.5 15.5L7 19l3.5-3.5M13 6h8M13 11h6M13 16h4",
            Icon::Folder => {
                "M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"
            }
            Icon::PlayNext => "M4 3.5l6 3.5-6 3.5zM13 7h7M4 14.5h16M4 19.5h16",
            Icon::Follow => {
                "M4 15v-3a8 8 0 0 1 16 0v3M4 14h3v6H5a1 1 0 0 1-1-1zM20 14h-3v6h2a1 1 0 0 0 1-1z"
            }
            Icon::Here => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.2l2.8 2.8L16 9.5",
            Icon::Settings => {
                "M4 7h10M18 7h2M4 17h2M10 17h10M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"
            }
        }
    }
}

/// A drawing beside words that say the same: screen readers pass over it.
#[component]
pub(crate) fn Drawing(icon: Icon, #[prop(optional)] small: bool) -> impl IntoView {
    view! {
        <svg class="icon" class:small=small viewBox="0 0 24 24" aria-hidden="true">
            <path d=icon.strokes() />
        </svg>
    }
}
