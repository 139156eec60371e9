//! What a program wants of the daemon.

use serde::{Deserialize, Serialize};

use crate::{
    channel::ChannelId, chat::retention::Retention, identity::Author, resource::ResourceId,
    seeding::Seeds,
};

/// What a program wants. Each gets one [`Answer`](super::Answer) or [`Refusal`](super::Refusal).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Request {
    /// Tell how the daemon is, with [`Answer::Status`](super::Answer::Status).
    Status,
    /// Tell which channels it is in, with [`Answer::Channels`](super::Answer::Channels).
    Channels,
    /// Join a channel, keep its log and give what is shared there. Whoever is in already stays.
    Join {
        /// An invitation, as it was pasted.
        address: String,
        /// Which part of the log is kept; of a channel that the daemon is in, it stays what it is.
        #[serde(default)]
        retention: Retention,
        /// What of it the daemon gets and gives by itself; of a channel that it is in, that becomes more, and never less.
        #[serde(default)]
        seeds: Seeds,
    },
    /// Get and give something else of a channel by itself from now on. What came so and is not wanted so any more, goes.
    Seed {
        /// Of which.
        channel: ChannelId,
        /// What.
        seeds: Seeds,
    },
    /// Keep another part of a channel's log from now on. What is not kept any more is forgotten.
    Retain {
        /// Of which.
        channel: ChannelId,
        /// Which part.
        retention: Retention,
    },
    /// Leave a channel and forget its log.
    Leave {
        /// Which.
        channel: ChannelId,
    },
    /// Tell who is online in a channel, with [`Answer::Peers`](super::Answer::Peers).
    Peers {
        /// Which.
        channel: ChannelId,
        /// Only those whose keys are greater: the last one of an answer that was not all.
        after: Option<Author>,
    },
    /// Tell which resources are here or on their way, with [`Answer::Resources`](super::Answer::Resources).
    Resources {
        /// Only those whose ids are greater: the last one of an answer that was not all.
        after: Option<ResourceId>,
    },
    /// Get a resource that somebody in a channel has, and give it to others there: it is chosen from now on, and stays.
    Fetch {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        resource: ResourceId,
    },
    /// Forget a resource, or stop getting it.
    Remove {
        /// Which.
        resource: ResourceId,
    },
    /// Have a resource that was chosen be as any other: where all of one of its channels is seeded it stays, as what came
    /// by itself does, and otherwise it is forgotten.
    Unchoose {
        /// Which.
        resource: ResourceId,
    },
    /// Tell from now on when there is news.
    Watch,
    /// Stop the daemon.
    Stop,
}
