//! What is on a device's disk, and a disk that fails or is slow.

use std::{collections::BTreeSet, time::Duration};

use super::{DeviceId, Sim};
use crate::{
    resource::{Descriptor, Hashed, ResourceHasher, ResourceId, pieces},
    store::{Reply, Request, ResourceEntry, StoreError},
};

impl Sim {
    /// Puts a file into a device's store, as its driver does before [`Command::Share`]. Its descriptor may be a false one.
    ///
    /// # Errors
    /// What the store says.
    pub fn take_in(
        &mut self,
        device: DeviceId,
        descriptor: &Descriptor,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let of = &self.devices[device.0];
        let id = descriptor.id;
        let entry = ResourceEntry {
            descriptor: descriptor.clone(),
            channels: BTreeSet::new(),
            paused: false,
            added: self.now,
            md5_checked: true,
            automatic: None,
        };
        of.ask_store(Request::SaveResource(entry))?;
        let mut hasher = ResourceHasher::new(bytes.len() as u64);
        let hashed = hasher.update(bytes).and_then(|()| hasher.finish());
        if let Ok(Hashed { outline, .. }) = hashed {
            let resource = id;
            of.ask_store(Request::SaveOutline { resource, outline })?;
        }
        let length = bytes.len() as u64;
        for piece in 0..pieces::count(length) {
            let range = pieces::range(length, piece).unwrap_or_default();
            let bytes = bytes[range.start as usize..range.end as usize].to_vec();
            of.ask_store(Request::PutPieces {
                resource: id,
                pieces: vec![(piece, bytes)],
            })?;
        }
        Ok(())
    }

    /// The bytes of a file as a device's store has them; pieces that are not there have none.
    pub fn stored_file(&self, device: DeviceId, id: ResourceId) -> Option<Vec<u8>> {
        let of = &self.devices[device.0];
        let Ok(Reply::Resource(Some(stored))) = of.ask_store(Request::LoadResource(id)) else {
            return None;
        };
        let pieces = (0..stored.have.pieces()).collect();
        let load = Request::LoadPieces {
            resource: id,
            pieces,
        };
        match of.ask_store(load) {
            Ok(Reply::Pieces(pieces)) => Some(pieces.into_iter().flatten().flatten().collect()),
            _ => None,
        }
    }

    /// A device's store loses pieces, as a disk does: its node is not told.
    ///
    /// # Errors
    /// When the store cannot.
    pub fn lose_pieces(
        &self,
        device: DeviceId,
        resource: ResourceId,
        pieces: Vec<u32>,
    ) -> Result<(), StoreError> {
        let drop = Request::DropPieces { resource, pieces };
        self.devices[device.0].ask_store(drop).map(|_| ())
    }

    /// From now on the store fails a device's node wherever `fault` says so.
    pub fn break_store(
        &mut self,
        device: DeviceId,
        fault: impl FnMut(&Request) -> Option<StoreError> + 'static,
    ) {
        self.devices[device.0].fault = Some(Box::new(fault));
    }

    /// From now on the store answers a device's node so much later than otherwise; what is asked meanwhile overtakes it, as
    /// in databases that read side by side.
    pub fn slow_store(&mut self, device: DeviceId, slow: impl Fn(&Request) -> Duration + 'static) {
        self.devices[device.0].slow = Some(Box::new(slow));
    }

    /// The store of a device does all that is asked of it again.
    pub fn mend_store(&mut self, device: DeviceId) {
        self.devices[device.0].fault = None;
    }
}
