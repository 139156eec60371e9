//! Who is at the other end: the hellos of both sides.

use super::{DownReason, Link, LinkOutput, Me, Peer, State};
use crate::{
    time::Millis,
    wire::{Ends, Frame, Hello, HelloError, Run},
};

impl Link {
    fn ends(&self) -> Option<(Ends, Ends)> {
        let (ours, theirs) = (self.local_fingerprint?, self.remote_fingerprint?);
        Some((
            Ends {
                speaker: ours,
                listener: theirs,
            },
            Ends {
                speaker: theirs,
                listener: ours,
            },
        ))
    }

    pub(super) fn greet(&mut self, now: Millis, me: &Me) {
        let Some((ends, _)) = self.ends() else {
            return self.down(DownReason::Misbehaved(
                "a description has no SHA-256 fingerprint".into(),
            ));
        };
        let hello = Frame::Hello(Hello::new(&me.key, me.channel, me.session, &me.name, &ends));
        // A hello is small, and the first frame: there is room unless the link is stuck, and then it is no use.
        if self.outbox.push(hello.encode()).is_err() {
            return self.down(DownReason::PathLost);
        }
        self.flush(now);
    }

    /// The other end said hello, for the first time or with a new name.
    pub(super) fn greeted(&mut self, now: Millis, hello: Hello, me: &Me) -> Result<(), String> {
        let Some((_, ends)) = self.ends() else {
            return Err("a description has no SHA-256 fingerprint".into());
        };
        hello
            .verify(me.channel, &ends)
            .map_err(|e: HelloError| e.to_string())?;
        let run = Run {
            author: hello.author,
            session: hello.session,
        };
        if self.peer.as_ref().is_some_and(|known| known.run != run) {
            return Err("a second hello is of somebody else".into());
        }
        let name = hello.name;
        self.peer = Some(Peer { run, name });
        if let State::Connecting { .. } = self.state {
            self.state = State::Up { since: now };
        }
        self.outputs.push_back(LinkOutput::Up);
        Ok(())
    }
}
