// The engine's music without a person: what a page of the extension says and hears of it.
(() => {
  const port = chrome.runtime.connect({ name: "view" });
  const files = new BroadcastChannel("files");
  const replies = new Map();
  const messages = [];
  const lists = new Map();
  const watchers = new Set();
  let [intakes, player, queue, together, left] = [[], null, null, null, []];
  let last = 0;

  const list = (nest) => {
    if (!lists.has(nest)) lists.set(nest, new Map());
    return lists.get(nest);
  };

  const put = ({ channel, rows, gone = [] }) => {
    for (const row of rows) list(channel).set(row.track.id, row);
    for (const id of gone) list(channel).delete(id);
  };

  const hear = (event) => {
    if (event.event === "message") messages.push(event.message);
    if (event.event !== "music") return;
    if (event.music === "library" || event.music === "rows") put(event);
    if (event.music === "player") player = event;
    if (event.music === "queue") queue = event;
    if (event.music === "together") together = event;
    if (event.music === "left_together") left.push(event.why);
  };

  port.onMessage.addListener((message) => {
    if (message.intakes) intakes = message.intakes;
    const { request, event } = message.event ?? {};
    if (event) hear(event);
    replies.get(request)?.(event);
    replies.delete(request);
    for (const look of [...watchers]) look();
  });

  const ask = (command) =>
    new Promise((resolve) => {
      replies.set(++last, resolve);
      port.postMessage({ ask: { request: last, command } });
    });

  // Resolves with what `look` gives, once that is something.
  const until = (look) =>
    new Promise((resolve) => {
      const again = () => {
        const found = look();
        if (found == null) return;
        watchers.delete(again);
        resolve(found);
      };
      watchers.add(again);
      again();
    });

  const music = (command) => ask({ do: "music", ...command });

  // Resolves with when it was asked for, in milliseconds since 1970, once it is done.
  const play = async (intent) => {
    const at = Date.now();
    const reply = await music({ music: "play", intent });
    return reply.event === "done" ? at : { failed: reply };
  };

  // Shares the files of an <input> with a nest, and puts them on the list there. Resolves with their ids, in their order.
  const add = async (nest, input, words) => {
    const intake = crypto.randomUUID();
    files.postMessage({ share: intake, channel: nest, text: intake, files: [...input.files] });
    const said = await until(() => {
      const failed = intakes.find(({ id, problem }) => id === intake && problem);
      return failed ? { failed: failed.problem } : messages.find(({ text }) => text === intake);
    });
    if (said.failed) return said;
    const tracks = said.files.map((file) => ({
      ...{ title: "", artist: "", album: "", number: null, disc: null, year: null, play_ms: null },
      ...{ cover: null, lyrics: null, added: 0 },
      ...file,
      ...words,
    }));
    const reply = await music({ music: "add", channel: nest, tracks });
    return reply.event === "done" ? tracks.map(({ id }) => id) : { failed: reply };
  };

  // Resolves with the rows of a nest's list that are others', once there are so many.
  const rows = async (nest, count) => {
    for (let after = null; ; ) {
      const page = await music({ music: "library", channel: nest, after, limit: 1000 });
      if (page.music !== "library") return { failed: page };
      after = page.rows.at(-1)?.track.id;
      if (!page.more) break;
    }
    return until(() => (list(nest).size >= count ? [...list(nest).values()] : null));
  };

  // Resolves once a row is as it should be, or gone where it should be.
  const row = (nest, id, look) =>
    until(() => {
      const found = list(nest).get(id) ?? null;
      return look(found) ? { row: found } : null;
    });

  port.postMessage("intakes");
  music({ music: "tell" });
  window.testMusic = {
    ...{ ask, music, play, add, rows, row, until },
    player: () => player,
    queue: () => queue,
    together: () => together,
    left: () => left,
  };
})();
