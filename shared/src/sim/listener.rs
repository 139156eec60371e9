//! Somebody on a device who listens to music: what the media element has to do, and what it reports.

use super::{DeviceId, Sim};
use crate::{
    channel::ChannelId,
    music::{
        player::{PlayerOutput, Report},
        track::Track,
    },
    node::Input,
};

impl Sim {
    /// What a device's media element had to do in this run, and for loads, where they are got.
    pub fn played(&self, device: DeviceId) -> &[(PlayerOutput, Option<ChannelId>)] {
        &self.devices[device.0].played
    }

    /// What a device's Media Session shows.
    pub fn now_playing(&self, device: DeviceId) -> Option<&Track> {
        self.devices[device.0].now_playing.as_ref()
    }

    /// A device's media element reports something.
    pub fn player_reports(&mut self, device: DeviceId, report: Report) {
        self.input(device, Input::PlayerReport(report));
    }
}
