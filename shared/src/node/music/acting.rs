//! The music between the parts of a node: it hears what concerns it, and what it wants is carried out.

use std::collections::BTreeSet;

use super::{
    HolderView, LeadView, Music, MusicCommand, MusicEvent, MusicOutput, MusicPending, Row,
    adding::Listing, playing::Here,
};
use crate::{
    channel::ChannelId,
    identity::Author,
    limits,
    link::{Link, Peer},
    music::{ban::BanTable, player::Intent, shelf, together, track::Track},
    node::{
        Event, Node, Output, Problem, RequestId,
        carry_out::MAX_WAITING_COMMANDS,
        channel::Channel,
        files::PeerKey,
        pending::Pending,
        sharing::{Purpose, Sharing},
        transfer::{Transfer, TransferState},
    },
    resource::ResourceId,
    store::{MusicPart, Reply, Request, StoreError},
    time::Millis,
};

/// What a neighbour says about music.
#[derive(Debug)]
pub(in crate::node) enum MusicMessage {
    /// About lists.
    Shelf(shelf::message::Message),
    /// About listening together.
    Together(together::message::Message),
}

impl Node {
    /// Carries out a command about music.
    pub(in crate::node) fn music_command(
        &mut self,
        now: Millis,
        request: RequestId,
        command: MusicCommand,
    ) -> Result<(), Problem> {
        if !self.music.is_loaded() {
            if self.music.waiting.len() >= MAX_WAITING_COMMANDS {
                return Err(Problem::Busy);
            }
            self.music.waiting.push_back((request, command));
            return Ok(());
        }
        match command {
            MusicCommand::Tell => self.tell_music(request),
            MusicCommand::Library {
                channel,
                after,
                limit,
            } => self.tell_library(request, channel, after, limit)?,
            MusicCommand::Add { channel, tracks } => {
                if self.joined(channel)?.burning.is_on() {
                    return Err(Problem::Burning);
                }
                let listing = self.music.add(now, channel, tracks)?;
                self.share_tracks(now, request, channel, listing);
            }
            MusicCommand::SetCover {
                channel,
                track,
                cover,
            } => {
                let file = cover.as_ref().map(|cover| cover.id);
                let dress = |track: &mut Track| track.cover = cover;
                let listing = self.music.dress(channel, track, file, dress)?;
                self.share_tracks(now, request, channel, listing);
            }
            MusicCommand::SetLyrics {
                channel,
                track,
                lyrics,
            } => {
                let dress = |track: &mut Track| track.lyrics = lyrics;
                let listing = self.music.dress(channel, track, lyrics, dress)?;
                self.share_tracks(now, request, channel, listing);
            }
            MusicCommand::Keep { channel, track } => {
                self.keep_track(now, channel, track)?;
                self.done(request, Some(channel));
            }
            MusicCommand::Drop { track } => self.remove_file(now, request, track)?,
            MusicCommand::SetBans { entries } => {
                let table = BanTable::new(entries).map_err(|error| Problem::Ban { error })?;
                let bytes = table.to_text().into_bytes();
                let what = MusicPart::Bans;
                let save = Request::SaveMusic { what, bytes };
                self.music
                    .store(save, MusicPending::Bans { request, table });
            }
            MusicCommand::Play { intent } => {
                self.with_music(|music, here| music.intent(now, intent, here));
                self.done(request, None);
            }
            MusicCommand::Lead { channel } => {
                self.with_music(|music, here| music.lead(now, channel, here))?;
                self.done(request, Some(channel));
            }
            MusicCommand::Follow { channel, leader } => {
                self.with_music(|music, here| music.follow(now, channel, leader, here))?;
                self.done(request, Some(channel));
            }
            MusicCommand::ListenAlone => {
                self.with_music(|music, here| music.listen_alone(now, here));
                self.done(request, None);
            }
        }
        Ok(())
    }

    /// Lets the music act, which has to know which files are here whole.
    pub(in crate::node) fn with_music<T>(
        &mut self,
        act: impl FnOnce(&mut Music, Here<'_>) -> T,
    ) -> T {
        let files = &self.files;
        act(&mut self.music, &|id| files.is_whole(id))
    }

    fn share_tracks(
        &mut self,
        now: Millis,
        request: RequestId,
        channel: ChannelId,
        (tracks, files): Listing,
    ) {
        let sharing = Sharing {
            request,
            channel,
            purpose: Purpose::Tracks(tracks),
            files,
            shared: Vec::new(),
        };
        self.share_next(now, sharing);
    }

    /// A person does something with the player, by Media Session.
    pub(in crate::node) fn player_intent(&mut self, now: Millis, intent: Intent) {
        if self.music.is_loaded() {
            self.with_music(|music, here| music.intent(now, intent, here));
        }
    }

    /// A neighbour says something about music.
    pub(in crate::node) fn heard_music(&mut self, now: Millis, from: PeerKey, said: MusicMessage) {
        let Self {
            music,
            files,
            channels,
            ..
        } = self;
        let channel = channels.get(&from.channel);
        let blocked = |author| channel.is_some_and(|channel| channel.is_blocked(author));
        match said {
            MusicMessage::Shelf(message) => music.heard_shelf(now, from, message),
            MusicMessage::Together(message) => {
                music.heard_together(now, from, message, &blocked, &|id| files.is_whole(id));
            }
        }
    }

    /// A link is up: who is at its other end has a list.
    pub(in crate::node) fn music_met(&mut self, peer: PeerKey) {
        let Some(channel) = self.channels.get(&peer.channel) else {
            return;
        };
        let link = channel.links.get(&peer.connection);
        if let Some(Peer { run, name }) = link.and_then(Link::peer).cloned() {
            let blocked = channel.is_blocked(run.author);
            self.music.met(peer, run, name, blocked);
        }
    }

    /// Members of a channel were blocked, or not any more.
    pub(in crate::node) fn music_blocked(&mut self, now: Millis, id: ChannelId) {
        let Self {
            music,
            files,
            channels,
            ..
        } = self;
        if let Some(channel) = channels.get(&id) {
            let blocked = |author| channel.is_blocked(author);
            music.blocked(now, id, &blocked, &|id| files.is_whole(id));
        }
    }

    pub(in crate::node) fn music_stored(
        &mut self,
        now: Millis,
        pending: MusicPending,
        result: Result<Reply, StoreError>,
    ) {
        let Self { music, files, .. } = self;
        let exists = |id| files.knows(id);
        music.stored(now, pending, result, &exists, &|id| files.is_whole(id));
    }

    /// The views hear how a file is; so does the music.
    pub(in crate::node) fn music_hears(&mut self, transfer: &Transfer) {
        if transfer.state == TransferState::Complete {
            // Nothing is listed where nothing is to be remembered.
            let burns = |id: &ChannelId| {
                let channel = self.channels.get(id);
                channel.is_some_and(|channel| channel.burning.is_on())
            };
            let channels = transfer.channels.iter().filter(|id| !burns(id));
            let channels: Vec<ChannelId> = channels.copied().collect();
            self.music.came(&transfer.file, &channels);
        }
        self.tell_pieces(transfer.file.id);
    }

    /// What is here of a file, if it is the one that is played.
    pub(in crate::node) fn tell_pieces(&mut self, file: ResourceId) {
        if self.music.playing() == Some(file) {
            let (here, pieces) = self.files.runs(file).unwrap_or_default();
            self.tell_views(MusicEvent::Pieces {
                track: file,
                here,
                pieces,
            });
        }
    }

    fn tell_views(&mut self, event: MusicEvent) {
        self.outputs.push_back(Output::Event(Event::Music(event)));
    }

    /// Has all of a track here, and on the own list.
    fn keep_track(
        &mut self,
        now: Millis,
        channel: ChannelId,
        track: ResourceId,
    ) -> Result<(), Problem> {
        if self.joined(channel)?.burning.is_on() {
            return Err(Problem::Burning);
        }
        let known = self.music.track(channel, track).ok_or(Problem::NoTrack)?;
        let descriptor = self.files.descriptor(track);
        let descriptor = descriptor.unwrap_or_else(|| known.descriptor());
        let wanted = Some(descriptor.clone());
        let entropy = &mut self.entropy;
        self.files.want_file(now, channel, track, wanted, entropy)?;
        if self.files.is_whole(track) {
            self.music.came(&descriptor, &[channel]);
        }
        Ok(())
    }

    /// Carries out what the music wants, until all is quiet.
    pub(in crate::node) fn act_on_music(&mut self, now: Millis) {
        while let Some(output) = self.music.poll() {
            self.music_wants(now, output);
        }
    }

    fn music_wants(&mut self, now: Millis, output: MusicOutput) {
        match output {
            MusicOutput::Send(to, frame) => {
                if self.tell(now, to, &frame).is_err() {
                    self.music.unheard(now, to, &frame);
                }
            }
            MusicOutput::Misbehaved(who, lie) => self.misbehaved(now, who, &lie),
            MusicOutput::Store(request, pending) => self.store(request, Pending::Music(pending)),
            MusicOutput::Tell(event) => {
                let another = match &event {
                    MusicEvent::Player { state, .. } => state.track.map(|track| track.resource),
                    _ => None,
                };
                self.tell_views(event);
                if let Some(track) = another {
                    self.tell_pieces(track);
                }
            }
            MusicOutput::Rows {
                channel,
                changed,
                gone,
            } => {
                self.offer_tracks(channel, &changed);
                self.tell_rows(channel, &changed, gone);
            }
            MusicOutput::Together => self.tell_together(),
            MusicOutput::Player { output, channel } => {
                self.outputs.push_back(Output::Player { output, channel });
            }
            MusicOutput::NowPlaying { track, channel } => {
                let track = track.map(Box::new);
                self.outputs
                    .push_back(Output::NowPlaying { track, channel });
            }
            MusicOutput::Want {
                channel,
                descriptor,
                wish,
            } => {
                let entropy = &mut self.entropy;
                let wanted = self
                    .files
                    .want_played(now, channel, descriptor, wish, entropy);
                // Whoever plays it asks again, and is told why it cannot be.
                drop(wanted);
            }
            MusicOutput::WantBeside {
                channel,
                file,
                most,
            } => self.files.want_beside(now, channel, file, most),
            MusicOutput::Waited { request, command } => {
                if let Err(problem) = self.music_command(now, request, command) {
                    self.refuse(request, problem);
                }
            }
            MusicOutput::Trouble(problem) => {
                let trouble = Event::Trouble(problem);
                self.outputs.push_back(Output::Event(trouble));
            }
            MusicOutput::Done { request, channel } => self.done(request, channel),
            MusicOutput::Refused { request, problem } => self.refuse(request, problem),
        }
    }

    /// Tells a view all but the lists.
    fn tell_music(&mut self, request: RequestId) {
        let entries = self.music.bans.entries().to_vec();
        self.tell_views(MusicEvent::Bans { entries });
        self.music.tell_queue();
        let state = self.music.playing.player.state();
        self.music.tell_player(state);
        self.tell_together();
        self.music.done(request, None);
    }

    fn tell_library(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<(), Problem> {
        let of = self.channels.get(&channel).ok_or(Problem::NotJoined)?;
        let limit = limit.clamp(1, limits::MAX_MUSIC_PAGE);
        let rows = self.music.page(channel, after, limit);
        let more = rows.len() == limit;
        let rows = rows.into_iter().map(|row| self.view_row(of, row)).collect();
        self.tell_views(MusicEvent::Library {
            request: Some(request),
            channel,
            rows,
            more,
        });
        Ok(())
    }

    fn tell_rows(
        &mut self,
        channel: ChannelId,
        changed: &BTreeSet<ResourceId>,
        gone: BTreeSet<ResourceId>,
    ) {
        let Some(of) = self.channels.get(&channel) else {
            return;
        };
        let mut gone: Vec<ResourceId> = gone.into_iter().collect();
        let rows = changed.iter().filter_map(|id| self.music.row(channel, *id));
        let mut rows: Vec<Row> = rows.map(|row| self.view_row(of, row)).collect();
        loop {
            let later = rows.split_off(rows.len().min(limits::MAX_MUSIC_PAGE));
            self.tell_views(MusicEvent::Rows {
                channel,
                rows,
                gone: std::mem::take(&mut gone),
            });
            if later.is_empty() {
                return;
            }
            rows = later;
        }
    }

    fn tell_together(&mut self) {
        let (part, channel, leads) = self.music.together();
        let leads = leads.into_iter().filter_map(|(channel, lead)| {
            let of = self.channels.get(&channel)?;
            Some(LeadView {
                channel,
                leader: lead.leader,
                name: self.member(of, lead.leader.author),
                resource: lead.resource,
            })
        });
        let leads = leads.collect();
        self.tell_views(MusicEvent::Together {
            part,
            channel,
            leads,
        });
    }

    fn view_row(&self, channel: &Channel, row: shelf::Row) -> Row {
        let holder = |holder: shelf::Holder| HolderView {
            author: holder.author,
            name: self.member(channel, holder.author),
            cached: holder.cached,
        };
        Row {
            track: (*row.track).clone(),
            mine: row.mine,
            holders: row.holders.into_iter().map(holder).collect(),
            banned: row.banned,
        }
    }

    /// What a member is called, or was when its list was told.
    fn member(&self, channel: &Channel, author: Author) -> String {
        let name = channel.known_as(author);
        if name.is_empty() {
            return self.music.name_of(channel.id(), author);
        }
        name
    }
}
