//! A program that shares a file.

use std::{fs, process::Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    sync::mpsc,
};

use super::{daemon::Home, within};

/// Killed when dropped.
pub(crate) struct Share {
    process: Child,
    said: mpsc::UnboundedReceiver<Value>,
}

impl Share {
    /// Shares a file in a nest: its address.
    pub(crate) async fn start(home: &Home, nest: &str, name: &str, bytes: &[u8]) -> (Self, String) {
        fs::write(home.path().join(name), bytes).unwrap();
        let data = format!("shared-{name}");
        let mut share = home.binary();
        share.args(["share", name, nest, "--data", &data, "--json"]);
        let mut process = share.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (saying, said) = mpsc::unbounded_channel();
        // Whose output nobody reads stands still once the pipe is full.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _heard = saying.send(serde_json::from_str(&line).unwrap());
            }
        });
        let mut share = Self { process, said };
        let event = share.until("shared").await;
        (share, event["address"].as_str().unwrap().to_owned())
    }

    /// Waits until it says that something happened.
    pub(crate) async fn until(&mut self, event: &str) -> Value {
        within(event, async {
            loop {
                let said = self.said.recv().await.unwrap();
                if said["event"] == event {
                    return said;
                }
            }
        })
        .await
    }

    pub(crate) async fn end(mut self) {
        self.process.kill().await.unwrap();
    }
}
