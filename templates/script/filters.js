"use strict";
// Filters the findings. The page is complete without this script; the state is in the fragment, so that it can be sent.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const names = JSON.parse(document.getElementById("index").textContent);
  const ranges = (text) => text.split(" ").filter(Boolean).map((run) => run.split("-").map(Number));
  const isIn = (runs, wanted) => runs.some(([low, high]) => wanted.some((n) => low <= n && n <= high));
  const entries = [...document.querySelectorAll(".entry")].map((entry) => ({
    entry,
    text: entry.textContent.toLowerCase(),
    files: ranges(entry.dataset.files),
    places: [...entry.querySelectorAll("[data-file]")].map((place) => ({ place, file: Number(place.dataset.file) })),
    lines: [...entry.querySelectorAll(".line")].map((line) => ({
      line,
      moments: line.dataset.moments.split(" "),
      hosts: ranges(line.dataset.hosts),
      engines: ranges(line.dataset.engines),
    })),
  }));
  const blocks = [...document.querySelectorAll(".block")];
  const left = [...document.querySelectorAll(".entries-left .left-out")].reduce((sum, p) => sum + Number(p.dataset.left), 0);

  // The finding that a link leads to must be seen, whatever is filtered.
  const isFilter = () => location.hash.includes("=");
  const read = () => {
    const state = new URLSearchParams(isFilter() ? location.hash.slice(1) : "");
    for (const field of form.elements) {
      if (!field.name) continue;
      const value = state.get(field.name) || "";
      field.value = value;
      // What an earlier report could be filtered by, and this one has not, finds nothing: it is not dropped.
      if (field.value !== value && field.tagName === "SELECT") field.add(new Option(value, value, false, true));
    }
  };
  const wanted = () => {
    const state = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) state.set(name, value);
    return state;
  };
  // A name that there is stands for itself, another text for all that have it in them; for nobody, if there is none.
  const chosen = (known, text) =>
    known.flatMap((name, n) => (name === text || (!known.includes(text) && name.includes(text)) ? [n] : []));
  const apply = () => {
    const state = wanted();
    const text = (state.get("text") || "").toLowerCase();
    const of = (kind, field) => (state.get(field) ? chosen(names[kind], state.get(field)) : null);
    const [hosts, engines, files] = [of("hosts", "host"), of("engines", "engine"), of("files", "file")];
    // What is folded or left out of an entry is searched as well: all names of its files and hosts.
    const named = (kind) => names[kind].flatMap((name, n) => (name.toLowerCase().includes(text) ? [n] : []));
    const [namedFiles, namedHosts] = text ? [named("files"), named("hosts")] : [[], []];
    const says = (own, ownFiles, lines) =>
      own.includes(text) || isIn(ownFiles, namedFiles) || lines.some((one) => isIn(one.hosts, namedHosts));
    const fits = (line) =>
      (!state.get("moment") || line.moments.includes(state.get("moment"))) &&
      (!hosts || isIn(line.hosts, hosts)) &&
      (!engines || isIn(line.engines, engines));
    const isOther = (entry, name) => state.get(name) && entry.dataset[name] !== state.get(name);
    let shown = 0;
    for (const { entry, text: own, files: ownFiles, places, lines } of entries) {
      for (const one of lines) one.line.hidden = !fits(one);
      for (const { place, file } of places) place.hidden = Boolean(files) && !files.includes(file);
      for (const answer of entry.querySelectorAll(".answer")) answer.hidden = !answer.querySelector(".line:not([hidden])");
      entry.hidden =
        lines.every((one) => one.line.hidden) ||
        !says(own, ownFiles, lines) ||
        (Boolean(files) && !isIn(ownFiles, files)) ||
        ["verdict", "cause", "registry"].some((name) => isOther(entry, name));
      shown += !entry.hidden;
    }
    for (const block of blocks) block.hidden = !block.querySelector(".entry:not([hidden])");
    const unseen = left && state.size ? `; ${left} more, not on this page, are not filtered` : "";
    document.getElementById("shown").value = `${shown} of ${entries.length} shown${unseen}`;
  };
  // What other parts of the page keep in the fragment stays there.
  const write = () => {
    const state = new URLSearchParams(isFilter() ? location.hash.slice(1) : "");
    for (const field of form.elements) if (field.name) state.delete(field.name);
    for (const [name, value] of wanted()) state.set(name, value);
    history.replaceState(null, "", `#${state}`);
    apply();
  };
  const offer = (id, known) => document.getElementById(id)?.append(...known.slice(0, 500).map((name) => new Option(name, name)));

  offer("host-list", names.hosts);
  offer("file-list", names.files);
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
