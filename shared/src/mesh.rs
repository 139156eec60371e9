//! Whom to dial: a random mesh of few neighbours, never everyone with everyone (N10).

use std::{collections::BTreeMap, time::Duration};

use crate::{entropy::Entropy, limits, time::Millis};

/// The devices of a channel that could be dialled.
#[derive(Debug, Default)]
pub struct Mesh {
    devices: BTreeMap<String, Candidate>,
}

#[derive(Debug)]
struct Candidate {
    /// Not before this.
    dial_at: Millis,
    /// Attempts that led to nothing, in a row.
    failures: u32,
}

impl Mesh {
    /// A device is in the channel; `present` if it was there before us. Newcomers dial, so they are left some time.
    pub fn arrive(&mut self, now: Millis, id: String, present: bool) {
        if self.devices.len() < limits::MAX_ROSTER {
            let dial_at = if present {
                now
            } else {
                now + limits::NEWCOMER_GRACE
            };
            self.devices.entry(id).or_insert(Candidate {
                dial_at,
                failures: 0,
            });
        }
    }

    /// A device left the channel.
    pub fn leave(&mut self, id: &str) {
        self.devices.remove(id);
    }

    /// Whether a device of our kind with this id is in the channel.
    pub fn knows(&self, id: &str) -> bool {
        self.devices.contains_key(id)
    }

    /// The server is gone, and with it all ids.
    pub fn clear(&mut self) {
        self.devices.clear();
    }

    /// The link to a device came up.
    pub fn succeeded(&mut self, id: &str) {
        if let Some(device) = self.devices.get_mut(id) {
            device.failures = 0;
        }
    }

    /// The link to a device ended or did not come up: it is left alone for a while, longer each time.
    pub fn failed(&mut self, now: Millis, id: &str) {
        if let Some(device) = self.devices.get_mut(id) {
            device.dial_at =
                now + backoff(limits::REDIAL_BASE, limits::REDIAL_MAX, device.failures);
            device.failures = device.failures.saturating_add(1);
        }
    }

    /// A random choice of devices to dial now, given how many links there are and which devices have one.
    pub fn dial(
        &self,
        now: Millis,
        links: usize,
        has_link: impl Fn(&str) -> bool,
        entropy: &mut Entropy,
    ) -> Vec<String> {
        let missing = limits::WANTED_LINKS.saturating_sub(links);
        if missing == 0 {
            return Vec::new();
        }
        let due = |(id, device): &(&String, &Candidate)| device.dial_at <= now && !has_link(id);
        let mut ids: Vec<String> = self
            .devices
            .iter()
            .filter(due)
            .map(|(id, _)| id.clone())
            .collect();
        entropy.choose(&mut ids, missing);
        ids
    }

    /// When [`Mesh::dial`] may have more to say than now.
    pub fn deadline(&self, links: usize, has_link: impl Fn(&str) -> bool) -> Option<Millis> {
        if links >= limits::WANTED_LINKS {
            return None;
        }
        self.devices
            .iter()
            .filter(|(id, _)| !has_link(id))
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

    fn mesh(present: usize) -> Mesh {
        let mut mesh = Mesh::default();
        for i in 0..present {
            mesh.arrive(Millis(0), format!("{i:02}"), true);
        }
        mesh
    }

    fn dial(mesh: &Mesh, now: u64, links: usize) -> Vec<String> {
        mesh.dial(
            Millis(now),
            links,
            |_| false,
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
        mesh.arrive(Millis(0), "new".into(), false);
        assert!(dial(&mesh, 0, 0).is_empty());
        let due = mesh.deadline(0, |_| false).unwrap();
        assert_eq!(due, Millis(0) + limits::NEWCOMER_GRACE);
        assert_eq!(dial(&mesh, due.0, 0), ["new"]);
    }

    #[test]
    fn backs_off_from_who_cannot_be_reached() {
        let mut mesh = mesh(1);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            mesh.failed(Millis(0), "00");
            pauses.push(mesh.deadline(0, |_| false).unwrap().0 / 1000);
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 120, 120]);
        mesh.succeeded("00");
        mesh.failed(Millis(0), "00");
        assert_eq!(mesh.deadline(0, |_| false), Some(Millis(2000)));
    }
}
