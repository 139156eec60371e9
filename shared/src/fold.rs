//! Texts are found whatever their case, width and composition, and whatever invisible stands in them.
//!
//! This is `NFKC_Casefold` of the Unicode Standard (§3.13.3) but for its case folding, which is made of the mappings that
//! the standard library has: what has the same upper case has the same lower case of that. It makes "ı" an "i" as well.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::profile::is_ignorable;

/// The same for two texts that a reader takes for the same.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc()
        .filter(|c| !is_ignorable(*c))
        .flat_map(without_case)
        .nfkc()
        .collect()
}

/// A text as it is, with each accent in one character with its letter (NFC): files that were named on macOS have them apart.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// Lower case first: the upper case of "ẞ" is itself, that of "ß" is "SS".
fn without_case(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_folds_to_the_same() {
        for (text, expected) in [
            ("Hello", "hello"),
            ("ＡＢＣ　１２３", "abc 123"),
            ("ﾎﾟｹﾓﾝ", "ポケモン"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("STRAẞE", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("Σίσυφος", "σίσυφοσ"),
            ("Cafe\u{301}", "café"),
            ("ﬁn", "fin"),
            ("b\u{200b}a\u{ad}n", "ban"),
            ("猫窝", "猫窝"),
            ("Ёлка", "ёлка"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for c in '\0'..=char::MAX {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn accents_are_composed() {
        assert_eq!(composed("Cafe\u{301}"), "Café");
        assert!(matches!(composed("Ｃafé"), Cow::Borrowed(_)));
    }
}
