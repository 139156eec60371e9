// Before the first paint: the theme that the page's address asks for, else the one that was last chosen; and whether the
// page is the browser's popup, which is as large as what it shows. A script of its own, and no module: modules run when
// the page is drawn already. The view sets what the engine says.
{
  const asked = new URLSearchParams(location.search).get("theme");
  const theme = asked ?? localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (chrome.extension.getViews({ type: "popup" }).includes(window)) document.documentElement.dataset.place = "popup";
}
