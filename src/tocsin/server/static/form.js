/* Keeps the first box of the form (address, name or number) on this device, and nothing else: at most for a day,
   until the tip is sent, "Delete what I typed" or "Quick exit" is chosen. The form works the same without it. */
"use strict";
(() => {
  const KEY = "tocsin.identifier";
  const DAY = 86400000;
  const forget = () => { try { localStorage.removeItem(KEY); } catch { /* storage is blocked: nothing was kept */ } };
  document.querySelector(".exit")?.addEventListener("click", forget);
  const form = document.querySelector("form.tip");
  const box = form?.elements.identifier;
  const kept = form?.querySelector(".kept");
  if (!kept) return forget();                                  // the receipt's page: it was sent
  const said = kept.querySelector("[role=status]");

  function stored() {
    try {
      const { at, text } = JSON.parse(localStorage.getItem(KEY)) || {};
      const age = Date.now() - at;
      if (age >= 0 && age < DAY && typeof text === "string") return text;
      forget();
    } catch { forget(); }
    return "";
  }
  function keep() {
    said.textContent = "";
    if (!box.value.trim()) return forget();
    try {
      localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), text: box.value }));
      kept.hidden = false;
    } catch { /* storage is blocked or full: the box is not kept */ }
  }
  function empty() {
    forget();
    for (const field of form.elements) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = false;
      else if (field.type !== "hidden" && field.type !== "submit" && field.type !== "button") field.value = "";
    }
    said.textContent = said.dataset.done;
    box.focus();
  }

  const text = stored();
  if (text && !box.value) box.value = text;
  if (text) kept.hidden = false;
  box.addEventListener("input", keep);
  kept.querySelector("button").addEventListener("click", empty);
})();
