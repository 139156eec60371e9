// Starts the engine, and answers whether it has started.
import init, { start } from "./engine/engine.js";

export const ready = init().then(() => start()).then(() => true);

chrome.runtime.onMessage.addListener((message, _sender, reply) => {
  if (message?.to !== "engine" || message.ask !== "ready") return false;
  ready.then(reply, (error) => {
    console.error("the engine did not start:", error);
    reply(false);
  });
  return true; // the reply comes later
});
