// How many things were said in the only channel, of as many as were asked for.
(async (count) => {
  const channel = await window.testView.channel();
  for (let number = 0; number < count; number++) {
    const reply = await window.testView.ask({ do: "say", channel, text: `flood ${number}` });
    if (reply.event !== "done") return number;
  }
  return count;
})(arguments[0])
