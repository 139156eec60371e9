// The way between the engine and the native host. Only the service worker may call `connectNative`, or in Firefox the event
// page, which the engine is in itself: an engine in an offscreen document has the worker call, and pass on what is said.
// The worker keeps nothing: with it goes its port to the engine, which has the next one call again. While the host's port is
// open, the browser does not stop it.

const HOST = "catnest.host";
/** The names of the worker's ports to the engine: each attempt has a number. */
const PORT = "host:";

/** For the engine's page: whose port is expected, and what becomes of it. */
let expected = null;
let attempts = 0;

/**
 * Calls the host. `heard` is given each message of it, `ended` once why it is over: the browser's words, or null when the
 * worker was stopped. Neither is called any more after `close`.
 */
export function openHost(heard, ended) {
  let over = false;
  const end = (error) => {
    if (over) return;
    over = true;
    ended(error);
  };
  const hear = (message) => over || heard(message);
  try {
    const port = chrome.runtime.connectNative ? connectHost(hear, end) : connectWorker(hear, end);
    const close = () => {
      over = true;
      port.disconnect();
    };
    return { say: (message) => port.postMessage(message), close };
  } catch (error) {
    queueMicrotask(() => end(error.message));
    return { say() {}, close: () => (over = true) };
  }
}

function connectHost(heard, ended) {
  const port = chrome.runtime.connectNative(HOST);
  port.onMessage.addListener(heard);
  port.onDisconnect.addListener(() => ended(errorOf(port)));
  return port;
}

/** Why a port was disconnected: Firefox has it at the port. */
function errorOf(port) {
  return (port.error ?? chrome.runtime.lastError)?.message ?? "";
}

function connectWorker(heard, ended) {
  const name = `${PORT}${++attempts}`;
  let port = null;
  // No more than a hello, until the host has answered.
  const early = [];
  const disconnect = () => {
    if (expected?.name === name) expected = null;
    port?.disconnect();
  };
  const take = (opened) => {
    expected = null;
    port = opened;
    port.onMessage.addListener((message) => {
      if (!("ended" in message)) return heard(message.said);
      ended(message.ended);
      disconnect();
    });
    port.onDisconnect.addListener(() => ended(null));
    for (const message of early.splice(0)) port.postMessage(message);
  };
  expected = { name, take };
  chrome.runtime.sendMessage({ to: "background", ask: "host", name }).catch((error) => {
    console.warn("the worker does not answer:", error.message);
    disconnect();
    ended(null);
  });
  const postMessage = (message) => (port ? port.postMessage(message) : early.push(message));
  return { postMessage, disconnect };
}

/** For the engine's page: has the worker's ports come. */
export function expectWorker() {
  chrome.runtime.onConnect.addListener((port) => {
    if (!port.name.startsWith(PORT)) return;
    if (port.name === expected?.name) expected.take(port);
    else port.disconnect(); // It was given up meanwhile.
  });
}

/** For the worker: calls the host, and passes on what it and the engine say, until either is gone. */
export function passOn(name) {
  const engine = chrome.runtime.connect({ name });
  let host = connectHost(
    (said) => engine.postMessage({ said }),
    (ended) => {
      host = null;
      // The engine disconnects once it has heard it.
      engine.postMessage({ ended });
    },
  );
  engine.onMessage.addListener((message) => host?.postMessage(message));
  engine.onDisconnect.addListener(() => host?.disconnect());
}
