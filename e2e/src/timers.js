// Records in a document how late its timers fire, in milliseconds: one that repeats, and a chain of single ones.
// The period is no whole second: timers that a browser lines up to whole seconds would then look punctual.
globalThis.watchTimers = (period) => {
  const lateness = (globalThis.lateness = { interval: [], chain: [] });
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    lateness.interval.push(now - last - period);
    last = now;
  }, period);
  const link = (set) => {
    const now = performance.now();
    if (set) lateness.chain.push(now - set - period);
    setTimeout(link, period, now);
  };
  link();
};
