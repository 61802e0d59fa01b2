// A button beside each command and snippet that copies it. Without scripts a click selects the whole.
(() => {
  if (!navigator.clipboard) return;
  for (const code of document.querySelectorAll("code.command, pre.snippet")) {
    const text = code.textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text).then(
        () => { button.textContent = "Copied"; },
        () => { button.textContent = "Not allowed"; },
      );
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    const frame = document.createElement("span");
    frame.className = "copied";
    code.replaceWith(frame);
    frame.append(code, button);
  }
})();
