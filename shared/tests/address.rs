//! Addresses: what is understood, how it is printed, and which part is named when one is malformed.

use catnest::address::{Address, Part};
use proptest::prelude::*;

#[track_caller]
fn reads(text: &str, printed: &str) {
    let address: Address = text
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(address.to_string(), printed, "{text}");
    assert_eq!(printed.parse(), Ok(address), "{printed}");
}

#[track_caller]
fn refuses(text: &str, part: Part) {
    match text.parse::<Address>() {
        Ok(address) => panic!("{text} was read as {address:?}"),
        Err(error) => assert_eq!(error.part, part, "{text}: {error}"),
    }
}

const HASH: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
const SECRET: &str = "AbCdEfGhIjKlMnOpQrStUv";

#[test]
fn reads_all_parts() {
    reads("webrtc://cat.example/nest", "webrtc://cat.example/nest");
    reads("  WEBRTC://Cat.Example/Nest\n", "webrtc://cat.example/Nest");
    reads(
        "webrtc://cat.example:8443/nest/",
        "webrtc://cat.example:8443/nest",
    );
    reads(
        "webrtc://127.0.0.1:7979/nest",
        "webrtc://127.0.0.1:7979/nest",
    );
    reads("webrtc://[::1]:7979/nest", "webrtc://[::1]:7979/nest");
    reads(
        "webrtc://[2001:0db8::0001]/nest",
        "webrtc://[2001:db8::1]/nest",
    );
    reads(
        "webrtc://localhost/猫窝",
        "webrtc://localhost/%E7%8C%AB%E7%AA%9D",
    );
    reads(
        "webrtc://localhost/%e7%8c%ab%E7%AA%9D",
        "webrtc://localhost/%E7%8C%AB%E7%AA%9D",
    );
    reads("webrtc://h/a%2Fb%3Fc%23d%25", "webrtc://h/a%2Fb%3Fc%23d%25");
    reads("webrtc://mimi@h/nest", "webrtc://mimi@h/nest");
    reads(
        "webrtc://咪%40咪@h/nest",
        "webrtc://%E5%92%AA%40%E5%92%AA@h/nest",
    );
    reads(
        &format!("webrtc://h/nest/{HASH}"),
        &format!("webrtc://h/nest/{HASH}"),
    );
    reads(
        &format!("webrtc://h/nest/{}", HASH.to_uppercase()),
        &format!("webrtc://h/nest/{HASH}"),
    );
    reads(
        "webrtc://h/nest?via=a.example&via=[::1]:80",
        "webrtc://h/nest?via=a.example&via=[::1]:80",
    );
    reads("webrtc://h/nest?later=1&via=b", "webrtc://h/nest?via=b");
    reads(
        &format!("webrtc://h/nest#{SECRET}"),
        &format!("webrtc://h/nest#{SECRET}"),
    );
    reads(
        &format!("webrtc://mimi@h:1/nest/{HASH}?via=b:65535#{SECRET}"),
        &format!("webrtc://mimi@h:1/nest/{HASH}?via=b:65535#{SECRET}"),
    );
}

#[test]
fn names_the_part_that_is_wrong() {
    for (text, part) in [
        ("", Part::Scheme),
        ("cat.example/nest", Part::Scheme),
        ("http://h/nest", Part::Scheme),
        ("webrtc:/h/nest", Part::Scheme),
        ("webrtc://@h/nest", Part::User),
        ("webrtc://a:b@h/nest", Part::User),
        ("webrtc://%ff@h/nest", Part::User),
        ("webrtc://%00@h/nest", Part::User),
        ("webrtc:///nest", Part::Host),
        ("webrtc://:80/nest", Part::Host),
        ("webrtc://ca t/nest", Part::Host),
        ("webrtc://-cat/nest", Part::Host),
        ("webrtc://cat..example/nest", Part::Host),
        ("webrtc://猫.example/nest", Part::Host),
        ("webrtc://1.2.3/nest", Part::Host),
        ("webrtc://256.1.1.1/nest", Part::Host),
        ("webrtc://::1/nest", Part::Host),
        ("webrtc://[::1/nest", Part::Host),
        ("webrtc://[::g]/nest", Part::Host),
        ("webrtc://[::1]x/nest", Part::Host),
        ("webrtc://h:/nest", Part::Port),
        ("webrtc://h:0/nest", Part::Port),
        ("webrtc://h:+80/nest", Part::Port),
        ("webrtc://h:65536/nest", Part::Port),
        ("webrtc://h", Part::Channel),
        ("webrtc://h/", Part::Channel),
        ("webrtc://h/%20", Part::Channel),
        ("webrtc://h/..", Part::Channel),
        ("webrtc://h/%2e", Part::Channel),
        ("webrtc://h/a%0Ab", Part::Channel),
        ("webrtc://h/a%", Part::Channel),
        ("webrtc://h/a%zz", Part::Channel),
        ("webrtc://h/a%€", Part::Channel),
        ("webrtc://h/%C3%28", Part::Channel),
        ("webrtc://h/nest/short", Part::Resource),
        ("webrtc://h/nest/a/b", Part::Resource),
        ("webrtc://h/nest?via=", Part::Via),
        ("webrtc://h/nest?via=a:x", Part::Via),
        ("webrtc://h/nest?via=a&via=b&via=c&via=d&via=e", Part::Via),
        ("webrtc://h/nest#short", Part::Secret),
        ("webrtc://h/nest#AbCdEfGhIjKlMnOpQrSt U", Part::Secret),
    ] {
        refuses(text, part);
    }
    refuses(&format!("webrtc://h/{}", "a".repeat(129)), Part::Channel);
    refuses(&format!("webrtc://h/{}", "a".repeat(3000)), Part::Address);
}

#[test]
fn a_path_segment_names_a_channel() {
    use catnest::address::ChannelName;
    for (segment, name) in [
        ("nest", "nest"),
        ("a%20b", "a b"),
        ("a%2Fb", "a/b"),
        ("a+b", "a+b"),
        ("100%25", "100%"),
    ] {
        assert_eq!(
            ChannelName::from_path_segment(segment).unwrap().as_str(),
            name
        );
    }
    for segment in ["", "%20", "50%", "50%2", "%zz", "%%41", "%ff", "a%00"] {
        assert_eq!(
            ChannelName::from_path_segment(segment).unwrap_err().part,
            Part::Channel,
            "{segment}"
        );
    }
}

#[test]
fn only_loopback_is_reached_without_encryption() {
    let url = |address: &str| {
        let address: Address = address.parse().unwrap();
        address.authority.signal_url(address.channel.as_str())
    };
    assert_eq!(
        url("webrtc://cat.example/猫 窝"),
        "wss://cat.example/webrtc/%E7%8C%AB%20%E7%AA%9D"
    );
    assert_eq!(url("webrtc://10.0.0.1:80/n"), "wss://10.0.0.1:80/webrtc/n");
    assert_eq!(url("webrtc://127.8.8.8:80/n"), "ws://127.8.8.8:80/webrtc/n");
    assert_eq!(url("webrtc://[::1]/n"), "ws://[::1]/webrtc/n");
    assert_eq!(
        url("webrtc://localhost:7979/n"),
        "ws://localhost:7979/webrtc/n"
    );
    assert_eq!(
        url("webrtc://localhost.example/n"),
        "wss://localhost.example/webrtc/n"
    );
}

proptest! {
    #[test]
    fn what_parses_prints_to_the_same(text in "webrtc://([a-z%@:0-9\\[\\]]{0,9}@)?[a-z0-9.\\[\\]:-]{1,12}/\\PC{1,12}(\\?via=[a-z:.0-9]{0,8})?(#[A-Za-z0-9_-]{20,26})?") {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn every_channel_name_survives_an_address(name in "\\PC{1,30}") {
        if let Ok(channel) = catnest::address::ChannelName::new(name) {
            let address = Address::of_channel("h".parse().unwrap(), channel);
            prop_assert_eq!(address.to_string().parse(), Ok(address));
        }
    }
}
