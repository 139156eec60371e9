//! What is asked of the host so that something is seeded, or not any more.

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    host::{Request, Seeds},
    resource::ResourceId,
};

use crate::state::host::There;

/// A channel as this browser has it: what the host needs to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Its address, with the secret.
    pub(crate) address: String,
    /// Which part of the log this browser keeps: the host begins with the same.
    pub(crate) retention: Retention,
}

/// Seeds all of a channel, or not any more. What was chosen of it stays.
pub(crate) fn channel(id: ChannelId, on: bool, there: There, way: Option<Way>) -> Vec<Request> {
    let seed = |seeds| Request::Seed { channel: id, seeds };
    match (on, there) {
        (true, There::Not) => join(way, Seeds::All).into_iter().collect(),
        (true, There::In { .. }) => vec![seed(Seeds::All)],
        (false, There::Not) => Vec::new(),
        (false, There::In { chosen, .. }) if !chosen.is_empty() => vec![seed(Seeds::Chosen)],
        (false, There::In { .. }) => vec![Request::Leave { channel: id }],
    }
}

/// Seeds a resource of a channel, or not any more. A channel that is left with nothing chosen is left itself, if this
/// browser is in it: it can have the host come back.
pub(crate) fn resource(
    channel: ChannelId,
    resource: ResourceId,
    on: bool,
    there: There,
    way: Option<Way>,
) -> Vec<Request> {
    if !on {
        let last = match there {
            There::In { seeds, chosen } => {
                seeds == Seeds::Chosen && chosen.iter().all(|id| *id == resource)
            }
            There::Not => false,
        };
        let leave = (last && way.is_some()).then_some(Request::Leave { channel });
        let unchoose = Request::Unchoose { resource };
        return [unchoose].into_iter().chain(leave).collect();
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

    fn there(seeds: Seeds, chosen: &[ResourceId]) -> There {
        There::In {
            seeds,
            chosen: chosen.to_vec(),
        }
    }

    #[test]
    fn a_channel_is_joined_given_or_left_as_it_has_to_be() {
        let seed = |seeds| Request::Seed {
            channel: CHANNEL,
            seeds,
        };
        let leave = Request::Leave { channel: CHANNEL };
        let (all, some) = (there(Seeds::All, &[]), there(Seeds::All, &[RESOURCE]));
        for (on, there, expected) in [
            (true, There::Not, vec![join(Seeds::All)]),
            (true, there(Seeds::Chosen, &[]), vec![seed(Seeds::All)]),
            (true, some.clone(), vec![seed(Seeds::All)]),
            (false, There::Not, vec![]),
            (false, some, vec![seed(Seeds::Chosen)]),
            (false, all, vec![leave]),
        ] {
            let plan = channel(CHANNEL, on, there.clone(), way());
            assert_eq!(plan, expected, "{on} {there:?}");
        }
    }

    #[test]
    fn a_resource_is_fetched_where_the_host_is_and_not_wanted_any_more() {
        let fetch = Request::Fetch {
            channel: CHANNEL,
            resource: RESOURCE,
        };
        let unchoose = Request::Unchoose { resource: RESOURCE };
        let leave = Request::Leave { channel: CHANNEL };
        let (last, other) = ([RESOURCE], [RESOURCE, ResourceId([3; 32])]);
        let both = vec![unchoose.clone(), leave];
        let one = vec![unchoose];
        for (on, there, way, expected) in [
            (
                true,
                There::Not,
                way(),
                vec![join(Seeds::Chosen), fetch.clone()],
            ),
            (true, there(Seeds::Chosen, &[]), way(), vec![fetch]),
            (false, there(Seeds::Chosen, &other), way(), one.clone()),
            // With nothing left to keep there it goes, unless it could not come back, or has everything else to keep.
            (false, there(Seeds::Chosen, &last), way(), both.clone()),
            (false, there(Seeds::Chosen, &[]), way(), both),
            (false, there(Seeds::Chosen, &last), None, one.clone()),
            (false, there(Seeds::All, &last), way(), one.clone()),
            (false, There::Not, way(), one),
        ] {
            let plan = resource(CHANNEL, RESOURCE, on, there.clone(), way);
            assert_eq!(plan, expected, "{on} {there:?}");
        }
    }
}
