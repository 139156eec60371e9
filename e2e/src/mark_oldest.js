// The reply to marking the oldest message of the only channel.
(async () => {
  const channel = await window.testView.channel();
  let before = null;
  for (let more = true; more; ) {
    const page = await window.testView.ask({ do: "page", channel, before, limit: 200 });
    const { time, id } = page.messages[0];
    before = { time, id };
    more = page.more;
  }
  return window.testView.ask({ do: "keep", channel, message: before, kept: true });
})()
