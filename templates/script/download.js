// Saves the JSON and the CSV that are in the page.
(() => {
  const save = async (suffix) => {
    const packed = Uint8Array.from(atob(document.getElementById(`data-${suffix}`).textContent), (c) => c.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await new Response(plain).blob());
    link.download = `planner-report.${suffix}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  for (const offer of document.querySelectorAll(".downloads")) offer.hidden = false;
  for (const button of document.querySelectorAll("[data-download]")) {
    button.addEventListener("click", () => save(button.dataset.download));
  }
})();
