// 离线使用: only after the button is pressed the page, and what it needs to be drawn, stays on this phone; from then on
// both are renewed whenever the page is opened with a net.

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
  const stored = () => caches.match(page);
  const shown = async () => {
    const kept = await stored();
    root.querySelector("[data-offline-on]").hidden = !kept;
    root.querySelector("[data-offline-off]").hidden = Boolean(kept);
    button.hidden = Boolean(kept);
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await navigator.serviceWorker.register(root.dataset.worker, { scope: new URL(".", new URL("..", page)).pathname });
      await navigator.serviceWorker.ready;
      await renew(page, visit.user);
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
  // Without a net, or at the wrong moment: what is kept stays as it is.
  if (await stored()) renew(page, visit.user).catch((error) => console.warn(error?.name || error));
}

/** The page last: one whose scripts are not here would open as a plain form that reaches nobody. */
async function renew(page, user) {
  const cache = await caches.open(cacheOf(user));
  await cache.addAll(needed());
  const answer = await fetch(page, { cache: "no-store", credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
  // Of another deployment than what is open here: next time.
  if (!named(fresh).every((address) => named(document).includes(address))) throw new Error("newer");
  await cache.put(page, answer);
}

const named = (whole) => [...whole.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((each) => each.href || each.src);

/** Style sheets, scripts and what they loaded in turn: everything of ours the page was drawn with. */
function needed() {
  const loaded = performance.getEntriesByType("resource").map((each) => each.name);
  const ours = (address) => address.startsWith(`${window.location.origin}/static/`);
  return [...new Set([...loaded, ...named(document)])].filter(ours);
}
