// Files that are read and played while they come, as a player does it, without its page.
(() => {
  const address = (id, nest) => `/stream/${id}?channel=${nest}`;

  // FNV-1a, 32 bits: the test computes the same of what the file should be.
  const hash = (bytes, state) => {
    for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
    return state;
  };

  // Asks for part of a file. Resolves with what is said of it, how much came, its hash, and how much of the file was here
  // when the first of it came.
  const get = async (id, nest, range, method = "GET") => {
    const response = await fetch(address(id, nest), { method, headers: range ? { Range: range } : {} });
    const headers = Object.fromEntries(response.headers);
    let [length, state, here] = [0, 0x811c9dc5, null];
    const reader = response.body?.getReader();
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) break;
      here ??= (await testFiles.now(id))?.have_bytes;
      length += value.length;
      state = hash(value, state);
    }
    return { status: response.status, headers, length, hash: state, here };
  };

  // Begins to read a file, and reads no further than the first bytes of it.
  const glance = async (id, nest) => {
    const aborted = new AbortController();
    const response = await fetch(address(id, nest), { signal: aborted.signal });
    await response.body.getReader().read();
    aborted.abort();
    return response.status;
  };

  let audio = null;

  const advanced = (least) =>
    new Promise((resolve) => {
      const look = () => {
        if (audio.error) resolve({ failed: audio.error.message });
        else if (audio.currentTime >= least && !audio.seeking) resolve(audio.currentTime);
        else setTimeout(look, 50);
      };
      look();
    });

  // Plays a file, unheard. Resolves once it has played for a moment, with how much of it was here then.
  const play = async (id, nest) => {
    audio = new Audio(address(id, nest));
    audio.muted = true;
    await audio.play();
    const at = await advanced(0.3);
    if (at.failed) return at;
    const transfer = await testFiles.now(id);
    return { at, duration: audio.duration, here: transfer.have_bytes };
  };

  // Goes elsewhere in what is played. Resolves once it has played there for a moment, with where it is and how much was
  // here then.
  const seek = async (id, to) => {
    audio.currentTime = to;
    const at = await advanced(to + 0.3);
    if (at.failed) return at;
    return { at, here: (await testFiles.now(id)).have_bytes };
  };

  // Lets it play on for so many seconds of its own.
  const playOn = (seconds) => advanced(audio.currentTime + seconds);

  const stop = async () => {
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
    return true;
  };

  window.testStreams = { get, glance, play, seek, playOn, stop };
})();
