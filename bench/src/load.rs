//! The load: many idle sockets, then some pairs among them that talk as fast as they can.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use catnest::signal::SUBPROTOCOL;
use futures_util::{SinkExt, StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, Utf8Bytes, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

use crate::server::{Dialect, Server};

/// About what an offer of one data channel has, with its candidates.
const SDP_BYTES: usize = 2000;
/// Channels that fill at the same time.
const JOINING: usize = 16;
/// The usual read buffer of 128 KiB, 2,000 times, would be felt by the server as well.
const READ_BUFFER_BYTES: usize = 8 * 1024;
/// No socket is this slow unless something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

type Socket = WebSocketStream<TcpStream>;

/// How much load.
pub(crate) struct Plan {
    /// Channels. One pair talks in each, from the first, until there are `pairs`.
    pub(crate) channels: usize,
    /// Sockets in each.
    pub(crate) per_channel: usize,
    /// Pairs that talk.
    pub(crate) pairs: usize,
    /// Messages that each end of a pair has under way.
    pub(crate) window: usize,
    /// Before counting begins.
    pub(crate) warm_up: Duration,
    /// While messages are counted.
    pub(crate) counting: Duration,
}

impl Plan {
    /// What the goals are about.
    pub(crate) fn full() -> Self {
        Self {
            channels: 200,
            per_channel: 10,
            pairs: 200,
            window: 4,
            warm_up: Duration::from_secs(1),
            counting: Duration::from_secs(5),
        }
    }

    /// All sockets.
    pub(crate) fn sockets(&self) -> usize {
        self.channels * self.per_channel
    }
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// What the server's memory grew by when the sockets came, for each of them.
    pub(crate) rss_bytes_per_socket: f64,
    /// Messages that came through in a second.
    pub(crate) relayed_per_s: f64,
}

impl Figures {
    /// The median of each figure.
    pub(crate) fn medians(rounds: &[Figures]) -> Self {
        let median = |figure: fn(&Figures) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(figure).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Self {
            rss_bytes_per_socket: median(|round| round.rss_bytes_per_socket),
            relayed_per_s: median(|round| round.relayed_per_s),
        }
    }
}

/// The sockets of one channel, and the ids of the first two.
struct Channel {
    sockets: Vec<Socket>,
    ids: [String; 2],
}

/// Puts a server under load.
///
/// # Errors
/// When it does not come through it.
pub(crate) async fn measure(server: &Server, plan: &Plan) -> Result<Figures> {
    let before = server.rss()?;
    // When this is done, every socket has been told of all others: the server is at rest.
    let channels: Vec<Channel> = stream::iter(0..plan.channels)
        .map(|number| fill(server, number, plan.per_channel))
        .buffer_unordered(JOINING)
        .try_collect()
        .await?;
    let grown = server.rss()?.saturating_sub(before);
    Ok(Figures {
        rss_bytes_per_socket: grown as f64 / plan.sockets() as f64,
        relayed_per_s: talk(server.dialect, channels, plan).await?,
    })
}

/// Opens the sockets of one channel, one after the other.
async fn fill(server: &Server, number: usize, size: usize) -> Result<Channel> {
    let mut sockets: Vec<Socket> = Vec::new();
    let mut ids = [0, 1].map(|member| id_for_peer_server(number, member));
    for member in 0..size {
        let mut socket = open(server, number, member).await?;
        match server.dialect {
            Dialect::Peer => drop(hear(&mut socket, "OPEN").await?),
            Dialect::Catnest => {
                for earlier in &mut sockets {
                    let id = pushed(earlier).await?;
                    if member == 1 {
                        ids[1] = id;
                    }
                }
                for _ in 0..member {
                    let id = pushed(&mut socket).await?;
                    if member == 1 {
                        ids[0] = id;
                    }
                }
            }
        }
        sockets.push(socket);
    }
    Ok(Channel { sockets, ids })
}

async fn open(server: &Server, channel: usize, member: usize) -> Result<Socket> {
    let address = server.address;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = match server.dialect {
        Dialect::Catnest => {
            let mut request = format!("ws://{address}/webrtc/{channel}").into_client_request()?;
            let protocol = HeaderValue::from_static(SUBPROTOCOL);
            request
                .headers_mut()
                .insert("sec-websocket-protocol", protocol);
            request
        }
        Dialect::Peer => {
            let id = id_for_peer_server(channel, member);
            format!("ws://{address}/peerjs?key=peerjs&id={id}&token={id}").into_client_request()?
        }
    };
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let (socket, _) = client_async_with_config(request, stream, Some(config))
        .await
        .with_context(|| format!("socket {member} of channel {channel}"))?;
    Ok(socket)
}

/// Clients of PeerServer choose their ids, and it knows no channels.
fn id_for_peer_server(channel: usize, member: usize) -> String {
    format!("c{channel}m{member}")
}

/// The id in the next push.
async fn pushed(socket: &mut Socket) -> Result<String> {
    let push = hear(socket, "push").await?;
    Ok(push["id"].as_str().context("a push has an id")?.to_owned())
}

/// The next message of this type.
async fn hear(socket: &mut Socket, kind: &str) -> Result<Value> {
    let heard = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text)?;
                    if message["type"] == kind {
                        return Ok(message);
                    }
                }
                Some(Ok(Message::Ping(_))) => {}
                other => bail!("instead of {kind} there came {other:?}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard)
        .await
        .with_context(|| format!("waited for {kind}"))?
}

/// Lets the pairs talk, and counts what comes through in a second.
async fn talk(dialect: Dialect, channels: Vec<Channel>, plan: &Plan) -> Result<f64> {
    let relayed = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for (number, Channel { sockets, ids }) in channels.into_iter().enumerate() {
        for (member, socket) in sockets.into_iter().enumerate() {
            if number < plan.pairs && member < 2 {
                let message = message(dialect, &ids[1 - member]);
                tasks.spawn(chatter(socket, message, plan.window, relayed.clone()));
            } else {
                tasks.spawn(listen(socket));
            }
        }
    }
    let rate = async {
        tokio::time::sleep(plan.warm_up).await;
        let (start, before) = (Instant::now(), relayed.load(Ordering::Relaxed));
        tokio::time::sleep(plan.counting).await;
        (relayed.load(Ordering::Relaxed) - before) as f64 / start.elapsed().as_secs_f64()
    };
    tokio::select! {
        rate = rate => Ok(rate),
        // None of them ends by itself.
        ended = tasks.join_next() => match ended {
            Some(ended) => bail!("a socket was lost: {:?}", ended?),
            None => bail!("there are no sockets"),
        },
    }
}

/// An offer to a socket of this id.
fn message(dialect: Dialect, to: &str) -> Utf8Bytes {
    let offer = json!({"type": "offer", "sdp": "x".repeat(SDP_BYTES)});
    let message = match dialect {
        Dialect::Catnest => json!({"id": to, "offer": offer}),
        Dialect::Peer => json!({"type": "OFFER", "dst": to, "payload": offer}),
    };
    message.to_string().into()
}

/// Sends a few messages ahead, then one for each that comes.
async fn chatter(
    mut socket: Socket,
    message: Utf8Bytes,
    window: usize,
    relayed: Arc<AtomicU64>,
) -> Result<()> {
    for _ in 0..window {
        socket.send(Message::Text(message.clone())).await?;
    }
    loop {
        match socket.next().await {
            // By its length: parsing each would make this side, not the server, the slower one.
            Some(Ok(Message::Text(text))) if text.len() > SDP_BYTES => {
                relayed.fetch_add(1, Ordering::Relaxed);
                socket.send(Message::Text(message.clone())).await?;
            }
            Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => {}
            other => bail!("a busy socket got {other:?}"),
        }
    }
}

/// Reads what comes.
async fn listen(mut socket: Socket) -> Result<()> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => {}
            other => bail!("an idle socket got {other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::report;

    #[tokio::test]
    async fn a_small_load_is_measured() {
        // Beside the folder of this test's own binary, as cargo builds it for the whole workspace.
        let own = std::env::current_exe().unwrap();
        let beside = own.ancestors().nth(2).unwrap();
        let built = beside.join(format!("catnest-host{}", std::env::consts::EXE_SUFFIX));
        let host = std::env::var_os("CATNEST_HOST").map_or(built, PathBuf::from);
        let server = Server::start_catnest(&host)
            .await
            .expect("cargo build -p catnest-host");
        let plan = Plan {
            channels: 4,
            per_channel: 5,
            pairs: 4,
            window: 2,
            warm_up: Duration::from_millis(10),
            counting: Duration::from_millis(200),
        };
        let figures = measure(&server, &plan).await.unwrap();
        assert!(figures.relayed_per_s > 0.0, "{figures:?}");
        let json = report::json(&plan, &figures, None);
        assert_eq!(json["sockets"], 20);
        assert!(json["relayed_per_s"].as_f64().unwrap() > 0.0);
        assert!(report::table(&figures, None).contains("catnest-host"));
    }

    #[test]
    fn medians_are_of_each_figure() {
        let round = |rss_bytes_per_socket, relayed_per_s| Figures {
            rss_bytes_per_socket,
            relayed_per_s,
        };
        let middle = Figures::medians(&[round(3.0, 10.0), round(1.0, 30.0), round(2.0, 20.0)]);
        assert_eq!(
            (middle.rss_bytes_per_socket, middle.relayed_per_s),
            (2.0, 20.0)
        );
    }
}
