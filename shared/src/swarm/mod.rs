//! Pieces on their way between neighbours: who has what, whom to ask for it, and what to give.
//!
//! A [`Message`] is what neighbours say to each other about one resource. Receivers ask, and holders send what they were asked
//! for; each piece is checked against the resource's [`crate::resource::Outline`] before anything else sees it.

mod assembly;
mod download;
mod flow;
mod holder;
mod message;
mod todo;
mod upload;

pub(crate) use self::message::{FIRST_KIND, LAST_KIND};
pub use self::{
    download::{Download, DownloadOutput, HolderKey},
    message::{Holding, Message, OutlineFrom, OutlinePart, Packet, Pieces, Reason, Rejection},
    upload::{Upload, UploadOutput},
};
