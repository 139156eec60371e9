//! What is read is what was kept, if its outline is: a disk may give other bytes, and whoever gave those on would be taken
//! for a liar. What is exported is not proven here: `verify` does that.

use std::rc::Rc;

use catnest::{
    resource::{Outline, ResourceId},
    store::StoreError,
};

use super::{SqliteStore, pieces::Read};

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
        // With another length it was another one.
        let kept = self.proofs.find(id);
        if let Some(outline) = kept.filter(|outline| outline.length() == length) {
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
