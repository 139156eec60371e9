//! Words, in the language of the view they are read in: the reactive side of [`catnest_words`].

use catnest_words::Lang;
use leptos::prelude::*;

/// Gives the language of this view to all in it.
pub(crate) fn provide(lang: Memo<Lang>) {
    provide_context(lang);
}

/// The language of the view this is called in. Reading it in a view makes the view follow it.
pub(crate) fn lang() -> Lang {
    use_context::<Memo<Lang>>().map_or(Lang::English, |lang| lang.get())
}

/// A text in the view's language.
pub(crate) fn t(key: &str) -> String {
    t_with(key, &[])
}

/// A text with values in place of `$1`, `$2`, ….
pub(crate) fn t_with(key: &str, values: &[&str]) -> String {
    catnest_words::text(lang(), key, values)
}

/// A text that depends on a number, which it shows as `$1`.
pub(crate) fn t_plural(key: &str, count: usize) -> String {
    catnest_words::plural(lang(), key, count)
}

/// As [`t_plural`], for numbers that may be large: their thousands are set off.
pub(crate) fn t_count(key: &str, count: usize) -> String {
    // A language without a singular says the same in both forms.
    let form = if count == 1 { "one" } else { "other" };
    t_with(&format!("{key}_{form}"), &[&grouped(count)])
}

/// A number of things, its thousands set off as both languages do.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut set_off = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            set_off.push(',');
        }
        set_off.push(digit);
    }
    set_off
}

/// A text of somebody else, that does not turn the words around it (Unicode: first strong isolate).
pub(crate) fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Every Rust file below a folder.
    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// The literals that a function is called with first.
    fn calls<'a>(source: &'a str, function: &'a str) -> impl Iterator<Item = &'a str> {
        source.match_indices(function).filter_map(move |(at, _)| {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            if source[..at].ends_with(word) {
                return None;
            }
            let argument = source[at + function.len()..].strip_prefix('(')?;
            argument.trim_start().strip_prefix('"')?.split('"').next()
        })
    }

    #[test]
    fn every_key_that_the_views_use_exists() {
        let mut all = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let mut used = 0;
        for source in &all {
            for key in calls(source, "t").chain(calls(source, "t_with")) {
                assert!(catnest_words::has(key), "{key}");
                used += 1;
            }
            for key in calls(source, "t_plural").chain(calls(source, "t_count")) {
                assert!(catnest_words::has(&format!("{key}_other")), "{key}");
                used += 1;
            }
        }
        assert!(used > 50, "the search finds the keys: {used}");
    }

    #[test]
    fn thousands_are_set_off() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (12_345, "12,345"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
