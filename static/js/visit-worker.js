// Lets a visit's page, kept on purpose, be opened where there is no net. It keeps nothing by itself: what is in a cache
// named visits-… was put there by the page after 离线使用, and is renewed whenever there is a net.

const PATIENCE = 5000; // milliseconds before what is kept is shown instead
const KEPT_FOR = 7 * 24 * 3600 * 1000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const [cache, kept] = await found(request);
  if (!kept) return fetch(request);
  const page = request.mode === "navigate";
  try {
    const fresh = await inTime(fetch(request));
    if (fresh.ok && !fresh.redirected) await cache.put(request.url, fresh.clone()).catch(() => null);
    return page && fresh.status >= 500 ? kept : fresh;
  } catch {
    return kept;
  }
}

async function found(request) {
  for (const name of await caches.keys()) {
    if (!name.startsWith("visits-")) continue;
    const cache = await caches.open(name);
    const kept = await cache.match(request.url);
    if (!kept) continue;
    const day = Date.parse(kept.headers.get("Date") || "");
    if (request.mode === "navigate" && day && Date.now() - day > KEPT_FOR) {
      await caches.delete(name);
      continue;
    }
    return [cache, kept];
  }
  return [null, null];
}

function inTime(asked) {
  return Promise.race([asked, new Promise((_, late) => setTimeout(() => late(new Error("late")), PATIENCE))]);
}
