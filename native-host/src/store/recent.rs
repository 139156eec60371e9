//! What was used last of something that each resource has, and stays at hand.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use catnest::resource::ResourceId;

/// Of as many resources as fit, the one used last at the front.
#[derive(Debug)]
pub(super) struct Recent<T, const MOST: usize>(RefCell<VecDeque<(ResourceId, Rc<T>)>>);

impl<T, const MOST: usize> Default for Recent<T, MOST> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T, const MOST: usize> Recent<T, MOST> {
    pub(super) fn find(&self, id: ResourceId) -> Option<Rc<T>> {
        let mut kept = self.0.borrow_mut();
        let at = kept.iter().position(|(of, _)| *of == id)?;
        let found = kept.remove(at)?;
        let value = found.1.clone();
        kept.push_front(found);
        Some(value)
    }

    /// From now on this is what the resource has.
    pub(super) fn keep(&self, id: ResourceId, value: T) -> Rc<T> {
        self.forget(id);
        let value = Rc::new(value);
        let mut kept = self.0.borrow_mut();
        kept.push_front((id, value.clone()));
        kept.truncate(MOST);
        value
    }

    pub(super) fn forget(&self, id: ResourceId) {
        self.0.borrow_mut().retain(|(of, _)| *of != id);
    }
}
