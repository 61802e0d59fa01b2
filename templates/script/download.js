// Saves the JSON and the CSV that are in the page, as planner/report/page/embedded.py packs them.
(() => {
  const unpacked = (text) => {
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  };
  const save = async (suffix) => {
    const [words, order] = await Promise.all(document.getElementById(`data-${suffix}`).textContent.split(".").map(unpacked));
    const known = new TextDecoder("utf-8", { ignoreBOM: true }).decode(words).split("\0");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([Array.from(new Uint32Array(order), (n) => known[n]).join("")]));
    link.download = `planner-report.${suffix}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  for (const offer of document.querySelectorAll(".downloads")) offer.hidden = false;
  for (const button of document.querySelectorAll("[data-download]")) {
    button.addEventListener("click", () => save(button.dataset.download));
  }
})();
