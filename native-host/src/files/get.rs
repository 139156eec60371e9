//! `catnest-host get`: one file of a nest, put in its place.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use catnest::{
    node::{Command, Event, Transfer, TransferState},
    resource::{Descriptor, ResourceId},
};
use catnest_host::store::{ExportError, SqliteStore};

use tokio::time::{Instant, timeout_at};

use super::{
    FilesError, INTERRUPTED, address, args::GetArgs, data_folder, member_name, nest::Nest,
    report::Report,
};
use crate::signals::Signals;

pub(crate) async fn get(args: GetArgs) -> Result<ExitCode, FilesError> {
    let report = Report::new(args.common.json);
    let got = get_file(args, &report).await;
    got.inspect_err(|error| report.failed(error))
}

async fn get_file(args: GetArgs, report: &Report) -> Result<ExitCode, FilesError> {
    let address = address(&args.address)?;
    let id = address.resource.ok_or(FilesError::NoResource)?;
    let name = member_name(args.common.name.as_deref())?;
    // A state of its own for each file: several can be got at once, and each goes on by itself.
    let folder = data_folder(args.common.data.as_deref(), "get", &id.to_string())?;
    let own_folder = args.common.data.is_none();
    let mut signals =
        Signals::new().map_err(|error| FilesError::Machine("cannot wait for signals", error))?;
    // What is known now need not wait until the file is here.
    check_output(args.output.as_deref(), args.force)?;

    let mut nest = Nest::join(&folder, name, &address).await?;
    let fetched = tokio::select! {
        fetched = fetch(&mut nest, id, &args, report) => Some(fetched),
        _ = signals.next() => None,
    };
    report.end();
    let began = known(&nest, id)
        .await
        .map(|transfer| transfer.is_some_and(|transfer| transfer.have_bytes > 0));
    nest.engine.stop().await;
    let done = matches!(fetched, Some(Ok(_)));
    if own_folder && !done && matches!(began, Ok(false)) {
        remove(&folder);
    }
    let Some(fetched) = fetched else {
        report.say("stopped; the same command goes on from here", "stopped");
        return Ok(INTERRUPTED.into());
    };
    let (transfer, target) = fetched?;
    put_in_place(&folder, id, &target, args.force)?;
    report.got(&target, &transfer);
    if own_folder {
        remove(&folder);
    }
    Ok(ExitCode::SUCCESS)
}

/// Nothing in it is of use any more; what cannot be removed is in nobody's way.
fn remove(folder: &Path) {
    let _left = fs::remove_dir_all(folder);
}

/// Waits until all of it is here; says where it is to be put.
async fn fetch(
    nest: &mut Nest,
    id: ResourceId,
    args: &GetArgs,
    report: &Report,
) -> Result<(Transfer, PathBuf), FilesError> {
    let fetch = Command::Fetch {
        channel: nest.channel,
        file: id,
        descriptor: None,
    };
    nest.order(fetch).await?;
    report.say("looking for somebody who has it", "seeking");
    let mut target = None;
    let mut last: Option<Transfer> = known(nest, id).await?;
    // When there was last somebody who has it.
    let mut hope = Instant::now();
    let mut seeking = true;
    loop {
        if let Some(transfer) = last.take() {
            if target.is_none() {
                report.found(&transfer.file);
                let place = place(args.output.as_deref(), &transfer.file);
                check_target(&place, args.force)?;
                target = Some(place);
            }
            report.fetching(&transfer);
            match (&transfer.state, &target) {
                (TransferState::Complete, Some(target)) => {
                    return Ok((transfer, target.clone()));
                }
                (TransferState::Stopped { problem }, _) => {
                    return Err(FilesError::Refused(problem.clone()));
                }
                (state, _) => seeking = *state == TransferState::Seeking,
            }
        }
        let event = match args.timeout {
            None => nest.next(report).await?,
            Some(limit) => {
                let until = hope + Duration::from_secs(limit);
                match timeout_at(until, nest.next(report)).await {
                    Ok(event) => event?,
                    Err(_) if seeking => return Err(FilesError::NotFound(limit)),
                    Err(_) => {
                        hope = Instant::now();
                        continue;
                    }
                }
            }
        };
        if !seeking {
            hope = Instant::now();
        }
        if let Event::Transfer(transfer) = event
            && transfer.file.id == id
        {
            last = Some(transfer);
        }
    }
}

/// What the device says of the file now.
async fn known(nest: &Nest, id: ResourceId) -> Result<Option<Transfer>, FilesError> {
    let Event::Transfers { transfers, .. } = nest.order(Command::Transfers).await? else {
        return Ok(None);
    };
    Ok(transfers
        .into_iter()
        .find(|transfer| transfer.file.id == id))
}

/// Where a file goes: the name that others give it is one part of a path, and nothing else
/// ([`catnest::resource::is_file_name`]).
fn place(output: Option<&Path>, file: &Descriptor) -> PathBuf {
    match output {
        Some(path) if !path.is_dir() => path.to_owned(),
        folder => folder.unwrap_or(Path::new("")).join(&file.name),
    }
}

/// Whether a file can be put where somebody said, before it is known what it is called.
fn check_output(output: Option<&Path>, force: bool) -> Result<(), FilesError> {
    let Some(path) = output else {
        return check_folder(Path::new("."));
    };
    if path == Path::new("-") {
        return Err(FilesError::StandardOutput);
    }
    if path.is_dir() {
        return check_folder(path);
    }
    // "songs/" is never meant as a file called songs.
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(FilesError::NoDirectory(path.to_owned()));
    }
    check_target(path, force)
}

/// Whether files can be put in a folder: permissions alone do not tell (a file system may be mounted to be read only).
fn check_folder(folder: &Path) -> Result<(), FilesError> {
    let probe = folder.join(format!(".catnest-probe-{}", std::process::id()));
    match fs::File::create_new(&probe) {
        Ok(_) => {
            let _removed = fs::remove_file(&probe);
            Ok(())
        }
        // Whose ever it is: there can be files here.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(FilesError::Path {
            path: folder.to_owned(),
            source,
        }),
    }
}

fn check_target(target: &Path, force: bool) -> Result<(), FilesError> {
    match fs::symlink_metadata(target) {
        Ok(_) if !force => Err(FilesError::InTheWay(target.to_owned())),
        Ok(metadata) if metadata.is_dir() => Err(FilesError::Path {
            path: target.to_owned(),
            source: io::ErrorKind::IsADirectory.into(),
        }),
        // It is made at the end, and would fail only then.
        _ => check_folder(folder_of(target)),
    }
}

/// The folder that a path names a file in.
fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn put_in_place(
    folder: &Path,
    id: ResourceId,
    target: &Path,
    force: bool,
) -> Result<(), FilesError> {
    let store = SqliteStore::open(folder)?;
    match store.export(id, target, force) {
        Err(ExportError::Exists(path)) => Err(FilesError::InTheWay(path)),
        done => Ok(done?),
    }
}
