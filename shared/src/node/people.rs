//! People of a channel: how this member appears, who is blocked, and whose messages are held back.

use super::{
    Node, RequestId,
    channel::{Channel, ChannelOutput},
    event::Problem,
    pending::Pending,
    tools::Tools,
    view::PeopleView,
};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Body, Record},
        span::Span,
    },
    identity::Author,
    limits,
    profile::{Profile, is_avatar, is_name},
    store::{ChannelEntry, PeopleChoices},
    time::Millis,
};

/// How the member of a device called `name` appears in a channel.
pub(super) fn profile(entry: &ChannelEntry, name: &str) -> Profile {
    let choices = &entry.people;
    Profile {
        name: choices.name.clone().unwrap_or_else(|| name.to_owned()),
        avatar: choices.avatar.clone(),
    }
}

impl Channel {
    /// A record that this member writes.
    pub(super) fn body(&self, time: Millis, text: &str) -> Body {
        let Profile { name, avatar } = &self.me.profile;
        Body {
            avatar: avatar.clone(),
            ..Body::new(self.author, self.id(), time, name, text)
        }
    }

    /// The member may have another name or avatar than before: everybody hears it.
    pub(super) fn appear(&mut self, name: &str, tools: &mut Tools<'_>) {
        let profile = profile(&self.entry, name);
        if self.me.profile == profile {
            return;
        }
        self.me.profile = profile;
        self.hear_me(tools.now);
        for link in self.links.values_mut() {
            link.greet_again(tools.now, &self.me);
        }
        self.announce_soon(tools.now);
        self.settle(tools);
    }

    pub(super) fn hear_me(&mut self, now: Millis) {
        self.people.heard(self.author, &self.me.profile, now);
    }

    /// A record tells how its author appeared. True if views have something else to show for it.
    pub(super) fn hear_record(&mut self, record: &Record) -> bool {
        let body = &record.body;
        // A recall stands at the time of what it recalls, and says nothing else.
        body.recalls.is_none() && self.hear(body.author, &body.profile(), body.time)
    }

    /// A neighbour greeted under this name. What it announces later says more.
    pub(super) fn hear_hello(&mut self, author: Author, name: &str) {
        let profile = Profile {
            name: name.to_owned(),
            avatar: None,
        };
        self.hear(author, &profile, Millis::default());
    }

    /// Somebody appeared so at that time. True if views have something else to show for it.
    pub(super) fn hear(&mut self, author: Author, profile: &Profile, time: Millis) -> bool {
        // What this member is called is known best here.
        author != self.author && self.people.heard(author, profile, time)
    }

    pub(super) fn avatar(&self, author: Author) -> Option<String> {
        self.people.profile(author)?.avatar.clone()
    }

    pub(super) fn view_people(&self) -> PeopleView {
        let PeopleChoices {
            name,
            avatar,
            blocked,
            held_back,
        } = self.entry.people.clone();
        PeopleView {
            name,
            avatar,
            marks: self.people.marks(),
            blocked,
            held_back,
        }
    }

    pub(super) fn is_blocked(&self, author: Author) -> bool {
        self.entry.people.blocked.contains_key(&author)
    }

    fn is_held_back(&self, author: Author) -> bool {
        self.entry.people.held_back.contains_key(&author)
    }

    /// Whether a record is taken: its author is this member, or does not say too much.
    pub(super) fn admits(&mut self, record: &Record) -> bool {
        let author = record.body.author;
        if author == self.author || self.let_through.contains(&author) {
            return true;
        }
        if record.body.recalls.is_some() {
            // What somebody takes back is not what they say.
            return self.recalls.has_room(author, record.body.time);
        }
        if self.is_held_back(author) {
            return false;
        }
        if self.intake.has_room(author, record.body.time) {
            return true;
        }
        let held_back = &mut self.entry.people.held_back;
        if held_back.len() < limits::MAX_BLOCKED {
            held_back.insert(author, record.body.name.clone());
            self.save(Pending::HeldBack);
            self.outputs.push_back(ChannelOutput::Changed);
        }
        false
    }

    /// A record is kept that was not here.
    pub(super) fn count(&mut self, record: &Record) {
        let intake = if record.body.recalls.is_some() {
            &mut self.recalls
        } else {
            &mut self.intake
        };
        intake.count(record.body.author, record.body.time);
    }

    /// The name by which a member is remembered.
    pub(super) fn known_as(&self, author: Author) -> String {
        let profile = self.people.profile(author);
        profile
            .map(|profile| profile.name.clone())
            .unwrap_or_default()
    }
}

impl Node {
    /// The member's name on this device.
    pub(super) fn name(&self) -> String {
        self.device
            .as_ref()
            .map(|device| device.name.clone())
            .unwrap_or_default()
    }

    /// Has this member appear so in one channel.
    pub(super) fn set_profile(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        name: Option<String>,
        avatar: Option<String>,
    ) -> Result<(), Problem> {
        let trimmed = |text: String| text.trim().to_owned();
        let (name, avatar) = (name.map(trimmed), avatar.map(trimmed));
        if name.as_ref().is_some_and(|name| !is_name(name)) {
            return Err(Problem::Name);
        }
        if avatar.as_ref().is_some_and(|avatar| !is_avatar(avatar)) {
            return Err(Problem::Avatar);
        }
        self.choose(request, channel, |choices| {
            choices.name = name;
            choices.avatar = avatar;
            Ok(())
        })
    }

    /// Blocks a member, or does not any more.
    pub(super) fn block(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        author: Author,
        blocked: bool,
    ) -> Result<(), Problem> {
        let of = self.joined(channel)?;
        if author == of.author {
            return Err(Problem::Myself);
        }
        let name = of.known_as(author);
        self.choose(request, channel, |choices| {
            let people = &mut choices.blocked;
            if !blocked {
                people.remove(&author);
            } else if people.len() >= limits::MAX_BLOCKED && !people.contains_key(&author) {
                return Err(Problem::TooManyBlocked);
            } else {
                people.insert(author, name);
            }
            Ok(())
        })
    }

    /// Takes a member's messages again who sent too many.
    pub(super) fn let_through(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        author: Author,
    ) -> Result<(), Problem> {
        self.choose(request, channel, |choices| {
            choices.held_back.remove(&author);
            Ok(())
        })
    }

    fn choose(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        choose: impl FnOnce(&mut PeopleChoices) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let entry = &mut self.joined(channel)?.entry;
        let before = entry.people.clone();
        choose(&mut entry.people)?;
        let save = entry.save();
        let pending = Pending::People {
            request,
            channel,
            before,
        };
        self.store(save, pending);
        Ok(())
    }

    /// What the member chose is stored: it holds.
    pub(super) fn people_chosen(
        &mut self,
        now: Millis,
        request: RequestId,
        id: ChannelId,
        before: &PeopleChoices,
    ) {
        let name = self.name();
        self.with_channel(now, Some(id), |channel, tools| {
            channel.appear(&name, tools);
            channel.judge_switch(now);
            let held_back = &channel.entry.people.held_back;
            let released = before.held_back.keys();
            let released = released.filter(|author| !held_back.contains_key(author));
            let released: Vec<Author> = released.copied().collect();
            if !released.is_empty() {
                channel.let_through.extend(released);
                channel.log.want_again();
                channel.compare_history(now, Span::default());
            }
            channel.settle(tools);
        });
        self.music_blocked(now, id);
        self.changed = true;
        self.done(request, Some(id));
    }
}
