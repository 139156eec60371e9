//! One program that speaks to the daemon: requests one after the other, news in between.
//!
//! Of answers and news a program has at most one message waiting for it, whatever happens: it is told of a change once, until
//! it has asked again, and its next request is read when it has taken the answer to the last. What others say to it waits in
//! its mailbox, which is bounded.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use bytes::Bytes;
use catnest::{
    host::{FromHost, Misheard, Parting, Refusal, Request, ToHost, Topic},
    limits,
};
use catnest_host::peer::host::Letters;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    sync::watch,
    time::{error::Elapsed, timeout},
};
use tokio_util::codec::Framed;

use super::{
    answers,
    board::Seat,
    house::{Changes, House, Refused},
};
use crate::local::{Frames, Stream, codec};

/// How long a program may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// How long a program may take to read a message. A browser that was suspended comes back later, and connects anew.
const READING: Duration = Duration::from_secs(30);

/// How it ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ending {
    #[error("it said goodbye")]
    Gone,
    #[error("it did not say hello, or does not read")]
    Slow(#[from] Elapsed),
    #[error("it takes too little of what others say to it")]
    Behind,
    #[error(transparent)]
    Told(#[from] Parting),
    #[error(transparent)]
    Broken(#[from] io::Error),
    #[error(transparent)]
    Ended(#[from] catnest_host::peer::engine::Ended),
}

/// Speaks to a program until it goes, or has to.
pub(super) async fn serve(house: Arc<House>, stream: Stream) -> Ending {
    let (seat, letters) = house.board.attach();
    let mut session = Session {
        seat,
        letters,
        frames: Framed::new(stream, codec()),
        watch: house.watch(),
        told: BTreeMap::new(),
        house,
    };
    let ending = match session.run().await {
        Ok(never) => match never {},
        Err(ending) => ending,
    };
    if let Ending::Told(why) = &ending {
        session.part(why.clone()).await;
    }
    ending
}

/// Refuses a program.
pub(super) async fn refuse(stream: Stream, why: Parting) {
    let mut frames = Framed::new(stream, codec());
    let goodbye = FromHost::Goodbye { why };
    // A new socket has room for it: this does not wait.
    let _heard = timeout(READING, frames.send(Bytes::from(goodbye.write()))).await;
}

struct Session {
    house: Arc<House>,
    /// Its place among the programs that meet each other, and what they say to it.
    seat: Seat,
    letters: Letters,
    frames: Frames<Stream>,
    watch: watch::Receiver<Changes>,
    /// For each topic that is watched how often it had changed when the program last asked, and nothing after it was told
    /// that there is more.
    told: BTreeMap<Topic, Option<u64>>,
}

enum Next {
    Said(ToHost),
    Pass(FromHost),
    Refuse(u64, Refusal),
    News(Topic),
}

impl Session {
    async fn run(&mut self) -> Result<std::convert::Infallible, Ending> {
        match timeout(HELLO, self.hear()).await?? {
            Ok(ToHost::Hello {
                protocol,
                program,
                version,
            }) => {
                tracing::debug!(program, version, protocol, "a program came");
                self.say(&FromHost::welcome(protocol, std::process::id())?)
                    .await?;
            }
            Ok(ToHost::Ask { .. } | ToHost::Signal { .. } | ToHost::Pipe { .. })
            | Err(Misheard::Request { .. }) => {
                return Err(out_of_turn("a hello comes first").into());
            }
            Err(Misheard::Message(why)) => return Err(why.into()),
        }
        loop {
            let message = match self.next().await? {
                Next::News(of) => FromHost::News { of },
                Next::Refuse(id, why) => FromHost::Refusal { id, why },
                Next::Said(ToHost::Hello { .. }) => {
                    return Err(out_of_turn("there was a hello already").into());
                }
                Next::Said(ToHost::Ask { id, request }) => self.answer(id, request).await?,
                Next::Said(said @ (ToHost::Signal { .. } | ToHost::Pipe { .. })) => {
                    self.seat.say(said);
                    continue;
                }
                Next::Pass(message) => message,
            };
            self.say(&message).await?;
        }
    }

    async fn answer(&mut self, id: u64, request: Request) -> Result<FromHost, Ending> {
        // Before the answer is made: what changes meanwhile is news.
        self.look_at(&request);
        match answers::answer(&self.house, request).await {
            Ok(answer) => Ok(FromHost::Answer { id, answer }),
            Err(Refused::Problem(problem)) => {
                let why = Refusal::Device { problem };
                Ok(FromHost::Refusal { id, why })
            }
            Err(Refused::Ended(ended)) => Err(ended.into()),
        }
    }

    /// A program that asks for something is to hear of the next change of it.
    fn look_at(&mut self, request: &Request) {
        if *request == Request::Watch {
            let changes = self.house.changes();
            for topic in [Topic::Channels, Topic::Resources] {
                self.told.insert(topic, Some(changes.of(topic)));
            }
        }
        let topic = match request {
            Request::Status | Request::Channels | Request::Peers { .. } => Topic::Channels,
            Request::Resources { .. } => Topic::Resources,
            _ => return,
        };
        let changes = self.house.changes();
        if let Some(told) = self.told.get_mut(&topic) {
            *told = Some(changes.of(topic));
        }
    }

    /// What has changed since the program asked for it, if it is to be told.
    fn news(&self, changes: Changes) -> Option<Topic> {
        let changed = |(topic, told): (&Topic, &Option<u64>)| {
            told.is_some_and(|told| told != changes.of(*topic))
                .then_some(*topic)
        };
        self.told.iter().find_map(changed)
    }

    async fn next(&mut self) -> Result<Next, Ending> {
        loop {
            let changes = *self.watch.borrow_and_update();
            if let Some(topic) = self.news(changes) {
                self.told.insert(topic, None);
                return Ok(Next::News(topic));
            }
            tokio::select! {
                // The sender is the house's, which this session holds.
                _ = self.watch.changed() => {}
                letter = self.letters.next() => {
                    return letter.map(Next::Pass).ok_or(Ending::Behind);
                }
                () = self.house.stopped() => return Err(Parting::Stopping.into()),
                heard = hear(&mut self.frames) => return match heard? {
                    Ok(message) => Ok(Next::Said(message)),
                    Err(Misheard::Request { id, why }) => Ok(Next::Refuse(id, why)),
                    Err(Misheard::Message(why)) => Err(why.into()),
                },
            }
        }
    }

    async fn hear(&mut self) -> Result<Result<ToHost, Misheard>, Ending> {
        hear(&mut self.frames).await
    }

    async fn say(&mut self, message: &FromHost) -> Result<(), Ending> {
        Ok(timeout(READING, self.frames.send(Bytes::from(message.write()))).await??)
    }

    async fn part(&mut self, why: Parting) {
        // Whoever does not hear it sees that it is over.
        let _heard = self.say(&FromHost::Goodbye { why }).await;
    }
}

async fn hear(frames: &mut Frames<Stream>) -> Result<Result<ToHost, Misheard>, Ending> {
    match frames.next().await {
        None => Err(Ending::Gone),
        Some(Ok(frame)) => Ok(ToHost::read(&frame)),
        // Too long: nothing of it was read. Whoever is gone in the middle of one is gone.
        Some(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
            let detail = format!("{error}: {} bytes at most", limits::MAX_HOST_FRAME_BYTES);
            Err(Parting::NoFrame { detail }.into())
        }
        Some(Err(error)) => Err(error.into()),
    }
}

fn out_of_turn(detail: &str) -> Parting {
    Parting::NoMessage {
        detail: detail.to_owned(),
    }
}
