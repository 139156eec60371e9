// Whether so many things were said in the only channel, all at once.
(async (count) => {
  const channel = await window.testView.channel();
  const say = (_, number) => window.testView.ask({ do: "say", channel, text: `flood ${number}` });
  const replies = await Promise.all(Array.from({ length: count }, say));
  return replies.every(({ event }) => event === "done");
})(arguments[0])
