// Files without a person: what a page of the extension says to the engine about them, without the page.
(() => {
  const port = chrome.runtime.connect({ name: "view" });
  const channel = new BroadcastChannel("files");
  const replies = new Map();
  const transfers = new Map();
  const messages = [];
  const held = new Set();
  const watchers = new Set();
  let intakes = [];
  let last = 0;

  port.onMessage.addListener((message) => {
    if (message.intakes) intakes = message.intakes;
    const { request, event } = message.event ?? {};
    if (event?.event === "transfer") {
      const transfer = { ...event, at: performance.now() };
      transfers.set(event.file.id, transfer);
    }
    if (event?.event === "transfer_gone") transfers.delete(event.file);
    if (event?.event === "delivered" && event.delivery.state === "held") held.add(event.message);
    if (event?.event === "transfers") {
      for (const transfer of event.transfers) transfers.set(transfer.file.id, { ...transfer, at: performance.now() });
    }
    if (event?.event === "message") messages.push(event.message);
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

  // Bytes that nothing compresses, and that differ from those of every other call.
  const random = (length) => {
    const parts = [];
    for (let at = 0; at < length; at += 65536) {
      parts.push(crypto.getRandomValues(new Uint8Array(Math.min(65536, length - at))));
    }
    return parts;
  };

  // Shares a file of so many random bytes. Resolves with its descriptor, once the message with it is said.
  const share = async (nest, name, length) => {
    const intake = crypto.randomUUID();
    const file = new File(random(length), name, { type: "application/octet-stream" });
    channel.postMessage({ share: intake, channel: nest, text: "", files: [file] });
    return until(() => {
      const failed = intakes.find(({ id, problem }) => id === intake && problem);
      if (failed) return { failed: failed.problem };
      return messages.flatMap((message) => message.files).find((file) => file.name === name);
    });
  };

  // Begins to get a file.
  const begin = async (nest, file) => {
    const reply = await ask({ do: "fetch", channel: nest, file: file.id, descriptor: file });
    return reply.event === "done" ? true : { failed: reply };
  };

  // Resolves with a transfer once so much of it is here.
  const reaches = (id, bytes) => until(() => (transfers.get(id)?.have_bytes >= bytes ? transfers.get(id) : null));

  // Says so many things, one after the other. Resolves with how long each took until somebody had stored it, in
  // milliseconds.
  const chat = async (nest, count) => {
    const times = [];
    for (let number = 0; number < count; number += 1) {
      const text = crypto.randomUUID();
      const began = performance.now();
      await ask({ do: "say", channel: nest, text });
      const { id } = await until(() => messages.find((message) => message.text === text));
      await until(() => (held.has(id) ? true : null));
      times.push(performance.now() - began);
    }
    return times;
  };

  // Gets a file. Resolves with when that began and when all of it was here, in milliseconds, and with what was received.
  const fetch = async (nest, file) => {
    const began = performance.now();
    const reply = await ask({ do: "fetch", channel: nest, file: file.id, descriptor: file });
    if (reply.event !== "done") return { failed: reply };
    return until(() => {
      const transfer = transfers.get(file.id);
      if (transfer?.state.is === "stopped") return { failed: transfer.state };
      if (transfer?.have_bytes !== file.length) return null;
      return { took: transfer.at - began, received: transfer.received };
    });
  };

  const state = (id, is) => until(() => (transfers.get(id)?.state.is === is ? transfers.get(id) : null));

  // A transfer as it is now, not as it was when there was last news of it.
  const now = async (id) => {
    const { transfers: all } = await ask({ do: "transfers" });
    return all.find((transfer) => transfer.file.id === id) ?? null;
  };

  // Resolves with the ids of all messages that came, in their order, once there are so many.
  const heard = (count) => until(() => (messages.length >= count ? messages.map(({ id }) => id) : null));

  const remove = async (id) => {
    await ask({ do: "remove", file: id });
    return until(() => (transfers.has(id) ? null : true));
  };

  // The bytes of a file, by its id, and from there to the disk under that name.
  const save = async (id) => {
    const ticket = crypto.randomUUID();
    const given = new Promise((resolve) => {
      channel.addEventListener("message", ({ data }) => data.given === ticket && resolve(data.blob));
    });
    channel.postMessage({ want: ticket, file: id });
    const blob = await given;
    if (!blob) return { failed: "it is not given" };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = id;
    link.click();
    return true;
  };

  port.postMessage("intakes");
  ask({ do: "transfers" });
  const all = () => [...transfers.values()];
  window.testFiles = { ask, begin, chat, heard, now, reaches, share, fetch, remove, save, state, transfers: all };
})();
