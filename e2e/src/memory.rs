//! What stands in a process's memory: a secret that should be forgotten must not be found there.
//!
//! Linux shows the memory of one's own processes as a file. A page may change while it is read, so what is found was
//! there, but what is not found may have moved: look again, or when the process is idle.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
};

use anyhow::{Context, Result};

/// Read at once; regions can have gigabytes.
const CHUNK_BYTES: u64 = 4 * 1024 * 1024;
/// The smallest page there is: what is skipped when one cannot be read.
const PAGE_BYTES: u64 = 4 * 1024;

/// How a text is written in memory. JavaScript's engine uses either, depending on the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One byte for each ASCII character.
    Utf8,
    /// Two bytes for each ASCII character, the lower one first.
    Utf16,
}

impl Encoding {
    fn bytes_of(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        }
    }
}

/// A text in a process's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which of the texts that were searched for, by its index.
    pub text: usize,
    /// How it is written.
    pub encoding: Encoding,
    /// Where it begins.
    pub address: u64,
    /// What the system calls the region, such as `[heap]` or a file; often empty.
    pub region: String,
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The finds.
    pub found: Vec<Found>,
    /// How many bytes were looked at: a search that could read nothing finds nothing.
    pub bytes: u64,
}

/// Part of a process's address space.
struct Region {
    start: u64,
    end: u64,
    name: String,
}

/// Searches all readable memory of a process, files that it has mapped included.
///
/// # Errors
/// When the process is gone or not ours, or the system is not Linux.
pub fn search(process: u32, texts: &[&str]) -> Result<Search> {
    let maps = format!("/proc/{process}/maps");
    let maps = fs::read_to_string(&maps).with_context(|| format!("reading {maps}"))?;
    let memory = format!("/proc/{process}/mem");
    let memory = File::open(&memory).with_context(|| format!("opening {memory}"))?;
    let mut needles = Vec::new();
    for (text, characters) in texts.iter().enumerate() {
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            needles.push((text, encoding, encoding.bytes_of(characters)));
        }
    }
    // Chunks overlap by this, so that nothing is missed where they meet.
    let longest = needles.iter().map(|(_, _, bytes)| bytes.len()).max();
    let overlap = longest.unwrap_or(0).saturating_sub(1) as u64;
    let mut search = Search::default();
    for region in maps.lines().filter_map(readable) {
        let mut at = region.start;
        while at < region.end {
            let wanted = (region.end - at).min(CHUNK_BYTES + overlap);
            let mut chunk = vec![0; wanted as usize];
            // Pages can be unreadable in spite of their region's rights: the kernel's own, or those behind a file's end.
            let Ok(length @ 1..) = memory.read_at(&mut chunk, at) else {
                at += PAGE_BYTES;
                continue;
            };
            chunk.truncate(length);
            for (text, encoding, bytes) in &needles {
                for offset in memchr::memmem::find_iter(&chunk, bytes) {
                    // What lies within the overlap is found again with the next chunk.
                    if (offset as u64) < CHUNK_BYTES {
                        search.found.push(Found {
                            text: *text,
                            encoding: *encoding,
                            address: at + offset as u64,
                            region: region.name.clone(),
                        });
                    }
                }
            }
            let step = (length as u64).min(CHUNK_BYTES);
            search.bytes += step;
            at += step;
        }
    }
    Ok(search)
}

/// A line of `maps`: addresses, permissions, offset, device, inode, name.
fn readable(line: &str) -> Option<Region> {
    let mut fields = line.split_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    fields.next().filter(|rights| rights.starts_with('r'))?;
    Some(Region {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        name: fields.skip(3).collect::<Vec<_>>().join(" "),
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A child that waits for input that never comes, and is killed in the end.
    struct Waiting(Child);

    impl Drop for Waiting {
        fn drop(&mut self) {
            let _killed = self.0.kill();
            let _reaped = self.0.wait();
        }
    }

    #[test]
    fn lines_of_maps_are_read() {
        let region = readable("7f00-7fff rw-p 00000000 00:00 0    [heap]").unwrap();
        assert_eq!((region.start, region.end), (0x7f00, 0x7fff));
        assert_eq!(region.name, "[heap]");
        assert!(readable("7f00-7fff ---p 00000000 00:00 0").is_none());
        assert!(readable("garbage").is_none());
    }

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        // Made here, so that the whole of it stands in no program.
        let present = ["nightingale", "in", "the", "environment"].join("-");
        let absent = ["nightingale", "nowhere", "at", "all"].join("-");
        let wide: Vec<u8> = Encoding::Utf16.bytes_of(&present);
        assert_eq!(wide.len(), 2 * present.len());
        let child = Command::new("cat")
            .env("SECRET", &present)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // The new program has taken the place of this one: spawning returns only then.
        let child = Waiting(child);
        let search = search(child.0.id(), &[&absent, &present]).unwrap();
        assert!(search.bytes > 100_000, "{} bytes", search.bytes);
        let found = |text| search.found.iter().filter(move |found| found.text == text);
        assert_eq!(found(0).count(), 0, "{:?}", search.found);
        assert!(
            found(1).any(|found| found.encoding == Encoding::Utf8 && found.region == "[stack]"),
            "{:?}",
            search.found
        );
    }

    #[test]
    fn utf16_is_found_in_a_process_of_ours() {
        let text = ["wide", "nightingale", &std::process::id().to_string()].join("~");
        let kept = Encoding::Utf16.bytes_of(&text);
        let search = search(std::process::id(), &[&text]).unwrap();
        let here = kept.as_ptr() as u64;
        assert!(search.found.iter().any(|found| found.address == here
            && found.encoding == Encoding::Utf16
            && found.text == 0));
    }
}
