// The checklist and the conclusion on the page: what was typed becomes a thing to be sent, what the portal says is shown.

import { headIn, lineIn } from "./visit-said.js";
import { clock, uuid, word } from "./visit-words.js";

const PAUSE = 250; // milliseconds of quiet before what is typed goes to the disk
const PARTS = ["found", "agrees", "difference", "weight"];
const AGREES = { yes: true, no: false };
const HEAD = ["visited_on", "proposed", "problem"];

const same = (one, other, names) => names.every((name) => (one[name] ?? null) === (other[name] ?? null));
const picked = (said, names) => Object.fromEntries(names.map((name) => [name, said[name]]));

export class Lines {
  constructor(visit) {
    this.visit = visit;
    this.form = document.getElementById("visit");
    this.panels = new Map([...this.form.querySelectorAll("[data-line]")].map((panel) => [panel.dataset.line, panel]));
    this.known = new Map();
    this.timers = new Map();
  }

  start() {
    const before = this.visit.find("known", "state")?.state || { lines: {} };
    for (const [key, panel] of this.panels) {
      const shown = { ...this.read(panel), version: Number(this.field(panel, "version").value) };
      this.known.set(key, shown);
      const later = before.lines[key];
      // A kept page is older than what this phone has learnt since.
      if (later && later.version > shown.version) this.take(key, later);
    }
    const head = this.readHead();
    // The day the page offers is nobody's word yet.
    this.offered = head.visited_on;
    this.head = { ...head, visited_on: this.visit.visitedOn, version: Number(this.form.elements.version.value) };
    if (before.head && before.head.version > this.head.version) this.takeHead(before.head);
    for (const thing of this.visit.waiting) {
      if (thing.kind === "line" && this.panels.has(thing.id)) this.write(this.panels.get(thing.id), thing.said);
      if (thing.kind === "head") this.writeHead(thing.said);
    }
    this.form.addEventListener("input", (event) => this.typed(event.target, PAUSE));
    this.form.addEventListener("change", (event) => this.typed(event.target, 0));
    this.show();
  }

  field(panel, name) {
    return this.form.elements[`${name}_${panel.dataset.pk}`];
  }

  read(panel) {
    const said = { agrees: AGREES[this.field(panel, "agrees").value] ?? null };
    for (const name of ["found", "difference", "weight"]) said[name] = this.field(panel, name).value.trim();
    if (said.agrees !== false) said.difference = said.weight = "";
    return said;
  }

  readHead() {
    return Object.fromEntries(HEAD.map((name) => [name, (this.form.elements[name].value || "").trim()]));
  }

  write(panel, said) {
    const agrees = said.agrees === true ? "yes" : said.agrees === false ? "no" : "";
    for (const box of panel.querySelectorAll("input[type=radio]")) box.checked = box.value === agrees;
    for (const name of ["found", "difference", "weight"]) this.field(panel, name).value = said[name] || "";
  }

  writeHead(said) {
    for (const box of this.form.querySelectorAll("input[name=proposed]")) box.checked = box.value === said.proposed;
    this.form.elements.visited_on.value = said.visited_on || this.offered;
    this.form.elements.problem.value = said.problem || "";
  }

  typed(target, pause) {
    const panel = target.closest("[data-line]");
    const name = panel ? panel.dataset.line : HEAD.includes(target.name) ? "" : null;
    if (name === null) return;
    clearTimeout(this.timers.get(name));
    this.timers.set(name, setTimeout(() => { this.note(name); this.visit.soon(); }, pause));
  }

  /** Everything typed so far goes to the disk now. */
  flush() {
    for (const [name, timer] of this.timers) {
      clearTimeout(timer);
      this.note(name);
    }
  }

  note(name) {
    this.timers.delete(name);
    const kind = name ? "line" : "head";
    const id = name || "head";
    const said = name ? this.read(this.panels.get(name)) : this.readHead();
    const known = name ? this.known.get(name) : this.head;
    // For where the form is no longer there to say it.
    const item = name ? this.panels.get(name).querySelector("legend").textContent : "";
    const weighs = said.weight ? this.field(this.panels.get(name), "weight").selectedOptions[0].text : "";
    const before = this.visit.find(kind, id);
    if (before && same(before.said, said, Object.keys(said))) return;
    if (!before && same(known, said, Object.keys(said))) return;
    // Changed back: nothing to send, unless what it was changed from is on its way.
    if (before && !before.clash && !this.visit.isOut(before) && same(known, said, Object.keys(said))) this.visit.forget(before);
    else {
      this.visit.keep({
        kind, id, item, weighs, said, base: before ? before.base : known.version, stamp: uuid(),
        at: new Date().toISOString(), clash: before?.clash || null, why: "",
      });
    }
    this.show();
    this.visit.show();
  }

  take(key, state) {
    this.known.set(key, { ...picked(state, PARTS), version: state.version });
    this.write(this.panels.get(key), state);
    this.field(this.panels.get(key), "version").value = state.version;
  }

  takeHead(state) {
    this.head = { ...picked(state, HEAD), version: state.version };
    this.writeHead(state);
    this.form.elements.version.value = state.version;
  }

  /** The visit as the portal has it now: where nothing of ours waits, the page shows that. */
  learn(state) {
    for (const [key, line] of Object.entries(state.lines)) {
      const known = this.known.get(key);
      if (!known || line.version <= known.version || this.visit.find("line", key) || this.timers.has(key)) continue;
      this.take(key, line);
    }
    if (state.head.version > this.head.version && !this.visit.find("head", "head") && !this.timers.has("")) this.takeHead(state.head);
    this.remember();
    this.show();
  }

  /** For a kept page that is opened without a net. */
  remember() {
    this.visit.keep({ kind: "known", id: "state", state: { lines: Object.fromEntries(this.known), head: this.head } });
  }

  /** What became of a parcel; what was typed since it was packed stays to be sent. */
  async became(outcome, stamps) {
    for (const [key, line] of Object.entries(outcome.lines)) this.settle("line", key, line, stamps[`line ${key}`], (state) => this.known.set(key, { ...picked(state, PARTS), version: state.version }));
    if (outcome.head) this.settle("head", "head", outcome.head, stamps["head head"], (state) => { this.head = { ...picked(state, HEAD), version: state.version }; });
    this.remember();
    this.show();
  }

  settle(kind, id, told, stamp, learn) {
    const thing = this.visit.find(kind, id);
    if (!thing) return;
    if (["taken", "same"].includes(told.what)) {
      learn(told);
      if (thing.stamp === stamp) this.visit.forget(thing);
      else this.visit.amend({ ...thing, base: told.version });
    } else if (told.what === "clash") this.visit.amend({ ...thing, clash: told });
    else if (thing.stamp === stamp) this.visit.amend({ ...thing, why: told.why });
  }

  show() {
    let left = 0;
    for (const [key, panel] of this.panels) {
      const thing = this.visit.find("line", key);
      if (!panel.querySelector("input[type=radio]:checked")) left += 1;
      panel.classList.toggle("is-waiting", Boolean(thing));
      panel.classList.toggle("is-refused", Boolean(thing?.why));
      this.showClash(panel.querySelector("[data-clash]"), thing, lineIn);
    }
    const out = document.querySelector("[data-unanswered]");
    if (out) out.textContent = left ? word("left", { n: left }) : word("done");
    const head = this.visit.find("head", "head");
    this.showClash(document.querySelector("[data-head-clash]"), head, headIn);
  }

  showClash(box, thing, inWords) {
    if (!box || (!thing && box.dataset.clash !== "shown" && !box.hidden)) return;
    const text = thing?.clash ? `${word("theirs", { who: thing.clash.who || "", time: thing.clash.when ? clock(thing.clash.when) : "" })}${inWords(thing.clash)}` : thing?.why || "";
    box.hidden = !text;
    box.dataset.clash = text ? "shown" : "";
    if (box.dataset.text === text) return;
    box.dataset.text = text;
    box.replaceChildren();
    const line = document.createElement("p");
    line.textContent = text;
    box.append(line);
    if (!thing?.clash) return;
    const actions = document.createElement("div");
    actions.className = "actions";
    actions.append(this.choice(word("take"), () => this.choose(thing, true)), this.choice(word("keep"), () => this.choose(thing, false)));
    box.append(actions);
  }

  choice(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary btn-sm";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  choose(clashing, theirs) {
    const thing = this.visit.find(clashing.kind, clashing.id);
    if (!thing?.clash) return;
    if (!theirs) this.visit.keep({ ...thing, base: thing.clash.version, clash: null, stamp: uuid() });
    else {
      if (thing.kind === "line") this.take(thing.id, thing.clash);
      else this.takeHead(thing.clash);
      this.visit.forget(thing);
      this.remember();
    }
    this.show();
    this.visit.show();
    this.visit.send();
  }
}
