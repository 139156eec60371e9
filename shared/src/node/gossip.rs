//! What goes over a channel's links: records, so that everybody gets each once, and who is online.

use std::time::Duration;

use super::{
    burning::Fate,
    channel::{Arrival, Channel, ChannelOutput},
    event::Event,
    tools::Tools,
    view::Delivery,
};
use crate::{
    chat::{
        log::Verdict,
        record::{self, Record, RecordId},
    },
    limits,
    link::{ConnectionKey, Link},
    presence::{self, Announcement, Body, Claim, News},
    store::Mark,
    time::Millis,
    wire::{Frame, Sighting},
};

impl Channel {
    /// A record of our own is stored: from now on it waits for somebody.
    pub(super) fn written(&mut self, record: &Record) {
        self.unsent.release(record);
        self.unsent.keep(record);
        self.deliveries.follow(record);
    }

    /// A record of our own goes out.
    pub(super) fn publish(&mut self, record: &Record, tools: &mut Tools<'_>) {
        self.keep(record, tools.now);
        self.added(tools.now, 1);
        if self.flood(&Frame::Record(record.bytes.clone()), None, tools.now) {
            self.sent(record.id);
        }
        self.settle(tools);
    }

    /// A record went out over a link; the view hears it if it is our own, and the first time.
    fn sent(&mut self, message: RecordId) {
        if self.deliveries.sent(message) {
            self.outputs
                .push_back(ChannelOutput::Tell(Event::Delivered {
                    channel: self.entry.id,
                    message,
                    delivery: Delivery::Sent,
                }));
        }
    }

    /// A record that is new here: the store is asked to keep it.
    pub(super) fn take(&mut self, record: Record, from: Option<ConnectionKey>, now: Millis) {
        // Our own, from before this device forgot it.
        let own = record.body.author == self.author;
        if !self.admits(&record) {
            return;
        }
        let is_news = !own && record.body.recalls.is_none() && !self.is_blocked(record.body.author);
        let mark = if is_news && self.unread.has_room() {
            Mark::Unread
        } else {
            Mark::None
        };
        let wanted = self.interval(now).contains(record.position());
        let fate = self.burning.fate(now, &record);
        let arrival = Arrival { record, from, mark };
        self.outputs.push_back(match fate {
            Fate::Later => return,
            Fate::Burns => ChannelOutput::Burning(arrival),
            Fate::Kept if wanted => ChannelOutput::Arrived(arrival),
            Fate::Kept => ChannelOutput::Passing(arrival),
        });
    }

    /// A record of our own cannot be stored.
    pub(super) fn unwrite(&mut self, record: &Record) {
        self.unsent.release(record);
    }

    /// A record of another member was new and is stored, or cannot be stored: it is passed on either way.
    pub(super) fn pass_on(&mut self, arrival: &Arrival, stored: bool, tools: &mut Tools<'_>) {
        let Arrival { record, from, .. } = arrival;
        if stored {
            self.keep(record, tools.now);
            self.added(tools.now, 1);
            self.acknowledge(record, tools.now);
        }
        let frame = Frame::Record(record.bytes.clone());
        self.flood(&frame, *from, tools.now);
        self.settle(tools);
    }

    /// A record that the store had already.
    pub(super) fn had(&mut self, record: &Record, tools: &mut Tools<'_>) {
        self.log.stored(record.position());
        self.acknowledge(record, tools.now);
        self.settle(tools);
    }

    fn keep(&mut self, record: &Record, now: Millis) {
        self.log.stored(record.position());
        self.recent.keep(now, record);
    }

    /// Tells the author, if it is a neighbour, that its record is kept here.
    fn acknowledge(&mut self, record: &Record, now: Millis) {
        for link in self.links.values_mut() {
            if link
                .peer()
                .is_some_and(|peer| peer.run.author == record.body.author)
            {
                // Unacknowledged it would be offered again.
                let _full = link.send(now, &Frame::Stored(vec![record.id]));
            }
        }
    }

    /// To every neighbour but the one it came from. True if it went to one.
    pub(super) fn flood(
        &mut self,
        frame: &Frame,
        except: Option<ConnectionKey>,
        now: Millis,
    ) -> bool {
        let mut went = false;
        for (_, link) in self
            .links
            .iter_mut()
            .filter(|(key, _)| Some(**key) != except)
        {
            // A link without room notes itself that it missed a record.
            went |= link.peer().is_some() && link.flood(now, frame).is_ok();
        }
        went
    }

    /// A neighbour sent a record. A bad one costs the neighbour its link.
    pub(super) fn record(&mut self, from: ConnectionKey, bytes: &[u8], now: Millis) {
        // The id first: most of a flood's records come more than once, and a hash is cheaper than a signature.
        let id = record::id_of(bytes);
        let expected = id.as_ref().is_ok_and(|id| self.expects_history(from, *id));
        let Some(link) = self.links.get_mut(&from) else {
            return;
        };
        let known = match id {
            // Whoever was asked for it is waited for, even if it has come another way.
            Ok(_) if expected => false,
            Ok(id) if !link.may_receive(now, id) => {
                return link.misbehaved("it sends more than anybody can take");
            }
            Ok(id) => self.log.knows(id),
            Err(error) => return link.misbehaved(&error.to_string()),
        };
        if known {
            return;
        }
        let record = match record::Claim::read(self.entry.id, bytes) {
            // Of what would not be taken, the signature is not looked at.
            Ok(claim) if !expected && !self.log.has_room(now, claim.body().time) => {
                return self.log.miss(now, claim.body().time);
            }
            Ok(claim) => claim.check(),
            Err(error) => Err(error),
        };
        match record {
            Ok(record) if expected => self.history_came(from, record, now),
            Ok(record) => {
                if self.log.offer(now, &record) == Verdict::Take {
                    self.take(record, Some(from), now);
                }
            }
            Err(error) => link.misbehaved(&error.to_string()),
        }
    }

    /// Tells a neighbour which records it could get here: the recent ones, and our own that nobody has yet.
    pub(super) fn offer_records(&mut self, to: ConnectionKey, now: Millis) {
        let recent = self.recent.ids(now);
        let older = self
            .unsent
            .ids()
            .filter(|id| self.recent.get(*id).is_none());
        let burning = self.burning.ids();
        let ids: Vec<RecordId> = older.chain(recent.iter().copied()).chain(burning).collect();
        let Some(link) = self.links.get_mut(&to) else {
            return;
        };
        for ids in ids.chunks(limits::MAX_IDS) {
            let _full = link.send(now, &Frame::Have(ids.to_vec()));
        }
    }

    /// A neighbour has these: what is missing here is asked for, what is kept here acknowledged.
    pub(super) fn have(&mut self, from: ConnectionKey, ids: &[RecordId], now: Millis) {
        let (known, unknown): (Vec<RecordId>, Vec<RecordId>) =
            ids.iter().partition(|id| self.log.knows(**id));
        let Some(link) = self.links.get_mut(&from) else {
            return;
        };
        if !unknown.is_empty() {
            let _full = link.want(now, unknown);
        }
        let held: Vec<RecordId> = known.into_iter().filter(|id| self.log.holds(*id)).collect();
        if !held.is_empty() {
            let _full = link.send(now, &Frame::Stored(held));
        }
    }

    /// A neighbour asks for records.
    pub(super) fn wanted(&mut self, from: ConnectionKey, ids: &[RecordId], now: Millis) {
        let Some(link) = self.links.get_mut(&from) else {
            return;
        };
        let mut sent = Vec::new();
        for id in ids {
            let stored = self.recent.get(*id).or_else(|| self.unsent.get(*id));
            let Some(bytes) = stored.or_else(|| self.burning.get(*id)) else {
                continue;
            };
            if link.send(now, &Frame::Record(bytes.to_vec())).is_err() {
                link.miss(now);
                break;
            }
            sent.push(*id);
        }
        for id in sent {
            self.sent(id);
        }
    }

    /// A neighbour keeps these.
    pub(super) fn acknowledged(&mut self, from: ConnectionKey, ids: &[RecordId]) {
        let peer = self.links.get(&from).and_then(Link::peer);
        let Some(holder) = peer.map(|peer| peer.run.author) else {
            return;
        };
        for id in ids {
            let unsent = self.unsent.acknowledge(*id);
            if let Some(position) = self.deliveries.held(*id, holder).or(unsent) {
                self.outputs
                    .push_back(ChannelOutput::Acknowledged { position, holder });
            }
        }
    }

    /// A neighbour says that somebody is online.
    pub(super) fn sighting(&mut self, from: ConnectionKey, sighting: &Sighting, now: Millis) {
        let announcement = match Claim::read(self.entry.id, &sighting.announcement) {
            Ok(claim) if self.is_own(claim.body()) || !self.roster.is_news(now, claim.body()) => {
                return;
            }
            Ok(claim) => claim.check(),
            Err(error) => Err(error),
        };
        let announcement = match announcement {
            Ok(announcement) => announcement,
            Err(error) => {
                if let Some(link) = self.links.get_mut(&from) {
                    link.misbehaved(&error.to_string());
                }
                return;
            }
        };
        let age = Duration::from_millis(sighting.age.into());
        let news = self.roster.offer(now, &announcement, age);
        if news != News::Nothing {
            let frame = Frame::Sighting(sighting.clone());
            self.flood(&frame, Some(from), now);
        }
        if news == News::Change {
            let Body { author, time, .. } = announcement.body;
            self.hear(author, &announcement.body.profile(), time);
            self.outputs.push_back(ChannelOutput::Changed);
        }
    }

    /// Whether we said it ourselves, in this run.
    fn is_own(&self, body: &Body) -> bool {
        body.author == self.author && body.session == self.me.session
    }

    /// Tells a new neighbour who is online: in a large nest only some, and it hears the others announce themselves.
    pub(super) fn tell_members(&mut self, to: ConnectionKey, now: Millis) {
        if self.announced.is_none() {
            self.announce_soon(now);
        }
        let own = self
            .announced
            .as_ref()
            .map(|(made, announcement)| (now.since(*made), announcement));
        let Some(link) = self.links.get_mut(&to) else {
            return;
        };
        let members = own.into_iter().chain(self.roster.tell(now));
        for (age, announcement) in members.take(limits::MAX_TOLD_MEMBERS) {
            let frame = Frame::Sighting(Sighting {
                age: u32::try_from(age.as_millis()).unwrap_or(u32::MAX),
                announcement: announcement.bytes.clone(),
            });
            if link.flood(now, &frame).is_err() {
                return;
            }
        }
    }

    /// How many announce themselves, with us.
    fn members(&self, now: Millis) -> usize {
        self.roster.count(now) + 1
    }

    /// Announces us as soon as that is not too often.
    pub(super) fn announce_soon(&mut self, now: Millis) {
        let pause = presence::pause(self.members(now));
        let earliest = self
            .announced
            .as_ref()
            .map_or(now, |(made, _)| now.max(*made + pause));
        self.announce_at = Some(self.announce_at.map_or(earliest, |at| at.min(earliest)));
    }

    /// Announces us, if that is due and somebody is there to hear it. True if it was.
    pub(super) fn announce_if_due(&mut self, now: Millis) -> bool {
        let anybody = self.links.values().any(|link| link.peer().is_some());
        if !anybody || self.announce_at.is_none_or(|at| at > now) {
            return false;
        }
        let lifetime = presence::lifetime(self.members(now));
        self.announce_at = Some(now + lifetime / limits::PRESENCE_RENEWALS);
        self.announce(lifetime, now);
        true
    }

    /// Says that we leave.
    pub(super) fn say_goodbye(&mut self, now: Millis) {
        self.announce(Duration::ZERO, now);
    }

    fn announce(&mut self, lifetime: Duration, now: Millis) {
        let after_the_last = self
            .announced
            .as_ref()
            .map_or(now, |(_, last)| last.body.time + Duration::from_millis(1));
        let body = Body {
            channel: self.entry.id,
            author: self.author,
            session: self.me.session,
            time: now.max(after_the_last),
            // At most 540.
            lifetime: lifetime.as_secs() as u16,
            name: self.me.profile.name.clone(),
            avatar: self.me.profile.avatar.clone(),
        };
        let announcement = Announcement::new(&self.me.key, body);
        let frame = Frame::Sighting(Sighting {
            age: 0,
            announcement: announcement.bytes.clone(),
        });
        self.announced = Some((now, announcement));
        self.flood(&frame, None, now);
    }
}
