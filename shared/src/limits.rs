//! Every limit, timeout and size that a rule depends on, with its reason. One place per fact.

mod music;
mod turn;

use std::{ops::RangeInclusive, time::Duration};

pub use self::{music::*, turn::*};
use crate::rate::Rate;

/// Links a node dials for by itself. Four random neighbours keep a mesh connected and cost about 5 % in latency
/// against many (Bianchi et al., arXiv 0902.1394).
pub const WANTED_LINKS: usize = 4;
/// Links a node holds at most in one channel. Chromium allows 500 RTCPeerConnections in all, collected or not; twelve leave
/// room for many channels and keep a flood's cost bounded.
pub const MAX_LINKS: usize = 12;
/// Second connections of links, in all channels together: with the first ones of [`MAX_LINKS`] in [`MAX_CHANNELS`], at
/// most 384, they stay below the 500 that Chromium allows. Twelve links in each of eight channels have theirs; others go
/// on with one connection.
pub const MAX_SECOND_CONNECTIONS: usize = 100;
/// From a link's first hello to its second connection, so that one that turns out to be a twin, or short, costs only
/// one.
pub const SECOND_CONNECTION_DELAY: Duration = Duration::from_secs(1);
/// Pause before a link's second connection is made again; doubles with each that does not last.
pub const SECOND_CONNECTION_BASE: Duration = Duration::from_secs(2);
/// The longest such pause, and how long one has to last to begin anew: who does not know of second connections is
/// asked no more often.
pub const SECOND_CONNECTION_MAX: Duration = Duration::from_secs(300);
/// When both connections of a link are closed at once, the second one is heard to be closed within this time of the
/// first. Until then nothing is sent anew for what was lost with the first.
pub const GOODBYE_GRACE: Duration = Duration::from_millis(300);
/// A device that was in the channel before the newcomer leaves dialling to the newcomer for this long, so that the two
/// rarely dial each other at once.
pub const NEWCOMER_GRACE: Duration = Duration::from_secs(3);
/// From opening a connection to the other end's verified hello. ICE over a slow TURN relay takes up to 10 s.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// From dialling a device of the same machine by WebRTC until it is dialled by a pipe through the host's daemon. Between two
/// programs of a machine WebRTC is up within a second, and never where a browser gathers no candidates.
pub const PIPE_DELAY: Duration = Duration::from_secs(3);
/// A connection that says "disconnected" often recovers by itself within a second or two; then ICE is restarted.
pub const DISCONNECTED_GRACE: Duration = Duration::from_secs(3);
/// From an ICE restart until the connection is given up.
pub const RESTART_TIMEOUT: Duration = Duration::from_secs(15);
/// Ids on servers that a link remembers the other end by: one for each of a channel's servers, and as many from before
/// they were restarted.
pub const MAX_LINK_ROUTES: usize = 8;
/// Offers being answered at a time: each costs a connection, and whoever offers may never come.
pub const MAX_ANSWERING: usize = 6;
/// Names of connections that have ended: an offer for one of them is a repetition.
pub const MAX_ENDED_CONNECTIONS: usize = 256;
/// Pause before a device is dialled again after a failed attempt or a refusal; doubles with each attempt.
pub const REDIAL_BASE: Duration = Duration::from_secs(2);
/// The longest pause between two attempts at one device.
pub const REDIAL_MAX: Duration = Duration::from_secs(120);
/// Two links to one device that came up within this time are the two halves of a mutual dial: both ends keep the one
/// with the smaller connection id. Beyond it the older link stays.
pub const MUTUAL_DIAL_WINDOW: Duration = Duration::from_secs(10);

/// From opening a WebSocket until it must be open.
pub const SERVER_TIMEOUT: Duration = Duration::from_secs(20);
/// An alarm that comes so much too late means that the device was asleep. Browsers let the timers of hidden pages fire
/// once a minute only.
pub const SLEPT: Duration = Duration::from_secs(90);
/// Pause before a lost signalling server is tried again; doubles with each attempt, plus up to as much jitter.
pub const RECONNECT_BASE: Duration = Duration::from_millis(500);
/// The longest pause between two attempts at a server, before jitter.
pub const RECONNECT_MAX: Duration = Duration::from_secs(30);
/// How often a server gives a sign of life. Reverse proxies cut a quiet connection after 60 s (nginx's
/// `proxy_read_timeout`); half of it leaves room for one lost ping.
pub const SERVER_PING: Duration = Duration::from_secs(30);
/// Signs of life that a server may miss before it is taken for gone.
pub const SILENT_PINGS: u32 = 3;
/// One signalling message. An SDP of one data channel with its candidates is 2–4 KiB.
pub const MAX_SIGNAL_BYTES: usize = 64 * 1024;
/// An id, a connection id or a protocol name in a signalling message.
pub const MAX_SIGNAL_ID_BYTES: usize = 64;
/// One session description.
pub const MAX_SDP_BYTES: usize = 32 * 1024;
/// One ICE candidate line with its fields.
pub const MAX_CANDIDATE_BYTES: usize = 2 * 1024;
/// Candidates taken from the other end of a connection between two descriptions.
pub const MAX_CANDIDATES: usize = 64;
/// Devices of one channel that a node remembers from a server; more are simply not dialled.
pub const MAX_ROSTER: usize = 4096;
/// Devices a signalling server admits to one channel.
pub const MAX_CHANNEL_SOCKETS: usize = 1024;

/// One data channel frame: within what every WebRTC implementation takes in one message (64 KiB, `webrtc` crate).
pub const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Data channels of one connection that carry pieces, beside the one for control and chat: a packet that is lost holds
/// up a quarter of what is on its way.
pub const BULK_STREAMS: u8 = 4;
/// A link hands the driver no more frames while this much is waiting in the connection's own buffer.
pub const SEND_HIGH_WATER: usize = 256 * 1024;
/// The driver reports when the connection's buffer has drained to this.
pub const SEND_LOW_WATER: usize = 128 * 1024;
/// What a link queues itself beyond that; a full link drops live records, which reconciling brings later.
pub const MAX_LINK_QUEUE_BYTES: usize = 1024 * 1024;

/// The text of one message, in bytes of UTF-8: some eight pages.
pub const MAX_TEXT_BYTES: usize = 16 * 1024;
/// A member's name, in bytes of UTF-8: 21 Chinese characters.
pub const MAX_NAME_BYTES: usize = 64;
/// Names of one member that are remembered, to tell it from others who take them: more than anybody has at a time.
pub const MAX_NAMES: usize = 4;
/// A member's avatar, in bytes of UTF-8: the longest emoji that is in use, a couple that kisses in two skin tones, has 35.
pub const MAX_AVATAR_BYTES: usize = 36;
/// Files that are shared with one message: what fits below a text without scrolling.
pub const MAX_MESSAGE_FILES: usize = 16;
/// Messages whose files are being taken in, one after the other: more than anybody hands over before the first is done.
pub const MAX_INTAKES: usize = 64;
/// Files that views want to show and wait for: far more than fit on a screen.
pub const MAX_WANTED_FILES: usize = 256;
/// One signed record as it travels: a text, and up to 512 bytes for each file.
pub const MAX_RECORD_BYTES: usize = MAX_TEXT_BYTES + 1024 + MAX_MESSAGE_FILES * 512;
/// A channel's name, in bytes of UTF-8.
pub const MAX_CHANNEL_NAME_BYTES: usize = 128;
/// A whole address as text.
pub const MAX_ADDRESS_BYTES: usize = 2048;
/// Mirrors (`via`) of one address.
pub const MAX_VIA: usize = 4;
/// A passphrase, in characters: short ones are guessed whatever a guess costs.
pub const MIN_PASSPHRASE_CHARS: usize = 8;
/// A passphrase, in bytes of UTF-8.
pub const MAX_PASSPHRASE_BYTES: usize = 1024;
/// A passphrase that keeps an identity file, in characters: whoever has the file can guess at home, as long as they like.
pub const MIN_FILE_PASSPHRASE_CHARS: usize = 12;
/// An identity file as text: [`MAX_CHANNELS`] addresses of the greatest length, and [`MAX_BLOCKED`] keys and names in each,
/// of which every byte may be escaped, in base64.
pub const MAX_IDENTITY_FILE_BYTES: usize = 4 * 1024 * 1024;
/// The memory that deriving the key of an identity file may take, in KiB: twice what Catnest chooses, and not so much that
/// a file from elsewhere could end the browser's page.
pub const MAX_KDF_MEMORY_KIB: u32 = 128 * 1024;
/// Passes over that memory: with [`MAX_KDF_MEMORY_KIB`] some ten seconds in a browser.
pub const MAX_KDF_PASSES: u32 = 12;
/// Lanes, which a browser goes through one after the other.
pub const MAX_KDF_LANES: u32 = 4;
/// One line of a channel's file: a record in base64, and what is said in it with each character escaped.
pub const MAX_CHANNEL_FILE_LINE: usize = 256 * 1024;
/// Records that are read and written at a time for a channel's file: their lines are 16 MiB at most, and some 100 KiB
/// usually.
pub const EXPORT_AT_ONCE: usize = 100;
/// Records that a view gives to be taken in at a time: their signatures take some 10 ms.
pub const IMPORT_AT_ONCE: usize = 50;
/// A message between a program of this machine and the native host's daemon: what browsers take from a host at most.
pub const MAX_HOST_FRAME_BYTES: usize = 1024 * 1024;
/// What is said of a message that is none, in a log.
pub const MAX_HOST_DETAIL_BYTES: usize = 200;
/// Signalling sockets of one program in a daemon: one for each of [`MAX_CHANNELS`], and as many that are about to end.
pub const MAX_HOST_SOCKETS: usize = 2 * MAX_CHANNELS;
/// Pipes of one program through a daemon: as many, for the same reason. Only with devices of the same machine there are any.
pub const MAX_HOST_PIPES: usize = 2 * MAX_CHANNELS;
/// What is on its way through a pipe in one direction: all of its streams may be full, and frames that are small cost more
/// than their bytes. Who sends more without hearing that it was taken does not keep to the rules.
pub const PIPE_WINDOW: usize = 4 * 1024 * 1024;
/// What a frame in a pipe costs beyond its bytes: the text around it.
pub const PIPE_FRAME_OVERHEAD: usize = 128;
/// So much is taken from a pipe's stream before that is said: an eighth of what may wait.
pub const PIPE_TAKEN_STEP: usize = SEND_HIGH_WATER / 8;
/// Programs that speak to a daemon at a time: more profiles and terminals than anybody has open.
pub const MAX_HOST_CLIENTS: usize = 64;
/// Requests of a program that wait for the daemon's answer.
pub const MAX_HOST_ASKS: usize = 64;
/// How long an answer may take: the daemon may have a large store to look through, and others to answer before.
pub const HOST_ANSWER: Duration = Duration::from_secs(30);
/// How long a host may take to say welcome: longer than it waits for its daemon, which may bring a large store up to date.
pub const HOST_HELLO: Duration = Duration::from_secs(90);
/// Pause before a host that went is tried again; doubles with each attempt.
pub const HOST_RETRY_BASE: Duration = Duration::from_millis(500);
/// The longest pause between two attempts.
pub const HOST_RETRY_MAX: Duration = Duration::from_secs(30);
/// Attempts in a row, over some three minutes. After that somebody has to ask.
pub const MAX_HOST_RETRIES: u32 = 10;
/// A host that was there so long is not one that ends as soon as it has started.
pub const HOST_SETTLED: Duration = Duration::from_secs(60);
/// Messages of a host that answer nothing: news comes once for each request, of which a view that follows makes a few a
/// second.
pub const HOST_UNASKED: Rate = Rate {
    per_second: 20,
    burst: 200,
};
/// Channels one device is in. Each costs a server socket and up to [`MAX_LINKS`] links.
pub const MAX_CHANNELS: usize = 32;

/// A record from a clock that is fast by no more than this is shown at once; beyond it waits until it is due.
pub const EARLY_TOLERANCE: Duration = Duration::from_secs(600);
/// Records kept waiting because they are early.
pub const MAX_EARLY_RECORDS: usize = 256;
/// What was early and could not wait is asked for once it is due, and no more often than this: whoever sends such records
/// without end makes a device compare logs once a minute.
pub const EARLY_AGAIN: Duration = Duration::from_secs(60);
/// Record ids remembered for duplicate suppression. At ten messages a second that is over 13 minutes, far longer than
/// a flood lives.
pub const MAX_SEEN_RECORDS: usize = 8192;
/// Messages of one channel that are counted as unread: beyond that nobody cares how many there are. At 41 bytes each they
/// take half a megabyte.
pub const MAX_UNREAD: usize = 10_000;
/// Devices that are remembered to have stored a message. Few nests are larger, and 32 keys take 1 KiB.
pub const MAX_HOLDERS: usize = 32;
/// Records in one page of history.
pub const MAX_PAGE: usize = 200;

/// Record ids in one control frame: 16 KiB of ids, some 20 KiB of frame.
pub const MAX_IDS: usize = 512;
/// How long a record is offered to new neighbours: far longer than it takes to find a new one after a link is lost.
/// What is older comes with the history.
pub const RECENT: Duration = Duration::from_secs(600);
/// Records of one channel kept in memory to be offered.
pub const MAX_RECENT_RECORDS: usize = 512;
/// Records of one span of a log that is compared with a neighbour's: their ids in an answer take 128 KiB.
pub const MAX_COMPARED_RECORDS: usize = 4096;
/// One question or answer of a comparison. Two logs of 100,000 records that differ in every hundredth, compared at once, need
/// some 800 KB.
pub const MAX_COMPARE_BYTES: usize = 1024 * 1024;
/// Bytes of a question or answer in one frame.
pub const COMPARE_PART: usize = 32 * 1024;
/// Questions of one comparison: each divides ranges by sixteen, so that eight are enough for any log.
pub const MAX_COMPARE_ROUNDS: u32 = 8;
/// Spans that are compared with one neighbour before it is the next one's turn.
pub const HISTORY_SPANS_A_TURN: u32 = 32;
/// Records that are read, sent and kept together: within a link's queue even if each is as long as it may be.
pub const HISTORY_AT_ONCE: usize = 32;
/// How long a neighbour that was asked about its log may say nothing.
pub const HISTORY_PATIENCE: Duration = Duration::from_secs(20);
/// A burn switch: two hashes, a key, a name and a signature.
pub const MAX_SWITCH_BYTES: usize = 512;
/// How often a channel's burn switch is turned, whoever does it.
pub const SWITCHES: Rate = Rate {
    per_second: 1,
    burst: 10,
};
/// How long a message that burns stays after it was shown, unless the member chose otherwise.
pub const BURN_AFTER: Duration = Duration::from_secs(30);
/// What may be chosen: long enough to be read at all, and short enough to be called burning.
pub const BURN_AFTER_SECONDS: RangeInclusive<u16> = 5..=600;
/// Messages of one channel that burn, and bytes of them, that wait in memory until they are shown.
pub const MAX_BURNING: usize = 512;
/// The bytes.
pub const MAX_BURNING_BYTES: usize = 1024 * 1024;
/// What a member looks for in a log, in bytes of UTF-8.
pub const MAX_QUERY_BYTES: usize = 256;
/// Texts of a log that are held in memory to be searched: some 300,000 messages.
pub const MAX_TEXTS_BYTES: usize = 32 * 1024 * 1024;
/// Records that are read at a time for that.
pub const TEXTS_AT_ONCE: usize = 1000;
/// Searches that wait for texts to be read.
pub const MAX_SEARCHES: usize = 8;
/// The longest age that a channel's log can be kept for: a century.
pub const MAX_RETENTION_DAYS: u32 = 36_525;
/// The largest number of messages that a channel's log can be kept to: to find the oldest of them, all are counted.
pub const MAX_RETENTION_MESSAGES: u32 = 1_000_000;
/// A log that is kept by age is looked at so often, and its age is counted in steps of this.
pub const RETENTION_STEP: Duration = Duration::from_secs(60);
/// Records that are discarded in one transaction: some milliseconds of work.
pub const DISCARD_AT_ONCE: usize = 128;
/// A log that is kept to a number of messages has at most a hundredth more, before the oldest are discarded.
pub const RETENTION_SLACK: u32 = 100;
/// Records of one author that claim to be of one minute: ten a second, faster than anybody writes, and as many as a paste of
/// a long text line by line.
pub const MAX_AUTHOR_MINUTE: u32 = 600;
/// Members of a channel that are blocked here, and those whose messages are held back: more than anybody looks through.
pub const MAX_BLOCKED: usize = 256;
/// What a neighbour may ask about a log: a list of records costs 16, a record that is fetched an eighth.
pub const HISTORY_MESSAGES: Rate = Rate {
    per_second: 500,
    burst: 5000,
};
/// Bytes of such records.
pub const MAX_RECENT_BYTES: usize = 1024 * 1024;
/// What a member may have written in one channel that nobody has acknowledged yet; beyond it the composer has to wait.
pub const MAX_UNSENT_BYTES: usize = 2 * 1024 * 1024;
/// Records and announcements that a link sends unasked. Nobody writes faster than that for long; what is over it is
/// offered again once the pace allows it.
pub const SEND_PACE: Rate = Rate {
    per_second: 50,
    burst: 500,
};
/// What a neighbour may send unasked before it counts as a flood: twice of what an honest one does, so that bursts that
/// the network held up are no offence.
pub const FLOOD: Rate = Rate {
    per_second: 100,
    burst: 1000,
};
/// So long, records that a neighbour announced and was asked for are not asked of others.
pub const AWAIT: Duration = Duration::from_secs(10);
/// Pause before records that a link missed are offered again.
pub const OFFER_AGAIN: Duration = Duration::from_secs(2);
/// A connection whose buffer does not drain at all for so long belongs to somebody who does not read.
pub const STALLED: Duration = Duration::from_secs(30);

/// One signed announcement of being online.
pub const MAX_ANNOUNCEMENT_BYTES: usize = 512;
/// Devices of members that one knows to be online in one channel: 1 MiB of announcements.
pub const MAX_MEMBERS: usize = 4096;
/// Of one member: more devices than anybody has, or restarts within [`EARLY_TOLERANCE`].
pub const MAX_MEMBER_RUNS: usize = 8;
/// Members that a new neighbour is told of at once: within the burst of [`SEND_PACE`], with room left for records.
pub const MAX_TOLD_MEMBERS: usize = 400;
/// How often a member announces itself in a small nest.
pub const PRESENCE_RENEWAL: Duration = Duration::from_secs(30);
/// In a large one it takes this long for each member: five announcements a second in all, about a kilobyte a second,
/// up to 900 members.
pub const PRESENCE_PER_MEMBER: Duration = Duration::from_millis(200);
/// An announcement holds for this many renewals, so that one or two may be lost.
pub const PRESENCE_RENEWALS: u32 = 3;
/// The longest an announcement holds. Below [`EARLY_TOLERANCE`], so that replays are told from news.
pub const MAX_PRESENCE: Duration = Duration::from_secs(540);
/// A member whose link was lost is shown for this long after it could have been heard of again.
pub const PRESENCE_DOUBT: Duration = Duration::from_secs(3);
/// The shortest pause between two announcements of one member, in however small a nest.
pub const PRESENCE_PAUSE: Duration = Duration::from_secs(2);

/// One resource. What is larger is split by whoever shares it.
pub const MAX_RESOURCE_BYTES: u64 = 64 << 30;
/// Pieces of one resource: see the table in [`crate::resource::pieces`].
pub const MAX_PIECES: u32 = 65_536;
/// The smallest piece.
pub const MIN_PIECE_BYTES: u64 = 64 * 1024;
/// The largest piece: that of the largest resource.
pub const MAX_PIECE_BYTES: u64 = 1024 * 1024;
/// A file's name, in bytes of UTF-8: what file systems take (`NAME_MAX`).
pub const MAX_FILE_NAME_BYTES: usize = 255;
/// A media type: 127 characters on either side are allowed by RFC 6838 §4.2, but none that is registered has half of it.
pub const MAX_MEDIA_TYPE_BYTES: usize = 127;
/// Bytes of a resource in one packet: two packets make one of the smallest pieces, and a frame of a message fits between
/// them soon.
pub const PACKET_BYTES: usize = 32 * 1024;
/// Chaining values in one frame: 32 KiB.
pub const OUTLINE_PART: usize = 1024;
/// What is asked of a holder at a time covers so much more than two round trips: a receiver that stores and checks is not
/// always quick.
pub const PIPELINE_SLACK: Duration = Duration::from_millis(60);
/// A holder's rate is measured over a round trip, and over at least this long.
pub const RATE_INTERVAL: Duration = Duration::from_millis(20);
/// A rate that was measured over so long counts alone, whatever was measured before.
pub const RATE_SETTLED: Duration = Duration::from_secs(1);
/// Bytes a second that a holder is taken to deliver before it is measured: the slowest links that anybody shares files
/// over, at 20 KB/s, are faster.
pub const UNMEASURED_RATE: u64 = 16 * 1024;
/// The least rate that is waited for: that of a packet within [`HOLDER_PATIENCE`].
pub const LEAST_RATE: u64 = PACKET_BYTES as u64 / HOLDER_PATIENCE.as_secs();
/// How much of a measured rate is relied on when it is judged whether a piece is overdue: a burst after a gap looks faster
/// than the path is.
pub const RELIED_RATE: u64 = 128 * 1024;
/// A piece is overdue, and its holder left alone, after so many times as long as the rate promises, beside
/// [`HOLDER_PATIENCE`].
pub const LATENESS: u32 = 4;
/// A piece that was asked for so long ago is asked of one more holder, once that has nothing else to give: several times
/// as long as a window takes, and soon enough that nobody gives up.
pub const PIECE_LATE: Duration = Duration::from_secs(4);
/// A piece that somebody waits for, as one that is being played, is asked of one more holder after this: longer than a window
/// takes over a link of 2 Mbit/s, shorter than what players have in hand.
pub const URGENT_LATE: Duration = Duration::from_secs(1);
/// Of a holder that delivers less than this part of what the best one does, nothing is asked that somebody waits for and the
/// best ones have: the same piece comes from those sooner, even after a few others.
pub const SLOW_FRACTION: u64 = 4;
/// How often it is looked for such pieces, while there are some: about as long as it takes until who is asked has room for
/// more.
pub const LATE_LOOK: Duration = Duration::from_millis(100);
/// The least that is asked of a holder at a time: four of the smallest pieces.
pub const MIN_PIPELINE_BYTES: u64 = 256 * 1024;
/// While a holder owes something, it is asked for no less than this at a time: two of the smallest pieces.
pub const MIN_ASKED_BYTES: u64 = 128 * 1024;
/// The most: 80 MB/s over a round trip of 50 ms.
pub const MAX_PIPELINE_BYTES: u64 = 8 * 1024 * 1024;
/// Holders that one download asks: the links of a device in two or three channels.
pub const MAX_DOWNLOAD_HOLDERS: usize = 32;
/// A holder that sends no packet of what was asked for so long is left alone: longer than a path that is lost is noticed,
/// shorter than anybody waits.
pub const HOLDER_PATIENCE: Duration = Duration::from_secs(8);
/// How long such a holder is left alone at first; it doubles with each time.
pub const HOLDER_REST: Duration = Duration::from_secs(30);
/// How long one is left alone that says it is busy.
pub const HOLDER_BUSY: Duration = Duration::from_secs(1);
/// Pieces that came are given to the store once they are so many bytes: Chromium keeps a value of several pieces with
/// less work than each alone. Not more, since what waits here keeps as much from being asked for
/// ([`MAX_UNDURABLE_BYTES`]): twice as much is kept with less work, and yet fewer bytes came in a second.
pub const SAVE_BYTES: u64 = 256 * 1024;
/// Or have waited so long: nobody notices it, and at 5 MB/s it makes [`SAVE_BYTES`].
pub const SAVE_DELAY: Duration = Duration::from_millis(50);
/// What comes of a file so far before its turn to be hashed is kept until then: what several holders of different speed are
/// asked for at a time ([`MAX_UNDURABLE_BYTES`]).
pub const HASH_AHEAD_BYTES: u64 = 4 * 1024 * 1024;
/// What is kept so of all files together.
pub const MAX_HASH_AHEAD_BYTES: usize = 16 * 1024 * 1024;
/// What is asked of a holder and what came and is not durable yet make together no more than this, and one piece: it is
/// what a crash costs at most, 1 MiB of the smallest pieces for one holder. (At the end of a download, each of the last
/// [`ENDGAME_PIECES`] may be asked of two.)
pub const MAX_UNDURABLE_BYTES: u64 = 1024 * 1024 - MIN_PIECE_BYTES;
/// Unless what comes in a round trip, the holder's reading included, is more: then so much more than that, in hundredths.
pub const UNDURABLE_PATH_PERCENT: u64 = 150;
/// Or the pieces are so large that it would be fewer than so many: a connection carries one on each of its streams at a time.
pub const MIN_UNDURABLE_PIECES: u64 = BULK_STREAMS as u64;
/// The last pieces of a download, which are asked of two holders each, so that the slowest one does not decide when it is
/// complete.
pub const ENDGAME_PIECES: usize = 20;
/// Parts of an outline that are asked for at a time.
pub const OUTLINE_PARTS_AHEAD: u32 = 4;
/// Pieces that one neighbour may have asked for and not got yet: twice what [`MAX_PIPELINE_BYTES`] has of the smallest.
pub const MAX_REQUESTED_PIECES: usize = 256;
/// What is read from the store for one neighbour before the link has taken it.
pub const UPLOAD_AHEAD_BYTES: u64 = 1024 * 1024;

/// What a link takes of what is said about resources, packets left out: a request for each of the smallest pieces at 250
/// MB/s.
pub const RESOURCE_MESSAGES: Rate = Rate {
    per_second: 4000,
    burst: 8000,
};
/// How often views hear of a file that moves: often enough for a bar that grows smoothly.
pub const TRANSFER_NEWS: Duration = Duration::from_millis(250);
/// Files that one neighbour is kept told about: as many as it can get at a time, and room for those it gave up.
pub const MAX_FOLLOWED: usize = 4 * MAX_TRANSFERS;
/// Pictures up to this size are fetched without being asked for: what a phone's camera makes.
pub const AUTO_FETCH_BYTES: u64 = 4 * 1024 * 1024;
/// Pictures of one channel that are on their way without being asked for: two messages full of them.
pub const AUTO_FETCHES: usize = 2 * MAX_MESSAGE_FILES;
/// All pictures of one channel that are here, or on their way, without being asked for; a small one counts as
/// [`MIN_PIECE_BYTES`], so that they are at most 4096. Some hundreds of photographs, and no disk is filled with them.
pub const AUTO_FETCH_TOTAL_BYTES: u64 = 256 * 1024 * 1024;
/// A picture that nobody asked for, and of which nothing comes for so long, is given up.
pub const AUTO_FETCH_PATIENCE: Duration = Duration::from_secs(600);
/// Files that are offered where all is got by itself, and are not here: those beyond that were offered longest ago.
pub const MAX_OFFERS: usize = 16_384;
/// Files that come by themselves at a time, where all does: enough for a link that is fast, and few enough that each
/// comes to its end.
pub const OFFERS_AT_ONCE: usize = 16;
/// How long somebody may take to say that it has what is offered.
pub const OFFER_PATIENCE: Duration = Duration::from_secs(10);
/// What nobody had, or found no room, is asked about again after this; and whether the disk has room again.
pub const OFFER_REST: Duration = Duration::from_secs(600);
/// What the resources of a device that stays may have if nobody says so: see [`crate::seeding::default_quota`].
pub const DEFAULT_QUOTA_BYTES: u64 = 20_000_000_000;
/// What pieces leave free of the disk of a device that stays: whoever else uses it, and the chat, have room.
pub const FREE_DISK_BYTES: u64 = 1_000_000_000;
/// A file that came by itself, and of which nothing comes for so long, gives way to others.
pub const STALL: Duration = Duration::from_secs(600);
/// How exactly it is kept when a resource that came by itself was last wanted: one write an hour for each.
pub const WANTED_STEP: Duration = Duration::from_secs(3600);
/// How long a length of a file is believed of which nothing came yet, while somebody says another one: longer than
/// [`HOLDER_PATIENCE`].
pub const LENGTH_PATIENCE: Duration = Duration::from_secs(10);
/// After so many lengths in vain each is believed for as long again as the one before: who has a slow link gets the time
/// it takes.
pub const LENGTH_TRIALS: u32 = 8;
/// What a full link did not take about files is said again after this.
pub const SAY_AGAIN: Duration = Duration::from_secs(1);
/// What a reader of a file gets at a time: a second and a half of uncompressed music, and less than a frame's worth of work.
pub const READ_PART_BYTES: usize = 256 * 1024;
/// So much from where a file is read is fetched before the rest of it: half a minute of uncompressed music.
pub const READ_AHEAD_BYTES: u64 = 4 * 1024 * 1024;
/// A reader that has not asked for anything for so long has enough, or was left behind: what comes after it is not hurried
/// for until it asks again, and nobody waits for its sake.
pub const READ_QUIET: Duration = Duration::from_secs(10);
/// Readers of files at a time. Beyond them, the one that has been silent for longest gives way.
pub const MAX_READS: usize = 16;
/// Those of what is played do not count among them: a player asks anew wherever it seeks, before the browser has let go of
/// what it read before.
pub const MAX_PLAYED_READS: usize = 8;
/// Files that are on their way to one device at a time, pictures that nobody asked for left out; each may have an outline
/// of 2 MiB in memory.
pub const MAX_TRANSFERS: usize = 256;

// The signalling server. These are defaults of `signal::guard::HubLimits`; whoever runs a server may choose others.

/// Sockets of one server. An idle one costs 15 KiB (measured), so that all together stay below 200 MB.
pub const SERVER_SOCKETS: usize = 10_000;
/// Sockets from one address: eight devices behind one router, each in [`MAX_CHANNELS`] channels.
pub const SERVER_ADDRESS_SOCKETS: usize = 8 * MAX_CHANNELS;
/// Connections of one server beyond its sockets: those that come, that ask for something else, and that are refused and
/// hear why. With a request of 16 KiB each they take 11 MB.
pub const SERVER_SPARE_CONNECTIONS: usize = 700;
/// Connections from one address beyond its sockets: two devices that come back, each with [`MAX_CHANNELS`] channels,
/// before it is noticed that their old sockets are gone.
pub const SERVER_ADDRESS_SPARE_CONNECTIONS: usize = 2 * MAX_CHANNELS;
/// What one socket sends. A device that dials [`MAX_LINKS`] others at once sends each a description and about a dozen
/// candidates, some 150 messages; afterwards it is quiet for minutes.
pub const SERVER_SOCKET_RATE: Rate = Rate {
    per_second: 50,
    burst: 200,
};
/// What one address sends, opening sockets included: ten times as much as one socket, because a whole school or
/// office may be behind it, and they all come back at once after a server's restart.
pub const SERVER_ADDRESS_RATE: Rate = Rate {
    per_second: 500,
    burst: 2000,
};
/// Receivers that a message to everyone, or a newcomer, may have for the price of one message: sixteen people who
/// all know each other pay nothing extra, a crowd of a thousand costs 64.
pub const RECEIVERS_PER_MESSAGE: usize = 16;
/// What a message may have in it for the price of one. A description of one data channel with its candidates is 2–4 KiB.
/// With [`RECEIVERS_PER_MESSAGE`], one message's price pays for 64 KiB sent: one socket makes the server send at most
/// 3 MiB a second in the long run, and one address 32 MiB.
pub const BYTES_PER_MESSAGE: usize = 4 * 1024;
/// Addresses without a socket that are kept before somebody looks which of them can be forgotten: 64 KiB.
pub const MIN_FORGETTABLE_ADDRESSES: usize = 1024;
