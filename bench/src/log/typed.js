// Types something into the open search, a letter after the other, and tells how long after the last one its answer was
// drawn, in milliseconds, and how much it shows. arguments: the text, and the pause between two letters.
const [text, pause, done] = arguments;
const field = document.querySelector("[data-testid=search-input]");
const state = () => document.querySelector("[data-testid=search-says]").dataset.state;
const frame = () => new Promise(requestAnimationFrame);
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
const drawn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(null);
  });
const type = (text) => {
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
(async () => {
  type("");
  do await frame();
  while (state() !== "empty");
  let began;
  let typed = "";
  for (const letter of text) {
    if (typed) await wait(pause);
    typed += letter;
    began = performance.now();
    type(typed);
  }
  do await frame();
  while (state() === "busy");
  const ms = (await drawn()) - began;
  const results = [...document.querySelectorAll("[data-testid=search-result]")];
  const right = results.every((result) => result.textContent.toLowerCase().includes(text.toLowerCase()));
  done({ ms, state: state(), right, results: results.length });
})();
