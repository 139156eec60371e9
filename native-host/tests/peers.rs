//! Native devices meet at the real server, and talk to each other.

mod common;

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    entropy::Entropy,
    node::{ChannelView, Command, Contact, Event},
    store::memory::MemoryStore,
};
use catnest_host::peer::engine::Engine;
use common::{Server, within};
use tokio::sync::broadcast;

/// Somebody with a device in one channel.
struct Person {
    engine: Engine,
    events: broadcast::Receiver<Event>,
    channel: ChannelId,
}

#[expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]
impl Person {
    async fn join(server: &Server, name: &str) -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let open = || Ok(MemoryStore::default());
        let engine = Engine::start(Entropy::from_seed(seed), open).unwrap();
        let events = engine.events();
        let name = name.to_owned();
        let address = format!("webrtc://{}/cats", server.address);
        done(&engine, Command::SetName { name }).await;
        let retention = Retention::Forever;
        let joined = done(&engine, Command::Join { address, retention }).await;
        Self {
            engine,
            events,
            channel: joined.unwrap(),
        }
    }

    async fn say(&self, text: &str) {
        let (channel, text) = (self.channel, text.to_owned());
        done(&self.engine, Command::Say { channel, text }).await;
    }

    /// Waits until somebody else says something: who, and what.
    async fn hear(&mut self) -> (String, String) {
        within("a message", async {
            loop {
                if let Event::Message { message, .. } = self.events.recv().await.unwrap()
                    && !message.mine
                {
                    return (message.name, message.text);
                }
            }
        })
        .await
    }

    /// Waits until the channel looks as wanted.
    async fn see(&mut self, what: &str, wanted: impl Fn(&ChannelView) -> bool) {
        within(what, async {
            loop {
                if let Event::Overview(overview) = self.events.recv().await.unwrap()
                    && overview.channels.iter().any(&wanted)
                {
                    return;
                }
            }
        })
        .await;
    }

    /// Waits until it is linked to somebody.
    async fn meet(&mut self, name: &str) {
        self.see(&format!("a link to {name}"), |channel| {
            channel
                .members
                .iter()
                .any(|member| member.name == name && matches!(member.contact, Contact::Link { .. }))
        })
        .await;
    }
}

/// Has a command carried out: the channel it was about.
async fn done(engine: &Engine, command: Command) -> Option<ChannelId> {
    match within("a reply", engine.command(command)).await {
        Ok(Event::Done { channel, .. }) => channel,
        other => panic!("{other:?}"),
    }
}

fn heard(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[tokio::test]
async fn two_devices_chat_and_one_notices_that_the_other_leaves() {
    let server = Server::start().await;
    let mut ann = Person::join(&server, "Ann").await;
    let mut ben = Person::join(&server, "Ben").await;
    tokio::join!(ann.meet("Ben"), ben.meet("Ann"));

    ann.say("hello").await;
    assert_eq!(ben.hear().await, heard("Ann", "hello"));
    ben.say("hello yourself").await;
    assert_eq!(ann.hear().await, heard("Ben", "hello yourself"));

    let channel = ann.channel;
    done(&ann.engine, Command::Measure { channel }).await;
    ann.see("a measured path", |channel| {
        let measured = |contact| matches!(contact, Contact::Link { path: Some(_) });
        channel
            .members
            .iter()
            .any(|member| measured(member.contact))
    })
    .await;

    within("Ben's end", ben.engine.stop()).await;
    ann.see("Ben's absence", |channel| channel.members.len() == 1)
        .await;
    within("Ann's end", ann.engine.stop()).await;
}
