//! What is asked of the host so that something is seeded, or not any more.

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    host::{Request, Seeds},
    resource::ResourceId,
};

/// A channel as this browser has it: what the host needs to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Its address, with the secret.
    pub(crate) address: String,
    /// Which part of the log this browser keeps: the host begins with the same.
    pub(crate) retention: Retention,
}

/// How it is with a channel at the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum There {
    /// It is not in it.
    Not,
    /// It is, with something in it that was chosen, or nothing.
    In {
        /// Something was chosen.
        chosen: bool,
    },
}

/// Seeds all of a channel, or not any more. What was chosen of it stays.
pub(crate) fn channel(id: ChannelId, on: bool, there: There, way: Option<Way>) -> Vec<Request> {
    let seed = |seeds| Request::Seed { channel: id, seeds };
    match (on, there) {
        (true, There::Not) => join(way, Seeds::All).into_iter().collect(),
        (true, There::In { .. }) => vec![seed(Seeds::All)],
        (false, There::Not) => Vec::new(),
        (false, There::In { chosen: true }) => vec![seed(Seeds::Chosen)],
        (false, There::In { chosen: false }) => vec![Request::Leave { channel: id }],
    }
}

/// Seeds a resource of a channel, or not any more.
pub(crate) fn resource(
    channel: ChannelId,
    resource: ResourceId,
    on: bool,
    there: There,
    way: Option<Way>,
) -> Vec<Request> {
    if !on {
        return vec![Request::Remove { resource }];
    }
    let first = match there {
        There::Not => join(way, Seeds::Chosen),
        There::In { .. } => None,
    };
    let fetch = Request::Fetch { channel, resource };
    first.into_iter().chain([fetch]).collect()
}

fn join(way: Option<Way>, seeds: Seeds) -> Option<Request> {
    let Way { address, retention } = way?;
    Some(Request::Join {
        address,
        retention,
        seeds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNEL: ChannelId = ChannelId([1; 32]);
    const RESOURCE: ResourceId = ResourceId([2; 32]);

    fn way() -> Option<Way> {
        Some(Way {
            address: "webrtc://cat.example/nest#secret".to_owned(),
            retention: Retention::Age { days: 30 },
        })
    }

    fn join(seeds: Seeds) -> Request {
        let way = way().unwrap();
        Request::Join {
            address: way.address,
            retention: way.retention,
            seeds,
        }
    }

    #[test]
    fn a_channel_is_joined_given_or_left_as_it_has_to_be() {
        let seed = |seeds| Request::Seed {
            channel: CHANNEL,
            seeds,
        };
        let leave = Request::Leave { channel: CHANNEL };
        for (on, there, expected) in [
            (true, There::Not, vec![join(Seeds::All)]),
            (true, There::In { chosen: false }, vec![seed(Seeds::All)]),
            (true, There::In { chosen: true }, vec![seed(Seeds::All)]),
            (false, There::Not, vec![]),
            (false, There::In { chosen: true }, vec![seed(Seeds::Chosen)]),
            (false, There::In { chosen: false }, vec![leave]),
        ] {
            assert_eq!(
                channel(CHANNEL, on, there, way()),
                expected,
                "{on} {there:?}"
            );
        }
    }

    #[test]
    fn a_resource_is_fetched_where_the_host_is_and_forgotten() {
        let fetch = Request::Fetch {
            channel: CHANNEL,
            resource: RESOURCE,
        };
        let remove = Request::Remove { resource: RESOURCE };
        for (on, there, expected) in [
            (true, There::Not, vec![join(Seeds::Chosen), fetch.clone()]),
            (true, There::In { chosen: false }, vec![fetch]),
            (false, There::In { chosen: true }, vec![remove.clone()]),
            (false, There::Not, vec![remove]),
        ] {
            let plan = resource(CHANNEL, RESOURCE, on, there, way());
            assert_eq!(plan, expected, "{on} {there:?}");
        }
    }
}
