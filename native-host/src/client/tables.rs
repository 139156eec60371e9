//! What the daemon answers, as tables for people.

use catnest::{
    chat::retention::Retention,
    host::{ChannelStatus, Disk, Links, Seeds, Status},
    limits,
    node::{Contact, Problem, ServerState, Transfer, TransferState},
    time::Millis,
};
use catnest_host::wall;
use comfy_table::{CellAlignment, Table, presets};

use super::{PeerOf, Sought};
use crate::words::{problem, rate, shown, size};

/// How the daemon is, line by line.
pub(super) fn status(status: &Status) -> String {
    let mut table = bare();
    let mut row = |what: &str, value: String| {
        table.add_row([what, &value]);
    };
    row("version", status.version.clone());
    row(
        "process",
        format!("{}, for {}", status.pid, age(status.since)),
    );
    row("data", status.data.clone());
    row("called", status.name.clone());
    row("nests", status.channels.to_string());
    let Links { direct, relayed } = status.links;
    row("links", format!("{direct} direct, {relayed} relayed"));
    let Disk { used, quota, free } = status.disk;
    let quota = quota.map_or_else(
        || "no quota".to_owned(),
        |quota| format!("quota {}", size(quota)),
    );
    let free = free.map_or_else(String::new, |free| {
        format!(", {} free on the disk", size(free))
    });
    row("room", format!("{} taken, {quota}{free}", size(used)));
    row(
        "resources",
        format!(
            "{} whole, {} in part, {} sought, {}",
            status.whole,
            status.partial,
            status.sought,
            size(status.bytes)
        ),
    );
    row("coming", rate(status.receiving));
    row(
        "going",
        format!(
            "{}, {} since the start",
            rate(status.sending),
            size(status.sent)
        ),
    );
    text(&table)
}

/// The nests it is in.
pub(super) fn channels(channels: &[ChannelStatus]) -> String {
    if channels.is_empty() {
        return "in no nest; catnest-host join ADDRESS joins one\n".to_owned();
    }
    let mut table = headed([
        "NEST", "SERVER", "HERE", "LINKS", "KEEPS", "SEEDS", "ID", "ADDRESS",
    ]);
    for channel in channels {
        table.add_row([
            channel.name.clone(),
            match channel.server {
                ServerState::Online => "online",
                ServerState::Connecting => "connecting",
                ServerState::Offline => "offline",
            }
            .to_owned(),
            channel.members.to_string(),
            channel.links.to_string(),
            keeps(channel),
            seeds(channel.seeds).to_owned(),
            short(&channel.id.to_string()),
            channel.address.clone(),
        ]);
    }
    right(&mut table, &[2, 3]);
    text(&table)
}

/// Who is online.
pub(super) fn peers(peers: &[PeerOf]) -> String {
    if peers.is_empty() {
        return "in no nest\n".to_owned();
    }
    let mut table = headed(["NEST", "NAME", "REACHED", "ROUND TRIP", "KEY"]);
    for PeerOf { nest, peer, .. } in peers {
        let (reached, round_trip) = match peer.contact {
            Contact::Here => ("the daemon", None),
            Contact::Members => ("through others", None),
            Contact::Link { path: None } => ("directly", None),
            Contact::Link { path: Some(path) } => (
                if path.relayed { "relayed" } else { "directly" },
                path.round_trip_ms,
            ),
        };
        table.add_row([
            nest.clone(),
            peer.name.clone(),
            reached.to_owned(),
            round_trip.map_or_else(String::new, |ms| format!("{ms} ms")),
            short(&peer.author.to_string()),
        ]);
    }
    right(&mut table, &[3]);
    text(&table)
}

/// A nest that was joined, or that it was in already.
pub(super) fn joined(channel: &ChannelStatus, was_in: bool) -> String {
    let joined = if was_in { "is in" } else { "joined" };
    let (address, seeds) = (&channel.address, seeds(channel.seeds));
    format!(
        "{joined} {address}, keeps {}, seeds {seeds}\n",
        keeps(channel)
    )
}

/// What is here, on its way or sought. Why something stopped is told below, where it has room.
pub(super) fn resources(resources: &[Transfer], sought: &[Sought]) -> String {
    if resources.is_empty() && sought.is_empty() {
        return "no resources\n".to_owned();
    }
    let mut table = headed([
        "NAME", "SIZE", "HERE", "STATE", "WHY", "COMING", "GOING", "SENT", "ID",
    ]);
    for transfer in resources {
        let file = &transfer.file;
        let percent = (transfer.have_bytes * 100)
            .checked_div(file.length)
            .unwrap_or(100);
        table.add_row([
            file.name.clone(),
            size(file.length),
            format!("{percent} %"),
            match &transfer.state {
                TransferState::Seeking => "nobody has it now".to_owned(),
                TransferState::Fetching => format!("coming from {}", transfer.holders),
                TransferState::Paused => "paused".to_owned(),
                TransferState::Stopped { .. } => "stopped".to_owned(),
                TransferState::Checking => "checking".to_owned(),
                TransferState::Complete => "whole".to_owned(),
            },
            if transfer.chosen {
                "chosen"
            } else {
                "by itself"
            }
            .to_owned(),
            rate(transfer.receiving),
            rate(transfer.sending),
            size(transfer.sent),
            short(&file.id.to_string()),
        ]);
    }
    for sought in sought {
        let mut row = vec![String::new(); 9];
        row[0] = "(unknown)".to_owned();
        row[3] = "nobody has given it yet".to_owned();
        row[4] = "chosen".to_owned();
        row[8] = short(&sought.id.to_string());
        table.add_row(row);
    }
    right(&mut table, &[1, 2, 5, 6, 7]);
    let stopped = resources
        .iter()
        .filter_map(|transfer| match &transfer.state {
            TransferState::Stopped { problem: why } => {
                let kept_free = match why {
                    Problem::StoreFull => {
                        format!(", of which {} stay free", size(limits::FREE_DISK_BYTES))
                    }
                    _ => String::new(),
                };
                let name = &transfer.file.name;
                Some(format!("{name} stopped: {}{kept_free}\n", problem(why)))
            }
            _ => None,
        });
    text(&table) + &on_a_terminal(&stopped.collect::<String>())
}

fn seeds(seeds: Seeds) -> &'static str {
    match seeds {
        Seeds::Chosen => "what is chosen",
        Seeds::All => "all",
    }
}

fn keeps(channel: &ChannelStatus) -> String {
    if channel.burning {
        return "nothing, it burns".to_owned();
    }
    match channel.retention {
        Retention::Forever => "all".to_owned(),
        Retention::Age { days } => format!("{days} days"),
        Retention::Count { messages } => format!("{messages} messages"),
        Retention::Between { from, to } => {
            let day = |time: Millis| time.to_utc().map(|utc| utc.chars().take(10).collect());
            let unknown = || "?".to_owned();
            let from = day(from).unwrap_or_else(unknown);
            let to: String = to.map_or_else(String::new, |to| day(to).unwrap_or_else(unknown));
            format!("{from} to {to}")
        }
    }
}

/// How long ago something was.
fn age(since: Millis) -> String {
    indicatif::HumanDuration(wall::now().since(since)).to_string()
}

/// The beginning of an id: enough to name it.
fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

fn bare() -> Table {
    let mut table = Table::new();
    // A terminal wraps better than a table, and a pipe needs no wrapping.
    table.load_style(presets::NOTHING);
    table
}

fn headed<const N: usize>(titles: [&str; N]) -> Table {
    let mut table = bare();
    table.set_header(titles);
    table
}

fn right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn text(table: &Table) -> String {
    on_a_terminal(&table.trim_fmt())
}

/// Lines with names and reasons in them that others chose.
fn on_a_terminal(lines: &str) -> String {
    lines.lines().map(|line| shown(line) + "\n").collect()
}
