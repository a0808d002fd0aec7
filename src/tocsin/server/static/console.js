/* Small comforts of the console. Each page works without this file. Loaded in <head>, so that the theme is set before the first paint. */
"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  theme();
  dark.addEventListener("change", theme);
  root.classList.add("js");

  // Relative times: the server's absolute text becomes the title.
  const STEPS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const relative = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "auto" });
  function say(time) {
    const when = Date.parse(time.dateTime);
    if (Number.isNaN(when) || time.hasAttribute("data-absolute")) return;
    if (!time.title) time.title = time.textContent.trim();
    const seconds = (when - Date.now()) / 1000;
    const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) || ["second", 1];
    const text = relative.format(unit === "second" ? 0 : Math.trunc(seconds / size), unit);
    if (time.textContent !== text) time.textContent = text;
  }
  const sayAll = () => document.querySelectorAll("time[datetime]").forEach(say);

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");   // no clipboard API outside https
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    if (button.dataset.label === undefined) button.dataset.label = button.textContent;
    button.textContent = button.dataset.copied || "✓";
    button.classList.add("copied");
    setTimeout(() => {
      button.textContent = button.dataset.label;
      button.classList.remove("copied");
    }, 1500);
  }

  function move(step) {
    const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("here"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    rows[at]?.classList.remove("here");
    next.classList.add("here");
    next.scrollIntoView({ block: "nearest" });
    (next.querySelector("[data-open]") || next.querySelector("a"))?.focus({ preventScroll: true });
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog")) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "?") document.getElementById("keys")?.showModal();
    else if (event.key === "Enter" && event.target === document.body) {
      document.querySelector("[data-rows] tr.here :is([data-open], a)")?.click();
    } else {
      [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key)?.click();
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    document.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
  });
  document.addEventListener("keydown", key);
  document.addEventListener("DOMContentLoaded", sayAll);
  document.addEventListener("htmx:after:swap", sayAll);
  setInterval(sayAll, 30000);
})();
