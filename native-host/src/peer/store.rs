//! The thread that the store has to itself: a store may block, and requests are carried out in order.

use std::{sync::mpsc as blocking, thread};

use catnest::{
    node::Ticket,
    store::{Reply, Request, Store, StoreError},
};
use tokio::sync::mpsc;

/// What the store said to a request.
pub(super) type Answer = (Ticket, Result<Reply, StoreError>);

/// The way to the thread. It ends, once it has carried out everything, when this is dropped.
pub(super) struct Keeper(blocking::Sender<(Ticket, Request)>);

/// The thread is no more.
#[derive(Debug)]
pub(super) struct Ended;

impl Keeper {
    /// Starts the thread, opens the store there, and answers. The answers end with the thread.
    pub(super) fn start<S: Store>(
        open: impl FnOnce() -> Result<S, StoreError> + Send + 'static,
    ) -> std::io::Result<(Self, mpsc::UnboundedReceiver<Answer>)> {
        let (keeper, requests) = blocking::channel();
        // Bounded by the requests that the engine lets wait.
        let (answers, heard) = mpsc::unbounded_channel();
        thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                let store = open();
                for (ticket, request) in requests {
                    let result = match &store {
                        Ok(store) => pollster::block_on(store.execute(request)),
                        Err(error) => Err(error.clone()),
                    };
                    // Nobody waits for it when the engine has ended; it is carried out all the same.
                    let _heard = answers.send((ticket, result));
                }
            })?;
        Ok((Self(keeper), heard))
    }

    pub(super) fn ask(&self, ticket: Ticket, request: Request) -> Result<(), Ended> {
        self.0.send((ticket, request)).map_err(|_| Ended)
    }
}
