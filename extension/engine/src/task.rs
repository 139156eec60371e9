//! Work that ends when whoever wants it does not any more.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::Poll,
};

use wasm_bindgen_futures::spawn_local;

/// Work under way. When it is dropped, it goes no further, and what it holds is let go of.
pub(crate) struct Task(Rc<RefCell<State>>);

enum State {
    Waits(Pin<Box<dyn Future<Output = ()>>>),
    /// It works right now, and may drop its own [`Task`].
    Works,
    Over,
}

impl Task {
    /// Begins soon, not before this has returned.
    pub(crate) fn spawn(work: impl Future<Output = ()> + 'static) -> Self {
        let state = Rc::new(RefCell::new(State::Waits(Box::pin(work))));
        let of_work = state.clone();
        spawn_local(poll_fn(move |context| {
            let State::Waits(mut work) = of_work.replace(State::Works) else {
                of_work.replace(State::Over);
                return Poll::Ready(());
            };
            let polled = work.as_mut().poll(context);
            let mut state = of_work.borrow_mut();
            if polled.is_pending() && matches!(*state, State::Works) {
                *state = State::Waits(work);
                return Poll::Pending;
            }
            *state = State::Over;
            // What it drops may look at its task once more.
            drop(state);
            drop(work);
            Poll::Ready(())
        }));
        Self(state)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // Out of the cell before it is dropped, for the same reason.
        let before = self.0.replace(State::Over);
        drop(before);
    }
}
