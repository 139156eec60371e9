//! What a program knows of the native host, and how browsers say why there is none.

use serde::{Deserialize, Serialize};

use super::{Answer, Parting, Refusal};

/// How things are with the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HostState {
    /// It was asked for, and has not answered yet.
    #[default]
    Looking,
    /// There is none.
    Absent {
        /// Why.
        why: Absence,
    },
    /// It is there, and the two have no protocol in common.
    Incompatible {
        /// The oldest that it speaks.
        oldest: u32,
        /// The newest.
        newest: u32,
    },
    /// It is there.
    Present {
        /// Its version.
        version: String,
        /// The daemon's process.
        pid: u32,
    },
}

/// Why there is no host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The browser knows of none.
    NotInstalled,
    /// It was installed for another extension.
    Forbidden,
    /// The program ended, or is not what it should be.
    Exited,
    /// The program is there, and the daemon is not.
    NoDaemon {
        /// Why, as the program says it.
        detail: String,
    },
    /// Somebody stopped the daemon.
    Stopped,
    /// Too many programs speak to the daemon.
    Busy,
    /// It says nothing.
    Silent,
    /// What it says is no message, or far more than was asked for.
    Nonsense,
}

impl From<Parting> for Absence {
    fn from(parting: Parting) -> Self {
        match parting {
            Parting::NoDaemon { detail } => Self::NoDaemon { detail },
            Parting::Stopping => Self::Stopped,
            Parting::Busy => Self::Busy,
            // It does not understand us: one of the two is not what it says it is.
            Parting::Protocol { .. } | Parting::NoMessage { .. } | Parting::NoFrame { .. } => {
                Self::Nonsense
            }
        }
    }
}

/// How a port to the host ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortEnd {
    /// The browser knows of no such program.
    NotFound,
    /// The browser does not let this extension start it.
    Forbidden,
    /// The program ended, or could not be started.
    Exited,
    /// What stands between the program and us was stopped: that says nothing of the program.
    Lost,
}

impl PortEnd {
    /// What a browser means by the error of a port that was disconnected (`runtime.lastError` of Chromium and its kin, by
    /// `native_message_host.cc`; `Port.error` of Firefox, by `NativeMessaging.sys.mjs`, which says the same of what is
    /// not there and of what is forbidden). Without an error, the program ended.
    pub fn of_browser(error: &str) -> Self {
        if error.contains("host not found") || error.contains("No such native application") {
            Self::NotFound
        } else if error.contains("host is forbidden") {
            Self::Forbidden
        } else {
            Self::Exited
        }
    }
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HostReply {
    /// It was carried out.
    Answer {
        /// What came of it.
        answer: Answer,
    },
    /// It was not.
    Refused {
        /// Why.
        why: Refusal,
    },
    /// There is no host, or it went before it answered.
    Absent,
    /// It did not answer in time. It may still have carried it out.
    Late,
    /// It was not asked: too much waits for an answer, or this is too long to ask.
    Unasked,
}
