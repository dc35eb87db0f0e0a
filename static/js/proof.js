// Proof of work: solves a challenge of the portal in the background, on as many cores as there are.

const LONGEST = 90_000; // milliseconds

/** Whether this page can compute at all: not outside a secure context, nor without workers. */
export const possible = () => Boolean(globalThis.crypto?.subtle && globalThis.Worker);

/**
 * The payload for `proof`, or "" where it is not possible here; throws when it took too long or was stopped.
 * `worker` is the address of the worker's script, `signal` an AbortSignal.
 */
export async function solve(challenge, { worker, signal } = {}) {
  if (!possible()) return "";
  const count = Math.min(Math.max(navigator.hardwareConcurrency || 1, 1), 4);
  const workers = Array.from({ length: count }, () => new Worker(worker));
  try {
    const solution = await new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      let left = count;
      workers.forEach((each, place) => {
        each.onerror = (event) => reject(new Error(event.message || "proof"));
        each.onmessage = ({ data }) => {
          if (data?.derivedKey) resolve(data);
          else if (data?.error || --left === 0) reject(new Error("proof"));
        };
        each.postMessage({
          type: "work", challenge, counterStart: place, counterStep: count, timeout: LONGEST,
        });
      });
    });
    return btoa(JSON.stringify({ challenge, solution }));
  } finally {
    workers.forEach((each) => each.terminate());
  }
}
