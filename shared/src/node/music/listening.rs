//! Listening together in the channels of a node: at most one of them is led or followed in.

use super::{Music, MusicEvent, MusicOutput, playing::Here};
use crate::{
    channel::ChannelId,
    identity::Author,
    link::ConnectionKey,
    music::together::{Lead, Part, TogetherOutput, message::Message},
    node::{Problem, files::PeerKey},
    time::Millis,
    wire::{Frame, Run},
};

impl Music {
    /// A person takes the lead in a channel, and leaves any other.
    pub(super) fn lead(
        &mut self,
        now: Millis,
        channel: ChannelId,
        here: Here<'_>,
    ) -> Result<(), Problem> {
        self.leave_others(Some(channel));
        let nest = self.nests.get_mut(&channel).ok_or(Problem::NotJoined)?;
        nest.together.lead(now);
        self.follow_player(now, here);
        Ok(())
    }

    /// A person listens with a device that leads, and leaves any other channel.
    pub(super) fn follow(
        &mut self,
        now: Millis,
        channel: ChannelId,
        leader: Run,
        here: Here<'_>,
    ) -> Result<(), Problem> {
        self.leave_others(Some(channel));
        let nest = self.nests.get_mut(&channel).ok_or(Problem::NotJoined)?;
        let follows = nest.together.follow(now, leader);
        self.follow_player(now, here);
        follows.then_some(()).ok_or(Problem::NoLead)
    }

    /// A person listens alone.
    pub(super) fn listen_alone(&mut self, now: Millis, here: Here<'_>) {
        self.leave_others(None);
        self.follow_player(now, here);
    }

    fn leave_others(&mut self, but: Option<ChannelId>) {
        let others = self.nests.iter_mut();
        for (_, nest) in others.filter(|(channel, _)| Some(**channel) != but) {
            nest.together.leave();
        }
    }

    /// A neighbour says something about listening together.
    pub(in crate::node) fn heard_together(
        &mut self,
        now: Millis,
        from: PeerKey,
        message: Message,
        blocked: &dyn Fn(Author) -> bool,
        here: Here<'_>,
    ) {
        let Some(nest) = self.nests.get_mut(&from.channel) else {
            return;
        };
        if let Some(run) = nest.run_of(from.connection) {
            let blocked = |run: &Run| blocked(run.author);
            nest.together.heard(now, run, message, &blocked);
        }
        self.follow_player(now, here);
    }

    /// Members of a channel were blocked, or not any more.
    pub(in crate::node) fn blocked(
        &mut self,
        now: Millis,
        channel: ChannelId,
        blocked: &dyn Fn(Author) -> bool,
        here: Here<'_>,
    ) {
        if let Some(nest) = self.nests.get_mut(&channel) {
            nest.together.blocked(&|run: &Run| blocked(run.author));
        }
        self.judge_lists(channel, blocked);
        self.follow_player(now, here);
    }

    /// Lets the player and those who listen together tell each other how it goes, until all is quiet.
    pub(super) fn follow_player(&mut self, now: Millis, here: Here<'_>) {
        loop {
            self.drain_player(now);
            let next = self
                .nests
                .iter_mut()
                .find_map(|(channel, nest)| Some((*channel, nest.together.poll()?)));
            let Some((channel, output)) = next else {
                return;
            };
            self.together_wants(now, channel, output, here);
        }
    }

    fn together_wants(
        &mut self,
        now: Millis,
        channel: ChannelId,
        output: TogetherOutput,
        here: Here<'_>,
    ) {
        match output {
            TogetherOutput::Send(to, message) => {
                let nest = self.nests.get(&channel);
                let connection = nest.and_then(|nest| nest.connection_of(to));
                self.send_together(channel, connection, &message);
            }
            TogetherOutput::Tell(message) => {
                let nest = self.nests.get(&channel);
                let all: Vec<ConnectionKey> = nest.into_iter().flat_map(|n| n.links()).collect();
                self.send_together(channel, all, &message);
            }
            TogetherOutput::Player(command) => {
                self.let_play(here, |player, playable| {
                    player.guest(now, command, playable);
                });
            }
            TogetherOutput::Left(why) => self.tell(MusicEvent::LeftTogether { why }),
            TogetherOutput::Changed => self.outputs.push_back(MusicOutput::Together),
        }
    }

    fn send_together(
        &mut self,
        channel: ChannelId,
        to: impl IntoIterator<Item = ConnectionKey>,
        message: &Message,
    ) {
        for connection in to {
            let to = PeerKey {
                channel,
                connection,
            };
            let frame = Frame::Together(*message);
            self.outputs.push_back(MusicOutput::Send(to, frame));
        }
    }

    /// What this device does, and in which channel; and who leads, in all of them. The names are the node's to know.
    pub(in crate::node) fn together(&self) -> (Part, Option<ChannelId>, Vec<(ChannelId, Lead)>) {
        let mut now = (Part::Alone, None);
        let mut leads = Vec::new();
        for (&channel, nest) in &self.nests {
            let view = nest.together.view();
            if view.part != Part::Alone {
                now = (view.part, Some(channel));
            }
            leads.extend(view.leads.into_iter().map(|lead| (channel, lead)));
        }
        (now.0, now.1, leads)
    }
}
