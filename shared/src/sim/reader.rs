//! Somebody on a device who reads a file while it comes.

use super::{DeviceId, Sim};
use crate::{
    channel::ChannelId,
    node::{Input, ReadKey, ReadPart},
    resource::ResourceId,
};

impl Sim {
    /// Begins to read a file; `channel` is where it could be got. It gets nothing before [`Sim::read_more`].
    pub fn read(
        &mut self,
        device: DeviceId,
        resource: ResourceId,
        channel: Option<ChannelId>,
        offset: u64,
        length: u64,
    ) -> ReadKey {
        self.requests += 1;
        let read = ReadKey(self.requests);
        let read_it = Input::Read {
            read,
            resource,
            channel,
            offset,
            length,
        };
        self.input(device, read_it);
        read
    }

    /// A reader wants the next part.
    pub fn read_more(&mut self, device: DeviceId, read: ReadKey) {
        self.input(device, Input::ReadMore(read));
    }

    /// A reader wants no more.
    pub fn end_read(&mut self, device: DeviceId, read: ReadKey) {
        self.input(device, Input::StopReading(read));
    }

    /// All that a reader got.
    pub fn parts(&self, device: DeviceId, read: ReadKey) -> Vec<&ReadPart> {
        let parts = self.devices[device.0].parts.iter();
        let parts = parts.filter(|(of, _)| *of == read);
        parts.map(|(_, part)| part).collect()
    }
}
