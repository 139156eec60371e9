//! `catnest-host share`: files of this machine, given to a nest from where they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use catnest::{
    address::Address,
    channel::{ChannelId, ChannelKey},
    limits,
    node::{Command, Event, Transfer, TransferState},
    resource::{Descriptor, Hashed, ResourceHasher, ResourceId, media_type, to_file_name},
    store::{ChannelEntry, ResourceEntry, Store},
};
use catnest_host::{
    store::{Source, SqliteStore},
    wall,
};

use super::{
    FilesError, address, args::ShareArgs, data_folder, member_name, nest::Nest, report::Report,
};
use crate::signals::Signals;

/// What is read of a file at a time.
const READ_BYTES: usize = 1024 * 1024;

pub(crate) async fn share(args: ShareArgs) -> Result<ExitCode, FilesError> {
    let report = Report::new(args.common.json);
    let shared = share_files(args, &report).await;
    shared.inspect_err(|error| report.failed(error))
}

async fn share_files(args: ShareArgs, report: &Report) -> Result<ExitCode, FilesError> {
    let address = nest(&args)?;
    if address.resource.is_some() {
        return Err(FilesError::NotANest);
    }
    let name = member_name(args.common.name.as_deref())?;
    let channel = ChannelKey::of(&address).id();
    let folder = data_folder(args.common.data.as_deref(), "share", &channel.to_string())?;
    let mut signals = signals()?;

    let paths = files_below(&args.paths)?;
    let hashing = {
        let (folder, address, report) = (folder.clone(), address.clone(), report.clone());
        tokio::task::spawn_blocking(move || take_in(&paths, &folder, channel, &address, &report))
    };
    let taken = tokio::select! {
        done = hashing => done.map_err(|error| FilesError::Machine("hashing", error.into()))?,
        _ = signals.next() => std::process::exit(super::INTERRUPTED.into()),
    };
    let files = taken?;
    for (path, file) in &files {
        let mut to_file = address.to_channel();
        to_file.resource = Some(file.id);
        report.shared(path, file, &to_file.to_string());
    }
    let mut nest = Nest::join(&folder, name, &address).await?;
    say(&nest, &args.text, &files).await?;
    let done = give(&mut nest, &files, report, &mut signals).await;
    report.end();
    nest.engine.stop().await;
    done.map(|()| ExitCode::SUCCESS)
}

/// The address, which is the last argument; where it was forgotten, a path stands in its place.
fn nest(args: &ShareArgs) -> Result<Address, FilesError> {
    let is_address = args.address == "-" || args.address.parse::<Address>().is_ok();
    match (is_address, args.paths.is_empty()) {
        (true, false) => address(&args.address),
        (true, true) => Err(FilesError::NoPath),
        (false, true) => Err(FilesError::NoAddress),
        (false, false) if Path::new(&args.address).exists() => Err(FilesError::NoAddress),
        (false, false) => address(&args.address),
    }
}

fn signals() -> Result<Signals, FilesError> {
    Signals::new().map_err(|error| FilesError::Machine("cannot wait for signals", error))
}

/// The files that paths name: themselves, or all below a directory, in the order of their names.
fn files_below(paths: &[PathBuf]) -> Result<Vec<PathBuf>, FilesError> {
    let mut files = Vec::new();
    // Those that come next are last.
    let mut waiting: Vec<(PathBuf, bool)> = paths.iter().rev().map(|p| (p.clone(), true)).collect();
    while let Some((path, named)) = waiting.pop() {
        let failed = |source| FilesError::Path {
            path: path.clone(),
            source,
        };
        // A link is followed where somebody named it, and not where it was only found.
        let metadata = if named {
            fs::metadata(&path)
        } else {
            fs::symlink_metadata(&path)
        };
        let metadata = metadata.map_err(failed)?;
        if metadata.is_dir() {
            let entries = fs::read_dir(&path).map_err(failed)?;
            let entries: Vec<fs::DirEntry> = entries.collect::<Result<_, _>>().map_err(failed)?;
            // What somebody hides is hardly meant when only what is around it is named.
            let shown = entries
                .iter()
                .filter(|entry| !is_hidden(&entry.file_name()));
            let mut shown: Vec<_> = shown.map(|entry| (entry.path(), false)).collect();
            shown.sort();
            waiting.extend(shown.into_iter().rev());
        } else if metadata.is_file() {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(FilesError::Nothing);
    }
    Ok(files)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Hashes the files, and has the store know where they are, and of no others that were shared earlier: who shares
/// something today does not mean what was shared yesterday.
fn take_in(
    paths: &[PathBuf],
    folder: &Path,
    channel: ChannelId,
    address: &Address,
    report: &Report,
) -> Result<Vec<(PathBuf, Descriptor)>, FilesError> {
    let store = SqliteStore::open(folder)?;
    be_in(&store, channel, address)?;
    let mut files = Vec::new();
    for path in paths {
        let failed = |source| FilesError::Path {
            path: path.clone(),
            source,
        };
        // Looked at before it is read, so that a change meanwhile is noticed.
        let source = Source::of(path).map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut descriptor = Descriptor {
            id: ResourceId([0; 32]),
            length: source.length(),
            md5: catnest::resource::Md5([0; 16]),
            name: to_file_name(&name),
            media_type: media_type::by_name(&name)
                .unwrap_or(media_type::UNKNOWN)
                .to_owned(),
        };
        descriptor.check().map_err(|source| FilesError::File {
            path: path.clone(),
            source,
        })?;
        report.begin("hash", &name, source.length());
        let hashed = hash(path, source.length(), report)?;
        descriptor.id = hashed.id;
        descriptor.md5 = hashed.md5;
        let entry = ResourceEntry {
            descriptor: descriptor.clone(),
            channels: BTreeSet::from([channel]),
            // What the file loses is not fetched from others: a copy that nobody asked for would be given the next time.
            paused: true,
            added: wall::now(),
            md5_checked: true,
            automatic: None,
        };
        store.link_file(&entry, &hashed.outline, &source)?;
        files.push((path.clone(), descriptor));
    }
    store.unlink_all_but(&files.iter().map(|(_, file)| file.id).collect())?;
    Ok(files)
}

/// Has the store know the channel as joined: a device keeps no files of others when it starts.
fn be_in(store: &SqliteStore, channel: ChannelId, address: &Address) -> Result<(), FilesError> {
    // On a thread that may block, of the runtime that everything here runs on.
    let runtime = tokio::runtime::Handle::current();
    let joined = runtime.block_on(store.channels())?;
    if joined.iter().any(|entry| entry.id == channel) {
        return Ok(());
    }
    let entry = ChannelEntry::new(channel, address, wall::now());
    runtime.block_on(store.save_channel(&entry))?;
    Ok(())
}

fn hash(path: &Path, length: u64, report: &Report) -> Result<Hashed, FilesError> {
    let failed = |source| FilesError::Path {
        path: path.to_owned(),
        source,
    };
    let changed = |source| FilesError::Changed {
        path: path.to_owned(),
        source,
    };
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut hasher = ResourceHasher::new(length);
    let mut bytes = vec![0; READ_BYTES];
    loop {
        let read = file.read(&mut bytes).map_err(failed)?;
        if read == 0 {
            return hasher.finish().map_err(changed);
        }
        hasher.update(&bytes[..read]).map_err(changed)?;
        report.hashed(hasher.taken());
    }
}

/// Tells the nest of the files, in as many messages as it takes.
async fn say(nest: &Nest, text: &str, files: &[(PathBuf, Descriptor)]) -> Result<(), FilesError> {
    // The same bytes under two names are one file.
    let mut seen = BTreeSet::new();
    let files: Vec<ResourceId> = files
        .iter()
        .map(|(_, file)| file.id)
        .filter(|id| seen.insert(*id))
        .collect();
    for (number, files) in files.chunks(limits::MAX_MESSAGE_FILES).enumerate() {
        let share = Command::Share {
            channel: nest.channel,
            text: if number == 0 {
                text.to_owned()
            } else {
                String::new()
            },
            files: files.to_vec(),
        };
        nest.order(share).await?;
    }
    Ok(())
}

/// Gives to whoever asks, until a signal comes.
async fn give(
    nest: &mut Nest,
    files: &[(PathBuf, Descriptor)],
    report: &Report,
    signals: &mut Signals,
) -> Result<(), FilesError> {
    report.begin_giving();
    report.say("giving the files; Ctrl-C ends it", "ready");
    let mut transfers: BTreeMap<ResourceId, Transfer> = BTreeMap::new();
    let mut members = 0;
    if let Event::Transfers { transfers: all, .. } = nest.order(Command::Transfers).await? {
        transfers.extend(all.into_iter().map(|transfer| (transfer.file.id, transfer)));
    }
    loop {
        tokio::select! {
            event = nest.next(report) => match event? {
                Event::Transfer(transfer) => {
                    let was_whole = transfers.get(&transfer.file.id).is_none_or(is_whole);
                    if was_whole && !is_whole(&transfer) {
                        // Of several with the same bytes it is read from the last.
                        let of = |(_, file): &&(PathBuf, Descriptor)| file.id == transfer.file.id;
                        if let Some((path, _)) = files.iter().rfind(of) {
                            report.lost(path);
                        }
                    }
                    transfers.insert(transfer.file.id, transfer);
                }
                Event::Overview(overview) => {
                    let here = nest.view(&overview);
                    members = here.map_or(0, |view| view.members.len().saturating_sub(1));
                }
                _ => continue,
            },
            _ = signals.next() => return Ok(()),
        }
        let all: Vec<Transfer> = transfers.values().cloned().collect();
        report.giving(&all, members);
    }
}

/// Whether a file is there as it was when it was shared.
fn is_whole(transfer: &Transfer) -> bool {
    transfer.state == TransferState::Complete
}
