//! What a command tells while it runs: bars and sentences for people on standard error, or JSON on standard output.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use catnest::{
    node::{Transfer, TransferState},
    resource::Descriptor,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::FilesError;
use crate::words::{rate, shown, size};

/// Who is told. Clones tell the same one.
#[derive(Clone)]
pub(super) enum Report {
    /// A person; the bar is only drawn on a terminal.
    Person {
        bar: ProgressBar,
        /// What was written last of how far a file has come, where no bar is drawn.
        written: Arc<Mutex<Option<Step>>>,
    },
    /// A program.
    Json,
}

/// How far a file has come, as coarse as it is written in a log.
#[derive(Clone, PartialEq)]
pub(super) struct Step {
    /// Its state in words.
    state: &'static str,
    /// Tenths of it that are here.
    tenths: u64,
}

const BAR: &str = "{prefix} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {msg}";

impl Report {
    pub(super) fn new(json: bool) -> Self {
        if json {
            return Self::Json;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        let written = Arc::default();
        Self::Person { bar, written }
    }

    /// Something new is on its way.
    pub(super) fn begin(&self, what: &str, name: &str, length: u64) {
        if let Self::Person { bar, .. } = self {
            bar.reset();
            bar.set_length(length);
            bar.set_prefix(format!("{what} {}", shown(name)));
            bar.set_message("");
        }
    }

    /// How far the hashing of a file is.
    pub(super) fn hashed(&self, bytes: u64) {
        if let Self::Person { bar, .. } = self {
            bar.set_position(bytes);
        }
    }

    /// A file is offered, and here is its address.
    pub(super) fn shared(&self, path: &Path, file: &Descriptor, address: &str) {
        match self {
            // On standard output, so that it can be used.
            Self::Person { bar, .. } => {
                let path = in_words(path);
                bar.suspend(|| line(&format!("{address}  {path}")));
            }
            Self::Json => tell(&json!({
                "event": "shared", "path": path, "file": file, "address": address,
            })),
        }
    }

    /// A shared file is not as it was, or gone.
    pub(super) fn lost(&self, path: &Path) {
        match self {
            Self::Person { bar, .. } => bar.suspend(|| {
                eprintln!(
                    "{} has changed or is gone, and is not given any more; share it again",
                    in_words(path)
                );
            }),
            Self::Json => tell(&json!({ "event": "lost", "path": path })),
        }
    }

    /// A sentence that says what happens.
    pub(super) fn say(&self, sentence: &str, event: &str) {
        match self {
            Self::Person { bar, .. } => bar.suspend(|| eprintln!("{sentence}")),
            Self::Json => tell(&json!({ "event": event })),
        }
    }

    /// A server is reached, or not.
    pub(super) fn server(&self, authority: &str, reached: bool) {
        match self {
            Self::Person { bar, .. } if reached => {
                bar.suspend(|| eprintln!("{authority} is reached"));
            }
            Self::Person { bar, .. } => bar.suspend(|| {
                eprintln!("{authority} cannot be reached; it is tried again until it can");
            }),
            Self::Json => tell(&json!({
                "event": "server", "server": authority, "reached": reached,
            })),
        }
    }

    /// It came to nothing. A person is told at the end.
    pub(super) fn failed(&self, error: &FilesError) {
        if let Self::Json = self {
            tell(&json!({ "event": "failed", "problem": error.in_words() }));
        }
    }

    /// Somebody has it, and this is what it is.
    pub(super) fn found(&self, file: &Descriptor) {
        match self {
            Self::Person { .. } => self.begin("get", &file.name, file.length),
            Self::Json => tell(&json!({ "event": "found", "file": file })),
        }
    }

    /// How far a file has come here.
    pub(super) fn fetching(&self, transfer: &Transfer) {
        match self {
            Self::Person { bar, written } => {
                bar.set_position(transfer.have_bytes);
                bar.set_message(fetching(transfer));
                if bar.is_hidden() {
                    write_step(written, transfer);
                }
            }
            Self::Json => tell(&progress(transfer)),
        }
    }

    /// How much goes out.
    pub(super) fn giving(&self, transfers: &[Transfer], members: usize) {
        let sending: u64 = transfers.iter().map(|transfer| transfer.sending).sum();
        let sent: u64 = transfers.iter().map(|transfer| transfer.sent).sum();
        match self {
            Self::Person { bar, .. } => {
                bar.set_prefix(format!(
                    "files: {}, others here: {members}",
                    transfers.len()
                ));
                bar.set_message(format!("{}, {} sent", rate(sending), size(sent)));
            }
            Self::Json => tell(&json!({
                "event": "giving", "members": members, "sending": sending, "sent": sent,
            })),
        }
    }

    /// From now on nothing has a length: only what goes out is told.
    pub(super) fn begin_giving(&self) {
        if let Self::Person { bar, .. } = self {
            if let Ok(style) = ProgressStyle::with_template("{prefix}  {msg}") {
                bar.set_style(style);
            }
            bar.reset();
        }
    }

    /// A file is in its place.
    pub(super) fn got(&self, path: &Path, transfer: &Transfer) {
        let file = &transfer.file;
        match self {
            Self::Person { bar, .. } => {
                bar.finish_and_clear();
                eprintln!(
                    "{}: {}, BLAKE3 {}, MD5 {}",
                    in_words(path),
                    size(file.length),
                    file.id,
                    file.md5
                );
            }
            Self::Json => tell(&json!({
                "event": "got", "path": path, "file": file, "received": transfer.received,
            })),
        }
    }

    /// It is over, one way or the other.
    pub(super) fn end(&self) {
        if let Self::Person { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}

/// Writes a line when a file has come a tenth further, or its state is another: a log says as much as it must.
fn write_step(written: &Mutex<Option<Step>>, transfer: &Transfer) {
    let state = match &transfer.state {
        TransferState::Seeking => "nobody here has it now",
        TransferState::Checking => "checking",
        TransferState::Fetching => "coming",
        TransferState::Paused | TransferState::Stopped { .. } | TransferState::Complete => return,
    };
    let (have, length) = (transfer.have_bytes, transfer.file.length);
    let tenths = (have * 10).checked_div(length).unwrap_or(10);
    let step = Some(Step { state, tenths });
    // What a panic elsewhere left there is a step all the same.
    let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
    // At the beginning nobody was asked yet.
    let first = written.is_none() && transfer.state == TransferState::Seeking;
    if *written != step && !first {
        eprintln!("{} of {}, {state}", size(have), size(length));
        *written = step;
    }
}

fn fetching(transfer: &Transfer) -> String {
    match &transfer.state {
        TransferState::Seeking => "nobody here has it now".to_owned(),
        TransferState::Checking => "checking".to_owned(),
        _ => {
            let left = transfer.file.length - transfer.have_bytes;
            let time = left.checked_div(transfer.receiving).map(|seconds| {
                let left = indicatif::HumanDuration(Duration::from_secs(seconds));
                format!(", {left:#} left")
            });
            format!(
                "{} from {}{}",
                rate(transfer.receiving),
                transfer.holders,
                time.unwrap_or_default()
            )
        }
    }
}

fn progress(transfer: &Transfer) -> Value {
    json!({
        "event": "progress",
        "state": transfer.state,
        "have": transfer.have_bytes,
        "length": transfer.file.length,
        "rate": transfer.receiving,
        "holders": transfer.holders,
        "received": transfer.received,
    })
}

/// A path for people; programs get it as it is.
fn in_words(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

fn tell(value: &Value) {
    line(&value.to_string());
}

/// A line on standard output. Who does not read it any more will end us by a signal, or not care.
fn line(text: &str) {
    let mut out = io::stdout().lock();
    let _read = writeln!(out, "{text}").and_then(|()| out.flush());
}
