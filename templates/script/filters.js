"use strict";
// Filters the findings. The page is complete without this script; the state is in the fragment, so that it can be sent.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const names = JSON.parse(document.getElementById("host-names").textContent);
  const entries = [...document.querySelectorAll(".entry")].map((entry) => ({
    entry,
    text: entry.textContent.toLowerCase(),
    lines: [...entry.querySelectorAll(".line")].map((line) => ({
      line,
      moments: line.dataset.moments.split(" "),
      hosts: line.dataset.hosts.split(" ").filter(Boolean).map((run) => run.split("-").map(Number)),
    })),
  }));
  const blocks = [...document.querySelectorAll(".block")];

  const left = [...document.querySelectorAll(".entries-left .left-out")].reduce((sum, p) => sum + Number(p.dataset.left), 0);

  // The finding that a link leads to must be seen, whatever is filtered.
  const isFilter = () => location.hash.includes("=");
  const read = () => {
    const state = new URLSearchParams(isFilter() ? location.hash.slice(1) : "");
    for (const field of form.elements) if (field.name) field.value = state.get(field.name) || "";
  };
  const wanted = () => {
    const state = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) state.set(name, value);
    return state;
  };
  // A host that is not declared is nobody's: all entries go, and the count says so.
  const chosen = (text) => new Set(names.flatMap((name, n) => (name === text || (text && !names.includes(text) && name.includes(text)) ? [n] : [])));
  const apply = () => {
    const state = wanted();
    const text = (state.get("text") || "").toLowerCase();
    const hosts = state.has("host") ? chosen(state.get("host")) : null;
    const matches = ({ moments, hosts: runs }) =>
      (!state.has("moment") || moments.includes(state.get("moment"))) &&
      (!hosts || [...hosts].some((n) => runs.some(([low, high]) => low <= n && n <= high)));
    let shown = 0;
    for (const { entry, text: own, lines } of entries) {
      let any = false;
      for (const one of lines) {
        one.line.hidden = !matches(one);
        any ||= !one.line.hidden;
      }
      entry.hidden =
        !any ||
        !own.includes(text) ||
        (state.has("verdict") && entry.dataset.verdict !== state.get("verdict")) ||
        (state.has("cause") && entry.dataset.cause !== state.get("cause"));
      shown += !entry.hidden;
    }
    for (const block of blocks) block.hidden = !block.querySelector(".entry:not([hidden])");
    const unseen = left && state.size ? `; ${left} more, not on this page, are not filtered` : "";
    document.getElementById("shown").value = `${shown} of ${entries.length} shown${unseen}`;
  };
  const write = () => {
    history.replaceState(null, "", `#${wanted()}`);
    apply();
  };

  for (const name of names) document.getElementById("host-list").append(new Option(name, name));
  form.hidden = false;
  form.addEventListener("input", write);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(write));
  addEventListener("hashchange", () => {
    read();
    apply();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });
  read();
  apply();
})();
