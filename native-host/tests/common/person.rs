//! People with a device of this machine, in the test's own process.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    entropy::Entropy,
    node::{ChannelView, Command, Contact, Delivery, Event},
    store::memory::MemoryStore,
};
use catnest_host::peer::{engine::Engine, host::Host};
use tokio::sync::broadcast;

use super::{Server, within};

/// Somebody with a device in one channel.
pub(crate) struct Person {
    pub(crate) engine: Engine,
    events: broadcast::Receiver<Event>,
    pub(crate) channel: ChannelId,
}

impl Person {
    pub(crate) async fn join(server: &Server, name: &str) -> Self {
        Self::join_at(&format!("webrtc://{}/cats", server.address), name).await
    }

    pub(crate) async fn join_at(address: &str, name: &str) -> Self {
        Self::join_with(address, name, None).await
    }

    /// As [`Person::join_at`], with a way to a daemon.
    pub(crate) async fn join_with(address: &str, name: &str, host: Option<Host>) -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let open = || Ok(MemoryStore::default());
        let engine = Engine::start_with(Entropy::from_seed(seed), open, host).unwrap();
        let events = engine.events();
        let name = name.to_owned();
        let address = address.to_owned();
        done(&engine, Command::SetName { name }).await;
        let retention = Retention::Forever;
        let joined = done(&engine, Command::Join { address, retention }).await;
        Self {
            engine,
            events,
            channel: joined.unwrap(),
        }
    }

    pub(crate) async fn say(&self, text: &str) {
        let (channel, text) = (self.channel, text.to_owned());
        done(&self.engine, Command::Say { channel, text }).await;
    }

    /// Says something, and waits until somebody else has stored it.
    pub(crate) async fn say_until_held(&mut self, text: &str) {
        self.say(text).await;
        within("somebody who stores it", async {
            loop {
                if let Event::Delivered { delivery, .. } = self.events.recv().await.unwrap()
                    && matches!(delivery, Delivery::Held { .. })
                {
                    return;
                }
            }
        })
        .await;
    }

    /// Waits until all of these were heard, now or as history.
    pub(crate) async fn hear_all(&mut self, texts: &[String]) {
        let mut missing: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
        within("all that was said", async {
            while !missing.is_empty() {
                match self.events.recv().await.unwrap() {
                    Event::Message { message, .. } => {
                        missing.remove(message.text.as_str());
                    }
                    Event::Messages { messages, .. } => {
                        for message in messages {
                            missing.remove(message.text.as_str());
                        }
                    }
                    _ => {}
                }
            }
        })
        .await;
    }

    /// Waits until somebody else says something: who, and what.
    pub(crate) async fn hear(&mut self) -> (String, String) {
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
    pub(crate) async fn see(&mut self, what: &str, wanted: impl Fn(&ChannelView) -> bool) {
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
    pub(crate) async fn meet(&mut self, name: &str) {
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
pub(crate) async fn done(engine: &Engine, command: Command) -> Option<ChannelId> {
    match within("a reply", engine.command(command)).await {
        Ok(Event::Done { channel, .. }) => channel,
        other => panic!("{other:?}"),
    }
}
