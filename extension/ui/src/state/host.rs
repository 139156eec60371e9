//! What a view knows of the native host: whether it is there, and as far as the view needs it, what it keeps.
//!
//! The host says only that something changed. What the view has need of is asked for then, one question of a kind at a time,
//! and no more than one in [`PAUSE`]: while the host fetches, something changes all the time.

use std::{collections::BTreeMap, time::Duration};

use catnest::{
    channel::ChannelId,
    host::{Answer, ChannelStatus, HostState, Request, Seeds, Status, Topic},
    node::Transfer,
    resource::ResourceId,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{engine, js, problem::Trouble};

/// Between two questions of a kind.
const PAUSE: Duration = Duration::from_secs(1);

/// How it is with a channel at the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum There {
    /// It is not in it.
    Not,
    /// It is.
    In {
        /// What of it comes by itself.
        seeds: Seeds,
        /// What was chosen of it, found or not.
        chosen: Vec<ResourceId>,
    },
}

/// Something to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// How the host itself is.
    Status,
    /// The channels that it is in.
    Channels,
    /// The resources that it has or gets.
    Resources,
}

impl Part {
    const ALL: [Self; 3] = [Self::Status, Self::Channels, Self::Resources];

    /// Whether news of a topic is news of it.
    fn is_of(self, topic: Topic) -> bool {
        match self {
            // Its amounts change with the resources.
            Part::Status => true,
            Part::Channels => topic == Topic::Channels,
            Part::Resources => topic == Topic::Resources,
        }
    }
}

/// How it is with asking for a [`Part`].
#[derive(Clone, Copy, Debug, Default)]
struct Asking {
    needed: bool,
    busy: bool,
    /// There was news meanwhile.
    again: bool,
}

/// The signals.
#[derive(Clone, Copy)]
pub(crate) struct HostView {
    /// Whether it is there; none before the engine has told.
    pub(crate) state: RwSignal<Option<HostState>>,
    /// How it is.
    pub(crate) status: RwSignal<Option<Status>>,
    /// The channels that it is in.
    pub(crate) channels: RwSignal<Option<Vec<ChannelStatus>>>,
    /// The resources that it has or gets.
    pub(crate) resources: RwSignal<Option<BTreeMap<ResourceId, Transfer>>>,
    /// Why it did not answer the last question, or did not do what it was to do.
    pub(crate) trouble: RwSignal<Option<Trouble>>,
    asking: StoredValue<[Asking; 3]>,
}

impl HostView {
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new(None),
            status: RwSignal::new(None),
            channels: RwSignal::new(None),
            resources: RwSignal::new(None),
            trouble: RwSignal::new(None),
            asking: StoredValue::new([Asking::default(); 3]),
        }
    }

    /// Whether there is one.
    pub(crate) fn present(self) -> bool {
        self.state
            .with(|state| matches!(state, Some(HostState::Present { .. })))
    }

    /// Has the view know a part, now and after each change, whenever there is a host.
    pub(crate) fn need(self, part: Part) {
        let known = self.asking.with_value(|all| all[part as usize].needed);
        self.asking
            .update_value(|all| all[part as usize].needed = true);
        if !known && untrack(|| self.present()) {
            self.ask(part);
        }
    }

    /// How things are with it now.
    pub(super) fn is(self, state: Option<HostState>) {
        let before = self.state.get_untracked();
        if before == state {
            return;
        }
        // What another one has is another matter.
        self.status.set(None);
        self.channels.set(None);
        self.resources.set(None);
        self.trouble.set(None);
        self.state.set(state);
        if untrack(|| self.present()) {
            self.ask_where(|_| true);
        }
    }

    /// Something of it changed.
    pub(super) fn hear(self, topic: Topic) {
        self.ask_where(|part| part.is_of(topic));
    }

    fn ask_where(self, which: impl Fn(Part) -> bool) {
        for part in Part::ALL {
            let needed = self.asking.with_value(|all| all[part as usize].needed);
            if needed && which(part) {
                self.ask(part);
            }
        }
    }

    fn ask(self, part: Part) {
        let mut busy = false;
        self.asking.update_value(|all| {
            let asking = &mut all[part as usize];
            busy = std::mem::replace(&mut asking.busy, true);
            asking.again = busy;
        });
        if busy {
            return;
        }
        spawn_local(async move {
            loop {
                self.read(part).await;
                js::pause(PAUSE).await;
                let mut again = false;
                self.asking.update_value(|all| {
                    let asking = &mut all[part as usize];
                    again = std::mem::take(&mut asking.again);
                    asking.busy = again;
                });
                if !again {
                    break;
                }
            }
        });
    }

    async fn read(self, part: Part) {
        if !untrack(|| self.present()) {
            return;
        }
        let read = match part {
            Part::Status => self.read_status().await,
            Part::Channels => self.read_channels().await,
            Part::Resources => self.read_resources().await,
        };
        // That it is gone is said elsewhere.
        if let Err(trouble) = read
            && !matches!(trouble, Trouble::HostGone)
        {
            self.trouble.set(Some(trouble));
        }
    }

    async fn read_status(self) -> Result<(), Trouble> {
        if let Answer::Status(status) = request(Request::Status).await? {
            self.status.set(Some(status));
        }
        Ok(())
    }

    pub(crate) async fn read_channels(self) -> Result<(), Trouble> {
        if let Answer::Channels { channels } = request(Request::Channels).await? {
            self.channels.set(Some(channels));
        }
        Ok(())
    }

    pub(crate) async fn read_resources(self) -> Result<(), Trouble> {
        let mut all = BTreeMap::new();
        let mut after = None;
        loop {
            let answer = request(Request::Resources { after }).await?;
            let Answer::Resources { resources, more } = answer else {
                break;
            };
            let last = resources.last().map(|transfer| transfer.file.id);
            // A host that gives the same page again gives no other one.
            let goes_on = more && last > after;
            after = last;
            all.extend(resources.into_iter().map(|t| (t.file.id, t)));
            if !goes_on {
                break;
            }
        }
        self.resources.set(Some(all));
        Ok(())
    }

    /// Has it do something.
    pub(crate) async fn carry_out(self, wants: Vec<Request>) -> Result<(), Trouble> {
        for want in wants {
            request(want).await?;
        }
        self.ask_where(|_| true);
        Ok(())
    }

    /// How it is with a channel there now, and not when the view last asked.
    pub(crate) async fn look_up(self, channel: ChannelId) -> Result<There, Trouble> {
        self.read_channels().await?;
        let Some(status) = untrack(|| self.channel(channel)) else {
            return Ok(There::Not);
        };
        self.read_resources().await?;
        let chosen = self.resources.with_untracked(|all| {
            let all = all.iter().flat_map(BTreeMap::values);
            let chosen = all.filter(|of| of.chosen && of.channels.contains(&channel));
            let chosen = chosen.map(|transfer| transfer.file.id);
            chosen.chain(status.sought.iter().copied()).collect()
        });
        Ok(There::In {
            seeds: status.seeds,
            chosen,
        })
    }

    /// One of the channels that it is in.
    pub(crate) fn channel(self, id: ChannelId) -> Option<ChannelStatus> {
        self.channels.with(|channels| {
            let mut all = channels.iter().flatten();
            all.find(|channel| channel.id == id).cloned()
        })
    }

    /// Whether a resource was chosen and nobody has given it yet.
    pub(crate) fn seeks(self, id: ResourceId) -> bool {
        self.channels.with(|channels| {
            let mut all = channels.iter().flatten();
            all.any(|channel| channel.sought.contains(&id))
        })
    }

    /// Whether everything of a channel is seeded by itself.
    pub(crate) fn seeds_all(self, id: ChannelId) -> bool {
        self.channels.with(|channels| {
            let mut all = channels.iter().flatten();
            all.any(|channel| channel.id == id && channel.seeds == Seeds::All)
        })
    }
}

async fn request(request: Request) -> Result<Answer, Trouble> {
    Trouble::of_host(engine::ask_host(request).await)
}
