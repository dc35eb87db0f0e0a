// A ballot on its way: the very same one until it is answered.

import { done, keep, kept, page, receiptAt } from "./vote-kept.js";
import { packed, read, write } from "./vote-store.js";
import { NoAnswer, Refusal, ask, pause } from "./vote-wire.js";

const RETRY = [2, 4, 8, 15]; // seconds, where the server names none

/**
 * The receipt of `ballot`, posted to `url` again and again; throws the Refusal that stays one.
 * `trying()` is called before each turn, `waiting(seconds, word, sentence)` waits for the next: `word` is what to say,
 * `sentence` the server's own where there is one to prefer.
 */
export async function deliver(url, ballot, { trying, waiting }) {
  for (let turn = 0; ; turn += 1) {
    trying();
    try {
      const said = await ask(url, ballot);
      // Networks that want a login answer everything with a page, or JSON, of their own.
      if (!said.code || said.ballot !== ballot.ballot) throw new NoAnswer("no receipt");
      return said;
    } catch (error) {
      const refused = error instanceof Refusal;
      if (refused && !error.passing) throw error;
      const seconds = error.wait || RETRY[Math.min(turn, RETRY.length - 1)];
      await waiting(seconds, refused ? "busy" : "unanswered", error.status === 429 ? error.message : "");
    }
  }
}

/** Keeps the receipt and goes to its page. */
export function received(receipt) {
  const all = read("vote-receipts", {});
  all[receipt.code] = { receipt, names: kept.names || [] };
  write("vote-receipts", all);
  done();
  location.assign(receiptAt(receipt.code, packed(JSON.stringify(receipt))));
}

/** Asks after a ballot whose answer was lost, also when none are taken: if it is there, this gives its receipt. */
export async function settle(words) {
  const note = page.querySelector("[data-late]");
  const put = (text) => { note.firstElementChild.textContent = text; note.hidden = false; };
  let receipt;
  try {
    receipt = await deliver(page.dataset.ballot, kept.sending, {
      trying: () => put(words.asking),
      waiting: (seconds, word, sentence) => { put(sentence || words[word]); return pause(seconds); },
    });
  } catch (refusal) {
    delete kept.sending;
    keep();
    if (refusal.status === 409) done();
    if (refusal.code) location.assign(receiptAt(refusal.code, "again"));
    else put(refusal.message || words.failed);
    return;
  }
  received(receipt);
}
