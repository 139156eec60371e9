//! Resources that are being taken in and shared nowhere yet: what needs them keeps them.

use std::{cell::RefCell, rc::Rc};

use catnest::resource::ResourceId;

/// All of them, each as often as it is held. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Held(Rc<RefCell<Vec<ResourceId>>>);

/// Holds a resource until it is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    held: Held,
    id: ResourceId,
}

impl Held {
    pub(super) fn hold(&self, id: ResourceId) -> Hold {
        self.0.borrow_mut().push(id);
        let held = self.clone();
        Hold { held, id }
    }

    pub(super) fn has(&self, id: ResourceId) -> bool {
        self.0.borrow().contains(&id)
    }
}

impl Hold {
    pub(super) fn id(&self) -> ResourceId {
        self.id
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.held.0.borrow_mut();
        if let Some(at) = held.iter().position(|id| *id == self.id) {
            held.swap_remove(at);
        }
    }
}
