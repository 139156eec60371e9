//! The native host: what the core's [`HostClient`] wants is carried out, and views hear what comes of it.

mod port;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

use catnest::host::{HostClient, HostInput, HostOutput, HostState, ToHost};

use self::port::HostPort;
use crate::{clock::Clock, feed::Feed, js, views::Views};

/// The way to the host. Clones share it.
#[derive(Clone)]
pub(crate) struct Host(Rc<Inner>);

struct Inner {
    client: RefCell<HostClient>,
    /// What happened while the client was busy.
    inputs: RefCell<VecDeque<HostInput>>,
    busy: Cell<bool>,
    clock: Rc<Clock>,
    port: RefCell<Option<HostPort>>,
    views: Views,
    /// To the node, which meets others in the host.
    feed: Feed,
}

impl Host {
    pub(crate) fn new(views: Views, feed: Feed) -> Self {
        Self(Rc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = inner.clone();
            Inner {
                client: RefCell::default(),
                inputs: RefCell::default(),
                busy: Cell::new(false),
                clock: Clock::new(move || give(&inner, HostInput::Wake)),
                port: RefCell::default(),
                views,
                feed,
            }
        }))
    }

    /// How things are with it.
    pub(crate) fn state(&self) -> HostState {
        self.0.client.borrow().state().clone()
    }

    /// Says something that has no answer; it is lost where there is no host.
    pub(crate) fn send(&self, message: ToHost) {
        self.give(HostInput::Say(message));
    }

    /// Gives the client what happened, and carries out what it wants.
    pub(crate) fn give(&self, input: HostInput) {
        let Self(inner) = self;
        inner.inputs.borrow_mut().push_back(input);
        if inner.busy.replace(true) {
            return; // The call that is busy takes it.
        }
        loop {
            let Some(input) = inner.inputs.borrow_mut().pop_front() else {
                break;
            };
            if let HostInput::Ended(_) = input {
                inner.port.take();
            }
            let now = inner.clock.now();
            inner.client.borrow_mut().handle(now, input);
            loop {
                let Some(output) = inner.client.borrow_mut().poll() else {
                    break;
                };
                self.perform(output);
            }
        }
        inner.busy.set(false);
    }

    fn perform(&self, output: HostOutput) {
        let Self(inner) = self;
        match output {
            HostOutput::Open => {
                let (heard, ended) = (Rc::downgrade(inner), Rc::downgrade(inner));
                let port = HostPort::open(
                    move |frame| give(&heard, HostInput::Heard(frame)),
                    move |end| give(&ended, HostInput::Ended(end)),
                );
                inner.port.replace(Some(port));
            }
            HostOutput::Close => drop(inner.port.take()),
            HostOutput::Say(frame) => {
                let port = inner.port.borrow();
                let said = port.as_ref().map(|port| port.say(&frame));
                // A port that is being closed: its end is on the way here.
                if let Some(Err(error)) = said {
                    js::warn("the host did not hear", &error);
                }
            }
            HostOutput::State(state) => {
                let present = matches!(state, HostState::Present { .. });
                inner.feed.host_present(present);
                inner.views.tell_host_state(state);
            }
            HostOutput::Meeting(message) => inner.feed.host_said(message),
            HostOutput::Reply { asker, reply } => inner.views.tell_host_reply(asker, reply),
            HostOutput::News(topic) => inner.views.tell_host_news(topic),
            HostOutput::WakeAt(at) => inner.clock.set_alarm(at),
        }
    }
}

fn give(host: &Weak<Inner>, input: HostInput) {
    if let Some(inner) = host.upgrade() {
        Host(inner).give(input);
    }
}
