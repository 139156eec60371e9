//! What the two ends of a link say to each other about its connections, over the link itself.

use minicbor::{Decode, Encode};

use crate::signal::message::PeerBody;

/// One of a link's connections, by its number: both ends call it the same. No number comes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct LineId(#[n(0)] pub u32);

impl LineId {
    /// The connection that the link was opened with.
    pub const FIRST: Self = Self(0);
}

/// Something about one connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Signal {
    /// Which.
    #[n(0)]
    pub line: LineId,
    /// What.
    #[n(1)]
    pub said: Said,
}

/// What is said about a connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Said {
    /// A step of its negotiation, as it would be said through a server.
    #[n(0)]
    Negotiation(#[n(0)] PeerBody),
    /// The hello on it was heard and holds. Each data channel has an order of its own: until this came, something on
    /// another one could overtake the hello.
    #[n(1)]
    Heard,
    /// It fell silent at this end, which sends nothing over it any more.
    #[n(2)]
    Silent,
    /// It is silent no more.
    #[n(3)]
    Mended,
}

impl Signal {
    /// What is too long in it, if something is.
    pub(crate) fn too_long(&self) -> Option<&'static str> {
        match &self.said {
            Said::Negotiation(body) => body.too_long(),
            Said::Heard | Said::Silent | Said::Mended => None,
        }
    }

    /// What it costs of [`crate::limits::FLOOD`]. An offer may cost a connection: five are taken at once, and then one
    /// every two seconds, which is as often as the other end may make one. A silence has records offered again.
    pub(super) fn cost(&self) -> usize {
        match &self.said {
            Said::Negotiation(PeerBody::Offer(_)) => 200,
            Said::Silent => 100,
            Said::Negotiation(PeerBody::Answer(_)) => 10,
            Said::Negotiation(PeerBody::Candidate(_) | PeerBody::Decline)
            | Said::Heard
            | Said::Mended => 1,
        }
    }
}
