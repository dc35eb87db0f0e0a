// The voting page: an order of the voter's own, picks that stay, summary, telephone, code, and a ballot that is
// sent again under the same number until it is answered. Without this file the form goes to pages of the server.

import { possible, solve } from "./proof.js";
import { done, keep, kept, name, page, receiptAt } from "./vote-kept.js";
import { deliver, received, settle } from "./vote-send.js";
import { place, read, tab, uuid, write } from "./vote-store.js";
import { NoAnswer, Refusal, ask, pause } from "./vote-wire.js";

const list = page?.querySelector("[data-candidates]");
const wordsOf = document.getElementById("words");
const words = wordsOf ? JSON.parse(wordsOf.textContent) : {};
const TICKET_GOOD_FOR = 100 * 60_000; // milliseconds; the server lets one live for two hours
const CODE_GOOD_FOR = 10 * 60_000;
const LAST_HOUR = 3600_000;

if (list) shuffle();
page?.querySelector("[data-without]")?.remove();
if (page?.dataset.phase === "open") run();
else if (page && kept.sending) settle(words);
else if (page?.dataset.phase === "waiting") waitForOpening();

// Whoever waits before the opening need not press anything; not all at the same moment.
async function waitForOpening() {
  const said = await ask(`${page.dataset.ballot}start/`).catch(() => null);
  const left = said ? Date.parse(said.opens) - Date.parse(said.now) : Infinity;
  if (left < LAST_HOUR) setTimeout(() => location.reload(), Math.max(left, 0) + 1000 + Math.random() * 3000);
}

function shuffle() {
  const rows = Array.from(list.children);
  rows.sort((one, other) => place(kept.seed, Number(one.dataset.number)) - place(kept.seed, Number(other.dataset.number)));
  list.append(...rows);
}

function run() {
  const { least, most } = { least: Number(page.dataset.least), most: Number(page.dataset.most) };
  const steps = Object.fromEntries(Array.from(page.querySelectorAll("[data-step]"), (one) => [one.dataset.step, one]));
  const part = (step, mark) => steps[step].querySelector(`[data-${mark}]`);
  const boxes = Array.from(steps.choose.querySelectorAll("input.pick"));
  const row = (number) => boxes.find((box) => Number(box.value) === number)?.closest("li");
  const shut = page.querySelector("[data-shut]");
  let visit = null; // {ticket, got, ahead, opens, closes}
  let asked = tab.read(name); // {phone, ticket, inbox, at}: the code that was sent last
  if (asked && !(Date.now() - asked.at < CODE_GOOD_FOR)) asked = null;
  if (!asked) tab.drop(name);
  let phone = asked?.phone || "";
  let checked = null; // {phone, token, challenge}: the code is used up, the proof is still to be computed
  let proved = null; // {token, proof}
  let busy = false;
  let resendAt = 0;

  const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_all, key) => String(values[key] ?? ""));
  const set = (element, text) => { element.textContent = text; element.hidden = !text; };

  // --- steps: each has an address, so that the telephone's own way back is the way back

  function show(step) {
    for (const [each, element] of Object.entries(steps)) element.hidden = each !== step;
    if (step === "summary") draw();
    if (step === "phone") insecure();
    const heading = steps[step].querySelector("[data-heading]");
    if (heading) heading.focus({ preventScroll: true });
    if (heading) window.scrollTo(0, 0);
  }

  const isStep = () => Object.keys(steps).includes(location.hash.slice(1));
  const known = () => Boolean(checked) && checked.phone === phone;

  function wanted() {
    const step = location.hash.slice(1);
    if (kept.sending) return "cast";
    if (step === "summary" && enough()) return "summary";
    if (step === "phone" && enough()) return "phone";
    if (step === "code" && enough() && phone) return "code";
    return "choose";
  }

  function go(step) {
    if (location.hash.slice(1) === step) show(step);
    else location.hash = step;
  }

  // --- choosing

  const enough = () => kept.picks.length >= least && kept.picks.length <= most;

  function mark() {
    for (const box of boxes) box.closest(".choice").classList.toggle("is-picked", box.checked);
    const n = kept.picks.length;
    const word = n < least ? "short" : n === most ? "full" : "picked";
    steps.choose.querySelector("[data-count]").textContent = say(word, { n, least, left: most - n });
  }

  function ticked(event) {
    if (!event.target.matches("input.pick")) return;
    const chosen = boxes.filter((box) => box.checked).map((box) => Number(box.value));
    if (chosen.length > most) {
      // Said, and not undone behind the voter's back: the one that was just pressed stays out.
      event.target.checked = false;
      set(part("choose", "problem"), say("too_many", { most }));
      return;
    }
    set(part("choose", "problem"), "");
    kept.picks = chosen;
    delete kept.ballot;
    keep();
    mark();
  }

  /** The name of a candidate, and in brackets whose it is where that is another. */
  function named(one) {
    const whose = one?.querySelector("[data-whose]");
    return (one?.querySelector("strong").textContent || "") + (whose ? `（${whose.textContent}）` : "");
  }

  function draw() {
    const rows = part("summary", "chosen");
    rows.replaceChildren(...Array.from(list.children).filter((one) => kept.picks.includes(Number(one.dataset.number)))
      .map((one) => {
        const line = document.createElement("li");
        const choice = document.createElement("div");
        choice.className = "choice";
        const who = document.createElement("span");
        who.className = "who";
        const firm = document.createElement("strong");
        firm.textContent = one.querySelector("strong").textContent;
        const number = document.createElement("span");
        number.textContent = say("number", { n: one.dataset.number });
        const whose = one.querySelector("[data-whose]");
        who.append(firm, ...(whose ? [whose.cloneNode(true)] : []), number);
        choice.append(one.querySelector(".plate").cloneNode(true), who);
        line.append(choice);
        return line;
      }));
    part("summary", "heading").textContent = say("chosen", { n: kept.picks.length });
    part("summary", "go").textContent = proved ? say("cast") : say("prove");
    set(part("summary", "verified"), proved ? say("verified") : "");
  }

  // --- the visit: when the page was opened, by the server's clock

  async function started() {
    if (visit && Date.now() - visit.got < TICKET_GOOD_FOR) return visit;
    const device = read("vote-device", "");
    const said = await ask(`${page.dataset.ballot}start/?device=${encodeURIComponent(device)}`);
    write("vote-device", said.device);
    const now = Date.parse(said.now);
    visit = { ...said, got: Date.now(), ahead: now - Date.now(), closes: Date.parse(said.closes) };
    if (said.phase !== "open") close(said.phase === "paused" ? "paused" : said.phase === "waiting" ? "waiting" : "closed");
    return visit;
  }

  function close(word) {
    if (!shut.hidden || kept.sending) return;
    shut.querySelector("[data-shut-word]").textContent = say(word);
    shut.hidden = false;
    for (const element of Object.values(steps)) element.hidden = true;
    page.querySelector("[data-countdown]").hidden = true;
    shut.tabIndex = -1;
    shut.focus();
  }

  function tick() {
    if (resendAt) again();
    if (!visit) return;
    const left = visit.closes - (Date.now() + visit.ahead);
    const line = page.querySelector("[data-countdown]");
    if (left <= 0) close("closed");
    else if (left < LAST_HOUR) set(line, say("countdown", { m: Math.floor(left / 60_000), s: Math.floor(left / 1000) % 60 }));
  }

  // --- telephone and code

  function problem(step, sentence) {
    const line = part(step, "problem");
    const input = steps[step].querySelector("input");
    set(line, sentence);
    input.setAttribute("aria-invalid", sentence ? "true" : "false");
    input.closest(".field").classList.toggle("has-error", Boolean(sentence));
    if (sentence) input.focus();
  }

  const working = (step, word) => set(part(step, "working"), word ? say(word) : "");

  function trouble(error) {
    if (error instanceof Refusal) {
      if (error.reason === "ticket") visit = asked = null;
      return error.message || say("failed");
    }
    return say(error instanceof NoAnswer ? "offline" : "failed");
  }

  // One press is one act.
  async function once(step, act) {
    if (busy) return;
    busy = true;
    problem(step, "");
    try {
      await act();
    } catch (error) {
      problem(step, trouble(error));
    } finally {
      busy = false;
      working(step, "");
    }
  }

  async function prove(step, challenge) {
    if (!possible()) return "";
    working(step, "computing");
    try {
      return await solve(challenge, { worker: page.dataset.worker });
    } catch {
      throw new Refusal(0, { message: say("too_slow") }, 0);
    }
  }

  function insecure() {
    set(part("phone", "insecure"), globalThis.crypto?.subtle ? "" : say("insecure"));
  }

  // Whether it was sent: a page that was shut in the meantime asks for none.
  async function sendCode(step) {
    const { ticket } = await started();
    if (!shut.hidden) return false;
    const found = await ask(`${page.dataset.base}challenge/?ticket=${encodeURIComponent(ticket)}`);
    const proof = await prove(step, found.challenge);
    if (!shut.hidden) return false;
    working(step, "sending_code");
    const sent = await ask(`${page.dataset.base}code/`, { ticket, phone, proof });
    asked = { phone, ticket, inbox: Boolean(sent.inbox), at: Date.now() };
    tab.write(name, asked);
    checked = null;
    drawSent();
    resendAt = Date.now() + (sent.wait || 60) * 1000;
    again();
    return true;
  }

  function drawSent() {
    part("code", "sent").textContent = known() ? say("verified") : say("sent", { phone: hidden(phone) });
    part("code", "inbox").hidden = known() || !asked?.inbox;
  }

  const hidden = (number) => number.replace(/^(.*\d{3})\d{4}(\d{4})$/, "$1****$2");

  function again() {
    const button = part("code", "resend");
    const left = Math.ceil((resendAt - Date.now()) / 1000);
    const text = left > 0 ? say("again_in", { s: left }) : say("again");
    if (button.textContent !== text) button.textContent = text;
    button.setAttribute("aria-disabled", left > 0 ? "true" : "false");
    if (left <= 0) resendAt = 0;
  }

  async function checkCode() {
    const code = steps.code.querySelector("input");
    if (!known()) {
      working("code", "checking");
      const { ticket } = asked || await started();
      const found = await ask(`${page.dataset.base}check/`, { ticket, phone, code: code.value.trim() });
      code.value = "";
      tab.drop(name);
      if (found.voted) {
        forget();
        location.assign(receiptAt(found.voted, "again"));
        return;
      }
      checked = { phone, token: found.token, challenge: found.challenge };
      drawSent();
    }
    proved = { token: checked.token, proof: await prove("code", checked.challenge) };
    cast();
  }

  // --- casting: the same ballot until it is answered

  function forget() {
    asked = checked = proved = null;
    done();
    for (const box of boxes) box.checked = false;
    mark();
  }

  function cast() {
    kept.ballot ||= uuid();
    kept.sending = { ballot: kept.ballot, picks: [...kept.picks].sort((a, b) => a - b), ...proved };
    kept.names = kept.picks.map((number) => [number, named(row(number))]);
    keep();
    go("cast");
    send();
  }

  let sending = false;
  let hurry = null;

  async function send() {
    if (sending || !kept.sending) return;
    sending = true;
    show("cast");
    part("cast", "refused").hidden = true;
    for (const each of ["retry", "prove-again", "lookup", "anew"]) part("cast", each).hidden = true;
    let receipt;
    try {
      receipt = await deliver(page.dataset.ballot, kept.sending, { trying, waiting });
    } catch (refusal) {
      sending = false;
      refused(refusal);
      return;
    }
    for (const box of boxes) box.checked = false;
    received(receipt);
  }

  function trying() {
    working("cast", "casting");
    set(part("cast", "left"), "");
    part("cast", "retry").hidden = true;
  }

  // Said once; the seconds run in a line of their own, which nobody is read every second.
  async function waiting(seconds, word, sentence) {
    hurry = new AbortController();
    part("cast", "retry").hidden = false;
    set(part("cast", "working"), sentence || say(word));
    for (let left = seconds; left > 0 && !hurry.signal.aborted; left -= 1) {
      set(part("cast", "left"), say("left", { s: left }));
      await pause(1, hurry.signal);
    }
  }

  function refused(refusal) {
    delete kept.sending;
    if (["forged", "expired", "proof", "slow"].includes(refusal.reason)) {
      // The same picks go on under the same number; only who votes has to be said again.
      checked = proved = null;
      part("cast", "prove-again").hidden = false;
    }
    if (refusal.status === 409) forget();
    keep();
    if (refusal.code) {
      location.assign(receiptAt(refusal.code, "again"));
      return;
    }
    working("cast", "");
    set(part("cast", "left"), "");
    const box = part("cast", "refused");
    box.querySelector("p").textContent = refusal.message || say("failed");
    box.hidden = false;
    part("cast", "lookup").hidden = false;
    part("cast", "anew").hidden = false;
  }

  // --- who presses what

  steps.choose.addEventListener("change", ticked);
  steps.choose.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!enough()) {
      set(part("choose", "problem"), say(kept.picks.length < least ? "too_few" : "too_many", { n: kept.picks.length, least, most }));
      return;
    }
    set(part("choose", "problem"), "");
    go("summary");
  });
  steps.summary.addEventListener("submit", (event) => {
    event.preventDefault();
    if (proved) cast();
    else go(known() ? "code" : "phone");
  });
  steps.phone.addEventListener("submit", (event) => {
    event.preventDefault();
    phone = steps.phone.querySelector("input").value.trim();
    if (!phone) problem("phone", say("no_phone"));
    else once("phone", async () => { if (await sendCode("phone")) go("code"); });
  });
  steps.code.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!known() && !steps.code.querySelector("input").value.trim()) problem("code", say("no_code"));
    else once("code", checkCode);
  });
  part("code", "resend").addEventListener("click", (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") !== "true") once("code", () => sendCode("code"));
  });
  part("cast", "retry").addEventListener("click", () => hurry?.abort());
  part("cast", "prove-again").addEventListener("click", () => go("phone"));
  part("cast", "anew").addEventListener("click", () => go("choose"));
  for (const button of page.querySelectorAll("[data-back]")) {
    const back = { summary: "choose", phone: "summary", code: "phone" };
    button.addEventListener("click", () => go(back[button.closest("[data-step]").dataset.step]));
  }
  window.addEventListener("hashchange", () => { if (shut.hidden && (!location.hash || isStep())) show(wanted()); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  kept.picks = kept.picks.filter((number) => row(number)).slice(0, most);
  if (!kept.picks.length) kept.picks = boxes.filter((box) => box.checked).map((box) => Number(box.value)).slice(0, most);
  for (const box of boxes) box.checked = kept.picks.includes(Number(box.value));
  keep();
  mark();
  if (asked) drawSent();
  again();
  setInterval(tick, 1000);
  started().catch(() => { /* asked again when it is needed, and said there */ });
  if (kept.sending) send();
  else if (isStep()) show(wanted());
}
