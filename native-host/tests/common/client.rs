//! WebSocket clients that know nothing but JSON.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpSocket, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame,
    },
};

use super::{CATNEST, within};

/// A client and the id under which the others know it.
pub(crate) struct Peer {
    pub(crate) client: Client,
    pub(crate) id: String,
}

/// A WebSocket that speaks JSON.
pub(crate) struct Client<S = TcpStream> {
    websocket: WebSocketStream<S>,
    /// The id that the server's welcome named; only ours are welcomed.
    pub(crate) welcomed: Option<String>,
}

impl Client {
    /// Joins a channel, given as it stands in the path.
    pub(crate) async fn connect(
        address: SocketAddr,
        channel: &str,
        protocol: Option<&str>,
    ) -> Self {
        Self::open(
            TcpStream::connect(address).await.unwrap(),
            channel,
            protocol,
        )
        .await
        .unwrap()
    }

    /// Joins a channel as if through a reverse proxy, which says for whom.
    pub(crate) async fn connect_forwarded(
        address: SocketAddr,
        channel: &str,
        forwarded_for: &str,
    ) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/webrtc/{channel}");
        let mut request = url.into_client_request().unwrap();
        let value = HeaderValue::from_str(forwarded_for).unwrap();
        request.headers_mut().insert("x-forwarded-for", value);
        let (websocket, _) = within("the upgrade", client_async(request, stream))
            .await
            .unwrap();
        Self::of(websocket)
    }

    /// Joins a channel with the smallest receive buffer there is.
    pub(crate) async fn connect_narrow(address: SocketAddr, channel: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1).unwrap();
        Self::open(socket.connect(address).await.unwrap(), channel, None)
            .await
            .unwrap()
    }

    async fn open(
        stream: TcpStream,
        channel: &str,
        protocol: Option<&str>,
    ) -> Result<Self, Box<Error>> {
        let mut client = Self::upgrade(stream, channel, protocol).await?;
        if protocol.is_some_and(|protocol| protocol.contains(CATNEST)) {
            let welcome = client.next().await;
            let id = welcome["id"].as_str().unwrap().to_owned();
            let ping = &welcome["ping"];
            let mut expected = json!({"type": "welcome", "id": id, "ping": ping});
            if welcome["relay"] == true {
                expected["relay"] = true.into();
            }
            assert_eq!(welcome, expected);
            client.welcomed = Some(id);
        }
        Ok(client)
    }

    pub(super) async fn upgrade(
        stream: TcpStream,
        channel: &str,
        protocol: Option<&str>,
    ) -> Result<Self, Box<Error>> {
        let address = stream.peer_addr().unwrap();
        let url = format!("ws://{address}/webrtc/{channel}");
        let mut request = url.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            let value = HeaderValue::from_str(protocol).unwrap();
            request
                .headers_mut()
                .insert("sec-websocket-protocol", value);
        }
        let (websocket, response) = within("the upgrade", client_async(request, stream))
            .await
            .map_err(Box::new)?;
        let selected = response.headers().get("sec-websocket-protocol");
        let expected = protocol
            .filter(|protocol| protocol.contains(CATNEST))
            .map(|_| CATNEST);
        assert_eq!(selected.map(|value| value.to_str().unwrap()), expected);
        Ok(Self::of(websocket))
    }

    /// Tries to join, and is refused: status and text.
    pub(crate) async fn refused(address: SocketAddr, channel: &str) -> (u16, String) {
        let stream = TcpStream::connect(address).await.unwrap();
        match Self::open(stream, channel, None)
            .await
            .map_err(|error| *error)
        {
            Err(Error::Http(response)) => {
                let text = response.body().clone().unwrap_or_default();
                (response.status().as_u16(), String::from_utf8(text).unwrap())
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("{channel:?} was let in"),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Client<S> {
    /// What speaks through a stream of its own.
    pub(crate) fn of(websocket: WebSocketStream<S>) -> Self {
        Self {
            websocket,
            welcomed: None,
        }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        within("room to send", self.websocket.send(message))
            .await
            .unwrap();
    }

    /// Sends something that the server may refuse before it has come through, while reading: the close it gets.
    pub(crate) async fn send_to_be_closed(self, message: Message) -> (u16, String) {
        let (mut sink, mut stream) = self.websocket.split();
        // Whether it comes through is the server's business.
        let sending = tokio::spawn(async move {
            let _ = sink.send(message).await;
            sink
        });
        let close = within("a close", close_of(&mut stream)).await;
        sending.abort();
        close
    }

    /// Sends the same again and again, until the server has enough: the close it gets.
    pub(crate) async fn send_on_until_closed(self, message: Message) -> (u16, String) {
        let (mut sink, mut stream) = self.websocket.split();
        let sending =
            tokio::spawn(async move { while sink.send(message.clone()).await.is_ok() {} });
        let close = within("a close", close_of(&mut stream)).await;
        sending.abort();
        close
    }

    /// Sends something that the server refuses: the code of the close it gets, after which the connection must live on
    /// for a while.
    pub(crate) async fn send_and_stay_connected(self, message: Message, stays: Duration) -> u16 {
        let (mut sink, mut stream) = self.websocket.split();
        let sending = tokio::spawn(async move { sink.send(message).await });
        let code = match within("a close", stream.next()).await {
            Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => code.into(),
            other => panic!("a close was expected: {other:?}"),
        };
        let end = tokio::time::timeout(stays, stream.next()).await;
        assert!(end.is_err(), "the connection ended at once: {end:?}");
        sending.abort();
        code
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> String {
        // The deadline is for all of it: the server's pings would renew one for each message.
        within("a message", async {
            loop {
                match self.websocket.next().await {
                    Some(Ok(Message::Text(text))) => return text.to_string(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("a text was expected: {other:?}"),
                }
            }
        })
        .await
    }

    /// The next text, as JSON.
    pub(crate) async fn next(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// The next text, which is a push: the id in it.
    pub(crate) async fn push(&mut self) -> String {
        let message = self.next().await;
        assert_eq!(message["type"], "push", "{message}");
        message["id"].as_str().unwrap().to_owned()
    }

    /// The next text, or the close that comes in its place.
    pub(crate) async fn next_or_close(&mut self) -> Result<Value, (u16, String)> {
        match within("a message", self.websocket.next()).await {
            Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                Err((code.into(), reason.to_string()))
            }
            other => panic!("a text or a close was expected: {other:?}"),
        }
    }

    /// Reads on until the server closes, and answers that: the code and the reason.
    pub(crate) async fn closed(mut self) -> (u16, String) {
        within("a close", async {
            let close = close_of(&mut self.websocket).await;
            while let Some(Ok(_)) = self.websocket.next().await {}
            close
        })
        .await
    }

    /// Says goodbye.
    pub(crate) async fn leave(mut self) {
        within("the server's answer", async {
            self.websocket.close(None).await.unwrap();
            while let Some(Ok(_)) = self.websocket.next().await {}
        })
        .await;
    }

    /// Vanishes.
    pub(crate) fn drop_connection(self) {
        drop(self);
    }
}

/// Reads to the close frame.
async fn close_of(
    stream: &mut (impl StreamExt<Item = Result<Message, Error>> + Unpin),
) -> (u16, String) {
    loop {
        match stream.next().await {
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                return (code.into(), reason.to_string());
            }
            Some(Ok(Message::Close(None))) => panic!("a close without a code"),
            Some(Ok(_)) => {}
            other => panic!("a close was expected: {other:?}"),
        }
    }
}

/// Two members talk, and what each hears next is what the other said.
pub(crate) async fn talk(a: &mut Peer, b: &mut Peer) {
    let offer = json!({"type": "offer", "sdp": "v=0 from a"});
    let answer = json!({"type": "answer", "sdp": "v=0 from b"});
    a.client.send(json!({"id": b.id, "offer": offer})).await;
    assert_eq!(b.client.next().await, json!({"id": a.id, "offer": offer}));
    b.client.send(json!({"id": a.id, "answer": answer})).await;
    assert_eq!(a.client.next().await, json!({"id": b.id, "answer": answer}));
}
