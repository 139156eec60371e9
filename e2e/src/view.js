// A view of the tests' own: what a page of the extension says to the engine, without the page.
(() => {
  const port = chrome.runtime.connect({ name: "view" });
  const replies = new Map();
  const watchers = new Set();
  let overview = null;
  let last = 0;

  port.onMessage.addListener(({ event: message }) => {
    // Other news than the node's.
    if (!message) return;
    const { request, event } = message;
    if (event.event === "overview") overview = event;
    replies.get(request)?.(event);
    replies.delete(request);
    for (const look of watchers) look();
  });

  const ask = (command) =>
    new Promise((resolve) => {
      replies.set(++last, resolve);
      port.postMessage({ ask: { request: last, command } });
    });

  // Resolves with the channel once so many members are online in the only one there is.
  const members = (count) =>
    new Promise((resolve) => {
      const look = () => {
        const channel = overview?.channels[0];
        if (channel?.members.length !== count) return;
        watchers.delete(look);
        resolve(channel);
      };
      watchers.add(look);
      look();
    });

  // Resolves with the id of the only channel.
  const channel = async () => {
    if (!overview) await ask({ do: "overview" });
    while (!overview) await new Promise((resolve) => setTimeout(resolve));
    return overview.channels[0].id;
  };

  window.testView = { ask, members, channel, overview: () => overview };
  ask({ do: "overview" });
})();
