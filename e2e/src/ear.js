// What the engine's <audio> plays, heard in its document. Called with the element; what it finds is at `testEar`.
(audio) => {
  if (globalThis.testEar?.audio === audio) return true;
  globalThis.testEar?.end();

  const events = [];
  const note = ({ type }) =>
    events.push({ event: type, at: Date.now(), place: audio.currentTime, src: audio.currentSrc, seeking: audio.seeking });
  const names = ["loadstart", "loadedmetadata", "canplay", "play", "playing", "waiting", "pause", "seeking", "seeked", "ended", "error"];
  for (const name of names) audio.addEventListener(name, note);

  const now = () => ({
    at: Date.now(),
    place: audio.currentTime,
    // JSON has no numbers that are none.
    duration: Number.isFinite(audio.duration) ? audio.duration : null,
    paused: audio.paused,
    ended: audio.ended,
    seeking: audio.seeking,
    ready: audio.readyState,
    rate: audio.playbackRate,
    volume: audio.volume,
    muted: audio.muted,
    src: audio.currentSrc,
    error: audio.error?.message ?? null,
  });

  // Resolves with `now` once `look` is true of it; looks as often as timers come.
  const until = (look) =>
    new Promise((resolve) => {
      const again = () => {
        const seen = now();
        if (!look(seen)) return;
        clearInterval(timer);
        resolve(seen);
      };
      const timer = setInterval(again, 4);
      again();
    });

  // Resolves once it has moved on by itself, behind a place, in what has this in its address.
  const sounds = (file, from) => {
    let last = null;
    return until(({ place, paused, seeking, ready, src }) => {
      const fits = !paused && !seeking && ready > 2 && place >= from && src.includes(file);
      const moved = fits && last?.src === src && place > last.place && place - last.place < 1;
      last = fits ? { place, src } : null;
      return moved;
    });
  };

  let watched;

  // Begins to wait for that; `watched` resolves with it.
  const watch = (file, from) => {
    watched = sounds(file, from);
  };

  let context, analyser;

  // Resolves with the tone that is loudest in what comes out in about a second, in hertz, and how loud it is, in decibels
  // of the loudest that there can be; no tone where it is silent.
  const hear = async () => {
    context ??= new AudioContext();
    await context.resume();
    // Another one for each source: what is captured ends with it.
    analyser?.disconnect();
    analyser = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 });
    const stream = audio.captureStream();
    const tracks = stream.getAudioTracks().length;
    if (tracks === 0) return { hertz: null, decibels: null, tracks };
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    let loudest = 0;
    levels.forEach((level, bin) => {
      if (level > levels[loudest]) loudest = bin;
    });
    const decibels = levels[loudest];
    const silent = !(decibels > -80);
    return {
      hertz: silent ? null : (loudest * context.sampleRate) / analyser.fftSize,
      decibels: Number.isFinite(decibels) ? decibels : null,
      tracks,
    };
  };

  const end = () => {
    for (const name of names) audio.removeEventListener(name, note);
    context?.close();
  };

  globalThis.testEar = { audio, events, now, watch, watched: () => watched, hear, end };
  return true;
}
