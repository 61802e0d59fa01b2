// Light or dark, whatever the system prefers. Kept for the next report where the browser keeps anything for files.
(() => {
  const label = document.getElementById("theme");
  const select = label.querySelector("select");
  const KEY = "planner-theme";
  const kept = () => { try { return localStorage.getItem(KEY) || ""; } catch { return ""; } };
  const keep = (theme) => { try { localStorage.setItem(KEY, theme); } catch { /* then it is chosen again next time */ } };
  const show = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  select.value = kept();
  show(select.value);
  label.hidden = false;
  select.addEventListener("change", () => { keep(select.value); show(select.value); });
})();
