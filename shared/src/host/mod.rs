//! What programs of one machine say to the daemon of the native host, and hear from it: the extension through native
//! messaging, and the host's own command line.
//!
//! Each message is one object of JSON in UTF-8, sent as a frame: its length in bytes as a `u32` in the machine's own byte
//! order, then the object. That is the form of native messaging, so that what a browser starts need not look into what it
//! passes on. No frame has more than [`limits::MAX_HOST_FRAME_BYTES`](crate::limits::MAX_HOST_FRAME_BYTES).
//!
//! ```text
//! program                                      daemon
//!   hello (the newest protocol it speaks)  →
//!                                          ←   welcome (the one that is spoken), or goodbye
//!   ask (a number, a request)              →
//!                                          ←   answer, or refusal (the same number)
//!                                          ←   news, after `watch`: ask again
//!   signal (a number, what it does there)  →
//!                                          ←   signal (the number, what happened)
//!   pipe (its name, what is said)          →
//!                                          ←   pipe (the same)
//! ```
//!
//! Requests are carried out one after the other. News says only *that* something changed, and once until the program has
//! asked for it: whoever reads slowly has nothing waiting.
//!
//! The daemon is a signalling server within the machine, too ([`Switchboard`]): a program opens sockets there by numbers of its
//! own and says on them what it would say on WebSockets; the daemon's own device is there as well, and whoever else is in
//! the same channel. Where two of them meet and WebRTC does not connect them, a pipe does ([`Pipe`]). What a node wants of
//! both is in [`Pairing`]'s hands.
//!
//! A request names channels and resources, never a path or a program of this machine: the worst that a page could have the
//! daemon do, if it ever came to speak to it, is to join and to leave, to fetch and to forget, and to stop.
//!
//! What is not known is no error: fields that a version has not heard of are left out, a request of an unknown kind is
//! refused and the next one is taken, and a program takes a message of an unknown kind for [`FromHost::Unknown`].

mod answer;
mod client;
mod message;
mod pairing;
mod pipe;
mod pipes;
mod request;
mod state;
mod switchboard;

pub use self::{
    answer::{Answer, ChannelStatus, Disk, Links, Peer, Status},
    client::{HostClient, HostInput, HostOutput},
    message::{FromHost, Misheard, OLDEST_PROTOCOL, PROTOCOL, Parting, Refusal, ToHost, Topic},
    pairing::{Pairing, PairingOutput},
    pipe::{Data, Pipe, PipeEnd, PipeId, PipeOutput},
    request::Request,
    state::{Absence, HostReply, HostState, PortEnd},
    switchboard::{ProgramId, SocketNews, SocketStep, Switchboard, cost},
};
pub use crate::seeding::Seeds;
