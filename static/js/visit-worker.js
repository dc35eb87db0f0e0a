// Lets a visit's page, kept on purpose, be opened where there is no net. It keeps nothing by itself: what is in a cache
// named visits-… was put there by the page after 离线使用, which renews it, with all it needs, whenever there is a net.

const PATIENCE = 5000; // milliseconds before what is kept is shown instead
const KEPT_FOR = 7 * 24 * 3600 * 1000;
const GONE = [403, 404, 410];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request, request.mode === "navigate" ? page : part));
});

async function answer(request, choose) {
  const [cache, kept] = await found(request.url);
  return kept ? choose(request, cache, kept) : fetch(request);
}

/** What a kept page is drawn with: a page kept before the last deployment still needs its own. */
async function part(request, _cache, kept) {
  const fresh = await inTime(fetch(request)).catch(() => null);
  return fresh?.ok ? fresh : kept;
}

async function page(request, cache, kept) {
  const asked = fetch(request);
  const old = Date.now() - Date.parse(kept.headers.get("Date") || "") > KEPT_FOR;
  try {
    const fresh = await (old ? asked : inTime(asked));
    if (GONE.includes(fresh.status)) await cache.delete(request.url);
    return fresh.status >= 500 && !old ? kept : fresh;
  } catch (error) {
    if (!old) return kept;
    await cache.delete(request.url);
    throw error;
  }
}

async function found(address) {
  for (const name of await caches.keys()) {
    if (!name.startsWith("visits-")) continue;
    const cache = await caches.open(name);
    const kept = await cache.match(address);
    if (kept) return [cache, kept];
  }
  return [null, null];
}

function inTime(asked) {
  return Promise.race([asked, new Promise((_, late) => setTimeout(() => late(new Error("late")), PATIENCE))]);
}
