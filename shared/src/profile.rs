//! What a member is called, and the sign that is shown beside the name.
//!
//! Both are text of others, which a screen shows beside that of the views. So nothing in them may be invisible, turn the
//! direction of what follows, or fill more than its place.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::limits;

/// How a member appears to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Profile {
    /// The name.
    #[n(0)]
    pub name: String,
    /// The avatar: an emoji, or a character or two.
    #[n(1)]
    pub avatar: Option<String>,
}

/// Whether a text can be a member's name: something to read, and not too much of it.
pub fn is_name(name: &str) -> bool {
    is_shown(name, limits::MAX_NAME_BYTES)
}

/// Whether a text can be a member's avatar.
pub fn is_avatar(avatar: &str) -> bool {
    is_shown(avatar, limits::MAX_AVATAR_BYTES)
}

fn is_shown(text: &str, most: usize) -> bool {
    let seen = |c: char| !c.is_whitespace() && !is_ignorable(c);
    text.len() <= most
        && text.chars().any(seen)
        && text
            .chars()
            .all(|c| !c.is_control() && (!is_ignorable(c) || joins(c)))
}

/// Whether a character is one that nobody sees: `Default_Ignorable_Code_Point` of Unicode 17 (UAX #44, §5.1), the
/// controls of direction among them, and what is blank without being a space.
pub fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Those that scripts and emoji are written with: joiners, variation selectors, and the tags of flags.
pub(crate) fn joins(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_something_to_read() {
        let longest = "n".repeat(limits::MAX_NAME_BYTES);
        let cases = [
            ("Ann", true),
            ("猫咪", true),
            ("👩‍👩‍👧 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿", true),
            ("می‌خواهم", true),
            (&longest, true),
            (&format!("{longest}n"), false),
            ("", false),
            (" \t", false),
            ("Ann\n", false),
            ("\u{200b}", false),
            ("\u{200d}\u{fe0f}", false),
            ("\u{3164}", false),
            ("A\u{200b}nn", false),
            ("Ann\u{202e}", false),
            ("\u{2066}Ann", false),
            ("An\u{ad}n", false),
        ];
        for (name, expected) in cases {
            assert_eq!(is_name(name), expected, "{name:?}");
        }
    }

    #[test]
    fn avatars_are_short() {
        for (avatar, expected) in [
            ("🐈‍⬛", true),
            ("猫", true),
            ("👩🏽‍❤️‍💋‍👩🏾", true),
            ("🐈🐈🐈🐈🐈🐈🐈🐈🐈🐈", false),
            ("", false),
            ("\u{202e}", false),
        ] {
            assert_eq!(is_avatar(avatar), expected, "{avatar:?}");
        }
    }
}
