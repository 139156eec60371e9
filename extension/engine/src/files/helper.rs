//! A worker: the engine's own wasm once more, on a thread of its own.

use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::messages::{FromWorker, ToWorker};
use crate::js::{self, Listener};

/// One worker. When it is dropped, it stops in the middle of what it does.
pub(super) struct Helper {
    worker: Worker,
    // Removed before the worker is stopped: what it still said is not heard.
    listeners: Vec<Listener>,
}

impl Helper {
    /// Starts a worker; `hear` gets what it says, or what it broke on: then it is of no more use.
    pub(super) fn start(
        script: &str,
        hear: impl Fn(Result<FromWorker, String>) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(script, &options)?;
        let broken = hear.clone();
        let listeners = vec![
            Listener::new(&worker, "message", move |event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                hear(serde_wasm_bindgen::from_value(data).map_err(|error| error.to_string()));
            }),
            Listener::new(&worker, "error", move |event| {
                // A script that could not be loaded gives an event without message.
                let message = event.dyn_into::<ErrorEvent>().map(|event| event.message());
                broken(Err(
                    message.unwrap_or_else(|_| "it did not start".to_owned())
                ));
            }),
        ];
        Ok(Self { worker, listeners })
    }

    pub(super) fn post(&self, message: &ToWorker) {
        let message = message.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
        let posted = message
            .map_err(JsValue::from)
            .and_then(|message| self.worker.post_message(&message));
        // It fails only for what cannot be cloned, and files can.
        if let Err(error) = posted {
            js::warn("a worker could not be asked", &error);
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.listeners.clear();
        self.worker.terminate();
    }
}
