//! Files that were chosen together, or lay in one folder: which of them are songs, and what beside them belongs to which.
//!
//! Names decide; whether a song is one, its bytes say later ([`super::tags`]). Lyrics bear the name of their song
//! (`song.lrc` beside `song.mp3`), covers one of the names that programs look for, and both count in their own folder only.

use std::collections::{BTreeMap, BTreeSet};

use crate::resource::media_type;

/// A song, and what lies beside it. Files are named by their places in what was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Song {
    /// Its own file.
    pub file: usize,
    /// Whether its name says that it is one. Of others that turn out to be none nobody needs to hear.
    pub is_named: bool,
    /// Its lyrics.
    pub lyrics: Option<usize>,
    /// The cover for all of its folder that have none of their own.
    pub cover: Option<usize>,
}

/// What a folder has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// In the order of their names.
    pub songs: Vec<Song>,
    /// How many files are neither songs nor belong to one.
    pub left_out: usize,
}

/// Names of covers, without endings; the first is the best.
const COVERS: [&str; 3] = ["cover", "folder", "front"];
const PICTURES: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Sorts files by their paths; folders are separated by `/`.
pub fn sort(paths: &[&str]) -> Folder {
    let mut lyrics = BTreeMap::new();
    let mut covers: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut songs = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let (stem, ending) = (stem.to_lowercase(), ending.to_ascii_lowercase());
        // What systems and programs leave behind: `.DS_Store`, and `._song.mp3`, which is not the song.
        if name.starts_with('.') {
            continue;
        }
        if ending == "lrc" {
            lyrics.entry((folder, stem)).or_insert(at);
            continue;
        }
        if let Some(rank) = COVERS.iter().position(|cover| *cover == stem)
            && PICTURES.contains(&&*ending)
        {
            let best = covers.entry(folder).or_insert((rank, at));
            *best = (*best).min((rank, at));
            continue;
        }
        let known = media_type::by_name(name);
        let is_named = known.is_some_and(|it| it.starts_with("audio/") || it.starts_with("video/"));
        if is_named || known.is_none() {
            songs.push((at, folder, stem, is_named));
        }
    }
    songs.sort_by_key(|(at, ..)| paths[*at]);
    let songs: Vec<Song> = songs
        .into_iter()
        .map(|(file, folder, stem, is_named)| Song {
            file,
            is_named,
            lyrics: lyrics.get(&(folder, stem)).copied(),
            cover: covers.get(folder).map(|(_, at)| *at),
        })
        .collect();
    let taken: BTreeSet<usize> = songs
        .iter()
        .flat_map(|song| [Some(song.file), song.lyrics, song.cover])
        .flatten()
        .collect();
    Folder {
        songs,
        left_out: paths.len() - taken.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song(file: usize, lyrics: Option<usize>, cover: Option<usize>) -> Song {
        let is_named = true;
        Song {
            file,
            is_named,
            lyrics,
            cover,
        }
    }

    #[test]
    fn what_lies_beside_a_song_belongs_to_it() {
        let paths = [
            "Purr/02 b.flac",
            "Purr/01 a.MP3",
            "Purr/01 A.lrc",
            "Purr/folder.png",
            "Purr/Cover.JPG",
            "Purr/front.jpg",
            "Purr/scan.jpg",
            "Purr/notes.txt",
            "Other/01 a.mp3",
            "Other/02 b.lrc",
            "loose.ogg",
            "cover.jpg",
        ];
        let folder = sort(&paths);
        assert_eq!(
            folder.songs,
            [
                song(8, None, None),
                song(1, Some(2), Some(4)),
                song(0, None, Some(4)),
                song(10, None, Some(11)),
            ]
        );
        // The other covers, the scan, the notes, and words to a song that is not there.
        assert_eq!(folder.left_out, 5);
    }

    #[test]
    fn what_has_no_ending_may_be_a_song_and_what_is_hidden_is_none() {
        let folder = sort(&["a", "b.xyz", ".DS_Store", "._a.mp3", "c.pdf", ""]);
        let songs = folder.songs.iter().map(|song| (song.file, song.is_named));
        let songs: Vec<_> = songs.collect();
        assert_eq!(songs, [(5, false), (0, false), (1, false)]);
        assert_eq!(folder.left_out, 3);
        assert_eq!(sort(&[]), Folder::default());
    }
}
