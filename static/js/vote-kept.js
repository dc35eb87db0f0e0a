// The voting page and what this telephone keeps of a vote: seed, picks, the number of the ballot, the ballot on its way.
// Whose it is stays with the tab, and no longer than a code is good, so that the next person at this telephone does not
// find it.

import { random, read, tab, write } from "./vote-store.js";

export const page = document.querySelector("[data-booth]");
export const name = `vote-${page?.dataset.poll}`;
export const kept = { seed: parseInt(random(4), 16), picks: [], ...read(name, {}) };
export const keep = () => write(name, kept);
keep();

export const receiptAt = (code, fragment) => `${page.dataset.receipt.replace("CODE", code)}#${fragment}`;

/** Nothing is left to cast. */
export function done() {
  for (const one of ["ballot", "sending", "names"]) delete kept[one];
  kept.picks = [];
  keep();
  tab.drop(name);
}
