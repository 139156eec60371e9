//! Credentials that expire, as coturn and everybody else computes them.

use std::time::Duration;

use catnest::{
    time::Millis,
    turn::credential::{self, Credential, Secret},
};

const NOW: Millis = Millis(1_767_225_600_000);

#[test]
fn passwords_are_those_of_turn_rest() {
    // By `printf %s NAME | openssl dgst -sha1 -hmac SECRET -binary | base64`.
    for (secret, username, password) in [
        ("north", "1767229200:c0ffee", "SLY9e19fyyAT0bS7uQIjfRBnfGE="),
        (
            "logen",
            "1433895918:ninefingers",
            "HY+Vd729N0UZ/xCzjg1F0GsoMK8=",
        ),
        ("", "0:", "OMULkEY8i3k1y1l5jqF6MXE1eYs="),
        (&"k".repeat(100), "1:猫", "FMDzBaR4s1f8gj9YE+h2QSRkOxA="),
    ] {
        assert_eq!(
            credential::password(&Secret::new(secret), username),
            password
        );
    }
}

#[test]
fn a_name_says_until_when_it_holds() {
    let minted = credential::mint(
        &Secret::new("north"),
        NOW,
        Duration::from_secs(3600),
        "c0ffee",
    );
    assert_eq!(
        minted,
        Credential {
            username: "1767229200:c0ffee".into(),
            password: "SLY9e19fyyAT0bS7uQIjfRBnfGE=".into(),
        }
    );
    let at =
        |username: &'static str, seconds: u64| credential::name(username, Millis(seconds * 1000));
    assert_eq!(at("1767229200:c0ffee", 1_767_229_199), Some("c0ffee"));
    assert_eq!(at("1767229200:c0ffee", 1_767_229_200), None);
    assert_eq!(at("5:a:b", 4), Some("a:b"));
    for wrong in [
        "",
        ":",
        ":a",
        "a",
        "5",
        "+5:a",
        "-5:a",
        " 5:a",
        "5.5:a",
        "99999999999999999999:a",
        "a:5",
    ] {
        assert_eq!(at(wrong, 0), None, "{wrong}");
    }
}

#[test]
fn the_key_is_that_of_rfc_8489() {
    // RFC 8489 §9.2.2: the MD5 of `user:realm:pass`.
    let expected = [
        0x84, 0x93, 0xfb, 0xc5, 0x3b, 0xa5, 0x82, 0xfb, 0x4c, 0x04, 0x4c, 0x45, 0x6b, 0xdc, 0x40,
        0xeb,
    ];
    assert_eq!(credential::key("user", "realm", "pass"), expected);
}

#[test]
fn a_tag_leads_to_its_channel_and_no_other() {
    let secret = Secret::new("north");
    let tag = credential::channel_tag(&secret, [1; 8], "nest");
    let another = credential::channel_tag(&secret, [2; 8], "nest");
    assert_eq!(
        (
            tag.len(),
            tag[..16] == another[..16],
            tag[16..] == another[16..]
        ),
        (32, false, false)
    );
    assert!(credential::is_of_channel(&secret, &tag, "nest"));
    assert!(credential::is_of_channel(&secret, &another, "nest"));
    for (secret, name, channel) in [
        ("north", &*tag, "other"),
        ("south", &tag, "nest"),
        ("north", &tag[..30], "nest"),
        ("north", "", "nest"),
        ("north", &"z".repeat(32), "nest"),
    ] {
        assert!(!credential::is_of_channel(
            &Secret::new(secret),
            name,
            channel
        ));
    }
}
