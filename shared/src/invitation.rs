//! The ways into a nest: what a person types or pastes becomes an address; and an address becomes an invitation.
//!
//! There are four: a new private nest, a passphrase that several people know, a public nest, and an invitation, which
//! is simply an address. Whoever has the address of a private nest is in, so it is shown by [`without_secret`].

use crate::{
    address::{Address, AddressError, ChannelName},
    entropy::Entropy,
    secret::{PassphraseError, Secret},
};

/// Why what was typed leads to no nest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Server, channel, or pasted address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
}

/// A public nest: everybody who knows server and name can come.
///
/// # Errors
/// When server or channel cannot be one.
pub fn public(server: &str, channel: &str) -> Result<Address, AddressError> {
    // A server is often known by the address of its web page.
    let server = server.trim();
    let server = server
        .split_once("://")
        .map_or(server, |(_, server)| server.trim_end_matches('/'));
    Ok(Address::of_channel(
        server.parse()?,
        ChannelName::new(channel.trim())?,
    ))
}

/// A new private nest: nobody can come but by its invitation.
///
/// # Errors
/// When server or channel cannot be one.
pub fn new_private(
    server: &str,
    channel: &str,
    entropy: &mut Entropy,
) -> Result<Address, AddressError> {
    let mut address = public(server, channel)?;
    address.secret = Some(Secret::generate(entropy));
    Ok(address)
}

/// The private nest of all who type this passphrase. Takes about a second, unless something is wrong.
///
/// # Errors
/// When server, channel or passphrase cannot be one.
pub fn with_passphrase(
    server: &str,
    channel: &str,
    passphrase: &str,
) -> Result<Address, EntryError> {
    let mut address = public(server, channel)?;
    let secret = Secret::from_passphrase(passphrase, address.channel.as_str())?;
    address.secret = Some(secret);
    Ok(address)
}

/// Reads an invitation as it comes out of a message: with white space and words around it, broken into lines.
///
/// It begins with the first line that begins as an address does, and ends with the text or before an empty line. A line
/// break and the white space around it is taken out; white space within a line is left to the address, which may have it
/// in the channel's name.
///
/// # Errors
/// When the text is no address.
pub fn read(pasted: &str) -> Result<Address, AddressError> {
    let begins = |line: &&str| {
        line.get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("webrtc:"))
    };
    let lines = pasted.lines().map(str::trim);
    let address: String = lines
        .skip_while(|line| !begins(line))
        .take_while(|line| !line.is_empty())
        .collect();
    if address.is_empty() {
        // The parser says what is wrong with the text.
        return pasted.parse();
    }
    address.parse()
}

/// An address as it may be seen by everybody who looks at the screen: `#…` stands for the secret, and a channel's name of
/// letters and digits stands as it is, in whatever script.
pub fn without_secret(address: &Address) -> String {
    let public = Address {
        secret: None,
        ..address.clone()
    };
    let name = address.channel.as_str();
    let plain = Address::of_channel(address.authority.clone(), address.channel.clone());
    // Other characters could be taken for parts of the address, or move its parts about.
    let shown = if public == plain && name.chars().all(char::is_alphanumeric) {
        format!("webrtc://{}/{name}", address.authority)
    } else {
        public.to_string()
    };
    let hidden = if address.secret.is_some() { "#…" } else { "" };
    shown + hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Part;

    const SERVER: &str = "127.0.0.1:7979";
    const SECRET: &str = "lZVnaxTziEr0fdd3uBJbeW1EDEMYJwI5c5PylmfFwkc";

    #[test]
    fn a_public_nest_is_server_and_name_whatever_the_name() {
        let address = public(" 127.0.0.1:7979 ", " 猫窝/50% #1? ").unwrap();
        assert_eq!(
            address.to_string(),
            "webrtc://127.0.0.1:7979/%E7%8C%AB%E7%AA%9D%2F50%25%20%231%3F"
        );
        assert_eq!(address.secret, None);
        assert_eq!(read(&address.to_string()), Ok(address));
    }

    #[test]
    fn a_server_may_be_given_by_its_web_page() {
        let plain = public("cat.example:8443", "nest");
        assert_eq!(public("https://cat.example:8443/", "nest"), plain);
    }

    #[test]
    fn what_is_wrong_is_said_of_its_part() {
        let part = |server, channel| public(server, channel).unwrap_err().part;
        assert_eq!(part("", "nest"), Part::Host);
        assert_eq!(part("cat.example/nest", "nest"), Part::Host);
        assert_eq!(part("cat.example:0", "nest"), Part::Port);
        assert_eq!(part(SERVER, "  "), Part::Channel);
    }

    #[test]
    fn each_new_private_nest_has_a_secret_of_its_own() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let one = new_private(SERVER, "nest", &mut entropy).unwrap();
        let other = new_private(SERVER, "nest", &mut entropy).unwrap();
        assert!(one.secret.is_some());
        assert_ne!(one, other);
        assert_eq!(read(&one.to_string()), Ok(one));
    }

    #[test]
    fn a_passphrase_leads_all_who_type_it_to_one_nest() {
        let phrase = "nine lives are enough";
        let one = with_passphrase(SERVER, " nest ", phrase).unwrap();
        assert_eq!(
            one.to_string(),
            format!("webrtc://127.0.0.1:7979/nest#{SECRET}")
        );
        assert_eq!(
            with_passphrase(SERVER, "nest", " nine lives are enough "),
            Ok(one)
        );
        assert_eq!(
            with_passphrase(SERVER, "nest", "short"),
            Err(EntryError::Passphrase(PassphraseError::TooShort(8)))
        );
        let long = "x".repeat(2000);
        assert_eq!(
            with_passphrase(SERVER, "nest", &long),
            Err(EntryError::Passphrase(PassphraseError::TooLong))
        );
    }

    #[test]
    fn an_invitation_is_found_in_what_was_pasted() {
        let address: Address = format!("webrtc://cat.example/our%20nest#{SECRET}")
            .parse()
            .unwrap();
        let (start, end) = SECRET.split_at(9);
        for pasted in [
            format!("  webrtc://cat.example/our%20nest#{SECRET} \n"),
            format!("Come in!\n\n  WebRTC://cat.example/our nest#{SECRET}\n\nAnn"),
            format!("\r\nwebrtc://cat.\r\n  example/our%20nest#{start}\r\n{end}\r\n"),
        ] {
            assert_eq!(read(&pasted), Ok(address.clone()), "{pasted}");
        }
        // Never a secret that nobody gave.
        let more = format!("webrtc://cat.example/our%20nest#{SECRET} and see you soon");
        assert_eq!(read(&more).unwrap_err().part, Part::Secret);
        assert_eq!(read("").unwrap_err().part, Part::Scheme);
        assert_eq!(read("猫窝猫窝").unwrap_err().part, Part::Scheme);
    }

    #[test]
    fn the_screen_shows_no_secret() {
        let private = read(&format!("webrtc://cat.example/nest#{SECRET}")).unwrap();
        assert_eq!(without_secret(&private), "webrtc://cat.example/nest#…");
        // What is shown leads nowhere by itself.
        assert_eq!(
            read(&without_secret(&private)).unwrap_err().part,
            Part::Secret
        );
        for (name, shown) in [
            ("nest", "webrtc://cat.example/nest"),
            ("猫窝", "webrtc://cat.example/猫窝"),
            ("a/b#", "webrtc://cat.example/a%2Fb%23"),
            ("\u{202e}tsen", "webrtc://cat.example/%E2%80%AEtsen"),
        ] {
            let public = public("cat.example", name).unwrap();
            assert_eq!(without_secret(&public), shown);
            assert_eq!(read(shown), Ok(public));
        }
    }
}
