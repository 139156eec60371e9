//! What a list shows: the rows that were looked for, in groups, and what is banned folded away at its end (M6).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use catnest::{identity::Author, resource::ResourceId};

use super::entries::{Collate, Entry, Places};

/// By what the rows are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Grouping {
    #[default]
    None,
    Album,
    Artist,
    /// By who has it: a row stands below each.
    Device,
}

impl Grouping {
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::Album, Self::Artist, Self::Device];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Grouping::None => "none",
            Grouping::Album => "album",
            Grouping::Artist => "artist",
            Grouping::Device => "device",
        }
    }
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Group {
    /// The only one.
    All,
    /// An album, or an artist; nothing where none is known.
    Text(Arc<str>),
    /// What this device has.
    Mine,
    /// What another one has.
    Device(Author),
    /// What nobody has, in whichever way that came to be.
    Nobody,
}

/// What is on a line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    /// The heading of a group.
    Head(Group),
    /// A track.
    Track(Group, ResourceId),
    /// How many are banned; folds and unfolds them.
    Folded,
    /// One of them.
    Banned(ResourceId),
}

impl Line {
    /// The track on it.
    pub(crate) fn track(&self) -> Option<ResourceId> {
        match self {
            Line::Track(_, track) | Line::Banned(track) => Some(*track),
            Line::Head(_) | Line::Folded => None,
        }
    }
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The name of an album, an artist or a member; empty where there is none.
    pub(crate) name: String,
    /// How many tracks are in it.
    pub(crate) tracks: usize,
    /// What is known of that member was kept, and it is not here.
    pub(crate) away: bool,
}

/// A list as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arranged {
    pub(crate) lines: Vec<Line>,
    pub(crate) heads: BTreeMap<Group, Head>,
    /// What is played when a row is: the tracks as they are shown, each once, and none that is banned.
    pub(crate) list: Vec<ResourceId>,
    /// How many that were looked for are banned.
    pub(crate) banned: usize,
    places: HashMap<Line, usize>,
}

impl Arranged {
    /// Where a line stands.
    pub(crate) fn place(&self, line: &Line) -> Option<usize> {
        self.places.get(line).copied()
    }

    /// Arranges entries that are sorted already.
    pub(crate) fn of(
        entries: &[Arc<Entry>],
        words: &[String],
        grouping: Grouping,
        unfolded: bool,
        collate: Collate<'_>,
    ) -> Self {
        let found = entries.iter().filter(|entry| entry.has(words));
        let (banned, shown): (Vec<_>, Vec<_>) = found.partition(|entry| entry.row.banned);
        let mut lines = Vec::with_capacity(shown.len() + 1);
        let mut heads = BTreeMap::new();
        if grouping == Grouping::None {
            lines.extend(shown.iter().map(|e| Line::Track(Group::All, e.id())));
        } else {
            for (group, head, tracks) in grouped(&shown, grouping, collate) {
                lines.push(Line::Head(group.clone()));
                lines.extend(tracks.into_iter().map(|id| Line::Track(group.clone(), id)));
                heads.insert(group, head);
            }
        }
        let mut seen = BTreeSet::new();
        let tracks = lines.iter().filter_map(Line::track);
        let list = tracks.filter(|id| seen.insert(*id)).collect();
        if !banned.is_empty() {
            lines.push(Line::Folded);
            if unfolded {
                lines.extend(banned.iter().map(|entry| Line::Banned(entry.id())));
            }
        }
        let places = lines.iter().cloned().zip(0..).collect();
        Self {
            lines,
            heads,
            list,
            banned: banned.len(),
            places,
        }
    }
}

/// Groups in their order, with their tracks.
fn grouped(
    shown: &[&Arc<Entry>],
    grouping: Grouping,
    collate: Collate<'_>,
) -> Vec<(Group, Head, Vec<ResourceId>)> {
    let mut groups: BTreeMap<Group, (Head, Vec<ResourceId>)> = BTreeMap::new();
    for entry in shown {
        for (group, name, away) in groups_of(entry, grouping) {
            let (head, tracks) = groups.entry(group).or_insert_with(|| {
                let name = name.to_owned();
                let tracks = 0;
                (Head { name, tracks, away }, Vec::new())
            });
            // One list of a member may be a kept one, and another not.
            head.away &= away;
            head.tracks += 1;
            tracks.push(entry.id());
        }
    }
    let names: Vec<String> = groups.values().map(|(head, _)| head.name.clone()).collect();
    let places = Places::of(names.iter().map(String::as_str), collate);
    let mut ordered: Vec<_> = groups
        .into_iter()
        .map(|(group, (head, tracks))| (group, head, tracks))
        .collect();
    ordered.sort_by_key(|(group, head, _)| {
        let rank = match group {
            Group::All | Group::Mine => 0,
            Group::Text(_) | Group::Device(_) => 1 + u8::from(head.away),
            Group::Nobody => 3,
        };
        (rank, places.at(&head.name))
    });
    ordered
}

/// The groups an entry stands in, with their names, and whether they are away.
fn groups_of(entry: &Entry, grouping: Grouping) -> Vec<(Group, &str, bool)> {
    let row = &entry.row;
    match grouping {
        Grouping::None => vec![(Group::All, "", false)],
        Grouping::Album => of_text(&row.track.album),
        Grouping::Artist => of_text(&row.track.artist),
        Grouping::Device => {
            let mine = row.mine.then_some((Group::Mine, "", false));
            let others = row.holders.iter().map(|holder| {
                let group = Group::Device(holder.author);
                (group, holder.name.as_str(), holder.cached)
            });
            let mut all: Vec<_> = mine.into_iter().chain(others).collect();
            if all.is_empty() {
                all.push((Group::Nobody, "", true));
            }
            all
        }
    }
}

fn of_text(text: &str) -> Vec<(Group, &str, bool)> {
    vec![(Group::Text(Arc::from(text)), text, false)]
}

#[cfg(test)]
mod tests {
    use catnest::node::HolderView;

    use super::{
        super::entries::{
            tests::{all, plain, row},
            words,
        },
        *,
    };

    fn holder(who: u8, name: &str, cached: bool) -> HolderView {
        HolderView {
            author: Author([who; 32]),
            name: name.to_owned(),
            cached,
        }
    }

    /// A list as a person reads it: headings with their counts, tracks by the first byte of their ids.
    fn read(arranged: &Arranged) -> Vec<String> {
        let lines = arranged.lines.iter().map(|line| match line {
            Line::Head(group) => {
                let head = &arranged.heads[group];
                format!(
                    "{}{}:{}",
                    head.name,
                    if head.away { "~" } else { "" },
                    head.tracks
                )
            }
            Line::Track(_, id) => id.0[0].to_string(),
            Line::Folded => format!("[{}]", arranged.banned),
            Line::Banned(id) => format!("({})", id.0[0]),
        });
        lines.collect()
    }

    fn arranged(grouping: Grouping, typed: &str, unfolded: bool) -> Arranged {
        let mut rows = vec![
            row(1, "one", "Y", "M"),
            row(2, "two", "X", ""),
            row(3, "three", "X", "L"),
            row(4, "four", "", "M"),
            row(5, "five", "X", "M"),
        ];
        rows[0].mine = true;
        rows[1].holders = vec![holder(2, "Cy", true), holder(1, "Bo", false)];
        rows[2].holders = vec![holder(3, "Al", true)];
        rows[3].holders = Vec::new();
        rows[4].banned = true;
        Arranged::of(&all(rows), &words(typed), grouping, unfolded, &plain)
    }

    #[test]
    fn rows_stand_in_groups() {
        for (grouping, expected) in [
            (Grouping::None, "1 2 3 4 [1]"),
            (Grouping::Album, "L:1 3 M:2 1 4 :1 2 [1]"),
            (Grouping::Artist, "X:2 2 3 Y:1 1 :1 4 [1]"),
            // This device, who is here, who is not, nobody.
            (Grouping::Device, ":1 1 Bo:2 1 2 Al~:1 3 Cy~:1 2 ~:1 4 [1]"),
        ] {
            assert_eq!(read(&arranged(grouping, "", false)).join(" "), expected);
        }
    }

    #[test]
    fn m6_what_is_banned_is_folded_and_never_in_the_list_that_is_played() {
        let ids = |arranged: &Arranged| arranged.list.iter().map(|id| id.0[0]).collect::<Vec<_>>();
        let folded = arranged(Grouping::Device, "", false);
        // Each once, however many groups it stands in.
        assert_eq!(ids(&folded), [1, 2, 3, 4]);
        let unfolded = arranged(Grouping::None, "", true);
        assert_eq!(read(&unfolded).join(" "), "1 2 3 4 [1] (5)");
        assert_eq!(ids(&unfolded), [1, 2, 3, 4]);
    }

    #[test]
    fn what_was_looked_for_is_all_that_is_shown_and_played() {
        let found = arranged(Grouping::Artist, "x t", true);
        assert_eq!(read(&found).join(" "), "X:2 2 3");
        assert_eq!(found.list.len(), 2);
        assert_eq!(found.place(&found.lines[2]), Some(2));
        assert_eq!(found.place(&Line::Folded), None);
        assert_eq!(read(&arranged(Grouping::None, "five", false)), ["[1]"]);
        assert!(arranged(Grouping::None, "dog", false).lines.is_empty());
    }
}
