// In a popup, from its beginning: notes when the newest message, or that there is none, was drawn. `drawn` is then in
// milliseconds since the popup was opened (`performance.timeOrigin`).
((newest) => {
  if (!location.pathname.endsWith("/popup.html")) return;
  const log = () => document.querySelector("[data-testid=log]");
  const isThere = () => {
    const frame = log()?.getBoundingClientRect();
    if (!frame?.height) return false;
    if (newest === null) return document.querySelector("[data-testid=empty]")?.getBoundingClientRect().height > 0;
    const texts = [...document.querySelectorAll("[data-testid=message-text]")];
    const row = texts.findLast((text) => text.textContent === newest)?.getBoundingClientRect();
    return row && row.top >= frame.top && row.bottom <= frame.bottom + 1;
  };
  const look = () => {
    if (!isThere()) return requestAnimationFrame(look);
    // This frame draws it: a message to oneself comes after that.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (globalThis.drawn = performance.now());
    port2.postMessage(null);
  };
  requestAnimationFrame(look);
})(NEWEST);
