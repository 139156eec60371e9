//! What a connection's statistics say about its path (Identifiers for WebRTC's Statistics API, W3C).

use catnest::link::Path;
use webrtc::peer_connection::{RTCIceCandidateType, RTCStatsReport, RTCStatsReportEntry};

/// The path in use, if there is one.
pub(super) fn path(report: &RTCStatsReport) -> Option<Path> {
    // The library names no selected pair. It counts answers for the pair that is selected only, so after an ICE restart
    // it is the one that was heard of last.
    let pair = report
        .candidate_pairs()
        .filter(|pair| pair.responses_received > 0)
        .max_by_key(|pair| pair.last_packet_received_timestamp)?;
    // The library names candidates in a pair without what it puts before them as keys of the report.
    let ends = [
        format!("RTCLocalIceCandidate_{}", pair.local_candidate_id),
        format!("RTCRemoteIceCandidate_{}", pair.remote_candidate_id),
    ];
    let relayed = ends.iter().any(|id| match report.get(id) {
        Some(
            RTCStatsReportEntry::LocalCandidate(candidate)
            | RTCStatsReportEntry::RemoteCandidate(candidate),
        ) => candidate.candidate_type == RTCIceCandidateType::Relay,
        _ => false,
    });
    Some(Path {
        relayed,
        // In seconds; saturates.
        round_trip_ms: Some((pair.current_round_trip_time * 1000.0).round() as u32),
    })
}
