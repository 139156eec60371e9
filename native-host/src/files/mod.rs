//! `catnest-host share` and `catnest-host get`: files between a terminal and a nest.
//!
//! ```text
//! share: hash → link into a store of its own → join → say which files there are → give, until a signal
//! get:   join → find who has it → fetch into a store of its own, which outlives the command → put it in place
//! ```

mod args;
mod get;
mod nest;
mod report;
mod share;

use std::{
    io::{self, BufRead, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use catnest::{
    address::{Address, AddressError},
    limits,
    node::Problem,
    resource::{DescriptorError, LengthChanged},
    store::StoreError,
};
use catnest_host::{peer::engine::Ended, store::ExportError};

pub(crate) use self::{
    args::{GetArgs, ShareArgs},
    get::get,
    share::share,
};
use crate::{
    home::{self, NoHome, WrongName, parse_name},
    words,
};

/// Somebody was asked to stop before it was done.
pub(crate) const INTERRUPTED: u8 = 130;
/// As after flags that do not exist.
pub(crate) const WRONG_ARGUMENTS: u8 = 2;
/// There is a file already where one is to be put.
pub(crate) const IN_THE_WAY: u8 = 3;
/// Nobody had it in time.
pub(crate) const NOT_FOUND: u8 = 4;

/// Why files were not shared, or not got.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilesError {
    /// The address.
    #[error("this is no address of a nest")]
    Address(#[from] AddressError),
    /// The last argument is a file.
    #[error("the address of the nest is missing: it comes last, after what is shared")]
    NoAddress,
    /// The only argument is an address.
    #[error("what to share is missing: files or directories come before the address of the nest")]
    NoPath,
    /// It leads to a nest, and not to a file in it.
    #[error("the address names no file: it has to end in /RESOURCE, as `share` prints it")]
    NoResource,
    /// It leads to a file, where a nest is meant.
    #[error("the address names a file: to share in its nest, leave out /RESOURCE")]
    NotANest,
    /// A name to be called by.
    #[error(transparent)]
    Name(#[from] WrongName),
    /// A file or directory.
    #[error("{}", .path.display())]
    Path {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that cannot be shared.
    #[error("{}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: DescriptorError,
    },
    /// A file that grows or shrinks.
    #[error("{}", .path.display())]
    Changed {
        /// Which.
        path: PathBuf,
        /// How.
        source: LengthChanged,
    },
    /// There is nothing in them.
    #[error(
        "there is no file to share in what was named; what is hidden is left out of directories"
    )]
    Nothing,
    /// The target exists.
    #[error("{} is there already; --force replaces it", .0.display())]
    InTheWay(PathBuf),
    /// A directory where the file is to be put, and that is not there.
    #[error("there is no directory {}", .0.display())]
    NoDirectory(PathBuf),
    /// `-`, as other programs call standard output.
    #[error("a file cannot be put on standard output: name one, or ./- for a file of that name")]
    StandardOutput,
    /// Nobody has it.
    #[error("nobody who has it came within {0} s")]
    NotFound(u64),
    /// What it needs to keep.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// To put it in place.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Nowhere to keep anything.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// What the core refused.
    #[error("{}", words::problem(.0))]
    Refused(Problem),
    /// The device broke down; the log says why.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// The machine.
    #[error("{0}")]
    Machine(&'static str, #[source] io::Error),
}

impl FilesError {
    /// What went wrong, then why.
    fn in_words(&self) -> String {
        let causes = std::iter::successors(Some(self as &dyn std::error::Error), |e| e.source());
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        causes.join(": ")
    }

    /// What the process ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            FilesError::InTheWay(_) => IN_THE_WAY.into(),
            FilesError::NotFound(_) => NOT_FOUND.into(),
            FilesError::Address(_)
            | FilesError::NoAddress
            | FilesError::NoPath
            | FilesError::NoResource
            | FilesError::NotANest
            | FilesError::StandardOutput
            | FilesError::Name(_) => WRONG_ARGUMENTS.into(),
            _ => ExitCode::FAILURE,
        }
    }
}

/// The address as an argument gives it: itself, or `-` for a line of standard input, where no other user sees it.
pub(crate) fn address(argument: &str) -> Result<Address, FilesError> {
    if argument != "-" {
        return Ok(argument.parse()?);
    }
    let mut line = Vec::new();
    // One byte more than an address may have, so that a longer one is refused and not cut.
    let mut input = io::stdin()
        .lock()
        .take(limits::MAX_ADDRESS_BYTES as u64 + 1);
    input
        .read_until(b'\n', &mut line)
        .map_err(|error| FilesError::Machine("cannot read the address", error))?;
    // What is no text is no address either.
    Ok(String::from_utf8_lossy(&line).trim().parse()?)
}

/// Where a command keeps what has to outlive it, unless it was told.
fn data_folder(told: Option<&Path>, of: &str, name: &str) -> Result<PathBuf, FilesError> {
    if let Some(told) = told {
        return Ok(told.to_owned());
    }
    Ok(home::data()?.join(of).join(name))
}

/// What this member is called: what was told, or what all are who were told nothing.
fn member_name(told: Option<&str>) -> Result<String, FilesError> {
    Ok(match told {
        Some(told) => parse_name(told)?,
        None => home::NAME.to_owned(),
    })
}
