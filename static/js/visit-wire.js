// How a visit's page speaks with the portal: an answer, a refusal with its sentence, or nothing at all.

const PATIENCE = 30_000; // milliseconds; a photograph over a weak net takes long

let token = document.querySelector('meta[name="csrf-token"]')?.content || "";

/** The portal said no; `reason` is a word for us, `message` its sentence for the person. */
export class Refusal extends Error {
  constructor(status, said) {
    super(said?.message || "");
    this.status = status;
    this.reason = said?.reason || "";
  }
}

/** No answer came: nobody knows whether it arrived. */
export class NoAnswer extends Error {}

export async function ask(url, body, { patience = PATIENCE, again = true } = {}) {
  const options = { credentials: "same-origin", cache: "no-store", redirect: "error", headers: { Accept: "application/json" } };
  if (body) {
    options.method = "POST";
    options.headers["X-CSRFToken"] = token;
    if (body instanceof FormData) options.body = body;
    else {
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
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
  if (said?.token) token = said.token;
  if (answer.ok && said) return said;
  if (answer.ok || answer.status >= 500) throw new NoAnswer(String(answer.status));
  if (answer.status === 403 && !said && again) {
    // The token of a kept page is an old one: the address of the parcels gives a new one.
    await ask(document.querySelector("[data-sync]").dataset.sync, null, { again: false });
    return ask(url, body, { patience, again: false });
  }
  throw new Refusal(answer.status, said);
}
