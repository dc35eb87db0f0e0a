// 离线使用: only after the button is pressed the page, and what it needs to be drawn, stays on this phone.

import { cacheOf } from "./visit-store.js";
import { word } from "./visit-words.js";

export async function offerOffline(visit, root) {
  const button = root.querySelector("[data-offline-button]");
  if (!globalThis.caches || !navigator.serviceWorker || !window.isSecureContext) {
    root.hidden = true;
    return;
  }
  const page = new URL(root.dataset.page, window.location).href;
  if (visit.recorded) {
    await (await caches.open(cacheOf(visit.user))).delete(page);
    return;
  }
  const shown = async () => {
    const kept = await caches.match(page);
    root.querySelector("[data-offline-on]").hidden = !kept;
    root.querySelector("[data-offline-off]").hidden = Boolean(kept);
    button.hidden = Boolean(kept);
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await navigator.serviceWorker.register(root.dataset.worker, { scope: new URL(".", new URL("..", page)).pathname });
      await navigator.serviceWorker.ready;
      const cache = await caches.open(cacheOf(visit.user));
      await cache.addAll(needed());
      const answer = await fetch(page, { cache: "no-store", credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      await cache.put(page, answer);
      await navigator.storage?.persist?.();
    } catch (error) {
      console.warn(error?.name || error);
      const out = root.querySelector("[data-no-store]");
      out.textContent = word("failedKeep");
      out.hidden = false;
    }
    button.disabled = false;
    await shown();
  });
  await shown();
}

/** Style sheets, scripts and what they loaded in turn: everything of ours the page was drawn with. */
function needed() {
  const loaded = performance.getEntriesByType("resource").map((each) => each.name);
  const named = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((each) => each.href || each.src);
  const ours = (address) => address.startsWith(`${window.location.origin}/static/`);
  return [...new Set([...loaded, ...named])].filter(ours);
}
