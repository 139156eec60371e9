//! Listening together (L2): one device leads, others follow it.
//!
//! The file and the operations travel apart. Each listener fetches the track as it would anyway, and plays it from its own
//! bytes; what the leader sends is where it is: at once when that changes, and now and then when it does not
//! ([`message::Beat`]). A follower reckons with the leader's clock (`clock`) and keeps its own element there
//! (a little faster or slower, or a seek). What is not here yet is waited for, and caught up with when it is.
//!
//! # Who leads
//! Whoever takes the lead does so with the number after the largest that it knows. Of two leads the one with the larger
//! number counts, and of two with one number, which two took at once, the one of the larger [`Run`]. All who hear both come
//! to the same, whatever came first. A leader that hears of a lead that counts more gives its own up and follows; its own
//! queue waits, quiet, until it leaves. Its followers go over by themselves. Somebody who neither leads nor follows is only
//! told who does ([`View::leads`]).
//!
//! Nobody can take the lead for good: a number that nobody can have come to by now is not believed, so that there always is
//! a larger one. Whoever a member blocks does not lead that member, and a device that is not followed is not believed about
//! anything: its answers to pings are left out, and so are answers that were not asked for.
//!
//! # Leaving
//! A follower who pauses, or plays something else, has left ([`Together::person`]); so has one whose platform paused the
//! element, or whose leader was silent for [`limits::LEAD_PATIENCE`]. The own queue comes back, quiet, where it was. Seeking
//! and changing the speed are the leader's; how loud it is, is the follower's own business, and so is its queue.
//!
//! # What a node does with it
//! Messages go to neighbours, and come with the run that the link's greeting proved. After each thing that the player did,
//! [`Together::player`] is told its exact state ([`crate::music::player::Player::state`]); what comes of it as
//! [`TogetherOutput::Player`] goes to [`crate::music::player::Player::guest`].

mod clock;
mod follower;
mod hearing;
mod leader;
pub mod message;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use self::{
    follower::Follower,
    leader::Leader,
    message::{Beat, Message, Over},
};
use crate::{
    limits,
    music::player::{Activity, GuestCommand, Intent, PauseReason, State},
    rate::Bucket,
    resource::ResourceId,
    time::Millis,
    wire::Run,
};

/// Whether a member is blocked here.
pub type Blocked<'a> = &'a dyn Fn(&Run) -> bool;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TogetherOutput {
    /// Send this to one neighbour.
    Send(Run, Message),
    /// Send this to all neighbours.
    Tell(Message),
    /// Have the player do this.
    Player(GuestCommand),
    /// This device follows nobody any more.
    Left(Leaving),
    /// [`Together::view`] shows something else.
    Changed,
}

/// Why a device stopped following.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// A person wanted it so.
    Person,
    /// The platform paused the element.
    System,
    /// The leader does not lead any more.
    Over,
    /// The leader was not heard for long.
    Silent,
    /// The leader is blocked.
    Blocked,
}

/// A lead that was heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Who leads.
    pub leader: Run,
    /// Its number.
    pub number: u64,
    /// What it plays, if anything.
    pub resource: Option<ResourceId>,
}

/// What this device does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It listens alone.
    Alone,
    /// It leads.
    Leads,
    /// It follows this one.
    Follows(Run),
}

/// What views show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What this device does.
    pub part: Part,
    /// Who else leads, the lead that counts first.
    pub leads: Vec<Lead>,
}

#[derive(Clone, Debug)]
enum Role {
    Alone,
    Leading(Leader),
    Following(Box<Follower>),
}

#[derive(Clone, Copy, Debug)]
struct Known {
    beat: Beat,
    heard: Millis,
}

/// Listening together, in one channel.
#[derive(Debug)]
pub struct Together {
    me: Run,
    role: Role,
    /// Leads of neighbours.
    leads: BTreeMap<Run, Known>,
    /// What neighbours may say.
    buckets: BTreeMap<Run, Bucket>,
    /// The largest number of a lead that was heard.
    largest: u64,
    /// When another lead was followed last.
    turned: Option<Millis>,
    /// How the player was last.
    state: Option<State>,
    outputs: VecDeque<TogetherOutput>,
}

impl Together {
    /// A device that listens alone.
    pub fn new(me: Run) -> Self {
        Self {
            me,
            role: Role::Alone,
            leads: BTreeMap::new(),
            buckets: BTreeMap::new(),
            largest: 0,
            turned: None,
            state: None,
            outputs: VecDeque::new(),
        }
    }

    /// What is to be done next, if anything is.
    pub fn poll(&mut self) -> Option<TogetherOutput> {
        self.outputs.pop_front()
    }

    /// What views show.
    pub fn view(&self) -> View {
        let part = match &self.role {
            Role::Alone => Part::Alone,
            Role::Leading(_) => Part::Leads,
            Role::Following(follower) => Part::Follows(follower.leader),
        };
        let mut leads: Vec<Lead> = self.leads.iter().map(lead).collect();
        leads.sort_by_key(|lead| std::cmp::Reverse((lead.number, lead.leader)));
        View { part, leads }
    }

    /// A person takes the lead, with what plays here. What was followed sounds on, as this device's own.
    pub fn lead(&mut self, now: Millis) {
        match &self.role {
            Role::Leading(_) => return,
            Role::Following(_) => self.command(GuestCommand::Adopt),
            Role::Alone => {}
        }
        self.largest = self.largest.saturating_add(1);
        self.role = Role::Leading(Leader::new(self.largest));
        self.outputs.push_back(TogetherOutput::Changed);
        self.beat(now);
    }

    /// A person listens with a device that leads.
    ///
    /// # Returns
    /// Whether it leads.
    pub fn follow(&mut self, now: Millis, leader: Run) -> bool {
        let Some(known) = self.leads.get(&leader).copied() else {
            return false;
        };
        self.stop_leading(false);
        self.turn_to(now, leader, known);
        true
    }

    /// A person listens alone again, or does not lead any more.
    pub fn leave(&mut self) {
        match self.role {
            Role::Alone => {}
            Role::Leading(_) => self.stop_leading(false),
            Role::Following(_) => self.left(Leaving::Person),
        }
    }

    /// A person wants something of the player.
    ///
    /// # Returns
    /// Whether the player is to be told, after all outputs until now. If not, it is done, or not a follower's to do.
    pub fn person(&mut self, now: Millis, intent: &Intent) -> bool {
        let Role::Following(follower) = &mut self.role else {
            return true;
        };
        if !intent.is_transport() {
            return true;
        }
        let activity = self.state.map(|state| state.activity);
        let sounds = matches!(activity, Some(Activity::Playing | Activity::Waiting));
        let refused = activity == Some(Activity::Paused(PauseReason::Refused));
        match intent {
            Intent::Seek(_) | Intent::SeekBy(_) | Intent::Speed(_) => false,
            Intent::Play if sounds => false,
            Intent::Play | Intent::Toggle if refused => {
                let command = follower.allowed(now);
                self.command(command);
                false
            }
            Intent::Pause | Intent::Stop => {
                self.left(Leaving::Person);
                false
            }
            Intent::Toggle if sounds => {
                self.left(Leaving::Person);
                false
            }
            _ => {
                self.left(Leaving::Person);
                true
            }
        }
    }

    /// The player is so now.
    pub fn player(&mut self, now: Millis, state: State) {
        let before = self.state.replace(state);
        match &self.role {
            Role::Alone => {}
            Role::Leading(_) => self.beat(now),
            Role::Following(_) => {
                let system = Activity::Paused(PauseReason::System);
                let guest = state.track.is_some_and(|track| track.entry.is_none());
                let new = before.is_none_or(|before| before.activity != system);
                if guest && new && state.activity == system {
                    self.left(Leaving::System);
                } else {
                    self.steer(now);
                }
            }
        }
    }

    /// A neighbour is gone. If it leads, it may come back before [`limits::LEAD_PATIENCE`] is over.
    pub fn gone(&mut self, neighbour: Run) {
        self.buckets.remove(&neighbour);
        if self.leads.remove(&neighbour).is_some() {
            self.outputs.push_back(TogetherOutput::Changed);
        }
    }

    /// A member was blocked.
    pub fn blocked(&mut self, blocked: Blocked) {
        let before = self.leads.len();
        self.leads.retain(|run, _| !blocked(run));
        if self.leads.len() != before {
            self.outputs.push_back(TogetherOutput::Changed);
        }
        if let Role::Following(follower) = &self.role
            && blocked(&follower.leader)
        {
            self.left(Leaving::Blocked);
        }
    }

    /// When [`Together::wake`] is due.
    pub fn deadline(&self) -> Option<Millis> {
        let role = match &self.role {
            Role::Alone => None,
            // What is not known to play is not told.
            Role::Leading(leader) => self.state.map(|_| leader.deadline()),
            Role::Following(follower) => Some(follower.deadline()),
        };
        let forgotten = self.leads.values().map(|known| known.heard).min();
        let forgotten = forgotten.map(|heard| heard + limits::LEAD_PATIENCE);
        role.into_iter().chain(forgotten).min()
    }

    /// The time has come for something.
    pub fn wake(&mut self, now: Millis) {
        let before = self.leads.len();
        let silent = |heard: Millis| now.since(heard) >= limits::LEAD_PATIENCE;
        self.leads.retain(|_, known| !silent(known.heard));
        if self.leads.len() != before {
            self.outputs.push_back(TogetherOutput::Changed);
        }
        match &mut self.role {
            Role::Alone => {}
            Role::Leading(_) => self.beat(now),
            Role::Following(follower) if silent(follower.heard) => self.left(Leaving::Silent),
            Role::Following(follower) => {
                if let Some(ping) = follower.ping(now) {
                    let to = follower.leader;
                    let ping = TogetherOutput::Send(to, Message::Ping(ping));
                    self.outputs.push_back(ping);
                }
                self.steer(now);
            }
        }
    }

    /// Follows a lead from now on.
    fn turn_to(&mut self, now: Millis, leader: Run, known: Known) {
        self.turned = Some(now);
        let mut follower = Follower::new(now, leader, known.beat.lead);
        follower.heard(now, &known.beat);
        if let Some(ping) = follower.ping(now) {
            let ping = TogetherOutput::Send(leader, Message::Ping(ping));
            self.outputs.push_back(ping);
        }
        self.role = Role::Following(Box::new(follower));
        self.outputs.push_back(TogetherOutput::Changed);
        self.steer(now);
    }

    fn stop_leading(&mut self, replaced: bool) {
        if let Role::Leading(leader) = &self.role {
            let over = Over {
                lead: leader.number,
                replaced,
            };
            self.outputs
                .push_back(TogetherOutput::Tell(Message::Over(over)));
            self.role = Role::Alone;
            self.outputs.push_back(TogetherOutput::Changed);
        }
    }

    fn left(&mut self, why: Leaving) {
        self.role = Role::Alone;
        self.command(GuestCommand::Leave);
        self.outputs.push_back(TogetherOutput::Left(why));
        self.outputs.push_back(TogetherOutput::Changed);
    }

    fn beat(&mut self, now: Millis) {
        if let (Role::Leading(leader), Some(state)) = (&mut self.role, &self.state)
            && let Some(beat) = leader.beat(now, state)
        {
            self.outputs
                .push_back(TogetherOutput::Tell(Message::Beat(beat)));
        }
    }

    fn steer(&mut self, now: Millis) {
        if let (Role::Following(follower), Some(state)) = (&mut self.role, &self.state) {
            for command in follower.steer(now, state) {
                self.command(command);
            }
        }
    }

    fn command(&mut self, command: GuestCommand) {
        self.outputs.push_back(TogetherOutput::Player(command));
    }
}

fn lead((&leader, known): (&Run, &Known)) -> Lead {
    Lead {
        leader,
        number: known.beat.lead,
        resource: known.beat.track.map(|track| track.resource),
    }
}
