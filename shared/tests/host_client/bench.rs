//! A client without a browser: what it wants is noted, and told what is needed.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

use catnest::{
    host::{
        Absence, FromHost, HostClient, HostInput, HostOutput, HostReply, HostState, Request,
        ToHost, Topic,
    },
    limits,
    time::Millis,
};

/// A client, and all that it wanted.
pub(crate) struct Bench {
    pub(crate) client: HostClient,
    pub(crate) now: Millis,
    pub(crate) wake_at: Option<Millis>,
    /// A port is open.
    pub(crate) port: bool,
    /// How often one was opened.
    pub(crate) opened: usize,
    pub(crate) said: Vec<ToHost>,
    pub(crate) states: Vec<HostState>,
    pub(crate) replies: Vec<(u64, HostReply)>,
    pub(crate) news: Vec<Topic>,
    pub(crate) meetings: Vec<FromHost>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            client: HostClient::default(),
            now: Millis(1_000_000),
            wake_at: None,
            port: false,
            opened: 0,
            said: Vec::new(),
            states: Vec::new(),
            replies: Vec::new(),
            news: Vec::new(),
            meetings: Vec::new(),
        }
    }

    /// One that a host has welcomed.
    pub(crate) fn welcomed() -> Self {
        let mut bench = Self::new();
        bench.give(HostInput::Look);
        bench.welcome();
        assert_eq!(bench.client.state(), &present());
        bench
    }

    pub(crate) fn give(&mut self, input: HostInput) {
        if let HostInput::Ended(_) = input {
            self.port = false;
        }
        self.client.handle(self.now, input);
        while let Some(output) = self.client.poll() {
            match output {
                HostOutput::Open => {
                    assert!(!self.port, "one port at a time");
                    self.port = true;
                    self.opened += 1;
                }
                HostOutput::Close => {
                    assert!(self.port, "there is one to close");
                    self.port = false;
                }
                HostOutput::Say(frame) => {
                    assert!(self.port, "there is one to say it by");
                    assert!(frame.len() <= limits::MAX_HOST_FRAME_BYTES);
                    self.said.push(ToHost::read(&frame).unwrap());
                }
                HostOutput::State(state) => self.states.push(state),
                HostOutput::Reply { asker, reply } => self.replies.push((asker, reply)),
                HostOutput::News(topic) => self.news.push(topic),
                HostOutput::Meeting(message) => self.meetings.push(message),
                HostOutput::WakeAt(at) => self.wake_at = at,
            }
        }
    }

    pub(crate) fn hear(&mut self, message: &FromHost) {
        self.give(HostInput::Heard(message.write()));
    }

    pub(crate) fn welcome(&mut self) {
        self.hear(&FromHost::welcome(1, 4711).unwrap());
    }

    /// Lets the time come that it waits for.
    pub(crate) fn wait(&mut self) {
        self.now = self.wake_at.expect("it waits for something");
        self.give(HostInput::Wake);
    }

    pub(crate) fn ask(&mut self, asker: u64, request: Request) {
        self.give(HostInput::Ask { asker, request });
    }

    /// The number of the request that was asked last.
    pub(crate) fn last_id(&self) -> u64 {
        match self.said.last() {
            Some(ToHost::Ask { id, .. }) => *id,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn absent(&self) -> &Absence {
        match self.client.state() {
            HostState::Absent { why } => why,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn present() -> HostState {
    HostState::Present {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: 4711,
    }
}
