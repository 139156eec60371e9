//! Whom to dial: a random mesh of few neighbours, never everyone with everyone (N10).

use std::{collections::BTreeMap, time::Duration};

use crate::{entropy::Entropy, limits, time::Millis, wire::Run};

/// Where a device can be spoken to before there is a link: its id on one of the channel's servers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Which of the channel's servers.
    pub server: usize,
    /// The device's id there.
    pub id: String,
}

/// The devices of a channel that could be dialled. One that is on several servers is here as often.
#[derive(Debug, Default)]
pub struct Mesh {
    devices: BTreeMap<Route, Candidate>,
    /// Of this machine's devices one was reached by a pipe, after WebRTC had led nowhere.
    pipes: bool,
}

#[derive(Debug)]
struct Candidate {
    /// Not before this.
    dial_at: Millis,
    /// Attempts that led to nothing, in a row.
    failures: u32,
    /// Who was there when a link came up.
    known_as: Option<Run>,
    /// Where there are pipes, it is dialled by one.
    by_pipe: bool,
    /// The last attempt found no path to it.
    unreached: bool,
    /// It was reached through a relay, or tried so.
    indirect: bool,
}

impl Mesh {
    /// A device is in the channel; `present` if it was there before us. Newcomers dial, so they are left some time.
    pub fn arrive(&mut self, now: Millis, route: Route, present: bool) {
        if self.devices.len() < limits::MAX_ROSTER {
            let dial_at = if present {
                now
            } else {
                now + limits::NEWCOMER_GRACE
            };
            self.devices.entry(route).or_insert(Candidate {
                dial_at,
                failures: 0,
                known_as: None,
                by_pipe: self.pipes,
                unreached: false,
                indirect: false,
            });
        }
    }

    /// A device left a server.
    pub fn leave(&mut self, route: &Route) {
        self.devices.remove(route);
    }

    /// Whether a device of our kind can be spoken to there.
    pub fn knows(&self, route: &Route) -> bool {
        self.devices.contains_key(route)
    }

    /// A server is gone, and with it all who were on it.
    pub fn clear(&mut self, server: usize) {
        self.devices.retain(|route, _| route.server != server);
    }

    /// A link came up, and this is who was there.
    pub fn succeeded(&mut self, route: &Route, run: Run) {
        if let Some(device) = self.devices.get_mut(route) {
            device.failures = 0;
            device.known_as = Some(run);
            device.unreached = false;
        }
    }

    /// A link to a device did not come up, for no path leads there.
    pub fn mark_unreached(&mut self, route: &Route) {
        if let Some(device) = self.devices.get_mut(route) {
            device.unreached = true;
        }
    }

    /// No direct path leads to a device.
    pub fn mark_indirect(&mut self, route: &Route) {
        if let Some(device) = self.devices.get_mut(route) {
            device.indirect = true;
        }
    }

    /// A direct path leads to a device after all.
    pub fn mark_direct(&mut self, route: &Route) {
        if let Some(device) = self.devices.get_mut(route) {
            device.indirect = false;
        }
    }

    /// Whether it was found that no direct path leads to a device.
    pub fn is_indirect(&self, route: &Route) -> bool {
        self.devices
            .get(route)
            .is_some_and(|device| device.indirect)
    }

    /// How many devices no path was found to, of which none is `linked`; so many others are `known` to be online. On each
    /// server a device is once, and on which of them somebody is, is not known before there is a link.
    pub fn unreached(&self, known: usize, linked: impl Fn(&Route, Option<Run>) -> bool) -> usize {
        let mut servers: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (route, device) in &self.devices {
            let (all, unreached) = servers.entry(route.server).or_default();
            *all += 1;
            if device.unreached && !linked(route, device.known_as) {
                *unreached += 1;
            }
        }
        let counts = servers.into_values();
        let counts = counts.map(|(all, unreached)| unreached.min(all.saturating_sub(known)));
        counts.max().unwrap_or_default()
    }

    /// The link to a device ended or did not come up: it is left alone for a while, longer each time.
    pub fn failed(&mut self, now: Millis, route: &Route) {
        if let Some(device) = self.devices.get_mut(route) {
            device.dial_at =
                now + backoff(limits::REDIAL_BASE, limits::REDIAL_MAX, device.failures);
            device.failures = device.failures.saturating_add(1);
        }
    }

    /// Whether a device of this machine is dialled by a pipe, and not by WebRTC.
    pub fn dials_by_pipe(&self, route: &Route) -> bool {
        self.devices.get(route).is_some_and(|device| device.by_pipe)
    }

    /// One kind of connection did not come up: the next attempt is by the other one, and at once if that is a pipe.
    pub fn try_other_kind(&mut self, now: Millis, route: &Route) {
        if let Some(device) = self.devices.get_mut(route) {
            device.by_pipe = !device.by_pipe;
            if device.by_pipe {
                device.dial_at = now;
            }
        }
    }

    /// A pipe came up: within this machine WebRTC does not work, and need not be tried before the network changes.
    pub fn prefer_pipes(&mut self) {
        self.pipes = true;
    }

    /// What kept devices from being reached is over: all may be dialled now.
    pub fn forgive(&mut self, now: Millis) {
        self.pipes = false;
        for device in self.devices.values_mut() {
            device.by_pipe = false;
            device.failures = 0;
            device.unreached = false;
            device.indirect = false;
            device.dial_at = device.dial_at.min(now);
        }
    }

    /// A random choice of devices to dial now, given how many links are missing, and to whom there are some.
    pub fn dial(
        &self,
        now: Millis,
        missing: usize,
        linked: impl Fn(&Route, Option<Run>) -> bool,
        entropy: &mut Entropy,
    ) -> Vec<Route> {
        if missing == 0 {
            return Vec::new();
        }
        let due = |(route, device): &(&Route, &Candidate)| {
            device.dial_at <= now && !linked(route, device.known_as)
        };
        let mut routes: Vec<Route> = self
            .devices
            .iter()
            .filter(due)
            .map(|(route, _)| route.clone())
            .collect();
        entropy.choose(&mut routes, missing);
        routes
    }

    /// When [`Mesh::dial`] may have more to say than now.
    pub fn deadline(
        &self,
        missing: usize,
        linked: impl Fn(&Route, Option<Run>) -> bool,
    ) -> Option<Millis> {
        if missing == 0 {
            return None;
        }
        self.devices
            .iter()
            .filter(|(route, device)| !linked(route, device.known_as))
            .map(|(_, device)| device.dial_at)
            .min()
    }
}

/// `base`, doubled with each failure, up to `max`.
pub(crate) fn backoff(base: Duration, max: Duration, failures: u32) -> Duration {
    base.saturating_mul(1 << failures.min(16)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{identity::Author, wire::Session};

    fn route(id: &str) -> Route {
        Route {
            server: 0,
            id: id.into(),
        }
    }

    fn mesh(present: usize) -> Mesh {
        let mut mesh = Mesh::default();
        for i in 0..present {
            mesh.arrive(Millis(0), route(&format!("{i:02}")), true);
        }
        mesh
    }

    fn dial(mesh: &Mesh, now: u64, links: usize) -> Vec<Route> {
        mesh.dial(
            Millis(now),
            limits::WANTED_LINKS.saturating_sub(links),
            |_, _| false,
            &mut Entropy::from_seed([1; 32]),
        )
    }

    #[test]
    fn dials_only_as_many_as_are_missing() {
        assert_eq!(dial(&mesh(2), 0, 0).len(), 2);
        assert_eq!(dial(&mesh(50), 0, 0).len(), limits::WANTED_LINKS);
        assert_eq!(dial(&mesh(50), 0, 3).len(), 1);
        assert_eq!(dial(&mesh(50), 0, 12).len(), 0);
    }

    #[test]
    fn leaves_newcomers_time_to_dial() {
        let mut mesh = mesh(0);
        mesh.arrive(Millis(0), route("new"), false);
        assert!(dial(&mesh, 0, 0).is_empty());
        let due = mesh.deadline(4, |_, _| false).unwrap();
        assert_eq!(due, Millis(0) + limits::NEWCOMER_GRACE);
        assert_eq!(dial(&mesh, due.0, 0), [route("new")]);
    }

    #[test]
    fn backs_off_from_who_cannot_be_reached() {
        let mut mesh = mesh(1);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            mesh.failed(Millis(0), &route("00"));
            pauses.push(mesh.deadline(4, |_, _| false).unwrap().0 / 1000);
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 120, 120]);
        mesh.forgive(Millis(0));
        mesh.failed(Millis(0), &route("00"));
        assert_eq!(mesh.deadline(4, |_, _| false), Some(Millis(2000)));
    }

    #[test]
    fn pipes_are_tried_after_webrtc_and_remembered_once_one_came_up() {
        let (mut mesh, here, late) = (mesh(1), route("00"), route("late"));
        assert!(!mesh.dials_by_pipe(&here) && !mesh.dials_by_pipe(&late));
        mesh.failed(Millis(0), &here);
        mesh.try_other_kind(Millis(0), &here);
        assert!(mesh.dials_by_pipe(&here));
        assert_eq!(dial(&mesh, 0, 0), std::slice::from_ref(&here), "at once");
        // There is nobody at the other end of it: the pause is longer than after the first attempt.
        mesh.failed(Millis(0), &here);
        mesh.try_other_kind(Millis(0), &here);
        assert!(!mesh.dials_by_pipe(&here) && dial(&mesh, 0, 0).is_empty());
        assert_eq!(mesh.deadline(4, |_, _| false), Some(Millis(4000)));
        mesh.prefer_pipes();
        mesh.arrive(Millis(0), late.clone(), true);
        assert!(mesh.dials_by_pipe(&late));
        mesh.forgive(Millis(0));
        assert!(!mesh.dials_by_pipe(&late));
    }

    #[test]
    fn counts_who_is_reached_by_nobody() {
        let elsewhere = Route {
            server: 1,
            id: "x".into(),
        };
        let mut mesh = mesh(3);
        mesh.arrive(Millis(0), elsewhere.clone(), true);
        let nobody = |_: &Route, _| false;
        assert_eq!(mesh.unreached(0, nobody), 0);
        for route in [&route("00"), &route("01"), &elsewhere, &route("never seen")] {
            mesh.mark_unreached(route);
        }
        // Whoever is elsewhere may be one of the two here.
        assert_eq!(mesh.unreached(0, nobody), 2);
        assert_eq!(mesh.unreached(0, |to, _| *to == route("00")), 1);
        for (known, expected) in [(1, 2), (2, 1), (3, 0), (9, 0)] {
            assert_eq!(mesh.unreached(known, nobody), expected, "{known}");
        }
        mesh.forgive(Millis(0));
        assert_eq!(mesh.unreached(0, nobody), 0);
    }

    #[test]
    fn a_device_on_two_servers_is_dialled_once() {
        let run = Run {
            author: Author([1; 32]),
            session: Session([1; 16]),
        };
        let elsewhere = Route {
            server: 1,
            id: "x".into(),
        };
        let mut mesh = mesh(1);
        mesh.arrive(Millis(0), elsewhere.clone(), true);
        mesh.succeeded(&route("00"), run);
        mesh.succeeded(&elsewhere, run);
        let linked = |_: &Route, known_as| known_as == Some(run);
        let mut entropy = Entropy::from_seed([1; 32]);
        assert_eq!(mesh.dial(Millis(0), 3, linked, &mut entropy), []);
        assert_eq!(mesh.deadline(3, linked), None);
        mesh.clear(1);
        assert!(mesh.knows(&route("00")) && !mesh.knows(&elsewhere));
    }
}
