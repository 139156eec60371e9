//! Entries before they are in the table: what is wrong with them, and where in the text.

use catnest::music::ban::{self, BanError, BanTable, Entry, Kind};

/// Why an entry is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Problem(ban::Problem),
    /// The table has it already.
    Twice,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) what: What,
    /// Where in the text as it was typed, in characters; none: all of it.
    pub(super) at: Option<usize>,
}

/// The table with an entry at this place of it, or at its end.
///
/// # Errors
/// What is wrong with the entry, or with a table that has it as well.
pub(super) fn with(table: &[Entry], index: usize, entry: Entry) -> Result<Vec<Entry>, Fault> {
    let typed = entry.clone();
    let mut entries = table.to_vec();
    match entries.get_mut(index) {
        Some(old) => *old = entry,
        None => entries.push(entry),
    }
    let place = index.min(table.len());
    let table = BanTable::new(entries).map_err(|error| {
        let own = error.entry == place;
        Fault {
            what: What::Problem(error.problem),
            at: error.at.filter(|_| own).map(|at| at + left_out(&typed)),
        }
    })?;
    let entries = table.entries().to_vec();
    let same = |(at, other): (usize, &Entry)| {
        let new = &entries[place];
        at != place && (other.scope, other.kind, &other.text) == (new.scope, new.kind, &new.text)
    };
    if entries.iter().enumerate().any(same) {
        let what = What::Twice;
        return Err(Fault { what, at: None });
    }
    Ok(entries)
}

/// How many characters before what is looked for the table leaves out.
fn left_out(entry: &Entry) -> usize {
    let spaces = entry.text.chars().take_while(|c| c.is_whitespace());
    if entry.kind == Kind::Plain {
        spaces.count()
    } else {
        0
    }
}

/// A place in a text as the browser counts it, in UTF-16: of a character, and of the one after it.
pub(super) fn selection(text: &str, at: usize) -> (u32, u32) {
    let units = |chars: usize| {
        let before = text.chars().take(chars).map(char::len_utf16);
        u32::try_from(before.sum::<usize>()).unwrap_or(u32::MAX)
    };
    (units(at), units(at + 1))
}

/// What of a table is new to another one.
pub(super) fn added(table: &[Entry], other: &[Entry]) -> Vec<Entry> {
    let new = other.iter().filter(|entry| !table.contains(entry));
    new.cloned().collect()
}

/// Where in a line of a table's text something is wrong, in bytes, as far as that is known: patterns alone say it.
pub(super) fn in_line(line: &str, error: &BanError) -> Option<usize> {
    // The pattern begins after the first slash: no field's name has one.
    let pattern = line.split_once('/')?.1;
    let within: usize = pattern.chars().take(error.at?).map(char::len_utf8).sum();
    Some(line.len() - pattern.len() + within)
}

#[cfg(test)]
mod tests {
    use catnest::music::ban::{Problem, Scope};

    use super::*;

    fn entry(kind: Kind, text: &str) -> Entry {
        Entry {
            scope: Scope::Any,
            kind,
            text: text.to_owned(),
            off: false,
        }
    }

    #[test]
    fn an_entry_is_checked_at_its_place() {
        let table = [entry(Kind::Plain, "live"), entry(Kind::Pattern, "re-?mix")];
        let added = with(&table, 2, entry(Kind::Plain, "  demo ")).unwrap();
        assert_eq!(added[2].text, "demo");
        let changed = with(&table, 0, entry(Kind::Plain, "demo")).unwrap();
        assert_eq!(changed.len(), 2);
        assert_eq!(changed[0].text, "demo");
        // What is not changed is not there twice.
        assert!(with(&table, 0, table[0].clone()).is_ok());
        let fault = |index, kind, text| with(&table, index, entry(kind, text)).unwrap_err();
        assert_eq!(fault(2, Kind::Plain, " live").what, What::Twice);
        for (kind, text, problem, at) in [
            (Kind::Plain, "  ", Problem::Empty, None),
            (Kind::Pattern, "猫(", Problem::Group, Some(1)),
            (Kind::Pattern, "a|(?=b)", Problem::LookAround, Some(2)),
            (Kind::Pattern, "a*", Problem::Everything, None),
            (Kind::Plain, "  a\u{200e}", Problem::Invisible, Some(3)),
        ] {
            let expected = Fault {
                what: What::Problem(problem),
                at,
            };
            assert_eq!(fault(2, kind, text), expected, "{text}");
        }
    }

    #[test]
    fn places_are_counted_as_the_browser_does() {
        for (text, at, expected) in [
            ("abc", 1, (1, 2)),
            ("猫(", 1, (1, 2)),
            ("🐈(", 1, (2, 3)),
            ("a🐈", 1, (1, 3)),
            ("ab", 2, (2, 2)),
            ("ab", 9, (2, 2)),
        ] {
            assert_eq!(selection(text, at), expected, "{text}");
        }
    }

    #[test]
    fn a_place_in_a_pattern_is_one_in_its_line() {
        for (line, expected) in [
            ("/a(/", Some((2, "("))),
            ("~ title: /猫(/", Some((13, "("))),
            ("artist: a\u{200e}", None),
        ] {
            let error = BanTable::parse(line).unwrap_err();
            let found = in_line(line, &error).map(|at| (at, &line[at..at + 1]));
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn what_is_there_is_not_added() {
        let (a, b) = (entry(Kind::Plain, "a"), entry(Kind::Plain, "b"));
        assert_eq!(
            added(std::slice::from_ref(&a), &[a.clone(), b.clone()]),
            [b]
        );
    }
}
