// The service worker: it holds no state and decides nothing. It sees to it that the engine runs, in an offscreen
// document (Chromium) or in this very event page (Firefox), shows what that has no interface for, passes on what the engine
// answers to requests for files and what it and the native host say, and opens the welcome page after installation.

import { passOn } from "./host.js";
import { answer, route } from "./stream.js";

const ENGINE_PAGE = "engine.html";
const HAS_OFFSCREEN = "offscreen" in chrome;
const ENGINE_CHECK = "engine-check";

/** The creation under way, so that two events at once do not create twice. */
let creating = null;

/**
 * Resolves once this worker is active. An offscreen document that was there before would never have its requests answered
 * by it, not even after `claim()` (Chromium 148).
 */
const active = new Promise((resolve) => {
  if (!HAS_OFFSCREEN || self.serviceWorker.state.startsWith("activat")) return resolve();
  // Pages that were opened meanwhile are claimed.
  self.addEventListener("activate", (event) => event.waitUntil(clients.claim().finally(resolve)));
});

async function engineIsUp() {
  const contexts = await chrome.runtime.getContexts({ contextTypes: ["OFFSCREEN_DOCUMENT"] });
  return contexts.length > 0;
}

async function ensureOffscreen() {
  await active;
  if (await engineIsUp()) return;
  creating ??= chrome.offscreen
    .createDocument({
      url: ENGINE_PAGE,
      // With a reason beside AUDIO_PLAYBACK the browser sets no limit to the document's life.
      reasons: ["WEB_RTC", "AUDIO_PLAYBACK", "BLOBS"],
      justification: "Keeps the peer-to-peer connections of the chat while no page of the extension is open.",
    })
    .finally(() => (creating = null));
  await creating;
}

/** Resolves once the engine answers: views connect to it after that. */
async function ensureEngine() {
  if (!HAS_OFFSCREEN) {
    globalThis.tellShell ??= show;
    await (await import("./engine.js")).ready;
    return true;
  }
  await ensureOffscreen();
  return chrome.runtime.sendMessage({ to: "engine", ask: "ready" });
}

function ensureQuietly() {
  ensureEngine().catch((error) => console.warn("the engine did not start:", error.message));
}

/** Shows what the engine says. */
function show({ ask, text, channel, title, message }) {
  switch (ask) {
    case "badge":
      chrome.action.setBadgeText({ text });
      break;
    case "notify":
      chrome.notifications.create(channel, { type: "basic", iconUrl: "icons/128.png", title, message });
      break;
    case "withdraw":
      chrome.notifications.clear(channel);
      break;
  }
}

chrome.action.setBadgeBackgroundColor({ color: "#a8480f" });
chrome.action.setBadgeTextColor({ color: "#ffffff" });

chrome.notifications.onClicked.addListener((channel) => {
  chrome.notifications.clear(channel);
  chrome.tabs.create({ url: `popup.html?channel=${channel}` });
});

chrome.runtime.onMessage.addListener((message, _sender, reply) => {
  if (message?.to !== "background") return false;
  if (message.ask === "host") {
    passOn(message.name);
    reply();
    return false;
  }
  if (message.ask !== "engine") {
    show(message);
    return false;
  }
  ensureEngine().then(
    (ready) => reply({ ready }),
    (error) => reply({ ready: false, error: error.message }),
  );
  return true; // the reply comes later
});

chrome.runtime.onInstalled.addListener(({ reason }) => {
  ensureQuietly();
  if (reason === "install") chrome.tabs.create({ url: "welcome.html" });
});

chrome.runtime.onStartup.addListener(ensureQuietly);

if (HAS_OFFSCREEN) {
  self.addEventListener("install", route);
  self.addEventListener("fetch", (event) => answer(event, ensureEngine));
  // No event tells that an offscreen document is gone; half a minute is the shortest period the browser allows.
  chrome.alarms.onAlarm.addListener((alarm) => {
    if (alarm.name === ENGINE_CHECK) ensureQuietly();
  });
  chrome.alarms.get(ENGINE_CHECK).then((alarm) => alarm ?? chrome.alarms.create(ENGINE_CHECK, { periodInMinutes: 0.5 }));
} else {
  ensureQuietly();
}
