// Answers /stream/<resource>, for an <audio> that plays a file while it still comes. What there is to say is said by the
// engine, over a port for each request (extension/engine/src/reading/stream.rs has the messages); nothing is kept here, so
// that a worker that is stopped costs no more than a new request from where the player is.

const PATH = /^\/stream\/([0-9a-f]{64})$/;
const CHANNEL = /^[0-9a-f]{64}$/;
const ENGINE_PAGE = "/engine.html";

/** How long an answer may take: less than the five minutes that Chromium gives a worker for an event. */
const ANSWER_MS = 240_000;

/** And one with a picture, which comes whole: that nobody has it is shown as if there were none. */
const PICTURE_MS = 60_000;

/**
 * Says that nothing else is asked of this worker: without that, a page of the extension whose worker is stopped would wait
 * for it to start. 20 ms for the popup, by `performance` in Chromium 148, and 1 ms with this.
 */
export function route(event) {
  const added = event.addRoutes?.([
    { condition: { urlPattern: "/stream/*" }, source: "fetch-event" },
    { condition: { urlPattern: "/*" }, source: "network" },
  ]);
  // Then pages wait, and all else is as it should be.
  added?.catch((error) => console.warn("requests for pages pass through the worker:", error.message));
}

/** Answers a request, if it is one for a file. `ensureEngine` resolves once there is an engine. */
export function answer(event, ensureEngine) {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin || !url.pathname.startsWith("/stream/")) return;
  event.respondWith(
    respond(event, url, ensureEngine).catch((error) => {
      console.warn("a file could not be given:", error.message);
      return refusal(503);
    }),
  );
}

function refusal(status) {
  return new Response(null, { status, headers: { "X-Content-Type-Options": "nosniff" } });
}

async function respond(event, url, ensureEngine) {
  const { request } = event;
  const [, resource] = PATH.exec(url.pathname) ?? [];
  const channel = url.searchParams.get("channel");
  const load = url.searchParams.get("load");
  if (!resource || (channel !== null && !CHANNEL.test(channel))) return refusal(404);
  // For pages of the extension to play and show, not to be opened as a page, and not for a page that is only in a frame.
  const client = event.clientId && (await clients.get(event.clientId));
  if (request.mode === "navigate" || !client || new URL(client.url).origin !== location.origin) return refusal(403);
  // Mostly the engine asks, for what it plays: it is there, and nothing has to be found out.
  const engine = isEngine(client) ? client : (await ensureEngine()) && (await engineClient());
  if (!engine) return refusal(503);

  const { port1: port, port2 } = new MessageChannel();
  const mail = mailbox(port);
  const giveUp = (head) => {
    port.postMessage("stop");
    mail.put(head);
  };
  const image = request.destination === "image";
  const [range, if_range] = ["range", "if-range"].map((name) => request.headers.get(name));
  const ask = { resource, channel, method: request.method, range, if_range, image, load: load && Number(load) };
  engine.postMessage({ stream: ask }, [port2]);
  // A request that stays without an answer is what Chromium stops a worker for, with all else that it answers.
  const patience = setTimeout(giveUp, image ? PICTURE_MS : ANSWER_MS, { status: image ? 404 : 503 });
  const aborted = () => giveUp({ status: 503, failed: "nobody waits for it" });
  request.signal.addEventListener("abort", aborted);
  if (request.signal.aborted) aborted();
  const head = await mail.next();
  clearTimeout(patience);
  if (head.body) return new Response(body(port, mail), head);
  port.close();
  if (!head.status) throw new Error(head.failed);
  return new Response(null, head);
}

function isEngine(client) {
  return new URL(client.url).pathname === ENGINE_PAGE;
}

async function engineClient() {
  const all = await clients.matchAll({ includeUncontrolled: true, type: "window" });
  return all.find(isEngine);
}

/** What comes by a port, one after the other; after it is closed, that it failed. */
function mailbox(port) {
  const came = [];
  let take = null;
  const put = (message) => {
    if (take) take(message);
    else came.push(message);
    take = null;
  };
  port.onmessage = ({ data }) => put(data);
  // The engine is gone.
  port.addEventListener("close", () => put({ failed: "the engine is gone" }));
  const next = () => (came.length > 0 ? Promise.resolve(came.shift()) : new Promise((resolve) => (take = resolve)));
  return { next, put };
}

/** The bytes: the first part comes unasked, and the next once whoever plays them has taken the one before. */
function body(port, mail) {
  let first = true;
  return new ReadableStream({
    async pull(controller) {
      if (!first) port.postMessage("more");
      first = false;
      const { bytes, end, failed } = await mail.next();
      if (bytes) return controller.enqueue(new Uint8Array(bytes));
      port.close();
      if (end) controller.close();
      else controller.error(new Error(failed));
    },
    cancel() {
      port.postMessage("stop");
      port.close();
    },
  });
}
