// Starts the view that the page names in data-view.
import init, { start } from "./ui/ui.js";

await init();
start();
