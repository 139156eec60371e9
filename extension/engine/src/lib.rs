//! The extension's engine: a driver that lets the core act on a browser.
//!
//! It runs in the offscreen document (Chromium) or the event page (Firefox), and lives as long as that. Each file
//! drives one kind of thing: [`signalling`] WebSockets, [`connection`] peer connections, [`store`] IndexedDB,
//! [`views`] the ports of open views, [`files`] what is shared and shown, [`reading`] files while they come, [`playing`]
//! what is heard, [`host`] the native host, [`shell`] badge and notifications, [`clock`] the time. [`engine`] is the loop between them and the core's node, [`feed`]
//! the way to it. [`worker`] is what the same wasm does in a worker.

mod clock;
mod connection;
mod engine;
mod feed;
pub mod files;
mod host;
mod js;
mod mail;
pub mod playing;
pub mod reading;
mod shell;
mod signalling;
mod stats;
pub mod store;
mod task;
mod views;
pub mod worker;

use std::rc::Rc;

use catnest::{
    entropy::Entropy,
    host::HostInput,
    node::{Command, Input},
};
use wasm_bindgen::prelude::*;

/// Starts the engine; it runs until its document is gone. Resolves once views can connect.
///
/// # Errors
/// When the document lacks what the engine is made of: `crypto`, or the extension's own APIs.
#[wasm_bindgen]
pub async fn start() -> Result<(), JsValue> {
    console_error_panic_hook::set_once();
    let mut seed = [0; 32];
    js::window()?
        .crypto()?
        .get_random_values_with_u8_array(&mut seed)?;
    let place = files::Place {
        store: Rc::new(store::IndexedDbStore::open(store::DATABASE).await),
        database: store::DATABASE.into(),
        script: files::SCRIPT.into(),
        held: files::Held::default(),
    };
    wasm_bindgen_futures::spawn_local(store::persistence::persist());
    let views = views::Views::default();
    let engine = engine::Engine::new(Entropy::from_seed(seed), place.clone(), views.clone());
    let feed = engine.feeder();
    let blobs = files::Blobs::new(place, move |file| {
        js::warn("a file lacks bytes", &file.to_string().into());
        feed.feed(Input::Command {
            request: views::ENGINE,
            command: Command::Check { file },
        });
    });
    let host = host::Host::new(views.clone(), engine.feeder());
    engine.meet_in(host.clone());
    let ears = views::Ears {
        feed: engine.feeder(),
        intakes: engine.intakes(),
        music: engine.music_intakes(),
        host: host.clone(),
    };
    views::listen(views, ears);
    let door = files::Door::open(engine.intakes(), engine.music_intakes(), blobs)?;
    let streams = engine.streams().listen()?;
    engine.follow_network()?;
    engine.feed(Input::Start);
    host.give(HostInput::Look);
    // For as long as the document lives: what it drives does not keep it.
    std::mem::forget((engine, door, streams, host));
    Ok(())
}
