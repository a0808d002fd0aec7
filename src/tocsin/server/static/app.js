/* Registers the worker of the installed app (share, offline page): only where somebody installs or opens it as an
   app, so that a visit to the form leaves nothing on the device. */
"use strict";
(() => {
  const register = () => { try { navigator.serviceWorker?.register("/worker.js").catch(() => {}); } catch { /* blocked */ } };
  if (matchMedia("(display-mode: standalone)").matches || document.querySelector("[data-app]")) register();
  addEventListener("appinstalled", register);
})();
