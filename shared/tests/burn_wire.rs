//! A turn of the burn switch on the wire: its exact bytes, and everything that is refused.

use catnest::{
    channel::ChannelId,
    chat::burn::{Switch, SwitchError},
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    limits,
    time::Millis,
    wire::Frame,
};

const NEST: ChannelId = ChannelId([1; 32]);
const NOW: Millis = Millis(1_790_000_000_000);

fn key() -> AuthorKey {
    DeviceSeed::generate(&mut Entropy::from_seed([4; 32])).author_key(NEST)
}

fn turn(on: bool, before: Option<&Switch>) -> Switch {
    Switch::turn(&key(), NEST, NOW, "咪咪", on, before)
}

fn hex(bytes: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = bytes.chunks(32).map(line).collect();
    lines.join("\n")
}

#[test]
fn a_turn_has_these_bytes() {
    let first = turn(true, None);
    let second = turn(false, Some(&first));
    let frame = Frame::Switch(second.bytes.clone());
    insta::assert_snapshot!(hex(&frame.encode()));
    assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    assert_eq!(Switch::read(NOW, NEST, &second.bytes), Ok(second.clone()));
    assert_eq!(Switch::from_store(&second.bytes), Ok(second.clone()));
    assert_eq!(second.body.replaces, Some(first.id));
    assert!(second.supersedes(&first) && !first.supersedes(&second));
}

#[test]
fn of_two_turns_with_one_number_one_counts() {
    let (on, off) = (turn(true, None), turn(false, None));
    assert_ne!(on.supersedes(&off), off.supersedes(&on));
}

#[test]
fn any_changed_byte_makes_a_turn_false() {
    let bytes = turn(true, None).bytes;
    for i in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[i] ^= 1;
        assert!(Switch::read(NOW, NEST, &changed).is_err(), "byte {i}");
        assert!(Switch::read(NOW, NEST, &bytes[..i]).is_err(), "cut at {i}");
    }
    let more = [&bytes[..], &[0]].concat();
    let error = Switch::read(NOW, NEST, &more);
    assert!(matches!(error, Err(SwitchError::Malformed(_))));
}

#[test]
fn a_turn_that_breaks_a_rule_is_refused_for_it() {
    let other = ChannelId([9; 32]);
    let read = |bytes: &[u8]| Switch::read(NOW, NEST, bytes).map(|_| ());
    let elsewhere = Switch::turn(&key(), other, NOW, "a", true, None);
    assert_eq!(read(&elsewhere.bytes), Err(SwitchError::ForeignChannel));
    let nameless = Switch::turn(&key(), NEST, NOW, " ", true, None);
    assert_eq!(read(&nameless.bytes), Err(SwitchError::Name));
    let long = vec![0; limits::MAX_SWITCH_BYTES + 1];
    assert_eq!(read(&long), Err(SwitchError::TooLong(long.len())));
    // The longest name fits.
    let name = "n".repeat(limits::MAX_NAME_BYTES);
    let long = Switch::turn(&key(), NEST, NOW, &name, true, Some(&turn(true, None)));
    assert_eq!(read(&long.bytes), Ok(()));
}

#[test]
fn nobody_has_the_last_word_for_long() {
    let mut last = turn(true, None);
    last.body.number = 30_000_000;
    let next = turn(false, Some(&last));
    assert_eq!(
        Switch::read(NOW, NEST, &next.bytes).map(|_| ()),
        Err(SwitchError::Number(30_000_001))
    );
    assert!(!SwitchError::Number(1).is_a_lie() && SwitchError::Signature.is_a_lie());
    let early = Switch::turn(&key(), NEST, Millis(NOW.0 + 700_000), "a", true, None);
    assert_eq!(
        Switch::read(NOW, NEST, &early.bytes).map(|_| ()),
        Err(SwitchError::Early)
    );
    let later = Millis(1_767_225_600_000 + 30_000_001_000);
    assert!(Switch::read(later, NEST, &next.bytes).is_ok());
}
