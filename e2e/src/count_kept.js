// How many messages are kept of the only channel.
(async () => {
  const channel = await window.testView.channel();
  let count = 0;
  let before = null;
  for (let more = true; more; ) {
    const page = await window.testView.ask({ do: "page", channel, before, limit: 200 });
    count += page.messages.length;
    const [oldest] = page.messages;
    before = oldest && { time: oldest.time, id: oldest.id };
    more = page.more;
  }
  return count;
})()
