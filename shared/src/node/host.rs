//! The daemon of this machine's native host, as one more server of each channel: programs of the machine meet there, and
//! so meet the daemon's own device. Where WebRTC does not lead from one to the other, a pipe through the daemon does.

use std::time::Duration;

use super::{
    channel::Channel,
    server::{Place, Server},
    tools::Tools,
};
use crate::{
    channel, limits,
    link::{DownReason, Link, Over},
    mesh::Route,
    signal::message::Sdp,
    time::Millis,
};

impl Channel {
    /// The host can be spoken to, or cannot any more.
    pub(super) fn host_present(&mut self, present: bool, tools: &mut Tools<'_>) {
        let number = self.servers.iter().position(Server::is_host);
        match (number, present) {
            (None, false) => return,
            (None, true) => {
                let topic = channel::host_topic(self.id());
                let server = Server::new(Place::Host, topic, tools.now);
                self.servers.push(server);
            }
            (Some(number), true) => self.servers[number].appear(tools.now),
            (Some(number), false) => {
                self.close_server(number);
                self.servers[number].disappear();
                self.mesh.clear(number);
            }
        }
        self.open_servers(tools);
        self.settle(tools);
    }

    /// What a device is dialled over, and how long it may take to come up.
    pub(super) fn way_to(&self, route: &Route, tools: &mut Tools<'_>) -> (Over, Duration) {
        if !self.is_host(route) {
            (Over::WebRtc, limits::CONNECT_TIMEOUT)
        } else if self.mesh.dials_by_pipe(route) {
            (Over::Host(tools.entropy.bytes()), limits::CONNECT_TIMEOUT)
        } else {
            (Over::WebRtc, limits::PIPE_DELAY)
        }
    }

    /// What an offer asks for. None if it is not taken: a pipe leads nowhere but within this machine, and whoever offers
    /// one from elsewhere wants something else.
    pub(super) fn way_of(&self, route: &Route, offer: &Sdp, tools: &mut Tools<'_>) -> Option<Over> {
        match offer.pipe() {
            None => Some(Over::WebRtc),
            Some(_) => self
                .is_host(route)
                .then(|| Over::Host(tools.entropy.bytes())),
        }
    }

    /// A link is down. If it never came up to a device of this machine, another kind of connection may.
    pub(super) fn judge_way(&mut self, link: &Link, reason: &DownReason, now: Millis) {
        let elsewhere = matches!(
            reason,
            DownReason::ClosedHere | DownReason::Declined | DownReason::Misbehaved(_)
        );
        if elsewhere || !link.is_dialled() || link.last_run().is_some() {
            return;
        }
        for route in link.routes() {
            if self.is_host(route) && self.mesh.dials_by_pipe(route) == link.over().is_host() {
                self.mesh.try_other_kind(now, route);
            }
        }
    }

    /// Whether a route leads to a device of this machine.
    pub(super) fn is_host(&self, route: &Route) -> bool {
        self.servers.get(route.server).is_some_and(Server::is_host)
    }
}
