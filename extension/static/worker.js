// A worker of the engine: the engine's wasm once more, for the work on the bytes of files.
import init, { work } from "./engine/engine.js";

const ready = init();

// What goes wrong is reported as an error of the worker, which the engine hears.
onmessage = ({ data }) => ready.then(() => work(data)).catch(reportError);
