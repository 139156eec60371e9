//! Signalling: how two devices of a channel exchange what WebRTC needs before they can talk directly.
//!
//! Devices meet at `ws(s)://host/webrtc/<topic>` and send JSON texts. The protocol is that of Catnest's predecessor,
//! whose clients are still served, with ours beside it:
//!
//! | who → whom | predecessor | ours, in addition |
//! |---|---|---|
//! | server → device | `{"type":"push","id","channel"}`: a device is here | `"protocol"` (what the device announced), `"present":true` (it was here before you) |
//! | server → device | | `{"type":"welcome","id","ping"}`: the first message; your own id, and how often you will hear something, in seconds; `"relay":true` where it has one |
//! | server → device | | `{"type":"ping"}`: nothing but a sign of life |
//! | server → device | `{"type":"pull","id"}`: it left | |
//! | server → device | `{"type":"error","id"}`: the addressed device is not there | `"reason"`, in place of `"id"` where the message itself is wrong |
//! | device → server | | `{"relay":{}}`: give me a relay |
//! | server → device | | `{"type":"relay","urls","username","credential","ttl"}`: there it is, for so many seconds |
//! | device → device | exactly one of `offer`, `answer`, `candidate`; with `id` to that device, without to all others | `"connection"` (which connection it is about); `decline` in place of the three |
//!
//! Ours is spoken by who announces the WebSocket subprotocol [`SUBPROTOCOL`]; nobody else is sent the additions. The
//! server replaces `id` by the sender's and passes on members that it does not know. Ids are random for every
//! WebSocket (N19).
//!
//! In a private channel the bodies of `offer`, `answer`, `candidate` and `decline` are sealed ([`seal`]): the server sees
//! who speaks to whom, and when, and not what is said.
//!
//! [`hub`] holds the server's rules, [`guard`] what it allows to whom, [`message`] what a Catnest device says and hears,
//! [`relay`] how it comes by a relay; [`pipe`] is how connections are described that are no WebRTC's.

pub mod guard;
pub mod hub;
pub mod message;
pub mod pipe;
pub mod relay;
pub mod seal;

/// The WebSocket subprotocol (RFC 6455 §1.9) that Catnest's own clients announce.
pub const SUBPROTOCOL: &str = "catnest.1";
