//! What neighbours say, and whom of them to follow.

use super::{
    Blocked, Known, Leaving, Role, Together, TogetherOutput,
    message::{Beat, Message, Over, Pong},
};
use crate::{limits, rate::Bucket, time::Millis, wire::Run};

impl Together {
    /// A neighbour says something. What is too much of it is left out.
    pub fn heard(&mut self, now: Millis, from: Run, message: Message, blocked: Blocked) {
        if !self.has_allowance(now, from) {
            return;
        }
        match message {
            Message::Beat(beat) => self.heard_beat(now, from, beat, blocked),
            Message::Over(over) => self.heard_over(now, from, over),
            Message::Ping(ping) => {
                if let Role::Leading(leader) = &self.role
                    && leader.number == ping.lead
                {
                    let pong = Pong {
                        lead: ping.lead,
                        number: ping.number,
                        clock: now,
                    };
                    let answer = TogetherOutput::Send(from, Message::Pong(pong));
                    self.outputs.push_back(answer);
                }
            }
            Message::Pong(pong) => {
                if let Role::Following(follower) = &mut self.role
                    && (follower.leader, follower.number) == (from, pong.lead)
                {
                    follower.pong(now, &pong);
                }
            }
        }
    }

    fn has_allowance(&mut self, now: Millis, from: Run) -> bool {
        if !self.buckets.contains_key(&from) && self.buckets.len() >= 4 * limits::MAX_LINKS {
            self.buckets.retain(|_, bucket| !bucket.is_full(now));
            if self.buckets.len() >= 4 * limits::MAX_LINKS {
                return false;
            }
        }
        let bucket = self.buckets.entry(from);
        let bucket = bucket.or_insert_with(|| Bucket::new(now, limits::TOGETHER_MESSAGES));
        bucket.take(now, 1)
    }

    fn heard_beat(&mut self, now: Millis, from: Run, beat: Beat, blocked: Blocked) {
        if beat.lead > largest_number(now) || from == self.me {
            return;
        }
        // Of one who is blocked as well: others hear it, and are to hear our lead instead.
        self.largest = self.largest.max(beat.lead);
        if blocked(&from) {
            return;
        }
        let known = self.leads.get(&from);
        if known.is_none() && self.leads.len() >= limits::MAX_LEADS {
            return;
        }
        let old =
            |known: &Known| (known.beat.lead, known.beat.sequence) >= (beat.lead, beat.sequence);
        if known.is_some_and(old) {
            return;
        }
        let what = |beat: &Beat| (beat.lead, beat.track.map(|track| track.resource));
        let news = known.is_none_or(|known| what(&known.beat) != what(&beat));
        let heard = Known { beat, heard: now };
        self.leads.insert(from, heard);
        if news {
            self.outputs.push_back(TogetherOutput::Changed);
        }
        let counts_more = |number, leader| (beat.lead, from) > (number, leader);
        match &mut self.role {
            Role::Alone => {}
            Role::Leading(leader) if counts_more(leader.number, self.me) => {
                self.stop_leading(true);
                self.turn_to(now, from, heard);
            }
            Role::Leading(_) => {}
            Role::Following(follower) if follower.leader == from => {
                if follower.number == beat.lead {
                    follower.heard(now, &beat);
                    self.steer(now);
                } else {
                    self.turn_to(now, from, heard);
                }
            }
            Role::Following(follower) => {
                let settled = |at| now.since(at) >= limits::LEAD_HOLD;
                if counts_more(follower.number, follower.leader) && self.turned.is_none_or(settled)
                {
                    self.turn_to(now, from, heard);
                }
            }
        }
    }

    fn heard_over(&mut self, now: Millis, from: Run, over: Over) {
        let known = self.leads.get(&from).map(|known| known.beat.lead);
        if known == Some(over.lead) {
            self.leads.remove(&from);
            self.outputs.push_back(TogetherOutput::Changed);
        }
        if let Role::Following(follower) = &self.role
            && (follower.leader, follower.number) == (from, over.lead)
        {
            // Another lead counts now: the one that is known already, or one that is about to be heard.
            let best = self
                .leads
                .iter()
                .max_by_key(|(run, k)| (k.beat.lead, **run));
            match best.filter(|_| over.replaced) {
                Some((&leader, &known)) => self.turn_to(now, leader, known),
                None if over.replaced => {}
                None => self.left(Leaving::Over),
            }
        }
    }
}

/// One more lead each second since 1970: whoever claims the largest number, to lead for ever, does so for a second.
const fn largest_number(now: Millis) -> u64 {
    now.0 / 1000 + limits::EARLY_TOLERANCE.as_secs()
}
