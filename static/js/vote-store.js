// What a voting telephone remembers: in its own storage while there is one, else as long as the page lives.

const memory = new Map();

function storage() {
  try {
    const found = globalThis.localStorage;
    found.setItem("vote-try", "1");
    found.removeItem("vote-try");
    return found;
  } catch {
    return null; // forbidden, or full
  }
}

const disk = storage();

/** Whether anything outlives this page. */
export const lasting = Boolean(disk);

export function read(name, otherwise) {
  try {
    const text = disk ? disk.getItem(name) : memory.get(name);
    return text ? JSON.parse(text) : otherwise;
  } catch {
    return otherwise;
  }
}

export function write(name, value) {
  const text = JSON.stringify(value);
  memory.set(name, text);
  try {
    disk?.setItem(name, text);
  } catch { /* full: the page itself still knows */ }
}

export function drop(name) {
  memory.delete(name);
  try { disk?.removeItem(name); } catch { /* as above */ }
}

/** Random bytes as hex; works outside a secure context too. */
export function random(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (one) => one.toString(16).padStart(2, "0")).join("");
}

/** A random UUID (version 4), where `crypto.randomUUID` is missing too. */
export function uuid() {
  const hex = random(16);
  const variant = ((parseInt(hex[16], 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A place for `number` in the order of `seed`: mixes both until nothing of either shows. */
export function place(seed, number) {
  let mixed = (seed ^ Math.imul(number, 0x9e3779b1)) >>> 0;
  for (let round = 0; round < 3; round += 1) {
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0;
  }
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Text as base64url without padding, and back. */
export function packed(text) {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function unpacked(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(raw, (one) => one.charCodeAt(0)));
}

/** What is kept while this tab lives, also when the telephone throws its page out and loads it again. */
export const tab = {
  read(name) {
    try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; }
  },
  write(name, value) {
    try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* the page itself still knows */ }
  },
  drop(name) {
    try { sessionStorage.removeItem(name); } catch { /* as above */ }
  },
};
