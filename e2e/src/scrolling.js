const [list, row, step, done] = [`[data-testid=${arguments[0]}]`, `[data-testid=${arguments[1]}]`, arguments[2], arguments[3]];
const scroller = document.querySelector(list);
const STILL = 30;
let rows = 0, added = 0, most = 0, empty = 0, still = 0, place = null;
const count = node => node.matches?.(row) ? 1 : node.querySelectorAll?.(row).length ?? 0;
new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => added += count(node))))
    .observe(scroller, { childList: true, subtree: true });
const go = () => {
    const { left, top, width, height } = scroller.getBoundingClientRect();
    most = Math.max(most, added);
    added = 0;
    rows = Math.max(rows, document.querySelectorAll(row).length);
    empty += document.elementFromPoint(left + width / 2, top + height / 2)?.closest(row) ? 0 : 1;
    still = scroller.scrollTop === place ? still + 1 : 0;
    place = scroller.scrollTop;
    scroller.scrollTop += step;
    if (still > STILL) done({ rows, most, empty });
    else requestAnimationFrame(go);
};
go();
