// How the voting page asks the server: an answer, a refusal with its sentence, or nothing at all.

const PATIENCE = 12_000; // milliseconds

/** The server said no. `reason` and `message` are its own, `wait` is seconds to wait, 0 when it named none. */
export class Refusal extends Error {
  constructor(status, said, wait) {
    super(said.message || "");
    this.status = status;
    this.reason = said.reason || "";
    this.code = said.code || "";
    this.wait = wait;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status >= 500 || this.status === 429;
  }
}

/** No answer came: nobody knows whether the request arrived. */
export class NoAnswer extends Error {}

export async function ask(url, body) {
  const options = { headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang }, credentials: "same-origin", cache: "no-store" };
  if (body) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  let answer;
  let said;
  try {
    answer = await fetch(url, { ...options, signal: stop.signal });
    said = await answer.json().catch(() => null);
  } catch (error) {
    throw new NoAnswer(String(error));
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok && said) return said;
  if (answer.ok) throw new NoAnswer("cut short");
  throw new Refusal(answer.status, said || {}, Number(answer.headers.get("Retry-After")) || 0);
}

export const pause = (seconds, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, seconds * 1000);
  signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});
