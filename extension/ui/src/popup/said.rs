//! A message in one line, for who hears it and who copies it: its text, and what came with it.

use catnest::node::Message;

use crate::i18n::{t, t_plural};

/// As it is read out.
pub(super) fn spoken(message: &Message) -> String {
    let files = (!message.files.is_empty()).then(|| t_plural("sent_files", message.files.len()));
    match (message.text.as_str(), files) {
        ("", Some(files)) => format!("{} {files}", message.name),
        (text, Some(files)) => format!("{}: {text} ({files})", message.name),
        (text, None) => format!("{}: {text}", message.name),
    }
}

/// As it is copied: files by their names, and nothing of what was recalled.
pub(super) fn copied(message: &Message) -> String {
    if message.recalled {
        // What is folded is not carried on unseen.
        return format!("[{}]", t("recalled"));
    }
    let names = message.files.iter().map(|file| format!("[{}]", file.name));
    let text = (!message.text.is_empty()).then(|| message.text.clone());
    text.into_iter().chain(names).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use catnest::{
        chat::record::RecordId,
        identity::Author,
        resource::{Descriptor, Md5, ResourceId},
        time::Millis,
    };

    use super::*;

    #[test]
    fn files_are_part_of_what_is_said() {
        for (text, files, heard, taken) in [
            ("Hello", 0, "Ann: Hello", "Hello"),
            ("", 1, "Ann sent 1 file", "[0.png]"),
            (
                "Look",
                2,
                "Ann: Look (sent 2 files)",
                "Look [0.png] [1.png]",
            ),
        ] {
            let file = |number: u8| Descriptor {
                id: ResourceId([number; 32]),
                length: 1,
                md5: Md5([0; 16]),
                name: format!("{number}.png"),
                media_type: "image/png".to_owned(),
            };
            let message = Message {
                id: RecordId([0; 32]),
                time: Millis(0),
                author: Author([0; 32]),
                name: "Ann".to_owned(),
                avatar: None,
                mine: false,
                text: text.to_owned(),
                files: (0..files).map(file).collect(),
                delivery: None,
                kept: false,
                recalled: false,
                after: None,
                gap: false,
                burning: false,
            };
            assert_eq!(spoken(&message), heard);
            assert_eq!(copied(&message), taken);
        }
    }
}
