//! `status`, `channels`, `join`, `leave`, `peers`, `resources`, `seed`, `forget` and `stop`: the daemon, asked from a
//! terminal.

mod args;
mod daemon;
mod tables;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    process::ExitCode,
};

use catnest::{
    channel::{ChannelId, ChannelKey},
    chat::retention::Retention,
    host::{Answer, ChannelStatus, Parting, Refusal, Request, Seeds},
    invitation,
    node::{Problem, Transfer},
    resource::ResourceId,
};
use serde::Serialize;

pub(crate) use self::args::{AskArgs, ForgetArgs, JoinArgs, LeaveArgs, PeersArgs, SeedArgs};
use self::daemon::Daemon;
use crate::{
    daemon::{PlaceError, place::Place},
    files::FilesError,
    local::ConnectError,
    words,
};

/// There is no daemon.
const NO_DAEMON: u8 = 5;
/// Of the beginning of an id, so that it is no accident.
const MIN_DIGITS: usize = 4;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nobody to ask.
    #[error("no daemon runs for {0}; start one with: catnest-host daemon")]
    NoDaemon(String),
    /// Somebody to ask who is not reached.
    #[error(transparent)]
    Connect(ConnectError),
    /// There is no place for a daemon.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The daemon went away in the middle.
    #[error("the daemon went away")]
    Gone,
    /// The way to it broke.
    #[error("the daemon is not reached any more")]
    Broken(#[from] io::Error),
    /// It wants nothing to do with us.
    #[error(transparent)]
    Parting(#[from] Parting),
    /// It did not do it.
    #[error("{}", refusal(.0))]
    Refused(Refusal),
    /// It answered something else than was asked.
    #[error("the daemon's answer is not of this version: it runs {0}; stop it and start it anew")]
    OtherVersion(String),
    /// What was named is nothing that it has.
    #[error("the daemon has no {0:?}; `channels` lists its nests, and `resources` its files")]
    Unknown(String),
    /// What was named is several things.
    #[error("{0:?} could be several; take an address, or more of an id")]
    Ambiguous(String),
    /// Of an id, too little was given.
    #[error("{0:?} names none of them; of an id, at least {MIN_DIGITS} digits are needed")]
    TooShort(String),
    /// What was given as an address on standard input or the command line.
    #[error(transparent)]
    Address(#[from] FilesError),
    /// It was done, and could not be told.
    #[error(transparent)]
    NotShown(#[from] NotShown),
}

/// Standard output takes no more.
#[derive(Debug, thiserror::Error)]
#[error("the answer cannot be written to standard output")]
pub(crate) struct NotShown(#[source] io::Error);

impl ClientError {
    /// What the process ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            ClientError::NoDaemon(_) => NO_DAEMON.into(),
            ClientError::Address(error) => error.exit_code(),
            _ => ExitCode::FAILURE,
        }
    }
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unknown { detail } => format!("the daemon does not know of this: {detail}"),
        Refusal::Device {
            problem: Problem::NotJoined,
        } => "the daemon is not in that nest: have it join first, with catnest-host join ADDRESS"
            .to_owned(),
        Refusal::Device { problem } => words::problem(problem),
    }
}

pub(crate) async fn status(args: AskArgs) -> Result<ExitCode, ClientError> {
    let (mut daemon, _) = reach(&args).await?;
    match daemon.ask(Request::Status).await? {
        Answer::Status(status) => {
            show(args.json, &status, || tables::status(&status))?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(daemon.other_version()),
    }
}

pub(crate) async fn channels(args: AskArgs) -> Result<ExitCode, ClientError> {
    let (mut daemon, _) = reach(&args).await?;
    let channels = all_channels(&mut daemon).await?;
    show(args.json, &channels, || tables::channels(&channels))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn join(args: JoinArgs) -> Result<ExitCode, ClientError> {
    let address = crate::files::address(&args.address)?;
    let channel = ChannelKey::of(&address).id();
    let (mut daemon, _) = reach(&args.ask).await?;
    let before = all_channels(&mut daemon).await?;
    let was_in = before.iter().any(|status| status.id == channel);
    let retention = args.days.map(|days| Retention::Age { days });
    let seeds = args.seed.map(Seeds::from);
    let join = Request::Join {
        address: address.to_channel().to_string(),
        retention: retention.unwrap_or_default(),
        seeds: seeds.unwrap_or_default(),
    };
    daemon.ask(join).await?;
    if was_in {
        // Joining leaves these as they were.
        if let Some(retention) = retention {
            daemon.ask(Request::Retain { channel, retention }).await?;
        }
        if let Some(seeds) = seeds {
            daemon.ask(Request::Seed { channel, seeds }).await?;
        }
    }
    let channels = all_channels(&mut daemon).await?;
    let joined = channels.iter().find(|status| status.id == channel);
    show(args.ask.json, &joined, || {
        joined.map_or_else(String::new, |joined| tables::joined(joined, was_in))
    })?;
    if address.resource.is_some() {
        eprintln!(
            "this is the address of a file: to have the daemon get that as well, run catnest-host seed ADDRESS"
        );
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn leave(args: LeaveArgs) -> Result<ExitCode, ClientError> {
    let (mut daemon, _) = reach(&args.ask).await?;
    let channels = all_channels(&mut daemon).await?;
    let left = find(&channels, &args.channel)?;
    daemon.ask(Request::Leave { channel: left.id }).await?;
    show(args.ask.json, left, || format!("left {}\n", left.address))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn peers(args: PeersArgs) -> Result<ExitCode, ClientError> {
    let (mut daemon, _) = reach(&args.ask).await?;
    let channels = all_channels(&mut daemon).await?;
    let channels = match &args.channel {
        Some(named) => vec![find(&channels, named)?.clone()],
        None => channels,
    };
    let mut found = Vec::new();
    for channel in channels {
        for peer in all_peers(&mut daemon, channel.id).await? {
            let nest = channel.name.clone();
            found.push(PeerOf {
                channel: channel.id,
                nest,
                peer,
            });
        }
    }
    show(args.ask.json, &found, || tables::peers(&found))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn resources(args: AskArgs) -> Result<ExitCode, ClientError> {
    let (mut daemon, _) = reach(&args).await?;
    let (mut found, sought) = all_files(&mut daemon).await?;
    found.sort_by(|a, b| a.file.name.cmp(&b.file.name));
    let all: Vec<Resource> = found
        .iter()
        .map(Resource::Known)
        .chain(sought.iter().map(Resource::Sought))
        .collect();
    show(args.json, &all, || tables::resources(&found, &sought))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn seed(args: SeedArgs) -> Result<ExitCode, ClientError> {
    let address = crate::files::address(&args.address)?;
    let resource = address.resource.ok_or(FilesError::NoResource)?;
    let channel = ChannelKey::of(&address).id();
    let (mut daemon, _) = reach(&args.ask).await?;
    daemon.ask(Request::Fetch { channel, resource }).await?;
    let sought = all_sought(&mut daemon).await?;
    let sought = sought.iter().any(|sought| sought.id == resource);
    let seeded = serde_json::json!({ "channel": channel, "resource": resource, "sought": sought });
    show(args.ask.json, &seeded, || {
        if sought {
            format!(
                "the daemon asks in that nest for {resource}; it gets it as soon as somebody has it, if there is room, and gives it\n"
            )
        } else {
            format!("the daemon gets and gives {resource}\n")
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn forget(args: ForgetArgs) -> Result<ExitCode, ClientError> {
    let (mut daemon, _) = reach(&args.ask).await?;
    let named = &args.resource;
    let (known, sought) = all_files(&mut daemon).await?;
    let known = known
        .into_iter()
        .map(|known| (known.file.id, known.file.name));
    let sought = sought
        .iter()
        .map(|sought| (sought.id, sought.id.to_string()));
    let all: Vec<(ResourceId, String)> = known.chain(sought).collect();
    let is = |(id, name): &&(ResourceId, String)| name == named || is_beginning(named, id);
    let (resource, name) = only(all.iter().filter(is), named)?;
    let resource = *resource;
    daemon.ask(Request::Remove { resource }).await?;
    let forgotten = serde_json::json!({ "id": resource, "name": name });
    show(args.ask.json, &forgotten, || {
        format!("the daemon has forgotten {name}\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn stop(args: AskArgs) -> Result<ExitCode, ClientError> {
    let (mut daemon, place) = reach(&args).await?;
    daemon.ask(Request::Stop).await?;
    place.free().await?;
    show(args.json, &serde_json::json!({ "stopped": true }), || {
        "the daemon has stopped\n".to_owned()
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The version of the daemon that runs in the user's own place.
pub(crate) async fn daemon_version() -> Result<String, ClientError> {
    let daemon = Daemon::reach(&Place::of(None)?).await?;
    Ok(daemon.version().to_owned())
}

/// Somebody, and in which nest.
#[derive(Serialize)]
struct PeerOf {
    channel: ChannelId,
    nest: String,
    #[serde(flatten)]
    peer: catnest::host::Peer,
}

/// A resource as programs are told of it.
#[derive(Serialize)]
#[serde(untagged)]
enum Resource<'a> {
    Known(&'a Transfer),
    Sought(&'a Sought),
}

/// A resource that was chosen and that nobody has given yet.
struct Sought {
    id: ResourceId,
    /// Where it was.
    channels: Vec<ChannelId>,
}

impl Serialize for Sought {
    /// In the shape of a [`Transfer`] of which little is known.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, channels } = self;
        let like = serde_json::json!({
            "file": { "id": id }, "channels": channels, "state": { "is": "sought" }, "chosen": true,
        });
        like.serialize(serializer)
    }
}

async fn reach(args: &AskArgs) -> Result<(Daemon, Place), ClientError> {
    let place = Place::of(args.data.as_deref())?;
    Ok((Daemon::reach(&place).await?, place))
}

async fn all_channels(daemon: &mut Daemon) -> Result<Vec<ChannelStatus>, ClientError> {
    match daemon.ask(Request::Channels).await? {
        Answer::Channels { channels } => Ok(channels),
        _ => Err(daemon.other_version()),
    }
}

async fn all_peers(
    daemon: &mut Daemon,
    channel: ChannelId,
) -> Result<Vec<catnest::host::Peer>, ClientError> {
    let mut found: Vec<catnest::host::Peer> = Vec::new();
    loop {
        let after = found.last().map(|last| last.author);
        let Answer::Peers { peers, more } = daemon.ask(Request::Peers { channel, after }).await?
        else {
            return Err(daemon.other_version());
        };
        found.extend(peers);
        if !more {
            break;
        }
    }
    found.sort_by(|a, b| (!a.me, &a.name).cmp(&(!b.me, &b.name)));
    Ok(found)
}

async fn all_resources(daemon: &mut Daemon) -> Result<Vec<Transfer>, ClientError> {
    let mut found: Vec<Transfer> = Vec::new();
    loop {
        let after = found.last().map(|last| last.file.id);
        let Answer::Resources { resources, more } =
            daemon.ask(Request::Resources { after }).await?
        else {
            return Err(daemon.other_version());
        };
        found.extend(resources);
        if !more {
            return Ok(found);
        }
    }
}

/// What is here or on its way, and what is sought: asked for in this order, so that what is found meanwhile is in one of them.
async fn all_files(daemon: &mut Daemon) -> Result<(Vec<Transfer>, Vec<Sought>), ClientError> {
    let mut sought = all_sought(daemon).await?;
    let known = all_resources(daemon).await?;
    sought.retain(|sought| known.iter().all(|known| known.file.id != sought.id));
    Ok((known, sought))
}

/// What is sought, in the order of the ids.
async fn all_sought(daemon: &mut Daemon) -> Result<Vec<Sought>, ClientError> {
    let mut all: BTreeMap<ResourceId, Vec<ChannelId>> = BTreeMap::new();
    for channel in all_channels(daemon).await? {
        for id in channel.sought {
            all.entry(id).or_default().push(channel.id);
        }
    }
    let sought = all.into_iter();
    Ok(sought
        .map(|(id, channels)| Sought { id, channels })
        .collect())
}

/// The nest that somebody names: by its address, its name, or the beginning of its id.
fn find<'a>(channels: &'a [ChannelStatus], named: &str) -> Result<&'a ChannelStatus, ClientError> {
    if let Ok(address) = invitation::read(named) {
        let id = ChannelKey::of(&address).id();
        // What is said of it has no secret either.
        let named = invitation::without_secret(&address);
        return only(channels.iter().filter(|status| status.id == id), &named);
    }
    let is = |status: &&ChannelStatus| status.name == named || is_beginning(named, &status.id);
    only(channels.iter().filter(is), named)
}

/// The one that was named.
fn only<T>(mut found: impl Iterator<Item = T>, named: &str) -> Result<T, ClientError> {
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) if named.len() < MIN_DIGITS && is_hex(named) => {
            Err(ClientError::TooShort(named.to_owned()))
        }
        (None, _) => Err(ClientError::Unknown(named.to_owned())),
        (Some(_), Some(_)) => Err(ClientError::Ambiguous(named.to_owned())),
    }
}

fn is_hex(named: &str) -> bool {
    !named.is_empty() && named.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Digits enough that they are no accident.
fn is_beginning(named: &str, id: &impl std::fmt::Display) -> bool {
    named.len() >= MIN_DIGITS && id.to_string().starts_with(&named.to_ascii_lowercase())
}

/// One object of JSON for programs, a table for people, on standard output.
pub(crate) fn show(
    json: bool,
    what: &impl Serialize,
    table: impl FnOnce() -> String,
) -> Result<(), NotShown> {
    let text = if json {
        // Nothing in it has a map whose keys are no texts.
        serde_json::to_string(what).unwrap_or_default() + "\n"
    } else {
        table()
    };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Who does not read it any more has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(NotShown),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use catnest::{chat::retention::Retention, node::ServerState};

    use super::*;

    fn status(address: &str) -> ChannelStatus {
        let address = invitation::read(address).unwrap();
        ChannelStatus {
            id: ChannelKey::of(&address).id(),
            name: address.channel.as_str().to_owned(),
            address: invitation::without_secret(&address),
            private: false,
            server: ServerState::Online,
            members: 1,
            links: 0,
            retention: Retention::Forever,
            burning: false,
            seeds: Seeds::Chosen,
            sought: BTreeSet::new(),
        }
    }

    #[test]
    fn a_nest_is_named_by_address_name_or_id() {
        let all = [
            "webrtc://a.example/cats",
            "webrtc://b.example/cats",
            "webrtc://a.example/dogs",
        ];
        let all = all.map(status);
        let id = all[1].id.to_string();
        let short = find(&all, "3f");
        assert!(matches!(short, Err(ClientError::TooShort(_))), "{short:?}");
        for (named, which) in [
            ("webrtc://a.example/cats", Some(0)),
            ("webrtc://b.example/cats", Some(1)),
            ("dogs", Some(2)),
            (&id, Some(1)),
            (&id[..12], Some(1)),
            (&id[..12].to_uppercase(), Some(1)),
            ("cats", None),
            ("birds", None),
            ("", None),
            (&id[..3], None),
            ("webrtc://c.example/cats", None),
        ] {
            let found = find(&all, named).ok().map(|status| status.id);
            assert_eq!(found, which.map(|which: usize| all[which].id), "{named}");
        }
    }
}
