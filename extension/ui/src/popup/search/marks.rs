//! Where the words that are looked for stand in a text: what the engine found is marked as it was found.

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    /// It is one of the words.
    pub(super) hit: bool,
}

/// Characters shown at most of a text.
const LONGEST: usize = 240;
/// Characters shown before the first word, where the text does not begin with it.
const BEFORE: usize = 40;

/// A text around the first of the words, with all of them marked in it.
pub(super) fn excerpt(text: &str, query: &str) -> Vec<Part> {
    let hits = hits(text, query);
    let first = hits.first().map_or(0, |hit| hit.0);
    let starts = || text.char_indices().map(|(at, _)| at);
    let until_first = starts().take_while(|at| *at < first).count();
    let skipped = if until_first > 2 * BEFORE {
        until_first - BEFORE
    } else {
        0
    };
    let begin = starts().nth(skipped).unwrap_or(0);
    let end = starts().nth(skipped + LONGEST).unwrap_or(text.len());
    let mut parts = Vec::new();
    let mut add = |text: &str, hit: bool| {
        if !text.is_empty() {
            parts.push(Part {
                text: text.to_owned(),
                hit,
            });
        }
    };
    add(if begin > 0 { "…" } else { "" }, false);
    let mut at = begin;
    for (from, to) in hits.into_iter().filter(|hit| hit.0 < end) {
        add(&text[at..from], false);
        add(&text[from..to.min(end)], true);
        at = to.min(end);
    }
    add(&text[at..end], false);
    add(if end < text.len() { "…" } else { "" }, false);
    parts
}

/// Where the words stand, in order, those that touch each other as one.
fn hits(text: &str, query: &str) -> Vec<(usize, usize)> {
    // In lower case, as the engine looks; a character may have another length there.
    let mut folded = String::with_capacity(text.len());
    let mut origins = Vec::with_capacity(text.len() + 1);
    for (at, character) in text.char_indices() {
        folded.extend(character.to_lowercase());
        origins.resize(folded.len(), (at, at + character.len_utf8()));
    }
    let mut found: Vec<(usize, usize)> = query
        .split_whitespace()
        .map(str::to_lowercase)
        .flat_map(|word| {
            let begins = folded.match_indices(word.as_str());
            begins
                .filter_map(|(at, hit)| {
                    let last = at + hit.len() - 1;
                    Some((origins.get(at)?.0, origins.get(last)?.1))
                })
                .collect::<Vec<_>>()
        })
        .collect();
    found.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (from, to) in found {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with the marked stretches in brackets.
    fn marked(text: &str, query: &str) -> String {
        let written = |part: Part| match part.hit {
            true => format!("[{}]", part.text),
            false => part.text,
        };
        excerpt(text, query).into_iter().map(written).collect()
    }

    #[test]
    fn words_are_marked_in_any_case_and_language() {
        for (text, query, expected) in [
            ("The cat, and CATS", "cat", "The [cat], and [CAT]S"),
            ("猫窝里有三只猫", "三只 猫", "[猫]窝里有[三只猫]"),
            ("catalog", "cat atal log", "[catalog]"),
            ("GRÜẞE", "grüße", "[GRÜẞE]"),
            // Longer in lower case than as it is written.
            ("İİ cat", "cat", "İİ [cat]"),
            ("nothing", "cat", "nothing"),
            ("", "cat", ""),
            ("<b>cat</b>", "<b>", "[<b>]cat</b>"),
        ] {
            assert_eq!(marked(text, query), expected);
        }
    }

    #[test]
    fn a_long_text_is_shown_around_the_first_word() {
        let text = format!("{}cat{}", "猫".repeat(200), "x".repeat(900));
        let shown = marked(&text, "cat");
        assert!(shown.starts_with(&format!("…{}[cat]x", "猫".repeat(BEFORE))));
        assert!(shown.ends_with("x…"));
        assert_eq!(shown.chars().count(), LONGEST + "…[]…".chars().count());
        let near = format!("{}cat", "x".repeat(2 * BEFORE));
        assert!(marked(&near, "cat").ends_with("x[cat]"));
        let cut = format!("{}{}", "x".repeat(BEFORE), "cat".repeat(300));
        assert!(marked(&cut, "cat").ends_with("]…"));
    }
}
