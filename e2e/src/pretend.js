// Before a view's own scripts: lets a test say to it what the engine would say, so that it shows states that are over in a
// moment, or come only after hours.
(() => {
  const connect = chrome.runtime.connect.bind(chrome.runtime);
  const listeners = [];
  chrome.runtime.connect = (options) => {
    const port = connect(options);
    return {
      postMessage: (message) => port.postMessage(message),
      onDisconnect: port.onDisconnect,
      onMessage: {
        addListener(listener) {
          listeners.push(listener);
          port.onMessage.addListener(listener);
        },
      },
    };
  };

  // Every file that is asked for is this picture.
  const files = new BroadcastChannel("files");
  files.onmessage = async ({ data: { want } }) => {
    if (!want) return;
    const picture = await fetch("icons/128.png");
    files.postMessage({ given: want, blob: await picture.blob() });
  };

  window.pretend = (message) => {
    for (const listener of listeners) listener(message);
  };
})();
