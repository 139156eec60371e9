//! A channel's burn switch: turned by this member or told by neighbours, and which turn counts here.

use std::time::Duration;

use super::{
    channel::{Channel, ChannelOutput},
    event::Problem,
    pending::Pending,
    view::BurnView,
};
use crate::{
    chat::{burn::Switch, span::Span},
    link::ConnectionKey,
    time::Millis,
    wire::Frame,
};

impl Channel {
    /// What views show of the switch.
    pub(super) fn view_burn(&self) -> Option<BurnView> {
        let body = &self.burning.switch.as_ref()?.body;
        Some(BurnView {
            on: body.on,
            by: body.name.clone(),
            author: body.author,
            mine: body.author == self.author,
            since: body.time,
        })
    }

    /// Turns the switch, if it is not so already.
    pub(super) fn turn(&mut self, now: Millis, on: bool) -> Result<Option<Switch>, Problem> {
        if self.burning.is_on() == on {
            return Ok(None);
        }
        if !self.burning.turns.take(now, 1) {
            return Err(Problem::Busy);
        }
        let me = &self.me;
        let before = self.burning.last_turn();
        let time = self.log.next_time(now);
        Ok(Some(Switch::turn(
            &me.key,
            self.entry.id,
            time,
            &me.profile.name,
            on,
            before,
        )))
    }

    /// A neighbour tells of a turn. A bad one costs the neighbour its link.
    pub(super) fn switch(&mut self, from: ConnectionKey, bytes: &[u8], now: Millis) {
        let known = self.burning.last_turn();
        if known.is_some_and(|known| known.bytes == bytes) {
            return;
        }
        let switch = match Switch::read(now, self.entry.id, bytes) {
            Ok(switch) => switch,
            Err(error) => {
                if error.is_a_lie()
                    && let Some(link) = self.links.get_mut(&from)
                {
                    link.misbehaved(&error.to_string());
                }
                return;
            }
        };
        if known.is_some_and(|known| !switch.supersedes(known)) {
            // It does not know yet.
            return self.tell_switch(from, now);
        }
        let waiting = self.burning.waiting.as_ref();
        if self.is_blocked(switch.body.author) {
            if self.burning.ignored_turns.take(now, 1) {
                // Others decide for themselves.
                self.flood(&Frame::Switch(switch.bytes.clone()), Some(from), now);
                self.burning.know(&switch);
            }
            return;
        }
        if waiting.is_none_or(|waiting| switch.supersedes(waiting)) {
            self.burning.waiting = Some(switch);
        }
        self.take_turn(now);
    }

    /// Takes the turn that waits, if it was not turned too often.
    pub(super) fn take_turn(&mut self, now: Millis) {
        if self.burning.waiting.is_some()
            && self.burning.turns.take(now, 1)
            && let Some(switch) = self.burning.waiting.take()
        {
            self.burning.again_at = None;
            self.turned(switch, now);
            self.save(Pending::SwitchKept);
        } else if self.burning.waiting.is_some() {
            self.burning.again_at = Some(now + Duration::from_secs(1));
        }
    }

    /// Tells a neighbour whether burning is on.
    pub(super) fn tell_switch(&mut self, to: ConnectionKey, now: Millis) {
        let (Some(switch), Some(link)) = (self.burning.last_turn(), self.links.get_mut(&to)) else {
            return;
        };
        // If there is no room, the next link tells.
        let _full = link.send(now, &Frame::Switch(switch.bytes.clone()));
    }

    /// Burning is on now, or not any more.
    pub(super) fn turned(&mut self, switch: Switch, now: Millis) {
        if self
            .burning
            .waiting
            .as_ref()
            .is_some_and(|waiting| !waiting.supersedes(&switch))
        {
            self.burning.waiting = None;
            self.burning.again_at = None;
        }
        let (was_on, frame) = (self.burning.is_on(), Frame::Switch(switch.bytes.clone()));
        self.entry.switch = Some(switch.bytes.clone());
        self.burning.know(&switch);
        self.burning.switch = Some(switch);
        self.flood(&frame, None, now);
        self.burning_is(was_on, now);
    }

    /// Somebody is blocked, or not any more: their turns of the switch count for nothing, or again.
    pub(super) fn judge_switch(&mut self, now: Millis) {
        let was_on = self.burning.is_on();
        let by_blocked = |switch: &Switch| self.is_blocked(switch.body.author);
        if self.burning.waiting.as_ref().is_some_and(by_blocked) {
            self.burning.waiting = None;
            self.burning.again_at = None;
        }
        let known = &self.burning.known;
        let counts = known
            .iter()
            .find(|switch| !self.is_blocked(switch.body.author));
        if counts == self.burning.switch.as_ref() {
            return;
        }
        self.burning.switch = counts.cloned();
        // One's own next turn goes on from the last one, after a restart too.
        let kept = self.burning.switch.as_ref().or(self.burning.last_turn());
        self.entry.switch = kept.map(|switch| switch.bytes.clone());
        self.save(Pending::SwitchKept);
        self.burning_is(was_on, now);
    }

    /// Burning is on now, or not, and it was or not.
    fn burning_is(&mut self, was_on: bool, now: Millis) {
        self.outputs.push_back(ChannelOutput::Changed);
        if self.burning.is_on() && !was_on {
            // What was typed before is said while it is on.
            self.burning.draft = std::mem::take(&mut self.entry.draft);
            self.stop_history();
        } else if was_on && !self.burning.is_on() {
            self.burning.draft.clear();
            self.burn_all();
            // What others kept before it was on, and did not come while it was.
            self.log.want_again();
            self.compare_history(now, Span::default());
        }
    }
}
