//! Files between the parts of a node: what they want is carried out, and they are shared with a message.

use super::{
    Node, Output, RequestId,
    asking::Asking,
    channel::Channel,
    command::Command,
    event::{Event, Problem},
    files::{FilesOutput, PeerKey, Waiting, Wanted},
    pending::Pending,
    read::{ReadKey, ReadProblem},
};
use crate::{
    channel::ChannelId,
    chat::record::Record,
    limits,
    link::LinkFull,
    music::track::Track,
    resource::{Descriptor, ResourceId},
    seeding::Seeds,
    store::{Mark, NewRecord, Reply, Request, StoreError},
    swarm,
    time::Millis,
    wire::Frame,
};

/// Files that are being shared, one after the other.
#[derive(Debug)]
pub(super) struct Sharing {
    pub(super) request: RequestId,
    pub(super) channel: ChannelId,
    pub(super) purpose: Purpose,
    /// Still to be looked up and entered.
    pub(super) files: Vec<ResourceId>,
    pub(super) shared: Vec<Descriptor>,
}

/// What files are shared for.
#[derive(Debug)]
pub(super) enum Purpose {
    /// A message that says this.
    Message(String),
    /// Tracks for the own list.
    Tracks(Vec<Track>),
}

impl Node {
    /// Carries out a command about files.
    pub(super) fn file_command(
        &mut self,
        now: Millis,
        request: RequestId,
        command: Command,
    ) -> Result<(), Problem> {
        match command {
            Command::Share {
                channel,
                text,
                mut files,
            } => {
                if self.joined(channel)?.burning.is_on() {
                    return Err(Problem::Burning);
                }
                if files.len() > limits::MAX_MESSAGE_FILES {
                    return Err(Problem::TooManyFiles);
                }
                if files.is_empty() {
                    return Err(Problem::NoFile);
                }
                files.reverse();
                self.share_next(
                    now,
                    Sharing {
                        request,
                        channel,
                        purpose: Purpose::Message(text),
                        files,
                        shared: Vec::new(),
                    },
                );
            }
            Command::Fetch {
                channel,
                file,
                descriptor,
            } => {
                self.joined(channel)?;
                let new = !self.files.is_wished(channel, file);
                let entropy = &mut self.entropy;
                self.files
                    .want_file(now, channel, file, descriptor, entropy)?;
                let asking = Asking {
                    request,
                    channel,
                    file,
                    new,
                };
                self.keep_asking(now, asking);
            }
            Command::Pause { file, paused } => {
                self.files.pause(now, file, paused)?;
                self.done(request, None);
            }
            Command::Check { file } => {
                self.files.check_again(now, file)?;
                self.done(request, None);
            }
            Command::Remove { file } => self.remove_file(now, request, file)?,
            Command::Unchoose { file } => self.unchoose(now, request, file)?,
            _ => {
                let transfers = self.files.views();
                self.outputs.push_back(Output::Event(Event::Transfers {
                    request: Some(request),
                    transfers,
                }));
            }
        }
        Ok(())
    }

    /// Forgets a file, and what lists say of it. It does not come again by itself.
    pub(super) fn remove_file(
        &mut self,
        now: Millis,
        request: RequestId,
        file: ResourceId,
    ) -> Result<(), Problem> {
        self.forget_file(now, request, file)?;
        self.files.decline(file);
        Ok(())
    }

    /// Forgets a file, and what lists say of it.
    pub(super) fn forget_file(
        &mut self,
        now: Millis,
        request: RequestId,
        file: ResourceId,
    ) -> Result<(), Problem> {
        let unasking = self.unasking(request, file);
        let stored = self.files.remove(file)?;
        if self.with_music(|music, here| music.unload(now, file, here)) {
            self.files.refuse_reads(file);
        }
        self.tell_pieces(file);
        if stored {
            let remove = Request::RemoveResource(file);
            self.store(remove, Pending::Remove(unasking));
        } else {
            self.unask(unasking);
        }
        Ok(())
    }

    /// Looks the next file up that is to be shared; after the last one, does what they are shared for.
    pub(super) fn share_next(&mut self, now: Millis, mut sharing: Sharing) {
        if let Some(file) = sharing.files.pop() {
            let load = Request::LoadResource(file);
            return self.store(load, Pending::FindShared(sharing));
        }
        let Sharing {
            request,
            channel,
            purpose,
            shared,
            ..
        } = sharing;
        let text = match purpose {
            Purpose::Message(text) => text,
            Purpose::Tracks(tracks) => return self.music.list(request, channel, tracks, &shared),
        };
        let burning = self.channels.get(&channel);
        if burning.is_some_and(|channel| channel.burning.is_on()) {
            // It was turned on meanwhile.
            return self.refuse(request, Problem::Burning);
        }
        if let Err(problem) = self.say(now, request, channel, &text, shared) {
            self.refuse(request, problem);
        }
    }

    /// The store has a file that is to be shared, or does not.
    pub(super) fn found_shared(&mut self, sharing: Sharing, reply: Reply) {
        let Reply::Resource(Some(stored)) = reply else {
            return self.refuse(sharing.request, Problem::NoFile);
        };
        if !self.channels.contains_key(&sharing.channel) {
            return self.refuse(sharing.request, Problem::NotJoined);
        }
        match self.files.share(sharing.channel, stored) {
            Ok(entry) => {
                let mut sharing = sharing;
                sharing.shared.push(entry.descriptor.clone());
                self.store(Request::SaveResource(entry), Pending::EnterShared(sharing));
            }
            Err(problem) => self.refuse(sharing.request, problem),
        }
    }

    pub(super) fn entered_shared(&mut self, now: Millis, sharing: Sharing) {
        if let Some(file) = sharing.shared.last() {
            self.files.end_wish(file.id);
        }
        self.share_next(now, sharing);
    }

    /// Writes a record, and has it stored.
    pub(super) fn say(
        &mut self,
        now: Millis,
        request: RequestId,
        channel: ChannelId,
        text: &str,
        files: Vec<Descriptor>,
    ) -> Result<(), Problem> {
        let record = self.joined(channel)?.write(text, files, now)?;
        let append = Request::Append {
            channel,
            record: NewRecord::of(&record, Mark::Unsent),
        };
        self.store(
            append,
            Pending::Say {
                request,
                channel,
                record,
            },
        );
        Ok(())
    }

    /// A record of another member came: its pictures are got without being asked for, or all of its files.
    pub(super) fn fetch_pictures(&mut self, now: Millis, channel: ChannelId, record: &Record) {
        let from_blocked = |channel: &&Channel| channel.is_blocked(record.body.author);
        let Some(of) = self.channels.get(&channel).filter(|of| !from_blocked(of)) else {
            return;
        };
        let (all, time) = (of.entry.seeds == Seeds::All, record.body.time);
        for file in &record.body.files {
            if all {
                self.files.offer(channel, file, time);
            } else {
                let entropy = &mut self.entropy;
                self.files.want_picture(now, channel, file, time, entropy);
            }
        }
    }

    /// Carries out what the files want, until all is quiet, and tells what has changed.
    pub(super) fn act_on_files(&mut self, now: Millis) {
        self.act_on_music(now);
        self.carry_out_files(now);
        self.files.take_freed_room(now);
        self.files.take_offers(now);
        self.files.take_turns(now);
        self.files.tell_news(now);
        self.carry_out_files(now);
        self.act_on_music(now);
        self.carry_out_files(now);
        self.keep_wishes();
        let hungry = self.files.hungry();
        let changed = self.channels.iter();
        let changed = changed.filter(|(id, channel)| channel.hungry != hungry.contains(id));
        let changed: Vec<ChannelId> = changed.map(|(id, _)| *id).collect();
        for id in changed {
            self.with_channel(now, Some(id), |channel, tools| {
                channel.hungry = hungry.contains(&id);
                channel.settle(tools);
            });
        }
    }

    /// Somebody wants to read a file.
    pub(super) fn read_file(&mut self, now: Millis, read: ReadKey, mut wanted: Wanted) {
        if let Some(error) = &self.broken {
            let problem = ReadProblem::Problem(error.clone().into());
            return self.files.fail_read(read, problem);
        }
        if self.waiting.is_some() {
            // What is here is known once it is loaded. Of so many readers the first ones are gone by then.
            let early = &mut self.early_reads;
            early.push_back((read, wanted));
            if early.len() > limits::MAX_READS
                && let Some((first, _)) = early.pop_front()
            {
                self.files.fail_read(first, ReadProblem::GaveWay);
            }
            return;
        }
        let joined = |channel: &ChannelId| self.channels.contains_key(channel);
        wanted.channel = wanted.channel.filter(joined);
        if wanted.channel.is_none() {
            wanted.channel = self.music.channel_of(wanted.resource);
        }
        wanted.played = self.music.playing() == Some(wanted.resource);
        if !self.files.knows(wanted.resource) {
            wanted.most = self.music.most_bytes(wanted.resource);
        }
        self.files.read(now, read, wanted);
    }

    /// A reader wants no more, not even what it asked for before all was loaded.
    pub(super) fn stop_reading(&mut self, now: Millis, read: ReadKey) {
        self.early_reads.retain(|(early, _)| *early != read);
        self.files.stop_reading(now, read);
    }

    pub(super) fn carry_out_files(&mut self, now: Millis) {
        while let Some(output) = self.files.poll() {
            match output {
                FilesOutput::Send(to, message) => self.say_about_file(now, to, message),
                FilesOutput::Misbehaved(who, lie) => self.misbehaved(now, who, lie),
                FilesOutput::Upload(to) => self.upload(now, to),
                FilesOutput::Store(request, waiting) => {
                    self.store(request, Pending::Files(waiting));
                }
                FilesOutput::Tell(event) => {
                    if let Event::Transfer(transfer) = &event {
                        self.music_hears(transfer);
                    }
                    self.outputs.push_back(Output::Event(event));
                }
                FilesOutput::Left(file) => {
                    self.with_music(|music, here| music.unload(now, file, here));
                    self.tell_pieces(file);
                    self.music.dropped(file);
                }
                FilesOutput::LeftIn(channel, file) => self.music.dropped_in(channel, file),
                FilesOutput::Read(read, part) => {
                    self.outputs.push_back(Output::Read { read, part });
                }
            }
        }
    }

    /// A neighbour broke the rules: its link ends.
    pub(super) fn misbehaved(&mut self, now: Millis, who: PeerKey, lie: &str) {
        self.with_channel(now, Some(who.channel), |channel, tools| {
            if let Some(link) = channel.links.get_mut(&who.connection) {
                link.misbehaved(lie);
            }
            channel.settle(tools);
        });
    }

    /// Says something to a neighbour, unless its link is gone.
    ///
    /// # Errors
    /// When there is no room for it.
    pub(super) fn tell(&mut self, now: Millis, to: PeerKey, frame: &Frame) -> Result<(), LinkFull> {
        let mut told = Ok(());
        self.with_channel(now, Some(to.channel), |channel, tools| {
            if let Some(link) = channel.links.get_mut(&to.connection) {
                told = link.send(now, frame);
                channel.settle(tools);
            }
        });
        told
    }

    fn say_about_file(&mut self, now: Millis, to: PeerKey, message: swarm::Message) {
        let frame = Frame::Resource(message);
        if self.tell(now, to, &frame).is_err()
            && let Frame::Resource(message) = &frame
        {
            self.files.unheard(now, to, message);
        }
    }

    /// Gives a link packets, as long as it has room.
    pub(super) fn upload(&mut self, now: Millis, to: PeerKey) {
        let Some(channel) = self.channels.get_mut(&to.channel) else {
            return;
        };
        let Some(link) = channel.links.get_mut(&to.connection) else {
            return;
        };
        let mut sent = false;
        while let Some(packet) = self.files.next_packet(to, |piece| link.has_room(piece)) {
            link.send_packet(packet);
            sent = true;
        }
        if sent {
            self.with_channel(now, Some(to.channel), Channel::settle);
        }
    }

    pub(super) fn files_stored(
        &mut self,
        now: Millis,
        waiting: Waiting,
        result: Result<Reply, StoreError>,
    ) {
        self.files.stored(now, waiting, result, &mut self.entropy);
    }
}
