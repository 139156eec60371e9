// A page that knows only the predecessor's protocol, with one RTCPeerConnection as its clients had.
// arguments: the WebSocket's URL, and whether it addresses by id or broadcasts.
const [url, byId] = arguments;
const page = (window.page = { heard: [], channel: "none", closed: false });
const peer = (page.peer = new RTCPeerConnection());
const socket = (page.socket = new WebSocket(url));
let other = null;
const send = (message) => socket.send(JSON.stringify(byId ? { ...message, id: other } : message));
const use = (channel) => {
  channel.onopen = () => ((page.channel = "open"), channel.send("meow"));
  channel.onmessage = ({ data }) => (page.said = data);
};
peer.ondatachannel = ({ channel }) => use(channel);
peer.onicecandidate = ({ candidate }) => candidate && send({ candidate });
page.call = async (id) => {
  other = id;
  use(peer.createDataChannel("chat"));
  await peer.setLocalDescription();
  send({ offer: peer.localDescription });
};
socket.onclose = () => (page.closed = true);
socket.onmessage = async ({ data }) => {
  const message = JSON.parse(data);
  page.heard.push(message);
  if (message.offer) {
    other = message.id;
    await peer.setRemoteDescription(message.offer);
    await peer.setLocalDescription();
    send({ answer: peer.localDescription });
  } else if (message.answer) {
    await peer.setRemoteDescription(message.answer);
  } else if (message.candidate) {
    await peer.addIceCandidate(message.candidate);
  }
};
return new Promise((resolve) => (socket.onopen = () => resolve(true)));
