//! How a download gets the outline of its resource.

use std::cmp::Reverse;

use super::{Download, DownloadOutput, HolderKey};
use crate::{
    limits,
    resource::{Outline, pieces},
    swarm::{Message, OutlineFrom, OutlinePart, flow, holder::Holder},
    time::Millis,
};

/// Bytes of a chaining value.
const VALUE: usize = 32;

/// How far the outline is.
#[derive(Debug)]
pub(super) enum Progress {
    /// Nobody was asked yet.
    Unknown,
    /// One holder is giving it.
    Coming {
        from: HolderKey,
        values: Vec<u8>,
        /// When something of it came.
        useful_at: Millis,
        /// When all of it is to be here, however it comes.
        due: Millis,
    },
    Known(Outline),
}

impl Progress {
    /// When its holder has let us wait too long.
    pub(super) fn patience_ends(&self) -> Option<Millis> {
        match self {
            Self::Coming { useful_at, due, .. } => {
                Some((*useful_at + limits::HOLDER_PATIENCE).min(*due))
            }
            Self::Unknown | Self::Known(_) => None,
        }
    }
}

impl Download {
    pub(super) fn start_outline(&mut self, now: Millis) {
        let able = |(_, holder): &(&HolderKey, &Holder)| {
            !holder.lacks_outline && holder.rests_until <= now && holder.have.count() > 0
        };
        // Whoever has most is least likely to go soon; but whoever let us wait before does not come first again.
        let best = self.holders.iter().filter(able);
        let best = best.max_by_key(|(_, h)| (Reverse(h.failures()), h.have.count()));
        let Some((&from, _)) = best else {
            return;
        };
        let bytes = pieces::count(self.length) as usize * VALUE;
        self.outline = Progress::Coming {
            from,
            values: Vec::new(),
            useful_at: now,
            due: now
                + limits::HOLDER_PATIENCE
                + flow::time_for(bytes as u64, limits::UNMEASURED_RATE),
        };
        for part in 0..limits::OUTLINE_PARTS_AHEAD {
            self.ask_outline(from, part * limits::OUTLINE_PART as u32);
        }
    }

    /// Asks for the part of the outline that begins with a piece, if the resource has that.
    fn ask_outline(&mut self, from: HolderKey, first: u32) {
        if first < pieces::count(self.length) {
            let resource = self.id;
            let ask = OutlineFrom { resource, first };
            self.send(from, Message::AskOutline(ask));
        }
    }

    /// Part of the outline came.
    pub fn outline_part(&mut self, now: Millis, key: HolderKey, part: &OutlinePart) {
        let Progress::Coming {
            from,
            values,
            useful_at,
            ..
        } = &mut self.outline
        else {
            return;
        };
        if *from != key || u64::from(part.first) * VALUE as u64 != values.len() as u64 {
            return;
        }
        if part.values.is_empty() {
            if let Some(holder) = self.holders.get_mut(&key) {
                holder.lacks_outline = true;
            }
            self.outline = Progress::Unknown;
            return self.pump(now);
        }
        let expected = pieces::count(self.length) as usize * VALUE;
        let rest = expected - values.len();
        if part.values.len() != rest.min(limits::OUTLINE_PART * VALUE) {
            // Crumbs would renew our patience again and again.
            self.liar(key, "part of its outline is not whole");
            return self.pump(now);
        }
        values.extend_from_slice(&part.values);
        *useful_at = now;
        if values.len() < expected {
            // Those before it are asked for already.
            let ahead = limits::OUTLINE_PARTS_AHEAD * limits::OUTLINE_PART as u32;
            return self.ask_outline(key, part.first + ahead);
        }
        match Outline::check(self.id, self.length, values) {
            Ok(outline) => {
                self.outputs
                    .push_back(DownloadOutput::Outline(outline.clone()));
                self.outline = Progress::Known(outline);
            }
            Err(_) => self.liar(key, "its outline is not of this resource"),
        }
        self.pump(now);
    }
}
