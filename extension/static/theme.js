// Before the first paint: the theme that the page's address asks for, else the one that was last chosen. A script of
// its own, and no module: modules run when the page is drawn already. The view sets what the engine says.
{
  const asked = new URLSearchParams(location.search).get("theme");
  const theme = asked ?? localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
