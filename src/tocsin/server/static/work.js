/* The short calculation of a storm: ALTCHA's proof of work (SHA-256) with WebCrypto, then the form is sent.
   Where it cannot run, the page's numbered wait stays as it is. */
"use strict";
(() => {
  const form = document.querySelector("form.wait");
  if (!form || !window.crypto || !crypto.subtle) return;
  let task;
  try { task = JSON.parse(form.dataset.challenge); } catch { return; }
  const encoder = new TextEncoder();
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const bar = form.querySelector("progress");
  form.querySelector(".by-hand").hidden = true;
  form.querySelector(".by-script").hidden = false;

  async function work() {
    const AT_ONCE = 250;
    for (let from = 0; from <= task.maxnumber; from += AT_ONCE) {
      const tries = [];
      for (let number = from; number < from + AT_ONCE && number <= task.maxnumber; number++) {
        tries.push(crypto.subtle.digest("SHA-256", encoder.encode(task.salt + number)).then((digest) =>
          hex(digest) === task.challenge ? number : -1));
      }
      const found = (await Promise.all(tries)).find((number) => number >= 0);
      if (found !== undefined) return found;
      bar.value = from / task.maxnumber;
    }
    throw new Error("nothing found");
  }
  work().then((number) => {
    const { algorithm, challenge, salt, signature } = task;
    form.elements.altcha.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    form.submit();
  }).catch(() => {
    form.querySelector(".by-script").hidden = true;
    form.querySelector(".by-hand").hidden = false;
  });
})();
