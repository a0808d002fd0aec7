/* SHA-256 (FIPS 180-4) of a file, read in pieces on this device. Nothing is sent: the page's policy forbids it.
   Our own few lines, because the browser's digest() wants the whole file in memory and is missing outside https. */
"use strict";
(() => {
  const PIECE = 1 << 20;
  const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const W = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  function block(H, view, at) {
    for (let i = 0; i < 16; i++) W[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const a = W[i - 15], b = W[i - 2];
      W[i] = W[i - 16] + W[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => { H[i] += x; });
  }
  function blocks(H, bytes) {                                  // a whole number of 64-byte blocks
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 64) block(H, view, at);
  }
  async function sha256(file, tell) {
    const H = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
    const whole = file.size - (file.size % 64);
    for (let at = 0; at < whole; at += PIECE) {
      blocks(H, new Uint8Array(await file.slice(at, Math.min(at + PIECE, whole)).arrayBuffer()));
      tell(at / file.size);
    }
    const rest = new Uint8Array(await file.slice(whole).arrayBuffer());
    const last = new Uint8Array(rest.length < 56 ? 64 : 128);
    last.set(rest);
    last[rest.length] = 128;
    new DataView(last.buffer).setBigUint64(last.length - 8, BigInt(file.size) * 8n);
    blocks(H, last);
    return Array.from(H, (x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
  }

  const input = document.getElementById("file");
  const show = (id, on) => { document.getElementById(id).hidden = !on; };
  let turnOf = 0;
  input.addEventListener("change", async () => {
    const mine = ++turnOf;                                     // another file was chosen meanwhile: drop this one
    const file = input.files[0];
    const bar = document.querySelector("#reading progress");
    ["result", "unread"].forEach((id) => show(id, false));
    if (!file) return;
    show("reading", true);
    try {
      const hex = await sha256(file, (done) => { if (mine === turnOf) bar.value = done; });
      if (mine !== turnOf) return;
      document.getElementById("fingerprint").textContent = hex;
      show("result", true);
    } catch { if (mine === turnOf) show("unread", true); }
    if (mine === turnOf) show("reading", false);
  });
  document.querySelector(".needs-script").hidden = false;
})();
