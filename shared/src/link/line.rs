//! One of a link's connections.

use super::{
    LineId, Over,
    bulk::Bulk,
    negotiation::{Negotiation, NegotiationError, Step},
    outbox::Outbox,
    path::Trouble,
};
use crate::{limits, signal::message::PeerBody, time::Millis, wire::Ends};

#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: LineId,
    pub(super) over: Over,
    pub(super) negotiation: Negotiation,
    /// What is to be said about it goes through a server, and not over the link: as the other end spoke last.
    pub(super) by_server: bool,
    pub(super) local_fingerprint: Option<[u8; 32]>,
    remote_fingerprint: Option<[u8; 32]>,
    /// All its data channels are open.
    pub(super) open: bool,
    /// Their hello holds.
    pub(super) greeted: bool,
    /// They say that ours does.
    pub(super) heard: bool,
    /// When it was begun.
    pub(super) began: Millis,
    /// When it is given up, if it is not up by then.
    pub(super) until: Millis,
    /// It was given a relay, which is as good as new until then.
    pub(super) relay_until: Option<Millis>,
    /// Since when it carries frames.
    pub(super) since: Option<Millis>,
    pub(super) outbox: Outbox,
    /// What waits in each of the data channels for pieces.
    pub(super) bulk: Bulk,
    pub(super) trouble: Option<Trouble>,
    /// They say that it fell silent at their end.
    pub(super) doubted: bool,
    /// It does not work, and what was on its way was made good over the other one.
    pub(super) replaced: bool,
    /// A new path is to be looked for once that can be signalled.
    pub(super) stale: bool,
}

impl Line {
    pub(super) fn new(now: Millis, id: LineId, dialled: bool, over: Over) -> Self {
        Self {
            id,
            over,
            negotiation: Negotiation::new(!dialled),
            by_server: id == LineId::FIRST,
            local_fingerprint: None,
            remote_fingerprint: None,
            open: false,
            greeted: false,
            heard: false,
            began: now,
            until: now + limits::CONNECT_TIMEOUT,
            relay_until: None,
            since: None,
            outbox: Outbox::default(),
            bulk: Bulk::default(),
            trouble: None,
            doubted: false,
            replaced: false,
            stale: false,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.since.is_some()
    }

    /// Whether what is sent on it is known to arrive, as far as anything is.
    pub(super) fn works(&self) -> bool {
        self.is_up() && !self.is_silent() && !self.stale
    }

    /// Whether nothing comes through, as either end says.
    pub(super) fn is_silent(&self) -> bool {
        self.trouble.is_some() || self.doubted
    }

    /// When something is due for it.
    pub(super) fn deadline(&self) -> Option<Millis> {
        if !self.is_up() {
            return Some(self.until);
        }
        let trouble = self.trouble.map(|trouble| trouble.next);
        trouble.into_iter().chain(self.outbox.deadline()).min()
    }

    /// The two ends of its DTLS connection, as we speak and as they do.
    pub(super) fn ends(&self) -> Option<(Ends, Ends)> {
        let (ours, theirs) = (self.local_fingerprint?, self.remote_fingerprint?);
        Some((
            Ends {
                speaker: ours,
                listener: theirs,
            },
            Ends {
                speaker: theirs,
                listener: ours,
            },
        ))
    }

    /// The other end said something about it, through a server or over the link.
    pub(super) fn hears(
        &mut self,
        body: PeerBody,
        by_server: bool,
    ) -> Result<Step, NegotiationError> {
        let fingerprint = match &body {
            PeerBody::Offer(sdp) | PeerBody::Answer(sdp) => sdp.fingerprint(),
            PeerBody::Candidate(_) | PeerBody::Decline => None,
        };
        // Whoever is there stays: a description with another certificate is of somebody else.
        if let PeerBody::Offer(_) | PeerBody::Answer(_) = &body
            && self.remote_fingerprint.is_some()
            && fingerprint != self.remote_fingerprint
        {
            return Ok(Step::Nothing);
        }
        if let PeerBody::Offer(sdp) | PeerBody::Answer(sdp) = &body
            && sdp.pipe().is_some() != self.over.is_host()
        {
            return Err(NegotiationError::OtherKind);
        }
        let step = match body {
            PeerBody::Offer(sdp) => self.negotiation.remote_offer(sdp)?,
            PeerBody::Answer(sdp) => self.negotiation.remote_answer(sdp),
            PeerBody::Candidate(candidate) => self.negotiation.remote_candidate(candidate)?,
            PeerBody::Decline => Step::Nothing,
        };
        // A description that is left out says nothing about who is there, and how they are reached.
        if step.takes_description() {
            self.remote_fingerprint = fingerprint;
            self.by_server = by_server;
        }
        Ok(step)
    }
}
