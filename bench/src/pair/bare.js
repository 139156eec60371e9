// One end of a bare data channel: it sends bytes, or counts them.
(() => {
  const MESSAGE = 64 * 1024;
  const HIGH = 1024 * 1024;
  const LOW = 512 * 1024;
  let peer, channel, counted;

  const open = () => {
    peer?.close();
    peer = new RTCPeerConnection();
    channel = peer.createDataChannel("bare", { negotiated: true, id: 0 });
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = LOW;
    return new Promise((resolve) => (counted = count(resolve)));
  };

  // When the first and the last byte came.
  const count = (resolve) => {
    let first = null;
    let got = 0;
    channel.onmessage = ({ data }) => {
      first ??= performance.now();
      got += data.byteLength;
      if (got >= globalThis.bareBytes) resolve((performance.now() - first) / 1000);
    };
    channel.onclose = () => resolve(null);
  };

  // With all candidates in it.
  const described = async (description) => {
    await peer.setLocalDescription(description);
    if (peer.iceGatheringState !== "complete") {
      await new Promise((resolve) => {
        peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
      });
    }
    return peer.localDescription.sdp;
  };

  window.bare = {
    offer: async (bytes) => {
      globalThis.bareBytes = bytes;
      globalThis.bareTime = open();
      return described(await peer.createOffer());
    },
    answer: async (bytes, sdp) => {
      globalThis.bareBytes = bytes;
      globalThis.bareTime = open();
      await peer.setRemoteDescription({ type: "offer", sdp });
      return described(await peer.createAnswer());
    },
    accept: async (sdp) => {
      await peer.setRemoteDescription({ type: "answer", sdp });
      return true;
    },
    opened: async () => {
      if (channel.readyState !== "open") await new Promise((resolve) => (channel.onopen = resolve));
      return true;
    },
    send: async (bytes) => {
      const message = new Uint8Array(MESSAGE);
      for (let sent = 0; sent < bytes; sent += MESSAGE) {
        if (channel.bufferedAmount > HIGH) {
          await new Promise((resolve) => (channel.onbufferedamountlow = resolve));
        }
        channel.send(message);
      }
      return true;
    },
    time: () => globalThis.bareTime,
  };
})();
