//! Native messaging: what a browser starts when the extension calls `connectNative`.
//!
//! ```text
//! extension ⇄ browser ⇄ stdin, stdout ⇄ relay ⇄ socket ⇄ daemon
//! ```
//!
//! The relay passes frames on and looks at nothing but their length: hello and everything after it are between the
//! extension and the daemon ([`catnest::host`]). It is there for as long as the browser wants it, and the daemon, which it
//! starts if there is none, stays. Standard output is the protocol's alone; the browser keeps what is said on standard
//! error for whoever looks for it.

use std::{ffi::OsString, io, pin::pin, process::ExitCode, time::Duration};

use bytes::{Bytes, BytesMut};
use catnest::{
    host::{FromHost, Parting},
    limits,
};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::timeout;
use tokio_util::codec::{Framed, FramedRead, FramedWrite};

use crate::{
    daemon::{place::Place, start},
    local::codec,
};

/// How long a browser may take to hear why it is over.
const PARTING: Duration = Duration::from_secs(2);

/// Whether these are the arguments of a browser, and not of a person: Chromium and its kin give the extension's origin,
/// on Windows with a window after it; Firefox gives the path of the manifest and the extension's id.
pub(crate) fn is_started_by_browser(arguments: &[OsString]) -> bool {
    let mut texts = arguments.iter().skip(1).map(|argument| argument.to_str());
    match (texts.next().flatten(), texts.next().flatten()) {
        (Some(origin), _) if origin.starts_with("chrome-extension://") => true,
        (Some(manifest), Some(id)) => manifest.ends_with(".json") && is_firefox_id(id),
        _ => false,
    }
}

/// `name@domain`, or a UUID in braces.
fn is_firefox_id(id: &str) -> bool {
    id.contains('@') || id.starts_with('{') && id.ends_with('}')
}

/// Passes on what browser and daemon say to each other, until either is done.
pub(crate) async fn run() -> ExitCode {
    let mut browser = FramedRead::new(tokio::io::stdin(), codec());
    let mut to_browser = FramedWrite::new(tokio::io::stdout(), codec());
    let ended = relay(&mut browser, &mut to_browser).await;
    if let Err(why) = &ended {
        tracing::error!("{why}");
        let goodbye = FromHost::Goodbye { why: why.clone() }.write();
        // A browser that does not read, or is gone, needs no reason.
        let _heard = timeout(PARTING, to_browser.send(Bytes::from(goodbye))).await;
    }
    // At once: the runtime would wait for the thread that reads standard input, which a browser may leave open.
    std::process::exit(i32::from(ended.is_err()))
}

async fn relay(
    browser: &mut (impl Stream<Item = io::Result<BytesMut>> + Unpin),
    to_browser: &mut (impl Sink<Bytes, Error = io::Error> + Unpin),
) -> Result<(), Parting> {
    let no_daemon = |error: anyhow::Error| Parting::NoDaemon {
        detail: format!("{error:#}"),
    };
    let place = Place::of(None).map_err(|error| no_daemon(error.into()))?;
    let stream = start::reach(&place).await;
    let stream = stream.map_err(|error| no_daemon(error.into()))?;
    let (mut to_daemon, mut daemon) = Framed::new(stream, codec()).split();
    // Each direction has one frame in hand: who does not read has nothing read from whoever speaks to it.
    let mut back = pin!(forward(&mut daemon, to_browser));
    tokio::select! {
        ended = forward(browser, &mut to_daemon) => match ended {
            // A browser that goes, or is killed in the middle of a word, has nothing more to hear.
            Stopped::End | Stopped::Broken => Ok(()),
            // The daemon goes, and may have said why: without that, a browser that is told to stop comes back at once, and
            // starts another.
            Stopped::Unheard => {
                let _heard = timeout(PARTING, back).await;
                Ok(())
            }
            Stopped::TooLong => Err(Parting::NoFrame {
                detail: format!("{} bytes at most", limits::MAX_HOST_FRAME_BYTES),
            }),
        },
        // The daemon has said why, if it could.
        _ = &mut back => Ok(()),
    }
}

/// Why nothing more is passed on in one direction.
enum Stopped {
    /// There is no more.
    End,
    /// What comes next has a length that no frame has.
    TooLong,
    /// Whoever speaks is gone.
    Broken,
    /// Whoever is spoken to is gone.
    Unheard,
}

async fn forward(
    from: &mut (impl Stream<Item = io::Result<BytesMut>> + Unpin),
    to: &mut (impl Sink<Bytes, Error = io::Error> + Unpin),
) -> Stopped {
    loop {
        match from.next().await {
            None => return Stopped::End,
            Some(Ok(frame)) => {
                if to.send(frame.freeze()).await.is_err() {
                    return Stopped::Unheard;
                }
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                return Stopped::TooLong;
            }
            Some(Err(_)) => return Stopped::Broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_from_people() {
        for (arguments, browser) in [
            (
                &["chrome-extension://pnpkmekembamgbadefiddfiodipbgpph/"][..],
                true,
            ),
            (
                &[
                    "chrome-extension://pnpkmekembamgbadefiddfiodipbgpph/",
                    "--parent-window=0",
                ],
                true,
            ),
            (
                &[
                    "/users/ann/.mozilla/native-messaging-hosts/c.json",
                    "catnest@catnest.invalid",
                ],
                true,
            ),
            (
                &["C:\\c.json", "{9a1f7a9e-5b1c-4b1b-8f5e-000000000000}"],
                true,
            ),
            (&[], false),
            (&["status"], false),
            (
                &["share", "a.json", "webrtc://ann@nest.example/cats"],
                false,
            ),
            (&["c.json"], false),
            (&["c.json", "cats"], false),
        ] {
            let all = std::iter::once("catnest-host").chain(arguments.iter().copied());
            let all: Vec<OsString> = all.map(Into::into).collect();
            assert_eq!(is_started_by_browser(&all), browser, "{arguments:?}");
        }
    }
}
