//! Marked messages as a file: one line of JSON for each, newest first.

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Event, Message, Place, Problem},
};
use leptos::prelude::*;
use serde::Serialize;

use crate::{
    engine,
    files::carry,
    i18n::t,
    icon::{Drawing, Icon},
    problem::Trouble,
    time,
};

/// JSON Lines have no media type that browsers know.
const MEDIA_TYPE: &str = "application/octet-stream";

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    /// ISO 8601, in UTC.
    time: &'a str,
    name: &'a str,
    author: String,
    /// Its author has taken it back: what it says stays where it is folded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
    text: &'a str,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    id: String,
}

/// `time` is the message's, as it is to be written.
fn line(message: &Message, time: &str) -> Option<String> {
    let recalled = message.recalled;
    let files = message.files.iter().filter(|_| !recalled);
    let line = Line {
        time,
        name: &message.name,
        author: message.author.to_string(),
        recalled,
        text: if recalled { "" } else { &message.text },
        files: files
            .map(|file| File {
                name: &file.name,
                id: file.id.to_string(),
            })
            .collect(),
    };
    // Texts and lists of them are always JSON.
    Some(serde_json::to_string(&line).ok()? + "\n")
}

/// Reads all that is marked, page by page, and saves it under `name`.
fn save(
    channel: ChannelId,
    name: String,
    before: Option<Place>,
    mut lines: String,
    done: impl FnOnce(Option<Trouble>) + 'static,
) {
    let command = Command::PageKept {
        channel,
        before,
        limit: limits::MAX_PAGE,
    };
    engine::ask(command, move |reply| match reply {
        Event::Page { messages, more, .. } => {
            let newest_first = messages.iter().rev();
            lines.extend(newest_first.filter_map(|m| line(m, &time::machine(m.time))));
            match messages.first() {
                Some(oldest) if more => save(channel, name, Some(oldest.place()), lines, done),
                _ => {
                    let saved = carry::save_text(&lines, MEDIA_TYPE, &name);
                    done((!saved).then_some(Trouble::Unreadable));
                }
            }
        }
        Event::Refused { problem, .. } => done(Some(problem.into())),
        // A page has no other reply.
        _ => done(Some(Problem::Busy.into())),
    });
}

/// Saves all that is marked, also what the list does not show yet.
#[component]
pub(super) fn Button(
    channel: ChannelId,
    /// The nest's.
    name: String,
    problem: RwSignal<Option<Trouble>>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let export = move |_| {
        busy.set(true);
        save(
            channel,
            format!("{name}.jsonl"),
            None,
            String::new(),
            move |trouble| {
                busy.try_set(false);
                problem.try_set(trouble);
            },
        );
    };
    view! {
        <button
            type="button"
            class="small"
            data-testid="marked-export"
            title=move || t("marked_export_title")
            disabled=busy
            on:click=export
        >
            <Drawing icon=Icon::Save small=true />
            <span>{move || t("marked_export")}</span>
        </button>
    }
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

    fn message(recalled: bool) -> Message {
        Message {
            id: RecordId([0; 32]),
            time: Millis(0),
            author: Author([0; 32]),
            name: "Ann".to_owned(),
            avatar: None,
            mine: false,
            text: "\"two\nlines\"".to_owned(),
            files: vec![Descriptor {
                id: ResourceId([7; 32]),
                length: 1,
                md5: Md5([0; 16]),
                name: "cat.png".to_owned(),
                media_type: "image/png".to_owned(),
            }],
            delivery: None,
            kept: true,
            recalled,
            after: None,
            gap: false,
            burning: false,
        }
    }

    #[test]
    fn a_message_is_one_line_with_all_of_it() {
        let written = line(&message(false), "1970-01-01T00:00:00.000Z").unwrap();
        assert_eq!(written.lines().count(), 1);
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["time"], "1970-01-01T00:00:00.000Z");
        assert_eq!(read["name"], "Ann");
        assert_eq!(read["author"], Author([0; 32]).to_string());
        assert_eq!(read["text"], "\"two\nlines\"");
        assert_eq!(read["files"][0]["name"], "cat.png");
        assert_eq!(read["files"][0]["id"], ResourceId([7; 32]).to_string());
        assert_eq!(read.get("recalled"), None);
    }

    #[test]
    fn what_was_recalled_is_named_and_not_carried_on() {
        let written = line(&message(true), "").unwrap();
        assert!(!written.contains("two") && !written.contains("cat.png"));
        assert!(written.contains("\"recalled\":true"));
    }
}
