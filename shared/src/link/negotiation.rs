//! Perfect negotiation (W3C WebRTC 1.0 §10.7) as a state machine: who offers, who answers, and what happens when both
//! offer at once.
//!
//! The driver carries out the steps of one connection strictly one after the other; its peer connection rolls its own
//! offer back when it is told to accept another (RFC 8829 §4.1.10.2).

use super::{ConnectionOutput, DescriptionKind};
use crate::{
    limits,
    signal::message::{Candidate, PeerBody, Sdp},
};

/// Where the exchange of descriptions stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Both ends agree.
    Stable,
    /// Our offer is being made, or waits for its answer.
    Offering,
    /// Our answer is being made.
    Answering,
}

/// The negotiation of one connection.
#[derive(Debug)]
pub(super) struct Negotiation {
    /// Gives way when both offer: the side that did not open the connection.
    polite: bool,
    phase: Phase,
    /// Their last offer lost against ours, and so do its candidates.
    ignoring: bool,
    /// An ICE restart is wanted as soon as the exchange is stable.
    restart_wanted: bool,
    /// Candidates taken since their last description.
    candidates: usize,
}

/// What a step leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Driver(ConnectionOutput),
    Signal(PeerBody),
    Nothing,
}

impl Step {
    /// Whether a description of the other end is set.
    pub(super) fn takes_description(&self) -> bool {
        matches!(
            self,
            Self::Driver(ConnectionOutput::AcceptOffer(_) | ConnectionOutput::AcceptAnswer(_))
        )
    }
}

/// The other end broke the rules of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NegotiationError {
    /// An offer came before we could answer the one before.
    #[error("an offer came while another was being answered")]
    OfferWhileAnswering,
    /// A pipe is described where WebRTC was spoken of, or the other way round.
    #[error("a description is of another kind of connection")]
    OtherKind,
    /// More than [`limits::MAX_CANDIDATES`] for one description.
    #[error("more than {} candidates for one description", limits::MAX_CANDIDATES)]
    TooManyCandidates,
}

impl Negotiation {
    pub(super) fn new(polite: bool) -> Self {
        Self {
            polite,
            phase: Phase::Stable,
            ignoring: false,
            restart_wanted: false,
            candidates: 0,
        }
    }

    /// Proposes a session, with new ICE credentials if it is to `restart`.
    pub(super) fn offer(&mut self, restart: bool) -> Step {
        if self.phase != Phase::Stable {
            self.restart_wanted |= restart;
            return Step::Nothing;
        }
        self.phase = Phase::Offering;
        self.restart_wanted = false;
        Step::Driver(ConnectionOutput::Offer { restart })
    }

    /// The driver made and set a description.
    pub(super) fn local(&mut self, kind: DescriptionKind, sdp: Sdp) -> Step {
        match (kind, self.phase) {
            (DescriptionKind::Offer, Phase::Offering) => Step::Signal(PeerBody::Offer(sdp)),
            (DescriptionKind::Answer, Phase::Answering) => {
                self.phase = Phase::Stable;
                Step::Signal(PeerBody::Answer(sdp))
            }
            // An offer that was rolled back while it was being made.
            _ => Step::Nothing,
        }
    }

    pub(super) fn remote_offer(&mut self, sdp: Sdp) -> Result<Step, NegotiationError> {
        match self.phase {
            Phase::Answering => Err(NegotiationError::OfferWhileAnswering),
            Phase::Offering if !self.polite => {
                self.ignoring = true;
                Ok(Step::Nothing)
            }
            Phase::Offering | Phase::Stable => {
                self.phase = Phase::Answering;
                self.ignoring = false;
                self.candidates = 0;
                Ok(Step::Driver(ConnectionOutput::AcceptOffer(sdp)))
            }
        }
    }

    pub(super) fn remote_answer(&mut self, sdp: Sdp) -> Step {
        if self.phase != Phase::Offering {
            // To an offer of ours that was rolled back.
            return Step::Nothing;
        }
        self.phase = Phase::Stable;
        self.ignoring = false;
        self.candidates = 0;
        Step::Driver(ConnectionOutput::AcceptAnswer(sdp))
    }

    pub(super) fn remote_candidate(
        &mut self,
        candidate: Candidate,
    ) -> Result<Step, NegotiationError> {
        if self.ignoring {
            return Ok(Step::Nothing);
        }
        self.candidates += 1;
        if self.candidates > limits::MAX_CANDIDATES {
            return Err(NegotiationError::TooManyCandidates);
        }
        Ok(Step::Driver(ConnectionOutput::AddCandidate(candidate)))
    }

    /// Whether both ends agree, and nothing waits for that.
    pub(super) fn is_settled(&self) -> bool {
        self.phase == Phase::Stable && !self.restart_wanted
    }

    /// The restart that had to wait, once the exchange is stable.
    pub(super) fn postponed(&mut self) -> Step {
        if self.restart_wanted && self.phase == Phase::Stable {
            self.offer(true)
        } else {
            Step::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdp(text: &str) -> Sdp {
        Sdp(text.into())
    }

    #[test]
    fn an_offer_is_answered() {
        let (mut a, mut b) = (Negotiation::new(false), Negotiation::new(true));
        assert_eq!(
            a.offer(false),
            Step::Driver(ConnectionOutput::Offer { restart: false })
        );
        assert_eq!(
            a.local(DescriptionKind::Offer, sdp("o")),
            Step::Signal(PeerBody::Offer(sdp("o")))
        );
        assert_eq!(
            b.remote_offer(sdp("o")),
            Ok(Step::Driver(ConnectionOutput::AcceptOffer(sdp("o"))))
        );
        assert_eq!(
            b.local(DescriptionKind::Answer, sdp("a")),
            Step::Signal(PeerBody::Answer(sdp("a")))
        );
        assert_eq!(
            a.remote_answer(sdp("a")),
            Step::Driver(ConnectionOutput::AcceptAnswer(sdp("a")))
        );
        assert_eq!((a.phase, b.phase), (Phase::Stable, Phase::Stable));
    }

    #[test]
    fn when_both_offer_the_polite_one_gives_way() {
        let (mut impolite, mut polite) = (Negotiation::new(false), Negotiation::new(true));
        impolite.offer(true);
        polite.offer(true);
        impolite.local(DescriptionKind::Offer, sdp("i"));
        polite.local(DescriptionKind::Offer, sdp("p"));
        assert_eq!(impolite.remote_offer(sdp("p")), Ok(Step::Nothing));
        assert_eq!(
            impolite.remote_candidate(Candidate::default()),
            Ok(Step::Nothing)
        );
        assert_eq!(
            polite.remote_offer(sdp("i")),
            Ok(Step::Driver(ConnectionOutput::AcceptOffer(sdp("i"))))
        );
        assert_eq!(polite.remote_answer(sdp("to a lost offer")), Step::Nothing);
        assert_eq!(
            polite.local(DescriptionKind::Answer, sdp("a")),
            Step::Signal(PeerBody::Answer(sdp("a")))
        );
        assert_eq!(
            impolite.remote_answer(sdp("a")),
            Step::Driver(ConnectionOutput::AcceptAnswer(sdp("a")))
        );
        assert!(matches!(
            impolite.remote_candidate(Candidate::default()),
            Ok(Step::Driver(_))
        ));
    }

    #[test]
    fn an_offer_rolled_back_while_it_was_made_is_not_sent() {
        let mut polite = Negotiation::new(true);
        polite.offer(false);
        polite.remote_offer(sdp("i")).unwrap();
        assert_eq!(
            polite.local(DescriptionKind::Offer, sdp("late")),
            Step::Nothing
        );
    }

    #[test]
    fn a_restart_waits_for_the_exchange_to_end() {
        let mut n = Negotiation::new(false);
        n.offer(false);
        assert_eq!(n.offer(true), Step::Nothing);
        assert_eq!(n.postponed(), Step::Nothing);
        n.remote_answer(sdp("a"));
        assert_eq!(
            n.postponed(),
            Step::Driver(ConnectionOutput::Offer { restart: true })
        );
        assert_eq!(n.postponed(), Step::Nothing);
    }

    #[test]
    fn breaking_the_rules_is_an_error() {
        let mut n = Negotiation::new(true);
        n.remote_offer(sdp("1")).unwrap();
        assert_eq!(
            n.remote_offer(sdp("2")),
            Err(NegotiationError::OfferWhileAnswering)
        );
        for _ in 0..limits::MAX_CANDIDATES {
            n.remote_candidate(Candidate::default()).unwrap();
        }
        assert_eq!(
            n.remote_candidate(Candidate::default()),
            Err(NegotiationError::TooManyCandidates)
        );
    }
}
