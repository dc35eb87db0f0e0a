// What a phone keeps of its visits until the portal has it: one small thing each, by person, visit, kind and name.

const NAME = "xuanshu-visits";
const STORES = ["things", "parcels"];
let opened = null;

function database() {
  opened ||= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1); // throws where a browser forbids it
    asked.onupgradeneeded = () => {
      for (const name of STORES) asked.result.createObjectStore(name);
    };
    asked.onsuccess = () => {
      const found = asked.result;
      // Signing out in another tab takes everything away: do not stand in its way.
      found.onversionchange = () => { found.close(); opened = null; };
      resolve(found);
    };
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

/** Resolves when it is on the disk; rejects where there is no room (QuotaExceededError) or no store. */
async function within(names, mode, work) {
  const found = await database();
  return new Promise((resolve, reject) => {
    const turn = found.transaction(names, mode, { durability: "strict" });
    const asked = work(...[names].flat().map((name) => turn.objectStore(name)));
    turn.oncomplete = () => resolve(asked?.result);
    turn.onabort = () => reject(turn.error || new Error("aborted"));
    turn.onerror = () => { /* the abort that follows says it */ };
  });
}

const keyOf = (thing) => [thing.user, thing.visit, thing.kind, thing.id];
const rangeOf = (...start) => IDBKeyRange.bound(start, [...start, []]);

export const keep = (thing) => within("things", "readwrite", (store) => store.put(thing, keyOf(thing)));
/** Of two tabs the one with the older text must not take away, or write over, what the other has kept since. */
const unlessNewer = (thing, work) => within("things", "readwrite", (store) => {
  const asked = store.get(keyOf(thing));
  asked.onsuccess = () => { if (asked.result?.stamp === thing.stamp) work(store); };
});
export const amend = (thing) => unlessNewer(thing, (store) => store.put(thing, keyOf(thing)));
export const drop = (thing) => unlessNewer(thing, (store) => store.delete(keyOf(thing)));
export const all = (user, visit) => within("things", "readonly", (store) => store.getAll(rangeOf(user, visit)));
export const parcel = (user, visit) => within("parcels", "readonly", (store) => store.get([user, visit]));
export const pack = (user, visit, packed) => within("parcels", "readwrite", (store) => store.put(packed, [user, visit]));
export const unpack = (user, visit) => within("parcels", "readwrite", (store) => store.delete([user, visit]));

/** How many things of a person wait, in all visits; what the portal is known to have is not waiting. */
export async function waiting(user) {
  const found = await within("things", "readonly", (store) => store.getAll(rangeOf(user)));
  return found.filter((thing) => thing.kind !== "known").length;
}

/** Nothing of a person's visits stays on this phone; what somebody else has not sent yet does. */
export async function wipe(user) {
  await within(STORES, "readwrite", (...stores) => { for (const store of stores) store.delete(rangeOf(user)); });
  await globalThis.caches?.delete(cacheOf(user));
  const left = await Promise.all(STORES.map((name) => within(name, "readonly", (store) => store.count())));
  if (left.some(Boolean)) return;
  const found = await Promise.resolve(opened).catch(() => null);
  found?.close();
  opened = null;
  await new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = asked.onerror = asked.onblocked = resolve;
  });
}

export const cacheOf = (user) => `visits-${user}`;

/** The pages kept for reading without a net go, those of one person excepted. */
export async function forgetPages(but) {
  if (!globalThis.caches) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("visits-") && name !== but).map((name) => caches.delete(name)));
}
