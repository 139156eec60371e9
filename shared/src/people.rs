//! Who is who in a channel: the names that members have used, and the mark of a key beside those that look alike.
//!
//! Anybody may take any name. Where two keys have used names that look alike, each is told apart by the beginning of its
//! key. What looks alike is decided by the skeletons of UTS #39 (§4), of a name as it is and in lower case: "Ivan" is taken
//! for "lvan", and "MIA" for "Mia".

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use unicode_security::skeleton;

use crate::{
    identity::Author,
    limits,
    profile::{Profile, is_ignorable},
    time::Millis,
};

/// The shortest mark, in hexadecimal digits.
const MARK_DIGITS: usize = 4;

/// What is known of the members of a channel, offline ones included.
#[derive(Debug, Default)]
pub struct People {
    known: BTreeMap<Author, Person>,
    /// Who has used a name that looks like this.
    alike: BTreeMap<String, BTreeSet<Author>>,
}

#[derive(Debug)]
struct Person {
    newest: Profile,
    /// When it had that.
    time: Millis,
    /// The looks of its latest names, oldest first.
    looks: VecDeque<Looks>,
}

/// How a name looks: the same for two names that may be taken for each other, in one of both.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Looks([String; 2]);

impl Looks {
    fn of(name: &str) -> Self {
        let seen = |c: &char| !c.is_whitespace() && !is_ignorable(*c);
        let shown: String = name.chars().filter(seen).collect();
        let lower = shown.to_lowercase();
        Self([skeleton(&shown).collect(), skeleton(&lower).collect()])
    }
}

impl People {
    /// An author was heard to have this profile at that time. True if marks may be others now.
    pub fn heard(&mut self, author: Author, profile: &Profile, time: Millis) -> bool {
        if let Some(person) = self.known.get_mut(&author) {
            let newer = time >= person.time;
            let renamed = person.newest.name != profile.name;
            if newer {
                person.time = time;
                person.newest = profile.clone();
            }
            if !renamed {
                return false;
            }
        } else {
            if self.known.len() >= limits::MAX_MEMBERS {
                self.forget_oldest();
            }
            let person = Person {
                newest: profile.clone(),
                time,
                looks: VecDeque::new(),
            };
            self.known.insert(author, person);
        }
        self.looks_like(author, Looks::of(&profile.name))
    }

    /// How an author appeared when it was last heard.
    pub fn profile(&self, author: Author) -> Option<&Profile> {
        Some(&self.known.get(&author)?.newest)
    }

    fn looks_like(&mut self, author: Author, looks: Looks) -> bool {
        let Some(person) = self.known.get_mut(&author) else {
            return false;
        };
        if person.looks.contains(&looks) {
            return false;
        }
        person.looks.push_back(looks.clone());
        let newest = Looks::of(&person.newest.name);
        let many = person.looks.len() > limits::MAX_NAMES;
        // Never what it is called now.
        let oldest = person.looks.iter().position(|looks| *looks != newest);
        let dropped = oldest
            .filter(|_| many)
            .and_then(|at| person.looks.remove(at));
        let mut clashes = dropped.is_some();
        for look in looks.0 {
            let alike = self.alike.entry(look).or_default();
            alike.insert(author);
            clashes |= alike.len() > 1;
        }
        if let Some(dropped) = dropped {
            self.unlook(author, &dropped);
        }
        clashes
    }

    /// An author does not look so any more, unless by another of its names.
    fn unlook(&mut self, author: Author, looks: &Looks) {
        let person = self.known.get(&author);
        for look in &looks.0 {
            let still = |person: &Person| person.looks.iter().any(|other| other.0.contains(look));
            if person.is_some_and(still) {
                continue;
            }
            if let Some(authors) = self.alike.get_mut(look) {
                authors.remove(&author);
                if authors.is_empty() {
                    self.alike.remove(look);
                }
            }
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.known.iter().min_by_key(|(_, person)| person.time);
        let Some(oldest) = oldest.map(|(author, _)| *author) else {
            return;
        };
        if let Some(person) = self.known.remove(&oldest) {
            for looks in person.looks {
                self.unlook(oldest, &looks);
            }
        }
    }

    /// The marks of those whose names look like another's.
    pub fn marks(&self) -> BTreeMap<Author, String> {
        let clashing = self.alike.values().filter(|authors| authors.len() > 1);
        let mut marks: BTreeMap<Author, usize> = BTreeMap::new();
        for authors in clashing {
            // In their order, so that those with the longest beginning in common are beside each other.
            let authors: Vec<&Author> = authors.iter().collect();
            for pair in authors.windows(2) {
                let same = pair[0].0.iter().zip(&pair[1].0);
                let same = same.take_while(|(a, b)| a == b).count();
                // One byte more than they have in common: two digits a byte.
                let digits = MARK_DIGITS.max(2 * (same + 1));
                for author in pair {
                    let most = marks.entry(**author).or_default();
                    *most = digits.max(*most);
                }
            }
        }
        let mark = |(author, digits): (Author, usize)| {
            let key = author.to_string();
            (author, key.chars().take(digits).collect())
        };
        marks.into_iter().map(mark).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(first: u8, last: u8) -> Author {
        let mut key = [first; 32];
        key[31] = last;
        Author(key)
    }

    fn named(name: &str) -> Profile {
        Profile {
            name: name.to_owned(),
            avatar: None,
        }
    }

    fn clash(one: &str, other: &str) -> bool {
        let mut people = People::default();
        people.heard(author(1, 0), &named(one), Millis(1));
        people.heard(author(2, 0), &named(other), Millis(1))
    }

    #[test]
    fn names_clash_that_may_be_taken_for_each_other() {
        let cases = [
            ("Mia", "Mia", true),
            ("Mia", "MIA", true),
            ("Mia", "M i a", true),
            ("Mia", "Mi\u{200d}a", true),
            ("Mia", "M\u{456}a", true),
            ("Ivan", "lvan", true),
            ("rnia", "mia", true),
            ("咪咪", "咪咪", true),
            ("Mia", "Mio", false),
            ("咪咪", "喵喵", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(clash(one, other), expected, "{one:?} and {other:?}");
        }
    }

    #[test]
    fn marks_are_as_long_as_they_have_to_be() {
        let mut people = People::default();
        for (key, name) in [
            (author(1, 1), "Mia"),
            (author(2, 0), "Mia"),
            (author(3, 0), "Bo"),
        ] {
            people.heard(key, &named(name), Millis(1));
        }
        let marks: Vec<String> = people.marks().into_values().collect();
        assert_eq!(marks, ["0101", "0202"]);
        // A key that was made to have the same beginning.
        assert!(people.heard(author(1, 2), &named("mia"), Millis(2)));
        let long = "01".repeat(31);
        let marks: Vec<String> = people.marks().into_values().collect();
        assert_eq!(
            marks,
            [format!("{long}01"), format!("{long}02"), "0202".to_owned()]
        );
    }

    #[test]
    fn a_name_that_was_used_before_is_still_told_apart() {
        let mut people = People::default();
        people.heard(author(1, 0), &named("Mia"), Millis(1));
        people.heard(author(1, 0), &named("Bo"), Millis(2));
        assert!(people.heard(author(2, 0), &named("Mia"), Millis(3)));
        // What is older does not come back.
        people.heard(author(1, 0), &named("Mia"), Millis(1));
        let newest = people.profile(author(1, 0));
        assert_eq!(newest.map(|profile| profile.name.as_str()), Some("Bo"));
        // What is read of long ago does not push out what it is called now.
        for name in ["a", "b", "c", "d", "e"] {
            people.heard(author(2, 0), &named(name), Millis(0));
        }
        assert_eq!(people.marks().len(), 2);
        // But not for ever.
        for name in ["v", "x", "y", "z"] {
            people.heard(author(1, 0), &named(name), Millis(4));
        }
        assert!(people.marks().is_empty());
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut people = People::default();
        for number in 0..limits::MAX_MEMBERS + 10 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            let name = format!("cat {number}");
            people.heard(Author(key), &named(&name), Millis(number as u64));
        }
        assert_eq!(people.known.len(), limits::MAX_MEMBERS);
        assert_eq!(people.alike.len(), limits::MAX_MEMBERS);
        assert!(people.profile(Author([0; 32])).is_none());
    }
}
