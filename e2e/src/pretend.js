// Before a view's own scripts: lets a test say to it what the engine would say, so that it shows states that are over in a
// moment, or come only after hours.
(() => {
  const connect = chrome.runtime.connect.bind(chrome.runtime);
  const listeners = [];
  const hear = (message) => listeners.forEach((listener) => listener(message));
  // What the native host answers, by the kinds of requests, where a test gives it; then the engine does not speak of it.
  let host;
  chrome.runtime.connect = (options) => {
    const port = connect(options);
    return {
      postMessage(message) {
        const asked = message.ask_host;
        const answer = asked && host?.[asked.want.for];
        if (!answer) return port.postMessage(message);
        const reply = { is: "answer", answer };
        queueMicrotask(() => hear({ host_reply: { request: asked.request, reply } }));
      },
      onDisconnect: port.onDisconnect,
      onMessage: {
        addListener(listener) {
          listeners.push(listener);
          port.onMessage.addListener((message) => {
            if (host === undefined || !("host" in message)) listener(message);
          });
        },
      },
    };
  };

  // Every file that is asked for is this picture. The engine, which has no such file, is not asked.
  const post = BroadcastChannel.prototype.postMessage;
  BroadcastChannel.prototype.postMessage = async function (data) {
    if (this.name !== "files" || !data.want) return post.call(this, data);
    const picture = await fetch("icons/128.png");
    const given = { given: data.want, blob: await picture.blob() };
    this.dispatchEvent(new MessageEvent("message", { data: given }));
  };

  window.pretend = hear;

  window.pretendHost = (state, answers) => {
    host = answers;
    hear({ host: state });
  };
})();
