// In the open search, goes to a day, and tells how long it takes until a message of it is drawn, in milliseconds.
// arguments: the day.
const [day, done] = arguments;
const field = document.querySelector("[data-testid=search-date]");
field.value = day;
field.dispatchEvent(new InputEvent("input", { bubbles: true }));
const frame = () => new Promise(requestAnimationFrame);
const isThere = () => {
  const row = document.activeElement?.closest("[data-testid=message]")?.getBoundingClientRect();
  const log = document.querySelector("[data-testid=log]").getBoundingClientRect();
  return row && row.top >= log.top && row.top < log.bottom && !document.querySelector("dialog[open]");
};
(async () => {
  await frame();
  const began = performance.now();
  document.querySelector("[data-testid=search-date-go]").click();
  do await frame();
  while (!isThere());
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => done(performance.now() - began);
  port2.postMessage(null);
})();
