//! The switchboard behind its lock: sessions report what their programs say, and what it answers goes into their mailboxes.
//!
//! A lock and not a task, as in `serve`: the switchboard never waits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catnest::{
    entropy::Entropy,
    host::{FromHost, Pipe, ProgramId, SocketNews, Switchboard, ToHost},
    time::Millis,
};
use catnest_host::peer::host::{Host, Letters, Mailbox};
use tokio::time::Instant;

/// What may wait for one program: all of a signalling hub's largest messages, and the windows of eight full pipes. What finds
/// no room costs the pipe or the socket that it is about.
const MAILBOX_BYTES: usize = 32 * 1024 * 1024;

/// The switchboard of a daemon.
pub(super) struct Board(Mutex<State>);

struct State {
    board: Switchboard,
    /// When its time began: a clock that never runs backwards.
    started: Instant,
    mailboxes: HashMap<ProgramId, Mailbox>,
    last: u64,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sockets, pipes) = self.state().board.load();
        write!(f, "Board({sockets} sockets, {pipes} pipes)")
    }
}

/// A program's place, left when this is dropped: however it ends, the others hear of it.
pub(super) struct Seat {
    board: Arc<Board>,
    program: ProgramId,
}

impl Board {
    /// One that nobody has come to.
    pub(super) fn new(entropy: Entropy) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            board: Switchboard::new(entropy),
            started: Instant::now(),
            mailboxes: HashMap::new(),
            last: 0,
        })))
    }

    /// A program comes. Its letters end when it takes too few of them.
    pub(super) fn attach(self: &Arc<Self>) -> (Seat, Letters) {
        let mut state = self.state();
        state.last += 1;
        let program = ProgramId(state.last);
        let (mailbox, letters) = Mailbox::new(MAILBOX_BYTES);
        state.mailboxes.insert(program, mailbox);
        let board = self.clone();
        (Seat { board, program }, letters)
    }

    /// The daemon's own device comes, like a program; and comes again when it took too few of its letters, for nobody
    /// starts it anew.
    pub(super) fn host(self: &Arc<Self>) -> Host {
        let (seat, letters) = self.attach();
        let board = self.clone();
        Host {
            say: Box::new(move |said| seat.say(said)),
            letters,
            again: Some(Box::new(move || board.host())),
        }
    }

    /// The state is whole even if a thread panicked with it in hand: every change to it is one call.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// The program says something about sockets or pipes.
    pub(super) fn say(&self, said: ToHost) {
        let mut state = self.board.state();
        let now = state.now();
        state.board.hear(now, self.program, said);
        state.carry_out();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.board.state();
        state.mailboxes.remove(&self.program);
        state.board.leave(self.program);
        state.carry_out();
    }
}

impl State {
    fn now(&self) -> Millis {
        Millis(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn carry_out(&mut self) {
        while let Some((program, message)) = self.board.poll() {
            let Some(mailbox) = self.mailboxes.get(&program) else {
                continue;
            };
            let Some(message) = mailbox.put(message) else {
                continue;
            };
            tracing::info!(program = program.0, "a program does not read");
            let is_text = matches!(
                message,
                FromHost::Signal {
                    what: SocketNews::Text { .. },
                    ..
                } | FromHost::Pipe {
                    what: Pipe::Frame { .. },
                    ..
                }
            );
            self.board.overflow(program, &message);
            if !is_text {
                // It would not know how things are any more.
                self.mailboxes.remove(&program);
                self.board.leave(program);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use catnest::{
        host::{Data, PipeId, cost},
        link::Stream,
    };

    use super::*;

    const PIPE: PipeId = PipeId([5; 32]);

    fn frame(bytes: usize) -> Pipe {
        Pipe::Frame {
            stream: Stream::CONTROL,
            data: Data(vec![7; bytes]),
        }
    }

    #[tokio::test]
    async fn the_daemons_own_device_comes_again_when_it_took_too_few_letters() {
        let board = Board::new(Entropy::from_seed([1; 32]));
        let mut host = board.host();
        let said = || ToHost::Pipe {
            pipe: PIPE,
            what: frame(1),
        };
        // It is told that there is no such pipe.
        let told = FromHost::Pipe {
            pipe: PIPE,
            what: Pipe::Close,
        };
        (host.say)(said());
        assert_eq!(host.letters.next().await.as_ref(), Some(&told));
        // Now there is no room to tell it anything.
        let filler = FromHost::Pipe {
            pipe: PIPE,
            what: frame(1000),
        };
        let count = MAILBOX_BYTES / cost(&filler);
        for mailbox in board.state().mailboxes.values() {
            (0..count).for_each(|_| assert_eq!(mailbox.put(filler.clone()), None));
            while mailbox.put(told.clone()).is_none() {}
        }
        (host.say)(said());
        while host.letters.next().await.is_some() {}
        let again = host.again.take().unwrap();
        drop(host);
        let mut host = again();
        (host.say)(said());
        assert_eq!(host.letters.next().await, Some(told));
        assert!(host.again.is_some());
    }
}
