//! The description of a pipe: a connection that goes through the daemon of the machine that both ends are on
//! ([`crate::host`]), where WebRTC leads nowhere.
//!
//! It has the form of a session description (RFC 8866), with nothing in it but what it is and 32 random bytes, which
//! stand where a DTLS certificate's fingerprint does: hellos are bound to them alike.

use super::message::Sdp;
use crate::ids::to_hex;

/// What such a description begins with.
const HEAD: &str = "v=0\r\ns=catnest-pipe 1\r\n";
const FINGERPRINT: &str = "a=fingerprint:sha-256 ";

impl Sdp {
    /// The description of a pipe by the end that has these random bytes.
    pub fn of_pipe(random: &[u8; 32]) -> Self {
        let digits = to_hex(random).to_uppercase();
        let mut text = format!("{HEAD}{FINGERPRINT}");
        for (number, digit) in digits.chars().enumerate() {
            if number > 0 && number % 2 == 0 {
                text.push(':');
            }
            text.push(digit);
        }
        text.push_str("\r\n");
        Self(text)
    }

    /// The random bytes, if this describes a pipe, to the letter.
    pub fn pipe(&self) -> Option<[u8; 32]> {
        if !self.0.starts_with(HEAD) {
            return None;
        }
        self.fingerprint()
            .filter(|random| *self == Self::of_pipe(random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_told_from_everything_else() {
        let random = [0xa5; 32];
        let sdp = Sdp::of_pipe(&random);
        assert_eq!(
            (sdp.pipe(), sdp.fingerprint()),
            (Some(random), Some(random))
        );
        let text = sdp.0;
        for other in [
            String::new(),
            "v=0".into(),
            HEAD.into(),
            text.replace("pipe 1", "pipe 2"),
            text.replace("pipe 1", "pipe"),
            text.replace("\r\n", "\n"),
            text.replace("sha-256", "sha-1"),
            text.replace("A5:A5", "A5A5"),
            text.replacen("A5", "G5", 1),
            text.replacen("A5:", "", 1),
            text.to_lowercase(),
            format!("{text}a=candidate:1"),
            format!("{text}{}", &text[HEAD.len()..]),
            format!(" {text}"),
        ] {
            assert_eq!(Sdp(other.clone()).pipe(), None, "{other:?}");
        }
    }
}
