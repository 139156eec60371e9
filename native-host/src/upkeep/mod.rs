//! `verify` and `compact`: the daemon's store, looked after.
//!
//! Both need it to themselves, so the daemon has to be stopped for them: they read or write all of it, for minutes if it is
//! large, and meanwhile the daemon could keep nothing.

use std::{collections::BTreeMap, io, path::PathBuf, process::ExitCode};

use catnest::{
    resource::ResourceId,
    store::{Store, StoreError},
};
use catnest_host::store::{DATABASE, SqliteStore, Verified, taken};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::{
    client::{NotShown, show},
    daemon::{PlaceError, place::Place},
    local::connect,
    words::{count, problem, shown, size},
};

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct UpkeepArgs {
    /// The directory of the daemon. [default: ~/.local/share/catnest/daemon]
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,

    /// Answer with JSON, in one line, on standard output.
    #[arg(long)]
    json: bool,
}

/// Why a store was not looked after.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpkeepError {
    /// There is no place for a daemon.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Somebody uses it.
    #[error("the daemon of {} runs; stop it first, with: catnest-host stop", .0.display())]
    Runs(PathBuf),
    /// There is none.
    #[error("no daemon has kept anything in {}", .0.display())]
    Nothing(PathBuf),
    /// The folder cannot be read.
    #[error("{}", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// The store.
    #[error("{}", problem(&.0.clone().into()))]
    Store(#[from] StoreError),
    /// It was done, and could not be told.
    #[error(transparent)]
    NotShown(#[from] NotShown),
}

/// What `verify` found.
#[derive(Debug, Default, Serialize)]
struct Found {
    /// Resources that were looked at.
    resources: usize,
    /// Those of them of which some pieces had not come yet.
    partial: usize,
    /// Pieces of theirs that should be here.
    pieces: usize,
    /// Bytes of those.
    bytes: u64,
    /// Resources of which some pieces were not in their files any more: name, and how many.
    missing: BTreeMap<ResourceId, (String, usize)>,
    /// Resources of which some pieces are not what they should be: name, and how many.
    damaged: BTreeMap<ResourceId, (String, usize)>,
    /// Resources of which some pieces cannot be read now: name, and how many.
    unread: BTreeMap<ResourceId, (String, usize)>,
    /// What is wrong with the database.
    database: Vec<String>,
}

/// What `compact` did.
#[derive(Debug, Serialize)]
struct Compacted {
    /// Bytes of the disk before.
    before: u64,
    /// And after.
    after: u64,
    /// Resources that belonged to no nest.
    removed: usize,
}

/// Reads all that is kept, and compares it with its hashes.
pub(crate) async fn verify(args: UpkeepArgs) -> Result<ExitCode, UpkeepError> {
    let store = open(&place(&args).await?)?;
    let resources = store.resources().await?;
    let bar = if args.json {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(
            resources
                .iter()
                .map(|of| of.have.bytes(of.entry.descriptor.length))
                .sum(),
        )
    };
    if let Ok(style) =
        ProgressStyle::with_template("{wide_bar} {decimal_bytes}/{decimal_total_bytes}")
    {
        bar.set_style(style.progress_chars("━╸ "));
    }
    let mut found = Found {
        database: store.check_database()?,
        ..Found::default()
    };
    for stored in &resources {
        let Verified {
            pieces,
            bytes,
            damaged,
            unread,
        } = store.verify(stored, |bytes| bar.inc(bytes)).await?;
        found.resources += 1;
        found.partial += usize::from(!stored.have.is_complete());
        found.pieces += pieces;
        found.bytes += bytes;
        let file = &stored.entry.descriptor;
        for (pieces, of) in [
            (store.lost(file.id), &mut found.missing),
            (damaged, &mut found.damaged),
            (unread, &mut found.unread),
        ] {
            if pieces > 0 {
                of.insert(file.id, (file.name.clone(), pieces));
            }
        }
    }
    bar.finish_and_clear();
    show(args.json, &found, || in_words(&found))?;
    let faults = [&found.missing, &found.damaged, &found.unread];
    let well = faults.iter().all(|of| of.is_empty()) && found.database.is_empty();
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn in_words(found: &Found) -> String {
    let mut text = format!(
        "read {}: {}, {}\n",
        count(found.resources, "file"),
        count(found.pieces, "piece"),
        size(found.bytes)
    );
    if found.partial > 0 {
        let are = if found.partial == 1 { "is" } else { "are" };
        text += &format!(
            "{} {are} not whole yet: the rest comes once the daemon runs and somebody has it\n",
            count(found.partial, "file")
        );
    }
    for line in &found.database {
        text += &format!("the database is damaged: {line}\n");
    }
    for (of, fault) in [
        (&found.missing, "not there any more"),
        (&found.damaged, "damaged"),
    ] {
        for (name, pieces) in of.values() {
            let name = shown(name);
            let are = if *pieces == 1 { "is" } else { "are" };
            let pieces = count(*pieces, "piece");
            text += &format!("{name}: {pieces} {are} {fault}, and forgotten\n");
        }
    }
    for (name, pieces) in found.unread.values() {
        let name = shown(name);
        let stay = if *pieces == 1 { "stays" } else { "stay" };
        let pieces = count(*pieces, "piece");
        text += &format!("{name}: {pieces} cannot be read now, and {stay}\n");
    }
    text += if !found.database.is_empty() {
        "move the directory away and start the daemon anew: it gets from others what they have\n"
    } else if !found.unread.is_empty() {
        "look at the disk and at whose the files are, and verify again\n"
    } else if found.damaged.is_empty() && found.missing.is_empty() {
        "all that is here is what it should be\n"
    } else {
        "the daemon gets them again once it runs and somebody has them\n"
    };
    text
}

/// Gives the disk back what is not needed.
pub(crate) async fn compact(args: UpkeepArgs) -> Result<ExitCode, UpkeepError> {
    let place = place(&args).await?;
    let measure =
        || taken(&place.folder).map_err(|error| UpkeepError::Folder(place.folder.clone(), error));
    let before = measure()?;
    let store = open(&place)?;
    let removed = store.compact().await?;
    drop(store);
    let compacted = Compacted {
        before,
        after: measure()?,
        removed,
    };
    show(args.json, &compacted, || {
        let freed = before.saturating_sub(compacted.after);
        format!(
            "freed {}; {} are left\n",
            size(freed),
            size(compacted.after)
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The place of a daemon that does not run.
async fn place(args: &UpkeepArgs) -> Result<Place, UpkeepError> {
    let place = Place::of(args.data.as_deref())?;
    if connect(&place.socket).await.is_ok() {
        return Err(UpkeepError::Runs(place.folder));
    }
    if !place.folder.join(DATABASE).exists() {
        return Err(UpkeepError::Nothing(place.folder));
    }
    Ok(place)
}

fn open(place: &Place) -> Result<SqliteStore, UpkeepError> {
    Ok(SqliteStore::open(&place.folder)?)
}
