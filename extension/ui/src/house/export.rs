//! A channel's log is saved as a file.

use catnest::{
    channel::ChannelId,
    house::channel_file::Part,
    node::{Command, Event, ExportCursor, Problem},
};

use crate::{engine, files::carry::Saving, problem::Trouble};

/// JSON Lines have no media type that browsers know.
const MEDIA_TYPE: &str = "application/octet-stream";

/// Has a channel's log written, and saves it as a file that has the channel's name. `written` hears how many messages
/// there are by now.
///
/// # Errors
/// Why it is not saved.
pub(crate) async fn save_channel(
    channel: ChannelId,
    part: Part,
    name: &str,
    written: impl Fn(u64),
) -> Result<(), Trouble> {
    let saving = Saving::default();
    let mut from: Option<ExportCursor> = None;
    loop {
        let command = Command::Export {
            channel,
            part,
            from,
        };
        match engine::answer(command).await {
            Event::Exported {
                text,
                records,
                next,
                ..
            } => {
                saving.add(&text)?;
                written(records);
                from = next;
            }
            Event::Refused { problem, .. } => return Err(problem.into()),
            // A part has no other reply.
            _ => return Err(Problem::Busy.into()),
        }
        if from.is_none() {
            return saving.save(MEDIA_TYPE, &format!("{name}.jsonl"));
        }
    }
}
