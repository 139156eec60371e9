//! One end of a bare data channel in a program: it sends bytes, or counts them. Told by lines of JSON what to do.
//!
//! | it hears | it says |
//! |---|---|
//! | `{"offer": bytes}` | `{"sdp": …}` |
//! | `{"answer": bytes, "sdp": …}` | `{"sdp": …}` |
//! | `{"accept": sdp}` | |
//! | | `{"opened": true}` |
//! | `{"send": bytes}` | |
//! | | `{"seconds": …}`, once so many bytes have come as it was said |

use std::{sync::Arc, time::Instant};

use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::BytesMut;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, stdin},
    sync::Notify,
};
use webrtc::{
    data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit},
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
        RTCSessionDescription, SettingEngineBuilder,
    },
};

const MESSAGE: usize = 64 * 1024;
/// As the host has them, so that only what is done with the bytes differs.
const RECEIVE_WINDOW: u32 = 4 * 1024 * 1024;
const SEND_BUFFER: usize = 1024 * 1024;

/// Runs until its input ends.
pub(crate) async fn run() -> Result<()> {
    let mut lines = BufReader::new(stdin()).lines();
    let mut end: Option<End> = None;
    while let Some(line) = lines.next_line().await? {
        let order: Value = serde_json::from_str(&line)?;
        let bytes = |name: &str| order[name].as_u64();
        if let Some(bytes) = bytes("offer") {
            let new = End::open(bytes).await?;
            let offer = new.peer.create_offer(None).await?;
            tell(&json!({ "sdp": new.described(offer).await? }));
            end = Some(new);
        } else if let Some(bytes) = bytes("answer") {
            let new = End::open(bytes).await?;
            let sdp = order["sdp"].as_str().context("sdp")?.to_owned();
            let offer = RTCSessionDescription::offer(sdp)?;
            new.peer.set_remote_description(offer).await?;
            let answer = new.peer.create_answer(None).await?;
            tell(&json!({ "sdp": new.described(answer).await? }));
            end = Some(new);
        } else if let (Some(sdp), Some(end)) = (order["accept"].as_str(), &end) {
            let answer = RTCSessionDescription::answer(sdp.to_owned())?;
            end.peer.set_remote_description(answer).await?;
        } else if let (Some(bytes), Some(end)) = (bytes("send"), &end) {
            end.send(bytes).await?;
        }
    }
    Ok(())
}

struct End {
    peer: Arc<dyn PeerConnection>,
    channel: Arc<dyn DataChannel>,
    gathered: Arc<Notify>,
}

struct News(Arc<Notify>);

#[async_trait]
impl PeerConnectionEventHandler for News {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.0.notify_one();
        }
    }
}

impl End {
    async fn open(bytes: u64) -> Result<Self> {
        let settings = SettingEngineBuilder::new()
            .with_sctp_max_receive_buffer_size(RECEIVE_WINDOW)
            .build();
        let gathered = Arc::new(Notify::new());
        let peer = PeerConnectionBuilder::new()
            .with_setting_engine(settings)
            .with_handler(Arc::new(News(gathered.clone())))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .with_data_channel_send_buffer_limit(SEND_BUFFER)
            .build()
            .await?;
        let peer: Arc<dyn PeerConnection> = Arc::new(peer);
        let init = RTCDataChannelInit {
            negotiated: Some(0),
            ..RTCDataChannelInit::default()
        };
        let channel = peer.create_data_channel("bare", Some(init)).await?;
        tokio::spawn(count(channel.clone(), bytes));
        Ok(Self {
            peer,
            channel,
            gathered,
        })
    }

    /// Sets a description; gives it with all candidates in it.
    async fn described(&self, description: RTCSessionDescription) -> Result<String> {
        self.peer.set_local_description(description).await?;
        self.gathered.notified().await;
        let local = self.peer.local_description().await;
        Ok(local.context("a local description")?.sdp)
    }

    async fn send(&self, bytes: u64) -> Result<()> {
        let mut sent = 0;
        while sent < bytes {
            self.channel.send(BytesMut::zeroed(MESSAGE)).await?;
            sent += MESSAGE as u64;
        }
        Ok(())
    }
}

/// Says how long it took from the first byte to the last.
async fn count(channel: Arc<dyn DataChannel>, bytes: u64) {
    let (mut first, mut got) = (None, 0);
    while let Some(event) = channel.poll().await {
        match event {
            DataChannelEvent::OnOpen => tell(&json!({ "opened": true })),
            DataChannelEvent::OnMessage(message) => {
                let first = *first.get_or_insert_with(Instant::now);
                got += message.data.len() as u64;
                if got >= bytes {
                    tell(&json!({ "seconds": first.elapsed().as_secs_f64() }));
                    return;
                }
            }
            _ => {}
        }
    }
}

fn tell(value: &Value) {
    println!("{value}");
}
