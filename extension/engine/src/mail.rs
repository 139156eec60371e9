//! What comes by callbacks, for a future to take.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

/// What came and was not taken yet, in its order. Clones share it; one of them takes.
pub(crate) struct Mail<T>(Rc<RefCell<Inner<T>>>);

struct Inner<T> {
    came: VecDeque<T>,
    waker: Option<Waker>,
}

impl<T> Mail<T> {
    /// Something comes.
    pub(crate) fn put(&self, message: T) {
        let mut inner = self.0.borrow_mut();
        inner.came.push_back(message);
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What came first, once something has.
    pub(crate) async fn take(&self) -> T {
        poll_fn(|context| {
            let mut inner = self.0.borrow_mut();
            if let Some(message) = inner.came.pop_front() {
                return Poll::Ready(message);
            }
            inner.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl<T> Clone for Mail<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Mail<T> {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(Inner {
            came: VecDeque::new(),
            waker: None,
        })))
    }
}
