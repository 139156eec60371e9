// Records in a document how late its timers fire, in milliseconds: one that repeats, and a chain of single ones.
globalThis.lateness = { interval: [], chain: [] };
(() => {
  const SECOND = 1000;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    lateness.interval.push(now - last - SECOND);
    last = now;
  }, SECOND);
  const link = (set) => {
    const now = performance.now();
    if (set) lateness.chain.push(now - set - SECOND);
    setTimeout(link, SECOND, now);
  };
  link();
})();
