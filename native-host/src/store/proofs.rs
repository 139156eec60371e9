//! What is read is what was kept, if its outline is: a disk may give other bytes, and whoever gave those on would be taken
//! for a liar. What is exported is not proven here: `verify` does that.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use catnest::{
    resource::{Outline, ResourceId},
    store::StoreError,
};

use super::{SqliteStore, pieces::Read};

/// Outlines that stay in memory: those of as many resources as are read at a time, or nearly.
const OUTLINES: usize = 8;

/// The outlines of the resources that were read last, the newest at the front.
#[derive(Debug, Default)]
pub(super) struct Proofs(RefCell<VecDeque<(ResourceId, Rc<Outline>)>>);

impl Proofs {
    fn find(&self, id: ResourceId, length: u64) -> Option<Rc<Outline>> {
        let mut kept = self.0.borrow_mut();
        let is_it = |(of, outline): &(_, Rc<Outline>)| *of == id && outline.length() == length;
        let at = kept.iter().position(is_it)?;
        let found = kept.remove(at)?;
        let outline = found.1.clone();
        kept.push_front(found);
        Some(outline)
    }

    fn keep(&self, id: ResourceId, outline: Outline) -> Rc<Outline> {
        let outline = Rc::new(outline);
        let mut kept = self.0.borrow_mut();
        kept.push_front((id, outline.clone()));
        kept.truncate(OUTLINES);
        outline
    }
}

impl SqliteStore {
    /// The bytes of pieces; none of one that is not there, or is not what it should be.
    pub(super) fn proven_pieces(
        &self,
        id: ResourceId,
        wanted: &[u32],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let Read { length, mut pieces } = self.find_pieces(id, wanted)?;
        // Without an outline, whoever gets them proves them.
        if pieces.iter().any(Option::is_some)
            && let Some(outline) = self.proof(id, length)?
        {
            for (piece, bytes) in wanted.iter().zip(&mut pieces) {
                bytes.take_if(|bytes| !outline.proves(*piece, bytes));
            }
        }
        Ok(pieces)
    }

    /// What proves the pieces of a resource of a length, if that is known.
    pub(super) fn proof(
        &self,
        id: ResourceId,
        length: u64,
    ) -> Result<Option<Rc<Outline>>, StoreError> {
        if let Some(outline) = self.proofs.find(id, length) {
            return Ok(Some(outline));
        }
        let known = match self.find_outline(id) {
            // The only piece of a resource has the resource's own hash.
            Ok(None) | Err(StoreError::Damaged(_)) => Outline::check(id, length, &id.0).ok(),
            found => found?,
        };
        let known = known.filter(|outline| outline.length() == length);
        Ok(known.map(|outline| self.proofs.keep(id, outline)))
    }
}
