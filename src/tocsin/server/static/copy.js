/* One-tap copy: <button data-copy="id of the text" hidden> … <span role="status" data-copied="…" data-failed="…">.
   Without this file the text is there to be selected. */
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[role=status]");
  const parts = () => [...source.children].map((part) => part.textContent.trim());
  const text = () => parts().join("-") || source.textContent.trim();

  function byHand() {                                          // no clipboard outside https, or in some apps' browsers
    const area = document.createElement("textarea");
    area.value = text();
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { /* refused */ }
    area.remove();
    if (!done) getSelection().selectAllChildren(source);
    return done;
  }
  button.addEventListener("click", async () => {
    let done = true;
    try { await navigator.clipboard.writeText(text()); } catch { done = byHand(); }
    said.textContent = done ? said.dataset.copied : said.dataset.failed;
  });
  button.hidden = false;
}
