// Keeps the chosen view of the map in the fragment, beside what the filters keep there, so that it can be sent.
(() => {
  const views = [...document.querySelectorAll('#map input[name="view"]')];
  if (!views.length) return;
  const usual = views[0].value;
  const state = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  // A fragment without "=" is a link to a finding, which says nothing of the view.
  const read = () => {
    if (!location.hash.includes("=")) return;
    const wanted = state().get("view");
    (views.find((view) => view.value === wanted) || views[0]).checked = true;
  };
  const write = () => {
    const chosen = views.find((view) => view.checked).value;
    const now = state();
    if (chosen === usual) now.delete("view");
    else now.set("view", chosen);
    history.replaceState(null, "", `#${now}`);
  };
  for (const view of views) view.addEventListener("input", write);
  addEventListener("hashchange", read);
  read();
})();
