//! Those of music: tags, lyrics, the ban table, the lists, the queue, the player and listening together.

use std::time::Duration;

use super::{MAX_LINKS, Rate};

/// Rows of a merged list that a view gets at once: some 300 KB.
pub const MAX_MUSIC_PAGE: usize = 500;
/// Tracks that are added to a list at once.
pub const MAX_MUSIC_ADD: usize = 100;
/// A title, an artist or an album, in bytes of UTF-8: more than a line of a list shows, and the movements of classical
/// works with all their players fit.
pub const MAX_TAG_BYTES: usize = 400;
/// How long a track plays: a week. Recordings of a day exist, and 2^32 ms, which fills a field, is 49 days.
pub const MAX_PLAY: Duration = Duration::from_secs(7 * 24 * 3600);
/// A track as a list says it. Its texts and names take at most 1,709 bytes, all else less than 200.
pub const MAX_TRACK_BYTES: usize = 2048;
/// A cover. Scans of 3,000 pixels have 5 MiB; whoever opens a list of 1,000 albums gets as many of them.
pub const MAX_COVER_BYTES: u64 = 8 * 1024 * 1024;
/// A cover's width and height in pixels: decoded, it fills 144 MB of memory at most.
pub const MAX_COVER_SIDE: u32 = 6000;
/// What is read of a file for its tags: the largest cover in base64, twice.
pub const MAX_TAGS_BYTES: u64 = 24 * 1024 * 1024;
/// Frames, blocks, boxes, chunks or comments that are looked at in one place of a file: the most talkative programs write
/// about 100.
pub const MAX_TAG_FIELDS: usize = 1024;
/// What is read of one text of a file, of which [`MAX_TAG_BYTES`] are left: also in UTF-16, and with blanks.
pub const MAX_TAG_VALUE_BYTES: usize = 4 * 1024;
/// Lyrics in a file: some 3,000 lines.
pub const MAX_TAG_LYRICS_BYTES: usize = 128 * 1024;

/// Files that are handed over as music at once: as many songs as a list has, each with lyrics, and their covers.
pub const MAX_MUSIC_FILES: usize = 50_000;
/// Songs that could not be taken in and are named: more than anybody reads.
pub const MAX_SONG_TROUBLES: usize = 100;

/// A text that comes as a file, lyrics or a ban table: the longest opera's words, with a time for each, take half of it.
pub const MAX_TEXT_FILE_BYTES: usize = 1024 * 1024;
/// Lines of one track's lyrics, each counted as often as it is sung: an hour of three a second.
pub const MAX_LYRICS_LINES: usize = 10_000;
/// What one line of them may have: more than a screen shows of it.
pub const MAX_LYRICS_LINE_BYTES: usize = 1024;
/// Words of a track's lyrics that have a time of their own.
pub const MAX_LYRICS_WORDS: usize = 50_000;
/// A time in lyrics; what is later is no time. Recordings of a whole day are met, in nobody's lyrics longer ones.
pub const MAX_LYRICS_TIME: Duration = Duration::from_secs(24 * 3600);
/// What lyrics say of themselves: each of title, artist and so on.
pub const MAX_LYRICS_TAG_BYTES: usize = 512;
/// Entries of a ban table: more than anybody looks through.
pub const MAX_BANS: usize = 1000;
/// A text or a pattern in one of them.
pub const MAX_BAN_BYTES: usize = 512;
/// What patterns nest: beyond any that is written by hand, and little of the stack while they are compiled.
pub const MAX_BAN_NESTING: u32 = 32;
/// All patterns of a table, compiled; as much again for its texts. A thousand names stay below it, and so do hundreds of
/// patterns as people write them; one that counts to a million does not.
pub const MAX_BAN_PROGRAM_BYTES: usize = 4 * 1024 * 1024;

/// Tracks of one device's list in one nest: twice the ten thousand rows of a large collection, and it fits into the queue.
pub const MAX_SHELF_TRACKS: usize = 20_000;
/// And its bytes, with which a lying neighbour fills memory: that many tracks have 419 bytes each, with long texts 300.
pub const MAX_SHELF_BYTES: usize = 8 * 1024 * 1024;
/// Tracks that a list remembers as removed: who was not there while more went is told all of it anew, which is as much as
/// some hundreds of these.
pub const MAX_SHELF_GONE: usize = 2000;
/// A message about a list, as large as a part of an outline: what is said meanwhile waits for no more than that.
pub const MAX_SHELF_PART_BYTES: usize = 32 * 1024;
/// Changes after which a list that is told has to have come to an end: all of it, and each track three times changed while
/// it is told.
pub const MAX_SHELF_CHANGES: usize = 4 * MAX_SHELF_TRACKS;
/// What one neighbour may ask for: the largest list at once, which is 256 parts, and afterwards 1.6 MB/s.
pub const SHELF_ASKS: Rate = Rate {
    per_second: 50,
    burst: 300,
};
/// Lists of members who are gone that are kept in one nest.
pub const MAX_CACHED_SHELVES: usize = 64;
/// And all their tracks: 36 MB of memory.
pub const MAX_CACHED_TRACKS: usize = 3 * MAX_SHELF_TRACKS;

/// Entries of the play queue: more than a year of work days. Views scroll through so many, and they are stored in 1 MB.
pub const MAX_QUEUE: usize = 20_000;
/// Tracks that the queue remembers having played, for "previous".
pub const MAX_PLAYED: usize = 200;
/// The stored form of a queue: [`MAX_QUEUE`] and [`MAX_PLAYED`] of at most 60 bytes each.
pub const MAX_QUEUE_BYTES: usize = 60 * (MAX_QUEUE + MAX_PLAYED) + 64;
/// The stored form of a player: some numbers.
pub const MAX_PLAYER_BYTES: usize = 256;
/// So far into a track "previous" means its beginning, as people know it from every player.
pub const RESTART_AFTER: Duration = Duration::from_secs(3);
/// A pause so close to the end is the one with which an `<audio>` element ends.
pub const END_SLACK: Duration = Duration::from_millis(500);
/// A track that ends before this has no sound: it counts as failed, so that a queue of such does not spin.
pub const SHORTEST_TRACK: Duration = Duration::from_millis(100);
/// What is left of a track when the next one is asked for.
pub const PREFETCH_AHEAD: Duration = Duration::from_secs(60);
/// How often the position is stored while a track plays: what a crash costs.
pub const KEEP_POSITION: Duration = Duration::from_secs(10);
/// How far a position may be off what views extrapolate before they are told.
pub const POSITION_NEWS_MS: u64 = 100;

/// One message about listening together: some numbers and two ids.
pub const MAX_TOGETHER_BYTES: usize = 256;
/// How often a leader says where it is, when nothing changes.
pub const LEAD_BEAT: Duration = Duration::from_secs(2);
/// After a change it says so again this often, [`LEAD_ECHOES`] times: a message may be lost, and a position just after a
/// start is not exact yet.
pub const LEAD_ECHO: Duration = Duration::from_millis(300);
/// See [`LEAD_ECHO`].
pub const LEAD_ECHOES: u32 = 3;
/// A seek bar that is dragged does not make more beats than one in this time.
pub const LEAD_GAP: Duration = Duration::from_millis(100);
/// A leader that is silent for so long is gone: ten beats, or a link that is made anew.
pub const LEAD_PATIENCE: Duration = Duration::from_secs(20);
/// Somebody else's lead is not followed earlier than this after the last change: two who fight over it do not make
/// everyone else's music stutter.
pub const LEAD_HOLD: Duration = Duration::from_secs(2);
/// Leads that a device remembers, one for each neighbour.
pub const MAX_LEADS: usize = MAX_LINKS;
/// What one neighbour may say about listening together: ten beats a second while a seek bar is dragged, and pings.
pub const TOGETHER_MESSAGES: Rate = Rate {
    per_second: 20,
    burst: 60,
};
/// Pings with which a follower begins, [`FIRST_PINGS_GAP`] apart: the shortest of some round trips is nearly the path's own.
pub const FIRST_PINGS: u32 = 6;
/// See [`FIRST_PINGS`].
pub const FIRST_PINGS_GAP: Duration = Duration::from_millis(150);
/// And then one so often.
pub const PING_GAP: Duration = Duration::from_secs(2);
/// Answers that say what the leader's clock is: those of half a minute, in which two clocks drift apart by 6 ms at most.
pub const CLOCK_SAMPLES: usize = 16;
/// How long a track plays before its position is believed after a start or a seek: decoders take that long to settle.
pub const SYNC_SETTLE: Duration = Duration::from_millis(300);
/// The longest such time, after corrections in vain; doubles with each.
pub const SYNC_SETTLE_MAX: Duration = Duration::from_secs(5);
/// How often a follower looks where it is.
pub const SYNC_LOOK: Duration = Duration::from_millis(250);
/// Off by less than this is exact.
pub const SYNC_EXACT_MS: i64 = 8;
/// Off by more than this is mended by a seek, less by playing a little faster or slower. Each listener so close to the
/// leader, no two of them are more than 150 ms apart for long.
pub const SYNC_SEEK_MS: i64 = 90;
/// The largest change of speed, in thousandths: 3 %, which nobody hears while the pitch is preserved.
pub const SYNC_NUDGE: i64 = 30;
/// The longest time that an element is believed to take from a seek to sound.
pub const SYNC_AHEAD_MAX_MS: i64 = 500;
