//! The library against what it is: all lists, looked through each time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use catnest::{
    identity::Author,
    music::{
        ban::BanTable,
        shelf::{Applied, Delta, Library, OwnShelf, Row},
        track::Track,
    },
    resource::ResourceId,
    time::Millis,
    wire::Run,
};
use proptest::prelude::*;

use super::{author, bans, device, id, titled};

const IDS: u32 = 4;

/// A list, by numbers: which tracks, with which of some titles.
type List = BTreeMap<u32, u8>;

/// What may happen.
#[derive(Clone, Debug)]
enum Act {
    Own(u32, Option<u8>),
    Told(u16, u8, BTreeMap<u32, Option<u8>>, bool),
    Parted(u16, u8, bool),
    Loaded(u16, List),
    Dropped(u16),
    Bans(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let list = || proptest::collection::btree_map(0..IDS, 0..3_u8, 0..4);
    let change = proptest::option::weighted(0.7, 0..3_u8);
    let changes = proptest::collection::btree_map(0..IDS, change.clone(), 0..4);
    let who = || (0..3_u16, 0..2_u8);
    prop_oneof![
        2 => (0..IDS, change).prop_map(|(id, title)| Act::Own(id, title)),
        6 => (who(), changes, any::<bool>()).prop_map(|((a, s), c, all)| Act::Told(a, s, c, all)),
        3 => (who(), any::<bool>()).prop_map(|((a, s), keep)| Act::Parted(a, s, keep)),
        2 => (0..3_u16, list()).prop_map(|(author, list)| Act::Loaded(author, list)),
        1 => (0..3_u16).prop_map(Act::Dropped),
        1 => any::<bool>().prop_map(Act::Bans),
    ]
}

/// A track in one of its words. Everybody added it at another time.
fn words(number: u32, title: u8, by: u16) -> Track {
    let title = ["Purr", "Meow", "Hiss"][usize::from(title)];
    Track {
        added: Millis(by.into()),
        ..titled(number, title)
    }
}

#[derive(Default)]
struct Model {
    own: List,
    live: BTreeMap<Run, (Author, List, bool)>,
    cached: BTreeMap<Author, List>,
    banned: bool,
}

impl Model {
    fn is_told(&self, who: Author) -> bool {
        let mut live = self.live.values();
        live.any(|(author, _, whole)| *author == who && *whole)
    }

    fn run(&mut self, act: &Act, library: &mut Library, shelf: &mut OwnShelf) -> Delta {
        match act {
            Act::Own(number, title) => {
                match title {
                    Some(title) => {
                        self.own.insert(*number, *title);
                        shelf.put(words(*number, *title, 100)).unwrap();
                    }
                    None => {
                        self.own.remove(number);
                        shelf.remove(id(*number));
                    }
                }
                library.own_changed(shelf, [id(*number)])
            }
            Act::Told(who, session, changes, complete) => {
                let run = device(*who, *session);
                let new = || (run.author, List::new(), false);
                let (_, list, whole) = self.live.entry(run).or_insert_with(new);
                *whole |= complete;
                let mut applied = Applied {
                    complete: *complete,
                    ..Applied::default()
                };
                for (number, title) in changes {
                    match title {
                        Some(title) => {
                            list.insert(*number, *title);
                            let track = words(*number, *title, *who);
                            applied.changed.push(Arc::new(track));
                        }
                        None => {
                            list.remove(number);
                            applied.gone.push(id(*number));
                        }
                    }
                }
                if *complete {
                    self.cached.remove(&run.author);
                }
                library.told(run, &applied)
            }
            Act::Parted(who, session, keep) => {
                let run = device(*who, *session);
                if let Some((author, list, _)) = self.live.remove(&run)
                    && *keep
                    && !self.is_told(author)
                {
                    self.cached.entry(author).or_default().extend(list);
                }
                library.parted(run, *keep)
            }
            Act::Loaded(who, list) => {
                if !self.is_told(author(*who)) {
                    self.cached.insert(author(*who), list.clone());
                }
                let tracks = list
                    .iter()
                    .map(|(number, title)| words(*number, *title, *who));
                library.cached_loaded(author(*who), tracks)
            }
            Act::Dropped(who) => {
                self.cached.remove(&author(*who));
                library.cached_gone(author(*who))
            }
            Act::Bans(on) => {
                self.banned = *on;
                let table = if *on {
                    bans("title: Meow")
                } else {
                    BanTable::default()
                };
                library.set_bans(table)
            }
        }
    }

    /// Who has a track, each with what it says, and whether it is not there.
    fn holders(&self, number: u32) -> BTreeMap<Author, (u8, bool)> {
        let mut holders = BTreeMap::new();
        for (author, list, _) in self.live.values() {
            if let Some(title) = list.get(&number) {
                holders.entry(*author).or_insert((*title, false));
            }
        }
        for (author, list) in &self.cached {
            if let Some(title) = list.get(&number) {
                holders.entry(*author).or_insert((*title, true));
            }
        }
        holders
    }

    fn check(&self, number: u32, library: &Library) {
        let holders = self.holders(number);
        let votes = |title: u8| holders.values().filter(|(said, _)| *said == title).count();
        let most = holders.values().map(|(title, _)| votes(*title)).max();
        let of_most = holders
            .values()
            .find(|(title, _)| Some(votes(*title)) == most);
        let mine = self.own.get(&number).copied();
        let shown = mine.or_else(|| of_most.map(|(title, _)| *title));
        let banned = self.banned && shown == Some(1);
        let row = library.row(id(number));
        assert_eq!(row.is_some(), shown.is_some());
        assert_eq!(library.banned(id(number)), banned);
        let here = shown.is_some() && !banned;
        assert_eq!(library.playable(id(number), true), here);
        let there = holders.values().any(|(_, cached)| !cached);
        assert_eq!(library.playable(id(number), false), here && there);
        if let (Some(row), Some(title)) = (row, shown) {
            assert!(row.track.is_told_as(&words(number, title, 0)));
            assert_eq!((row.mine, row.banned), (mine.is_some(), banned));
            let shown = row
                .holders
                .iter()
                .map(|holder| (holder.author, holder.cached));
            let holders = holders
                .iter()
                .map(|(author, (_, cached))| (*author, *cached));
            assert!(shown.eq(holders), "{row:?}");
        }
    }
}

fn rows(library: &Library) -> BTreeMap<ResourceId, Row> {
    let rows = library.page(None, usize::MAX).into_iter();
    rows.map(|row| (row.track.id, row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn rows_are_what_all_lists_say_and_what_changes_is_told(
        acts in proptest::collection::vec(act(), 0..30),
    ) {
        let mut model = Model::default();
        let mut library = Library::default();
        let mut shelf = OwnShelf::new();
        for act in &acts {
            let before = rows(&library);
            let delta = model.run(act, &mut library, &mut shelf);
            let after = rows(&library);
            for number in 0..IDS {
                model.check(number, &library);
            }
            let changed = after.iter().filter(|(id, row)| before.get(id) != Some(row));
            let changed: BTreeSet<_> = changed.map(|(id, _)| *id).collect();
            let gone = before.keys().filter(|id| !after.contains_key(id));
            let gone: BTreeSet<_> = gone.copied().collect();
            prop_assert_eq!((delta.changed, delta.gone), (changed, gone));
            prop_assert_eq!(delta.forgotten, vec![]);
            let kept: BTreeSet<_> = library.cached().collect();
            prop_assert_eq!(kept, model.cached.keys().copied().collect());
        }
    }
}
