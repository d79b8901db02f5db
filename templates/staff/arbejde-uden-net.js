// Shows the crew's day as it was last seen while there is no net; with net it is always asked anew.
"use strict";

const SEEN = "driftsklar-arbejde";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const asked = event.request;
  if (asked.method !== "GET") return;
  event.respondWith((async () => {
    const seen = await caches.open(SEEN);
    try {
      const answer = await fetch(asked);
      // somebody else's day must not be shown after they signed out
      if (answer.redirected && asked.mode === "navigate") await caches.delete(SEEN);
      else if (answer.ok) await seen.put(asked, answer.clone());
      return answer;
    } catch (gone) {
      const before = await seen.match(asked, { ignoreSearch: asked.mode === "navigate" });
      if (before) return before;
      throw gone;
    }
  })());
});
