//! Who is online (N9): signed announcements that flood the mesh, are kept in memory only, and expire.
//!
//! Every member announces itself when it comes, when its name changes, and again before its last announcement expires;
//! the larger the nest, the more rarely, so that the flood stays as small. An announcement travels with its age, and is
//! believed for what is left of its time. Who leaves says so. A member may be on several devices: each announces itself,
//! and the member is online while one of them is.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use minicbor::{Decode, Encode};

use crate::{
    channel::ChannelId,
    identity::{Author, AuthorKey, Purpose},
    limits,
    profile::{Profile, is_avatar, is_name},
    signed::{Envelope, from_cbor},
    time::Millis,
    wire::{Run, Session},
};

/// What a member says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Body {
    /// The channel it is in.
    #[n(0)]
    pub channel: ChannelId,
    /// Who.
    #[n(1)]
    pub author: Author,
    /// In which run.
    #[n(2)]
    pub session: Session,
    /// When it said so, by its own clock; later than all it said before in this run.
    #[n(3)]
    pub time: Millis,
    /// For how many seconds that holds; 0: it leaves.
    #[n(4)]
    pub lifetime: u16,
    /// Its name.
    #[n(5)]
    pub name: String,
    /// Its avatar.
    #[n(6)]
    pub avatar: Option<String>,
}

impl Body {
    /// How the member appears.
    pub fn profile(&self) -> Profile {
        Profile {
            name: self.name.clone(),
            avatar: self.avatar.clone(),
        }
    }
}

/// An announcement whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// What it says.
    pub body: Body,
    /// The bytes that travel.
    pub bytes: Vec<u8>,
}

/// Why bytes are not an announcement in this channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementError {
    /// More than [`limits::MAX_ANNOUNCEMENT_BYTES`].
    #[error("an announcement has at most {} bytes; this one has {bytes}", limits::MAX_ANNOUNCEMENT_BYTES, bytes = .0)]
    TooLong(usize),
    /// Not the CBOR of one.
    #[error("not an announcement: {0}")]
    Malformed(String),
    /// Made in another channel.
    #[error("the announcement is of another channel")]
    ForeignChannel,
    /// The name is empty, too long, or has invisible characters.
    #[error("the member's name is empty, too long, or has invisible characters")]
    Name,
    /// The avatar is empty, too long, or has invisible characters.
    #[error("the member's avatar is empty, too long, or has invisible characters")]
    Avatar,
    /// It is to hold for longer than [`limits::MAX_PRESENCE`].
    #[error("an announcement holds for at most {} s", limits::MAX_PRESENCE.as_secs())]
    Lifetime,
    /// Not signed by the member it names.
    #[error("the signature does not match")]
    Signature,
}

impl Announcement {
    /// Signs one. The caller has checked the name.
    pub fn new(key: &AuthorKey, body: Body) -> Self {
        let bytes = Envelope::seal(key, Purpose::Presence, &body).to_bytes();
        Self { body, bytes }
    }

    /// Reads and checks what a neighbour sent.
    ///
    /// # Errors
    /// When it is not what its author said in this channel.
    pub fn read(channel: ChannelId, bytes: &[u8]) -> Result<Self, AnnouncementError> {
        Claim::read(channel, bytes)?.check()
    }
}

/// What may be an announcement: its signature is still to be checked, which takes by far the longest.
#[derive(Clone, Debug)]
pub struct Claim {
    envelope: Envelope,
    body: Body,
    bytes: Vec<u8>,
}

impl Claim {
    /// Reads what a neighbour sent.
    ///
    /// # Errors
    /// When nobody can have said it in this channel.
    pub fn read(channel: ChannelId, bytes: &[u8]) -> Result<Self, AnnouncementError> {
        if bytes.len() > limits::MAX_ANNOUNCEMENT_BYTES {
            return Err(AnnouncementError::TooLong(bytes.len()));
        }
        let envelope = Envelope::read(bytes).map_err(AnnouncementError::Malformed)?;
        let body: Body = from_cbor(&envelope.body).map_err(AnnouncementError::Malformed)?;
        if body.channel != channel {
            return Err(AnnouncementError::ForeignChannel);
        }
        if !is_name(&body.name) {
            return Err(AnnouncementError::Name);
        }
        if body
            .avatar
            .as_ref()
            .is_some_and(|avatar| !is_avatar(avatar))
        {
            return Err(AnnouncementError::Avatar);
        }
        if u64::from(body.lifetime) > limits::MAX_PRESENCE.as_secs() {
            return Err(AnnouncementError::Lifetime);
        }
        Ok(Self {
            envelope,
            body,
            bytes: bytes.to_vec(),
        })
    }

    /// What it says, if it is true.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// When it is not that of the member it names.
    pub fn check(self) -> Result<Announcement, AnnouncementError> {
        let Self {
            envelope,
            body,
            bytes,
        } = self;
        if !envelope.is_signed_by(&body.author, Purpose::Presence) {
            return Err(AnnouncementError::Signature);
        }
        Ok(Announcement { body, bytes })
    }
}

/// How long an announcement holds in a nest of so many members. It is renewed after a part of that
/// ([`limits::PRESENCE_RENEWALS`]).
pub fn lifetime(members: usize) -> Duration {
    let renewal = share(members).max(limits::PRESENCE_RENEWAL);
    (renewal * limits::PRESENCE_RENEWALS).min(limits::MAX_PRESENCE)
}

/// The shortest pause between two announcements of one member in a nest of so many.
pub fn pause(members: usize) -> Duration {
    share(members).clamp(limits::PRESENCE_PAUSE, limits::PRESENCE_RENEWAL)
}

fn share(members: usize) -> Duration {
    limits::PRESENCE_PER_MEMBER
        .saturating_mul(u32::try_from(members).unwrap_or(u32::MAX))
        .min(limits::MAX_PRESENCE)
}

/// Who is online in a channel, as far as was heard.
#[derive(Debug, Default)]
pub struct Roster {
    runs: BTreeMap<Run, Entry>,
    /// Until when it was looked for those who count as online no more.
    looked: Millis,
    /// When to look again.
    next: Option<Millis>,
}

/// What an announcement is to who hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Known, too old, or too much: it is not passed on.
    Nothing,
    /// The member is still online: it is passed on.
    Renewal,
    /// The member comes, goes, or has another name or avatar: it is passed on.
    Change,
}

#[derive(Debug)]
struct Entry {
    announcement: Announcement,
    /// When it was made, by our clock.
    made: Millis,
    /// Until when the member counts as online.
    until: Millis,
}

impl Entry {
    /// Until then nobody can make an older announcement pass for new.
    fn remembered_until(&self) -> Millis {
        self.announcement.body.time + limits::EARLY_TOLERANCE
    }
}

impl Body {
    /// Who said it, in which run.
    fn run(&self) -> Run {
        Run {
            author: self.author,
            session: self.session,
        }
    }
}

/// All runs of one member.
fn runs_of(author: Author) -> RangeInclusive<Run> {
    let run = |session| Run { author, session };
    run(Session([0; 16]))..=run(Session([0xff; 16]))
}

impl Roster {
    /// Whether this would be news: most of a flood comes more than once.
    pub fn is_news(&self, now: Millis, body: &Body) -> bool {
        let time = body.time;
        // An old announcement may be a replay. By a clock that is far off nobody is seen online but by neighbours.
        if now.since(time) > limits::EARLY_TOLERANCE || time.since(now) > limits::EARLY_TOLERANCE {
            return false;
        }
        match self.runs.get(&body.run()) {
            Some(known) => known.announcement.body.time < time,
            None => self.runs.len() < limits::MAX_MEMBERS,
        }
    }

    /// Takes an announcement that is `age` old.
    pub fn offer(&mut self, now: Millis, announcement: &Announcement, age: Duration) -> News {
        if !self.is_news(now, &announcement.body) {
            return News::Nothing;
        }
        let Body { time, lifetime, .. } = announcement.body;
        let run = announcement.body.run();
        let replaced = match self.oldest_run(run) {
            Some((_, oldest)) if oldest >= time => return News::Nothing,
            oldest => oldest.map(|(run, _)| run),
        };
        let made = Millis(now.0.saturating_sub(Duration::as_millis(&age) as u64));
        let entry = Entry {
            announcement: announcement.clone(),
            made,
            until: made + Duration::from_secs(lifetime.into()),
        };
        let shown = |entry: &Entry| {
            let online = entry.until > now;
            online.then(|| entry.announcement.body.profile())
        };
        let news = if self.runs.get(&run).and_then(shown) == shown(&entry) {
            News::Renewal
        } else {
            News::Change
        };
        self.look_at(entry.until.min(entry.remembered_until()));
        self.runs.insert(run, entry);
        if let Some(replaced) = replaced {
            self.runs.remove(&replaced);
        }
        news
    }

    /// Which run of a member has to go for a new one, and when it last said something.
    fn oldest_run(&self, new: Run) -> Option<(Run, Millis)> {
        let others = self.runs.range(runs_of(new.author));
        let others = others.map(|(run, entry)| (*run, entry.announcement.body.time));
        let others: Vec<(Run, Millis)> = others.filter(|(run, _)| *run != new).collect();
        let full = others.len() >= limits::MAX_MEMBER_RUNS;
        let oldest = others.into_iter().min_by_key(|(_, time)| *time);
        oldest.filter(|_| full)
    }

    /// The link to a member was lost: unless it is heard of again soon, it is gone.
    pub fn doubt(&mut self, now: Millis, run: Run) {
        // It says that it is still there as soon as it may.
        let patience = pause(self.runs.len() + 1) + limits::PRESENCE_DOUBT;
        self.believe_until(now + patience, run);
    }

    /// A member has closed its link: unless it is heard of again, it is gone.
    pub fn dismiss(&mut self, now: Millis, run: Run) {
        self.believe_until(now, run);
    }

    fn believe_until(&mut self, until: Millis, run: Run) {
        if let Some(entry) = self.runs.get_mut(&run) {
            entry.until = entry.until.min(until);
            self.look_at(until);
        }
    }

    /// Who is online now: what each member said last, on whichever device.
    pub fn online(&self, now: Millis) -> impl Iterator<Item = &Body> {
        let mut members: BTreeMap<Author, &Body> = BTreeMap::new();
        for entry in self.believed(now) {
            let body = &entry.announcement.body;
            let last = members.entry(body.author).or_insert(body);
            if last.time < body.time {
                *last = body;
            }
        }
        members.into_values()
    }

    /// Who announces itself now.
    pub fn runs(&self, now: Millis) -> impl Iterator<Item = Run> {
        self.believed(now)
            .map(|entry| entry.announcement.body.run())
    }

    /// How many announce themselves now.
    pub fn count(&self, now: Millis) -> usize {
        self.believed(now).count()
    }

    /// What a new neighbour is told: every announcement that holds, with its age.
    pub fn tell(&self, now: Millis) -> impl Iterator<Item = (Duration, &Announcement)> {
        self.believed(now)
            .map(move |entry| (now.since(entry.made), &entry.announcement))
    }

    /// When [`Roster::expire`] has something to do.
    pub fn deadline(&self) -> Option<Millis> {
        self.next
    }

    fn look_at(&mut self, at: Millis) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    /// Forgets what is of no more use. True if somebody counts as online no more since the last time.
    pub fn expire(&mut self, now: Millis) -> bool {
        let looked = std::mem::replace(&mut self.looked, now);
        let any = self
            .runs
            .values()
            .any(|entry| entry.until > looked && entry.until <= now);
        self.runs
            .retain(|_, entry| entry.until > now || entry.remembered_until() > now);
        self.next = self
            .runs
            .values()
            .flat_map(|entry| [entry.until, entry.remembered_until()])
            .filter(|&at| at > now)
            .min();
        any
    }

    fn believed(&self, now: Millis) -> impl Iterator<Item = &Entry> {
        self.runs.values().filter(move |entry| entry.until > now)
    }
}
