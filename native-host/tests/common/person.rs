//! People with a device of this machine, in the test's own process.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    entropy::Entropy,
    limits,
    node::{ChannelView, Command, Contact, Delivery, Event, Message},
    store::memory::MemoryStore,
};
use catnest_host::peer::{engine::Engine, host::Host};
use tokio::sync::broadcast::{self, error::RecvError};

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

    /// The next event; none where some were missed.
    async fn next(&mut self) -> Option<Event> {
        match self.events.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(_)) => None,
            Err(RecvError::Closed) => panic!("the device has ended"),
        }
    }

    /// Says something, and waits until somebody else has stored it.
    pub(crate) async fn say_until_held(&mut self, text: &str) {
        self.events = self.engine.events();
        self.say(text).await;
        let is_held = |delivery: &Delivery| matches!(delivery, Delivery::Held { .. });
        let mut said = None;
        within("somebody who stores it", async {
            loop {
                match self.next().await {
                    Some(Event::Message { message, .. })
                        if message.mine && message.text == text =>
                    {
                        said = Some(message.id);
                    }
                    Some(Event::Delivered {
                        message, delivery, ..
                    }) if said == Some(message) && is_held(&delivery) => return,
                    Some(_) => {}
                    None => {
                        let log = self.messages().await.into_iter();
                        let mut mine = log.filter(|message| message.mine && message.text == text);
                        let Some(message) = mine.next() else { continue };
                        if message.delivery.as_ref().is_some_and(is_held) {
                            return;
                        }
                        said = Some(message.id);
                    }
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
                let heard = match self.next().await {
                    Some(Event::Message { message, .. }) => vec![message],
                    Some(Event::Messages { messages, .. }) => messages,
                    Some(_) => Vec::new(),
                    None => self.messages().await,
                };
                for message in heard {
                    missing.remove(message.text.as_str());
                }
            }
        })
        .await;
    }

    /// The texts of its log, the oldest first.
    pub(crate) async fn log(&self) -> Vec<String> {
        let messages = self.messages().await.into_iter();
        messages.map(|message| message.text).collect()
    }

    /// Its log, the oldest first.
    async fn messages(&self) -> Vec<Message> {
        let mut all: Vec<Message> = Vec::new();
        loop {
            let page = Command::Page {
                channel: self.channel,
                before: all.first().map(Message::place),
                limit: limits::MAX_PAGE,
            };
            match within("a page", self.engine.command(page)).await {
                Ok(Event::Page { messages, more, .. }) => {
                    all.splice(0..0, messages);
                    if !more {
                        return all;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
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
                match self.next().await {
                    Some(Event::Overview(overview)) if overview.channels.iter().any(&wanted) => {
                        return;
                    }
                    Some(_) => {}
                    // It may have been among those.
                    None => {
                        done(&self.engine, Command::Overview).await;
                    }
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
