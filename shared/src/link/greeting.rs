//! Who is at the other end: the hellos of both sides, on each connection.

use super::{DownReason, LineId, Link, LinkOutput, Peer, Said, State};
use crate::{
    channel::ChannelId,
    identity::AuthorKey,
    profile::Profile,
    time::Millis,
    wire::{Frame, Hello, HelloError, Run, Session},
};

/// Who this device is in a channel: what it greets with.
#[derive(Clone, Debug)]
pub struct Me {
    /// Its author key.
    pub key: AuthorKey,
    /// The channel.
    pub channel: ChannelId,
    /// This run.
    pub session: Session,
    /// How the member appears.
    pub profile: Profile,
}

impl Link {
    /// Says hello on a connection. A hello holds for no other one.
    pub(super) fn greet(&mut self, now: Millis, id: LineId, me: &Me) {
        let Some(line) = self.line(id) else { return };
        let Some((ends, _)) = line.ends() else {
            let problem = "a description has no SHA-256 fingerprint".into();
            return self.lose(now, id, DownReason::Misbehaved(problem));
        };
        let name = &me.profile.name;
        let hello = Frame::Hello(Hello::new(&me.key, me.channel, me.session, name, &ends));
        // A hello is small, and the first frame: there is room unless the connection is stuck, and then it is no use.
        if line.outbox.push(hello.encode()).is_err() {
            return self.lose(now, id, DownReason::PathLost);
        }
        self.flush(now);
    }

    /// The other end said hello, for the first time or with a new name.
    pub(super) fn greeted(
        &mut self,
        now: Millis,
        id: LineId,
        hello: Hello,
        me: &Me,
    ) -> Result<(), String> {
        let first = self.line(id).is_some_and(|line| !line.greeted);
        match self.who(id, &hello, me) {
            Ok(run) => self.is_there(now, id, run, hello.name),
            // Whoever made this connection is not who made the link, which goes on without it.
            Err(problem) if first && id != self.main.id => {
                self.lose(now, id, DownReason::Misbehaved(problem));
            }
            Err(problem) => return Err(problem),
        }
        Ok(())
    }

    /// Checks what the other end says of itself.
    fn who(&mut self, id: LineId, hello: &Hello, me: &Me) -> Result<Run, String> {
        let Some((_, ends)) = self.line(id).and_then(|line| line.ends()) else {
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
        Ok(run)
    }

    fn is_there(&mut self, now: Millis, id: LineId, run: Run, name: String) {
        let peer = Some(Peer { run, name });
        let news = self.peer != peer;
        self.peer = peer;
        let Some(line) = self.line(id) else { return };
        let first = !std::mem::replace(&mut line.greeted, true);
        if let State::Connecting = self.state {
            self.state = State::Up { since: now };
            self.main.since = Some(now);
            self.want_second(now);
            self.measure_if_relayed(id);
        } else if first {
            self.say_in_band(now, id, Said::Heard);
            self.second_up(now);
        }
        if news {
            self.outputs.push_back(LinkOutput::Up);
        }
    }
}
