//! A device of the test's own process that speaks to a daemon by its socket, as the extension does through a browser.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use catnest::host::{FromHost, Pipe, SocketNews, SocketStep, ToHost};
use catnest_host::peer::host::{Host, Mailbox};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::unix::OwnedWriteHalf, sync::mpsc};

use super::daemon::{Frames, Home};

/// Room for all that a test is told at once.
const ROOM: usize = 16 * 1024 * 1024;

/// A way to the daemon, and how many frames came through its pipes.
pub(crate) struct Way {
    pub(crate) host: Host,
    pub(crate) piped: Arc<AtomicUsize>,
}

/// Connects to a home's daemon. Without `candidates`, those are left out of all that is said and heard, so that WebRTC finds
/// nothing, as in a browser on a machine with a loopback only.
pub(crate) async fn way(home: &Home, candidates: bool) -> Way {
    let mut frames = home.program_at_socket().await;
    frames.hello().await;
    let Frames {
        mut input, output, ..
    } = frames;
    let (mailbox, letters) = Mailbox::new(ROOM);
    let piped = Arc::new(AtomicUsize::new(0));
    let counted = piped.clone();
    tokio::spawn(async move {
        while let Some(frame) = super::daemon::read(&mut input).await {
            let mut message = FromHost::read(&frame).unwrap();
            match &mut message {
                FromHost::Signal {
                    what: SocketNews::Text { text },
                    ..
                } if !candidates => match without_candidates(text) {
                    Some(rest) => *text = rest,
                    None => continue,
                },
                FromHost::Pipe {
                    what: Pipe::Frame { .. },
                    ..
                } => {
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            }
            assert_eq!(
                mailbox.put(message),
                None,
                "more than a test is told at once"
            );
        }
    });
    let (say, said) = mpsc::unbounded_channel();
    tokio::spawn(write(output, said, candidates));
    let host = Host {
        say: Box::new(move |message| {
            // Whoever writes is gone once the daemon is.
            let _gone = say.send(message);
        }),
        letters,
        again: None,
    };
    Way { host, piped }
}

async fn write(
    mut output: OwnedWriteHalf,
    mut said: mpsc::UnboundedReceiver<ToHost>,
    candidates: bool,
) {
    while let Some(mut message) = said.recv().await {
        if let ToHost::Signal {
            what: SocketStep::Text { text },
            ..
        } = &mut message
            && !candidates
        {
            match without_candidates(text) {
                Some(rest) => *text = rest,
                None => continue,
            }
        }
        let bytes = message.write();
        let mut frame = u32::try_from(bytes.len()).unwrap().to_ne_bytes().to_vec();
        frame.extend(bytes);
        if output.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// What is left of a signalling message.
fn without_candidates(text: &str) -> Option<String> {
    let mut message: Value = serde_json::from_str(text).unwrap();
    if message.get("candidate").is_some() {
        return None;
    }
    for kind in ["offer", "answer"] {
        if let Some(Value::String(sdp)) = message.pointer_mut(&format!("/{kind}/sdp")) {
            let lines = sdp.split_inclusive('\n');
            *sdp = lines
                .filter(|line| !line.starts_with("a=candidate"))
                .collect();
        }
    }
    Some(message.to_string())
}
