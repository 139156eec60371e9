//! Files that are chosen for the next message: picked, dropped or pasted. They stay with their nest while the page is
//! open, and are read only when they are sent.

use std::collections::BTreeMap;

use catnest::{
    channel::ChannelId,
    limits::{MAX_MESSAGE_FILES, MAX_RESOURCE_BYTES},
    node::Problem,
    resource::DescriptorError,
};
use leptos::prelude::*;
use web_sys::{DataTransfer, File, FileList};

use crate::{files::folder, problem::Trouble, state::State};

/// A file that is chosen, as a chip shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Its number in this page.
    pub(super) key: u32,
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) media_type: String,
}

/// The files that are chosen in all nests.
#[derive(Clone, Copy)]
pub(super) struct Attached {
    chosen: RwSignal<BTreeMap<ChannelId, Vec<Chosen>>>,
    files: StoredValue<BTreeMap<u32, File>, LocalStorage>,
    last: StoredValue<u32>,
    /// Files are dragged over the chat.
    pub(super) dragging: RwSignal<bool>,
    /// Why the last ones were not taken.
    pub(super) trouble: RwSignal<Option<Trouble>>,
}

impl Attached {
    pub(super) fn provide() -> Self {
        let attached = Self {
            chosen: RwSignal::new(BTreeMap::new()),
            files: StoredValue::new_local(BTreeMap::new()),
            last: StoredValue::new(0),
            dragging: RwSignal::new(false),
            trouble: RwSignal::new(None),
        };
        provide_context(attached);
        attached
    }

    pub(super) fn expect() -> Self {
        expect_context()
    }

    /// What is chosen in a nest.
    pub(super) fn of(self, channel: Option<ChannelId>) -> Vec<Chosen> {
        let all = self.chosen.read();
        channel
            .and_then(|channel| all.get(&channel).cloned())
            .unwrap_or_default()
    }

    /// The file behind a chip.
    pub(super) fn file(self, key: u32) -> Option<File> {
        self.files.with_value(|files| files.get(&key).cloned())
    }

    /// Says why no files can be sent now, if it is so: while burning is on, nothing is stored, and files have to be.
    pub(super) fn refuses(self, state: State) -> bool {
        let refuses = state.burns_now();
        if refuses {
            self.trouble.set(Some(Problem::Burning.into()));
        }
        refuses
    }

    /// Adds files to the next message of the nest that is shown: all of them, or none and why.
    pub(super) fn add(self, state: State, files: Vec<File>) {
        if self.refuses(state) {
            return;
        }
        let Some(channel) = state.current.get_untracked() else {
            return;
        };
        let there = untrack(|| self.of(Some(channel))).len();
        let lengths: Vec<u64> = files.iter().map(|file| file.size() as u64).collect();
        if let Some(problem) = refusal(there, &lengths) {
            return self.trouble.set(Some(problem.into()));
        }
        self.trouble.set(None);
        for (file, length) in files.into_iter().zip(lengths) {
            let key = self.last.get_value() + 1;
            self.last.set_value(key);
            let chip = Chosen {
                key,
                name: file.name(),
                length,
                media_type: file.type_(),
            };
            self.files.update_value(|files| {
                files.insert(key, file);
            });
            self.chosen
                .update(|all| all.entry(channel).or_default().push(chip));
        }
    }

    /// Shows chips without files, for the style guide.
    #[cfg(feature = "styleguide")]
    pub(super) fn show(self, channel: ChannelId, files: &[(&str, &str, u64)]) {
        let chip = |(key, (name, media_type, length)): (u32, &(&str, &str, u64))| Chosen {
            key,
            name: (*name).to_owned(),
            length: *length,
            media_type: (*media_type).to_owned(),
        };
        let chips = (0..).zip(files).map(chip).collect();
        self.chosen.update(|all| {
            all.insert(channel, chips);
        });
    }

    /// Takes files out again.
    pub(super) fn remove(self, channel: ChannelId, keys: &[u32]) {
        self.chosen.update(|all| {
            if let Some(chosen) = all.get_mut(&channel) {
                chosen.retain(|chip| !keys.contains(&chip.key));
            }
        });
        self.files
            .update_value(|files| files.retain(|key, _| !keys.contains(key)));
        self.trouble.set(None);
    }

    /// Adds what was dropped or pasted. Says whether there was a file in it.
    pub(super) fn take(self, state: State, data: &DataTransfer) -> bool {
        let items = data.items();
        let entries = (0..items.length()).filter_map(|at| items.get(at));
        if entries.into_iter().any(|item| is_folder(&item)) {
            self.trouble.set(Some(Trouble::Folder));
            return true;
        }
        let files = list(data.files());
        let some = !files.is_empty();
        if some {
            self.add(state, files);
        }
        some
    }
}

/// Why so many files more, of these lengths, do not go with one message.
fn refusal(there: usize, lengths: &[u64]) -> Option<Problem> {
    if there + lengths.len() > MAX_MESSAGE_FILES {
        return Some(Problem::TooManyFiles);
    }
    let too_large = lengths
        .iter()
        .find(|length| **length > MAX_RESOURCE_BYTES)?;
    Some(Problem::File(DescriptorError::Length(*too_large)))
}

/// The files of a list.
pub(super) fn list(files: Option<FileList>) -> Vec<File> {
    let files = files.iter();
    files
        .flat_map(|files| (0..files.length()).filter_map(|at| files.get(at)))
        .collect()
}

/// A folder comes as a file without bytes.
fn is_folder(item: &web_sys::DataTransferItem) -> bool {
    folder::entry_of(item).is_some_and(|entry| entry.is_directory())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_takes_so_many_files_of_such_a_length() {
        for (there, lengths, expected) in [
            (0, vec![0, MAX_RESOURCE_BYTES], None),
            (MAX_MESSAGE_FILES - 1, vec![1], None),
            (MAX_MESSAGE_FILES, vec![1], Some(Problem::TooManyFiles)),
            (
                0,
                vec![1; MAX_MESSAGE_FILES + 1],
                Some(Problem::TooManyFiles),
            ),
            (
                0,
                vec![1, MAX_RESOURCE_BYTES + 1],
                Some(Problem::File(DescriptorError::Length(
                    MAX_RESOURCE_BYTES + 1,
                ))),
            ),
        ] {
            assert_eq!(refusal(there, &lengths), expected);
        }
    }
}
