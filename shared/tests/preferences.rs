//! What a member chose, as an earlier version wrote it.

use catnest::preferences::{Language, Notifications, Preferences};

#[test]
fn what_an_earlier_version_did_not_know_is_as_if_never_chosen() -> Result<(), serde_json::Error> {
    let earlier = r#"{"language":"en","theme":null,"notifications":"text"}"#;
    let read: Preferences = serde_json::from_str(earlier)?;
    let expected = Preferences {
        language: Some(Language::English),
        notifications: Notifications::Text,
        ..Preferences::default()
    };
    assert_eq!(read, expected);
    assert!(read.cache_lists);
    Ok(())
}
