//! Requests, answered.

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    host::{Answer, ChannelStatus, Disk, Links, Peer, Request, Seeds, Status},
    identity::Author,
    limits,
    node::{Command, Event, Member, Problem, Transfer},
    resource::ResourceId,
};

use super::house::{House, Refused};

/// Carries a request out.
pub(super) async fn answer(house: &House, request: Request) -> Result<Answer, Refused> {
    let command = match request {
        Request::Status => return status(house).await,
        Request::Channels => return channels(house).await,
        Request::Peers { channel, after } => return peers(house, channel, after).await,
        Request::Resources { after } => return resources(house, after).await,
        // Once a program watches, its session tells; there is no more to it.
        Request::Watch => return Ok(Answer::Done { channel: None }),
        Request::Stop => {
            house.stop();
            return Ok(Answer::Done { channel: None });
        }
        Request::Join {
            address,
            retention,
            seeds,
        } => return join(house, address, retention, seeds).await,
        Request::Seed { channel, seeds } => Command::Seed { channel, seeds },
        Request::Retain { channel, retention } => Command::SetRetention { channel, retention },
        Request::Leave { channel } => Command::Leave { channel },
        Request::Fetch { channel, resource } => Command::Fetch {
            channel,
            file: resource,
            descriptor: None,
        },
        Request::Remove { resource } => Command::Remove { file: resource },
        Request::Unchoose { resource } => Command::Unchoose { file: resource },
    };
    match house.order(command).await? {
        Event::Done { channel, .. } => Ok(Answer::Done { channel }),
        _ => Ok(Answer::Done { channel: None }),
    }
}

/// Joins, and then has more come by itself, if that is wanted: who hears that it is done has both.
async fn join(
    house: &House,
    address: String,
    retention: Retention,
    seeds: Seeds,
) -> Result<Answer, Refused> {
    let joined = house.order(Command::Join { address, retention }).await?;
    let channel = match joined {
        Event::Done { channel, .. } => channel,
        _ => None,
    };
    if let (Some(channel), Seeds::All) = (channel, seeds) {
        house.order(Command::Seed { channel, seeds }).await?;
    }
    Ok(Answer::Done { channel })
}

async fn status(house: &House) -> Result<Answer, Refused> {
    // In this order: what is found meanwhile is in one of them.
    let overview = house.overview().await?;
    let transfers = transfers(house).await?;
    let status = Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        since: house.since,
        data: house.folder.clone(),
        name: String::new(),
        channels: 0,
        links: Links::default(),
        disk: Disk {
            used: 0,
            quota: Some(house.quota),
            free: house.free().await,
        },
        whole: 0,
        partial: 0,
        sought: 0,
        bytes: 0,
        receiving: 0,
        sending: 0,
        sent: 0,
    };
    Ok(Answer::Status(status.count(&overview, &transfers)))
}

async fn channels(house: &House) -> Result<Answer, Refused> {
    let overview = house.overview().await?;
    let channels = overview.channels.iter().map(ChannelStatus::from);
    Ok(Answer::Channels {
        channels: channels.collect(),
    })
}

async fn peers(
    house: &House,
    channel: ChannelId,
    after: Option<Author>,
) -> Result<Answer, Refused> {
    let overview = house.overview().await?;
    let mut channels = overview.channels.iter();
    let view = channels
        .find(|view| view.id == channel)
        .ok_or(Refused::Problem(Problem::NotJoined))?;
    let mut members: Vec<&Member> = view.members.iter().collect();
    members.sort_by_key(|member| member.author);
    let (page, more) = page(members, |member| after.is_none_or(|a| member.author > a));
    let peers = page.into_iter().map(Peer::from).collect();
    Ok(Answer::Peers { peers, more })
}

async fn resources(house: &House, after: Option<ResourceId>) -> Result<Answer, Refused> {
    let mut transfers = transfers(house).await?;
    transfers.sort_by_key(|transfer| transfer.file.id);
    let (resources, more) = page(transfers, |t| after.is_none_or(|a| t.file.id > a));
    Ok(Answer::Resources { resources, more })
}

async fn transfers(house: &House) -> Result<Vec<Transfer>, Refused> {
    match house.order(Command::Transfers).await? {
        Event::Transfers { transfers, .. } => Ok(transfers),
        _ => Ok(Vec::new()),
    }
}

/// As many of a sorted list as one answer has, and whether there are more.
fn page<T>(all: Vec<T>, wanted: impl Fn(&T) -> bool) -> (Vec<T>, bool) {
    let mut left = all.into_iter().filter(wanted);
    let page = left.by_ref().take(limits::MAX_PAGE).collect();
    (page, left.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_end() {
        for length in [
            0,
            1,
            limits::MAX_PAGE,
            limits::MAX_PAGE + 1,
            3 * limits::MAX_PAGE,
        ] {
            let all: Vec<usize> = (1..=length).collect();
            let mut read = Vec::new();
            loop {
                let after = read.last().copied().unwrap_or(0);
                let (next, more) = page(all.clone(), |number| *number > after);
                assert!(next.len() <= limits::MAX_PAGE);
                read.extend(next);
                if !more {
                    break;
                }
            }
            assert_eq!(read, all);
        }
    }
}
