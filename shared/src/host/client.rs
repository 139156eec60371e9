//! The extension's side of the protocol: when the host is looked for, what its end means, and which answer is whose.
//!
//! It does no I/O. A port is what a browser gives for `connectNative`: opening it tells nothing, the program's welcome or
//! the port's end does. A host that never was there is looked for only when somebody asks; one that was and went is tried
//! again, after longer and longer pauses, [`limits::MAX_HOST_RETRIES`] times.
//!
//! What comes is bounded by what was asked for: a request has one answer, news comes once for each. A host that says much
//! more than that is left, since a browser would go on taking it in.

use std::collections::{BTreeMap, VecDeque};

use super::{Absence, FromHost, HostReply, HostState, Parting, PortEnd, Request, ToHost, Topic};
use crate::{limits, mesh::backoff, rate::Bucket, time::Millis};

/// What happens to a [`HostClient`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostInput {
    /// Somebody wants to know whether there is a host now.
    Look,
    /// Somebody wants to hear of news, from now on.
    Follow,
    /// Somebody wants something of the host, and gets one [`HostOutput::Reply`].
    Ask {
        /// Comes back with the reply.
        asker: u64,
        /// What.
        request: Request,
    },
    /// Something is to be said to the host that has no answer. It is lost where there is none.
    Say(ToHost),
    /// The host said something, as one message of the port.
    Heard(Vec<u8>),
    /// The port is gone.
    Ended(PortEnd),
    /// It is as late as [`HostOutput::WakeAt`] asked for.
    Wake,
}

/// What a [`HostClient`] wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostOutput {
    /// Open a port.
    Open,
    /// Close it. Nothing that it says is to be heard any more, not even its end.
    Close,
    /// Say this by the port.
    Say(Vec<u8>),
    /// Things are not as they were.
    State(HostState),
    /// What came of a request.
    Reply {
        /// Whose.
        asker: u64,
        /// What.
        reply: HostReply,
    },
    /// The host has news.
    News(Topic),
    /// Something about sockets or pipes came, which is for [`super::Pairing`].
    Meeting(FromHost),
    /// Wake it then; nothing that was asked for before counts.
    WakeAt(Option<Millis>),
}

/// Speaks to the host.
#[derive(Debug)]
pub struct HostClient {
    state: HostState,
    port: Port,
    /// The next number of a request.
    next: u64,
    /// What waits for an answer.
    asked: BTreeMap<u64, Asked>,
    follows: bool,
    wake_at: Option<Millis>,
    outputs: VecDeque<HostOutput>,
}

#[derive(Debug)]
enum Port {
    /// None. It was tried so often without success, and is tried again then.
    None {
        failures: u32,
        again: Option<Millis>,
    },
    /// The host has not said welcome.
    Opening {
        since: Millis,
        failures: u32,
        /// A host was there before: it is tried again if it is not there now.
        retries: bool,
    },
    /// It has.
    Open {
        since: Millis,
        failures: u32,
        unasked: Bucket,
    },
}

#[derive(Debug)]
struct Asked {
    asker: Option<u64>,
    until: Millis,
}

impl Default for HostClient {
    fn default() -> Self {
        Self {
            state: HostState::Looking,
            port: Port::None {
                failures: 0,
                again: None,
            },
            next: 0,
            asked: BTreeMap::new(),
            follows: false,
            wake_at: None,
            outputs: VecDeque::new(),
        }
    }
}

impl HostClient {
    /// How things are.
    pub fn state(&self) -> &HostState {
        &self.state
    }

    /// Takes in what happened. All of [`HostClient::poll`] is to be carried out before the next.
    pub fn handle(&mut self, now: Millis, input: HostInput) {
        match input {
            HostInput::Look => self.look(now),
            HostInput::Follow => {
                if !std::mem::replace(&mut self.follows, true) {
                    self.watch(now);
                }
            }
            HostInput::Ask { asker, request } => {
                if let Some(reply) = self.ask(now, Some(asker), request) {
                    self.outputs.push_back(HostOutput::Reply { asker, reply });
                }
            }
            HostInput::Say(message) => {
                if matches!(self.port, Port::Open { .. }) {
                    // Whoever sends knows that no frame is longer than it may be.
                    let _said = self.say(&message);
                }
            }
            HostInput::Heard(frame) => self.heard(now, &frame),
            HostInput::Ended(end) => self.ended(now, end),
            HostInput::Wake => self.wake(now),
        }
        let wake_at = self.deadline();
        if wake_at != self.wake_at {
            self.wake_at = wake_at;
            self.outputs.push_back(HostOutput::WakeAt(wake_at));
        }
    }

    /// What is wanted next.
    pub fn poll(&mut self) -> Option<HostOutput> {
        self.outputs.pop_front()
    }

    fn look(&mut self, now: Millis) {
        if !matches!(self.port, Port::Open { .. }) {
            self.tell(HostState::Looking);
        }
        if let Port::None { again, .. } = self.port {
            // One that was there, and is waited for, is waited for as before.
            self.open(now, 0, again.is_some());
        }
    }

    fn open(&mut self, now: Millis, failures: u32, retries: bool) {
        self.port = Port::Opening {
            since: now,
            failures,
            retries,
        };
        self.outputs.push_back(HostOutput::Open);
        let _said = self.say(&ToHost::hello("extension"));
    }

    fn watch(&mut self, now: Millis) {
        // It only fails where there is no host: the next one is asked when it comes.
        let _asked = self.ask(now, None, Request::Watch);
    }

    /// Asks the host; the reply, if it is not asked.
    fn ask(&mut self, now: Millis, asker: Option<u64>, request: Request) -> Option<HostReply> {
        if !matches!(self.port, Port::Open { .. }) {
            return Some(HostReply::Absent);
        }
        if self.asked.len() >= limits::MAX_HOST_ASKS {
            return Some(HostReply::Unasked);
        }
        let id = self.next;
        if !self.say(&ToHost::Ask { id, request }) {
            return Some(HostReply::Unasked);
        }
        self.next += 1;
        let until = now + limits::HOST_ANSWER;
        self.asked.insert(id, Asked { asker, until });
        None
    }

    /// Whether it is short enough to be said.
    fn say(&mut self, message: &ToHost) -> bool {
        let frame = message.write();
        let fits = frame.len() <= limits::MAX_HOST_FRAME_BYTES;
        if fits {
            self.outputs.push_back(HostOutput::Say(frame));
        }
        fits
    }

    fn heard(&mut self, now: Millis, frame: &[u8]) {
        if let Port::None { .. } = self.port {
            return;
        }
        let message = match FromHost::read(frame) {
            Ok(message) if frame.len() <= limits::MAX_HOST_FRAME_BYTES => message,
            _ => return self.leave(Absence::Nonsense),
        };
        match (message, &self.port) {
            (FromHost::Goodbye { why }, _) => self.goodbye(now, why),
            (FromHost::Welcome { version, pid, .. }, Port::Opening { failures, .. }) => {
                self.port = Port::Open {
                    since: now,
                    failures: *failures,
                    unasked: Bucket::new(now, limits::HOST_UNASKED),
                };
                let version = super::message::shorten(version);
                self.tell(HostState::Present { version, pid });
                if self.follows {
                    self.watch(now);
                }
            }
            (FromHost::Answer { id, answer }, Port::Open { .. }) => {
                self.reply(now, id, HostReply::Answer { answer });
            }
            (FromHost::Refusal { id, why }, Port::Open { .. }) => {
                self.reply(now, id, HostReply::Refused { why });
            }
            (FromHost::News { of }, Port::Open { .. }) => {
                if self.allows(now) {
                    self.outputs.push_back(HostOutput::News(of));
                }
            }
            // Each of it has its own bounds: the hub's rates, and a pipe's window.
            (message @ (FromHost::Signal { .. } | FromHost::Pipe { .. }), Port::Open { .. }) => {
                self.outputs.push_back(HostOutput::Meeting(message));
            }
            (FromHost::Unknown, Port::Open { .. }) => {
                self.allows(now);
            }
            // A second welcome, or something before the first.
            _ => self.leave(Absence::Nonsense),
        }
    }

    fn reply(&mut self, now: Millis, id: u64, reply: HostReply) {
        match self.asked.remove(&id) {
            Some(Asked { asker, .. }) => {
                let reply = asker.map(|asker| HostOutput::Reply { asker, reply });
                self.outputs.extend(reply);
            }
            // Nobody waits for it any more, or nobody ever did.
            None => {
                self.allows(now);
            }
        }
    }

    /// Whether the host may say something that nobody asked for; otherwise it is left.
    fn allows(&mut self, now: Millis) -> bool {
        let allowed = match &mut self.port {
            Port::Open { unasked, .. } => unasked.take(now, 1),
            _ => false,
        };
        if !allowed {
            self.leave(Absence::Nonsense);
        }
        allowed
    }

    fn goodbye(&mut self, now: Millis, why: Parting) {
        if let Parting::Protocol { oldest, newest } = why {
            self.close();
            return self.tell(HostState::Incompatible { oldest, newest });
        }
        let why = match Absence::from(why) {
            Absence::NoDaemon { detail } => Absence::NoDaemon {
                detail: super::message::shorten(detail),
            },
            why => why,
        };
        match why {
            // Who stopped it does not want it started again by a port.
            Absence::Stopped | Absence::Nonsense => self.leave(why),
            why => self.fail(now, why, false),
        }
    }

    fn ended(&mut self, now: Millis, end: PortEnd) {
        match end {
            PortEnd::NotFound => self.part(Absence::NotInstalled),
            PortEnd::Forbidden => self.part(Absence::Forbidden),
            PortEnd::Exited => self.fail(now, Absence::Exited, true),
            PortEnd::Lost => {
                if let Port::Opening { retries, .. } = &mut self.port {
                    *retries = true;
                }
                self.fail(now, Absence::Exited, true);
            }
        }
    }

    fn wake(&mut self, now: Millis) {
        let late: Vec<u64> = self.late(now).collect();
        for id in late {
            self.reply(now, id, HostReply::Late);
        }
        match self.port {
            Port::None {
                failures,
                again: Some(again),
            } if again <= now => self.open(now, failures, true),
            Port::Opening { since, .. } if since + limits::HOST_HELLO <= now => {
                self.fail(now, Absence::Silent, false);
            }
            _ => {}
        }
    }

    fn late(&self, now: Millis) -> impl Iterator<Item = u64> {
        let late = self.asked.iter().filter(move |(_, a)| a.until <= now);
        late.map(|(id, _)| *id)
    }

    fn deadline(&self) -> Option<Millis> {
        let port = match self.port {
            Port::None { again, .. } => again,
            Port::Opening { since, .. } => Some(since + limits::HOST_HELLO),
            Port::Open { .. } => None,
        };
        // Requests are asked in the order of their numbers, and all wait equally long.
        let answer = self.asked.values().next().map(|asked| asked.until);
        [port, answer].into_iter().flatten().min()
    }

    /// The port does not lead to a host, or not any more: a host that was there is tried again.
    fn fail(&mut self, now: Millis, why: Absence, gone: bool) {
        let (failures, retries) = match self.port {
            Port::None { .. } => return,
            Port::Opening {
                failures, retries, ..
            } => (failures, retries),
            // One that ends as soon as it is there is tried less and less often, too.
            Port::Open {
                since, failures, ..
            } => match now.since(since) {
                lived if lived >= limits::HOST_SETTLED => (0, true),
                _ => (failures, true),
            },
        };
        if gone {
            self.forget();
        } else {
            self.close();
        }
        if retries && failures < limits::MAX_HOST_RETRIES {
            let pause = backoff(limits::HOST_RETRY_BASE, limits::HOST_RETRY_MAX, failures);
            self.port = Port::None {
                failures: failures + 1,
                again: Some(now + pause),
            };
        }
        self.tell(HostState::Absent { why });
    }

    /// Closes the port for good.
    fn leave(&mut self, why: Absence) {
        self.close();
        self.tell(HostState::Absent { why });
    }

    /// The port is gone for good.
    fn part(&mut self, why: Absence) {
        if !matches!(self.port, Port::None { .. }) {
            self.forget();
            self.tell(HostState::Absent { why });
        }
    }

    fn close(&mut self) {
        self.outputs.push_back(HostOutput::Close);
        self.forget();
    }

    /// Nobody answers what was asked.
    fn forget(&mut self) {
        self.port = Port::None {
            failures: 0,
            again: None,
        };
        for Asked { asker, .. } in std::mem::take(&mut self.asked).into_values() {
            let reply = HostReply::Absent;
            let reply = asker.map(|asker| HostOutput::Reply { asker, reply });
            self.outputs.extend(reply);
        }
    }

    fn tell(&mut self, state: HostState) {
        if state != self.state {
            self.state = state.clone();
            self.outputs.push_back(HostOutput::State(state));
        }
    }
}
