//! Those of TURN. What whoever runs a server may choose otherwise are defaults of `turn::TurnLimits`.

use std::time::Duration;

use super::Rate;

/// How long a relay's credentials can be used. A relayed link that lasts longer asks for new ones and restarts ICE, and
/// leaked ones are of use for an hour.
pub const RELAY_CREDENTIAL_LIFETIME: Duration = Duration::from_secs(3600);
/// Times that one socket asks for credentials: once for each link whose direct path fails, all of them after a change
/// of the network.
pub const RELAY_ASKS: Rate = Rate {
    per_second: 1,
    burst: 16,
};
/// URLs that a device takes of one relay: UDP, TCP and TLS, by name and by two addresses each.
pub const MAX_RELAY_URLS: usize = 9;
/// A URL, a user's name or a password of a relay; coturn's own limit for a name is 513 bytes (RFC 8489 §14.3).
pub const MAX_RELAY_TEXT_BYTES: usize = 513;

/// What is read of one STUN message. RFC 8489 §6.1 keeps requests below 576 bytes; a Send indication carries a datagram.
pub const MAX_STUN_BYTES: usize = 4096;
/// How long an allocation lasts without a refresh (RFC 8656 §3.2 has it as the default). Nobody gets a longer one, so that
/// expired credentials keep nothing open for longer either.
pub const ALLOCATION_LIFETIME: Duration = Duration::from_secs(600);
/// RFC 8656 §9: how long a permission lasts.
pub const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);
/// RFC 8656 §12: how long a channel stays bound.
pub const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);
/// How long a nonce is fresh. Who has an older one is given a new one and asks again, at the cost of a round trip.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(600);
/// Peers of one allocation. A browser makes an allocation for each connection, whose other end has a dozen candidates.
pub const MAX_PERMISSIONS: usize = 64;
/// Channels of one allocation; as many as peers.
pub const MAX_TURN_CHANNELS: usize = 64;
/// Allocations in all: each is a socket and a task.
pub const TURN_ALLOCATIONS: usize = 1000;
/// Allocations with the same credentials: [`super::MAX_LINKS`] links of two connections, each over UDP and TCP.
pub const TURN_USER_ALLOCATIONS: usize = 4 * super::MAX_LINKS;
/// Allocations from one address: four devices behind one router.
pub const TURN_ADDRESS_ALLOCATIONS: usize = 4 * TURN_USER_ALLOCATIONS;
/// Bytes a second that one allocation carries, both ways together: 32 Mbit/s, enough for a video call or a song in a
/// second.
pub const TURN_ALLOCATION_BYTES: u32 = 4_000_000;
/// Allocations that may carry all that they can at once, of one address: one for each of four devices behind one router.
/// Whoever asks for credentials again and again, or comes with many sockets, shares this with itself.
pub const TURN_ADDRESS_BUSY_ALLOCATIONS: u32 = 4;
/// Bytes a second that all allocations of one address carry together, both ways.
pub const TURN_ADDRESS_BYTES: u32 = TURN_ADDRESS_BUSY_ALLOCATIONS * TURN_ALLOCATION_BYTES;
/// Bytes a second that all allocations carry together, both ways: what a gigabit line has left when half of it is kept
/// for others.
pub const TURN_ALL_BYTES: u32 = 64_000_000;
/// Answers to one address that has not proved who it is. They are larger than the questions, and the address may be
/// forged, so that these answers hit somebody else.
pub const TURN_STRANGER_RATE: Rate = Rate {
    per_second: 20,
    burst: 100,
};
/// Allocations that one address begins. Each may look through all channels for that of its user, who could otherwise begin
/// and end one again and again.
pub const TURN_ALLOCATING_RATE: Rate = Rate {
    per_second: 4,
    burst: TURN_ADDRESS_ALLOCATIONS as u32,
};
/// Accounts of addresses for each of the two. More addresses than that share them, so that they take the same memory, some
/// 200 KB, whoever asks.
pub const TURN_ACCOUNTS: usize = 8192;

/// From a link's beginning until a relay is asked for. Where there is a direct path, it is found within a second or two,
/// mDNS names included; who waits for longer waits in vain, and notices.
pub const RELAY_AFTER: Duration = Duration::from_secs(3);
/// How long a link whose direct paths were all tried waits for a relay.
pub const RELAY_PATIENCE: Duration = Duration::from_secs(5);
/// A server that says nothing for so long gives no relay.
pub const RELAY_ANSWER: Duration = Duration::from_secs(10);
/// Pause before a server that gave no relay is asked again; doubles with each refusal.
pub const RELAY_RETRY_BASE: Duration = Duration::from_secs(5);
/// The longest such pause: what a server has no room for today, it may have in a while.
pub const RELAY_RETRY_MAX: Duration = Duration::from_secs(120);
/// So long before a relay's credentials end nobody begins to use them any more, and who does use them gets others: time
/// for an answer and for an ICE restart.
pub const RELAY_SPARE: Duration = Duration::from_secs(60);
/// Credentials that end earlier are as good as none: a server that gave such would be asked without end.
pub const RELAY_SHORTEST: Duration = Duration::from_secs(120);
/// Longer than this no relay is kept, whatever its server says.
pub const RELAY_LONGEST: Duration = Duration::from_secs(24 * 3600);
