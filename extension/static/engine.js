// Starts the engine, and answers whether it has started.
import init, { start } from "./engine/engine.js";
import { expectWorker, openHost } from "./host.js";

/** Tells the service worker what to show. Where it is this very page (Firefox), it has put itself here already. */
globalThis.tellShell ??= (message) => {
  chrome.runtime
    .sendMessage({ to: "background", ...message })
    .catch((error) => console.warn("nothing could be shown:", error.message));
};

globalThis.openHost = openHost;
expectWorker();

export const ready = init().then(() => start()).then(() => true);

chrome.runtime.onMessage.addListener((message, _sender, reply) => {
  if (message?.to !== "engine" || message.ask !== "ready") return false;
  ready.then(reply, (error) => {
    console.error("the engine did not start:", error);
    reply(false);
  });
  return true; // the reply comes later
});
