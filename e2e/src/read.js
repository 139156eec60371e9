// Reads a chat's whole log, of which only the rows near the screen are in the page: up until nothing older comes, then
// down, a part of a screen at a time. A row's place among the others is its `aria-posinset`.
const done = arguments[0];
const log = document.querySelector("[data-testid=log]");
const read = new Map();
// One frame tells of the scroll, the next shows what came of it.
const pause = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
const rows = () => [...document.querySelectorAll("[data-testid=message]")];
const text = (row) => row.querySelector("[data-testid=message-text]")?.textContent ?? "";
const atEnd = () => log.scrollTop + log.clientHeight >= log.scrollHeight - 2;

(async () => {
  for (let still = 0; still < 5; still = log.scrollTop === 0 && log.ariaBusy !== "true" ? still + 1 : 0) {
    log.scrollTop = 0;
    await pause();
  }
  for (let still = 0; still < 3; still = atEnd() ? still + 1 : 0) {
    for (const row of rows()) read.set(Number(row.ariaPosInSet), text(row));
    log.scrollTop += log.clientHeight / 2;
    await pause();
  }
  done([...read].sort(([one], [other]) => one - other).map(([, text]) => text));
})();
