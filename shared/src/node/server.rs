//! One of a channel's signalling servers: opened, lost, and opened again.

use std::time::Duration;

use super::{
    io::{ServerInput, ServerKey, ServerPlace},
    tools::Tools,
    view::ServerState,
};
use crate::{address::Authority, limits, mesh::backoff, time::Millis};

/// A server and where we stand with it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) place: Place,
    /// What the channel is called there.
    pub(super) topic: String,
    state: State,
}

/// Where it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On the web.
    Web(Authority),
    /// In the daemon of this machine's native host. No view shows it, and no address names it.
    Host,
}

#[derive(Debug)]
enum State {
    Opening {
        key: ServerKey,
        since: Millis,
        failures: u32,
    },
    Open {
        key: ServerKey,
        /// Our own id there; a predecessor's server does not tell.
        id: Option<String>,
        /// Silence for so long means that the server is gone.
        silence: Option<Duration>,
        heard: Millis,
    },
    /// Tried again at this time.
    Waiting { until: Millis, failures: u32 },
    /// There is no host, and nothing is tried.
    Absent,
}

impl Server {
    /// A server that is to be opened.
    pub(super) fn new(place: Place, topic: String, now: Millis) -> Self {
        Self {
            place,
            topic,
            state: State::Waiting {
                until: now,
                failures: 0,
            },
        }
    }

    /// The WebSocket that is open or being opened.
    pub(super) fn key(&self) -> Option<ServerKey> {
        match self.state {
            State::Opening { key, .. } | State::Open { key, .. } => Some(key),
            State::Waiting { .. } | State::Absent => None,
        }
    }

    /// The WebSocket that is open.
    pub(super) fn open_key(&self) -> Option<ServerKey> {
        match self.state {
            State::Open { key, .. } => Some(key),
            _ => None,
        }
    }

    /// Our own id there.
    pub(super) fn own_id(&self) -> Option<&str> {
        match &self.state {
            State::Open { id, .. } => id.as_deref(),
            _ => None,
        }
    }

    /// As a view shows it. As long as nothing speaks against it, it is about to be reached.
    pub(super) fn view(&self) -> ServerState {
        match self.state {
            State::Open { .. } => ServerState::Online,
            State::Opening { failures: 0, .. } | State::Waiting { failures: 0, .. } => {
                ServerState::Connecting
            }
            State::Opening { .. } | State::Waiting { .. } | State::Absent => ServerState::Offline,
        }
    }

    /// It is open, or something came from it.
    pub(super) fn heard(&mut self, now: Millis, input: &ServerInput) {
        match (&mut self.state, input) {
            (State::Opening { key, .. }, ServerInput::Opened) => {
                self.state = State::Open {
                    key: *key,
                    id: None,
                    silence: None,
                    heard: now,
                };
            }
            (State::Open { heard, .. }, _) => *heard = now,
            _ => {}
        }
    }

    /// It told us our id, and how often it gives a sign of life. The host gives none: the system tells when it is gone.
    pub(super) fn welcomed(&mut self, own: String, ping_seconds: u64) {
        if let State::Open { id, silence, .. } = &mut self.state {
            *id = Some(own);
            if self.place == Place::Host {
                return;
            }
            let ping = Duration::from_secs(ping_seconds.clamp(1, 3600));
            *silence = Some(ping * limits::SILENT_PINGS);
        }
    }

    /// The WebSocket is gone: the server is tried again after a pause, longer each time.
    pub(super) fn lost(&mut self, tools: &mut Tools<'_>) {
        let failures = match self.state {
            State::Opening { failures, .. } | State::Waiting { failures, .. } => failures,
            State::Open { .. } | State::Absent => 0,
        };
        let pause = backoff(limits::RECONNECT_BASE, limits::RECONNECT_MAX, failures);
        // Jitter of up to the pause itself, so that a server that returns is not stormed.
        let jitter = tools.entropy.below(pause.as_millis() as usize + 1) as u64;
        self.state = State::Waiting {
            until: tools.now + pause + Duration::from_millis(jitter),
            failures: failures.saturating_add(1),
        };
    }

    /// Nothing speaks against trying again at once.
    pub(super) fn retry_now(&mut self, now: Millis) {
        self.state = State::Waiting {
            until: now,
            failures: 0,
        };
    }

    /// The host can be spoken to.
    pub(super) fn appear(&mut self, now: Millis) {
        if let State::Absent = self.state {
            self.retry_now(now);
        }
    }

    /// The host cannot be spoken to any more.
    pub(super) fn disappear(&mut self) {
        self.state = State::Absent;
    }

    pub(super) fn is_host(&self) -> bool {
        self.place == Place::Host
    }

    /// Opens a WebSocket if it is time for that: its name and where it leads.
    pub(super) fn open_if_due(
        &mut self,
        tools: &mut Tools<'_>,
    ) -> Option<(ServerKey, ServerPlace)> {
        match self.state {
            State::Waiting { until, failures } if until <= tools.now => {
                let key = ServerKey(tools.keys.next());
                self.state = State::Opening {
                    key,
                    since: tools.now,
                    failures,
                };
                let place = match &self.place {
                    Place::Web(authority) => ServerPlace::Web(authority.signal_url(&self.topic)),
                    Place::Host => ServerPlace::Host(self.topic.clone()),
                };
                Some((key, place))
            }
            _ => None,
        }
    }

    /// Whether it should have said something by now.
    pub(super) fn is_silent(&self, now: Millis) -> bool {
        let silent = matches!(self.state, State::Opening { .. } | State::Open { .. });
        silent && self.deadline().is_some_and(|at| at <= now)
    }

    /// When it is to be opened, or must have said something.
    pub(super) fn deadline(&self) -> Option<Millis> {
        match self.state {
            State::Waiting { until, .. } => Some(until),
            State::Opening { since, .. } => Some(since + limits::SERVER_TIMEOUT),
            State::Open { heard, silence, .. } => Some(heard + silence?),
            State::Absent => None,
        }
    }
}
