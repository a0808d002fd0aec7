{% load static %}/* The installed app's worker: a shared picture never leaves the phone, and there is a page when offline. */
"use strict";
const STYLE = "{% static 'door.css' %}";
const OFFLINE = "{% url 'tips:offline' %}";
const SHARE = "{% url 'tips:share' %}";
const CACHE = "tocsin " + STYLE;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([OFFLINE, STYLE])));
});
self.addEventListener("activate", (event) => {
  const old = async () => Promise.all((await caches.keys()).filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(old().then(() => self.clients.claim()));
});

// Words go on to the form; files are dropped here, and the form says so.
async function share(request) {
  const words = new URLSearchParams();
  for (const [name, value] of await request.formData()) {
    if (typeof value === "string") words.append(name, value);
    else words.set("refused", "here");
  }
  return fetch(SHARE, { method: "POST", body: words });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== location.origin || pathname.startsWith("/console/")) return;
  const offline = () => caches.match(OFFLINE);
  if (pathname === SHARE && request.method === "POST") event.respondWith(share(request).catch(offline));
  else if (request.method !== "GET") return;
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(offline));
  else if (pathname === STYLE) event.respondWith(fetch(request).catch(() => caches.match(STYLE)));
});
