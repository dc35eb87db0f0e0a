// One visit on a phone: everything typed is kept on the phone at once, and sent when there is a net. The portal decides;
// what it has not taken over stays here and is shown. Without this file the page is a plain form.

import * as store from "./visit-store.js";
import { NoAnswer, Refusal, ask } from "./visit-wire.js";
import { Lines } from "./visit-lines.js";
import { Extras } from "./visit-extras.js";
import { Leftover } from "./visit-leftover.js";
import { offerOffline } from "./visit-offline.js";
import { clock, uuid, word } from "./visit-words.js";

const root = document.querySelector(".visit-offline");
const QUIET = 1200; // milliseconds after the last letter
const FIRST_WAIT = 4000;
const LONGEST_WAIT = 60_000;

class Visit {
  constructor() {
    this.user = root.dataset.user;
    this.visit = root.dataset.visit;
    this.visitedOn = root.dataset.visitedOn || "";
    this.recorded = "recorded" in root.dataset;
    this.things = new Map();
    this.flight = null;
    this.packed = null; // the stamps of what a parcel holds that nobody has answered yet
    this.again = false;
    this.trouble = ""; // "", offline, signedOut, other, said
    this.sentence = "";
    this.wait = FIRST_WAIT;
    this.timer = 0;
    this.savedAt = null;
    this.writing = Promise.resolve();
  }

  async start() {
    const found = await store.all(this.user, this.visit); // throws where there is no store
    for (const thing of found) this.things.set(`${thing.kind} ${thing.id}`, thing);
    this.packed = (await store.parcel(this.user, this.visit))?.stamps || null;
    store.forgetPages(store.cacheOf(this.user)).catch(() => {});
    this.lines = this.recorded ? null : new Lines(this);
    this.extras = this.recorded ? null : new Extras(this);
    if (this.recorded) new Leftover(this).show();
    this.lines?.start();
    this.extras?.start();
    await offerOffline(this, root);
    this.listen();
    this.show();
    this.send();
  }

  listen() {
    document.querySelector("[data-send]")?.addEventListener("click", () => { this.wait = FIRST_WAIT; this.send(); });
    window.addEventListener("online", () => { this.wait = FIRST_WAIT; this.send(); });
    window.addEventListener("offline", () => { this.trouble = "offline"; this.show(); });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.lines?.flush();
      else this.send();
    });
    window.addEventListener("pagehide", () => this.lines?.flush());
    const form = document.getElementById("visit");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.lines.flush();
      this.send();
    });
    document.querySelector("[data-sign]")?.addEventListener("click", async (event) => {
      event.preventDefault();
      this.lines.flush();
      await this.flight;
      await this.send();
      if (!this.waiting.length && !this.trouble) window.location.assign(event.target.href);
      else this.show();
    });
  }

  /** What the portal does not have yet. */
  get waiting() {
    return [...this.things.values()].filter((thing) => thing.kind !== "known");
  }

  find(kind, id) {
    return this.things.get(`${kind} ${id}`);
  }

  /** Whether it is on its way: the portal may have it, or have it soon. */
  isOut(thing) {
    return Boolean(this.packed && `${thing.kind} ${thing.id}` in this.packed);
  }

  /** Onto the disk, one after the other; what finds no room is said and stays on the page. */
  keep(thing) {
    const whole = { ...thing, user: this.user, visit: this.visit };
    this.things.set(`${whole.kind} ${whole.id}`, whole);
    return this.queue(whole, () => store.keep(whole));
  }

  /** What became of a thing, its words as they were. */
  amend(thing) {
    this.things.set(`${thing.kind} ${thing.id}`, thing);
    return this.queue(thing, () => store.amend(thing));
  }

  forget(thing) {
    this.things.delete(`${thing.kind} ${thing.id}`);
    return this.queue(thing, () => store.drop(thing));
  }

  queue(thing, work) {
    const done = this.writing.then(work).then(() => true, (error) => {
      this.full = true;
      this.show();
      console.warn(error?.name || error);
      return false;
    });
    this.writing = done;
    return done;
  }

  /** After a moment of quiet. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), QUIET);
  }

  send() {
    if (this.recorded) return Promise.resolve();
    if (this.flight) this.again = true;
    else {
      this.flight = this.fly().finally(() => {
        this.flight = null;
        if (this.again && !this.trouble) this.soon();
        this.again = false;
        this.show();
      });
    }
    return this.flight;
  }

  async fly() {
    clearTimeout(this.timer);
    this.show();
    const once = () => this.sendAll();
    try {
      await this.writing;
      await (navigator.locks ? navigator.locks.request(`visit-${this.visit}`, once) : once());
      this.wait = FIRST_WAIT;
      this.trouble = "";
      this.sentence = "";
      this.full = false;
      if (!this.waiting.length) this.savedAt = new Date();
    } catch (error) {
      this.stumble(error);
    }
  }

  async sendAll() {
    await this.refresh();
    await this.sendParcel();
    for (const photo of this.ready("photo")) await this.sendPhoto(photo);
    // Typed while it was on its way.
    if (this.ready("line", "head", "document", "interview").length) await this.sendParcel();
  }

  async refresh() {
    const said = await ask(root.dataset.sync);
    this.check(said);
    if (said.state.recorded) throw new Refusal(409, { message: word("recorded") });
    this.lines.learn(said.state);
  }

  check(said) {
    if (String(said.user) !== this.user) throw new Refusal(403, { reason: "other", message: word("other") });
  }

  /** What may be sent: not what waits for a choice, nor what was refused and is as it was. */
  ready(...kinds) {
    return this.waiting.filter((thing) => kinds.includes(thing.kind) && !thing.clash && !thing.why);
  }

  async sendParcel() {
    let packed = await store.parcel(this.user, this.visit).catch(() => null);
    if (!packed) {
      const things = this.ready("line", "head", "document", "interview");
      if (!things.length) return;
      packed = {
        client_id: uuid(),
        stamps: Object.fromEntries(things.map((thing) => [`${thing.kind} ${thing.id}`, thing.stamp])),
        lines: things.filter((thing) => thing.kind === "line").map((thing) => ({ key: thing.id, version: thing.base, ...thing.said })),
        head: things.filter((thing) => thing.kind === "head").map((thing) => ({ version: thing.base, ...thing.said }))[0] || null,
        documents: things.filter((thing) => thing.kind === "document").map((thing) => ({ client_id: thing.id, at: thing.at, ...thing.said })),
        interviews: things.filter((thing) => thing.kind === "interview").map((thing) => ({ client_id: thing.id, at: thing.at, ...thing.said })),
      };
      // Before it goes: killed on the way, the same parcel goes again under the same number.
      await store.pack(this.user, this.visit, packed).catch(() => {});
    }
    const { stamps, ...body } = packed;
    this.packed = stamps;
    let said;
    try {
      said = await ask(root.dataset.sync, { ...body, user: this.user, sent_at: new Date().toISOString() });
    } catch (error) {
      if (error instanceof Refusal && [400, 409].includes(error.status)) {
        this.packed = null;
        await store.unpack(this.user, this.visit).catch(() => {});
      }
      throw error;
    }
    await this.lines.became(said.outcome, stamps);
    await this.extras.became(said.outcome);
    this.packed = null;
    await this.writing;
    await store.unpack(this.user, this.visit).catch(() => {});
  }

  async sendPhoto(photo) {
    const form = new FormData();
    form.set("client_id", photo.id);
    form.set("user", this.user);
    form.set("caption", photo.said.caption);
    form.set("line", photo.said.line);
    form.set("age", String(Math.max(0, Date.now() - Date.parse(photo.at))));
    form.set("photo", photo.blob, photo.name);
    try {
      const said = await ask(root.dataset.photos, form, { patience: 180_000 });
      await this.forget(photo);
      this.extras.sent(photo, said);
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason === "closed" || [401, 403].includes(error.status)) throw error;
      await this.amend({ ...photo, why: error.message || word("big", { name: photo.name }) });
      this.extras.show();
    }
  }

  stumble(error) {
    this.sentence = "";
    if (error instanceof NoAnswer) {
      this.trouble = "offline";
      this.timer = setTimeout(() => this.send(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
      return;
    }
    if (!(error instanceof Refusal)) throw error;
    this.trouble = error.status === 401 ? "signedOut" : "said";
    this.sentence = error.message;
  }

  show() {
    const bar = document.querySelector("[data-bar]");
    if (!bar) return;
    bar.hidden = false;
    const things = this.waiting;
    const clashes = things.filter((thing) => thing.clash).length;
    const refused = things.filter((thing) => thing.why).length;
    const n = things.length;
    const out = bar.querySelector("[data-bar-words]");
    let text = this.savedAt ? word("at", { time: clock(this.savedAt) }) : word("saved");
    if (this.full) text = word("full");
    else if (this.trouble === "signedOut") text = word("signin");
    else if (this.trouble === "said") text = this.sentence;
    else if (this.trouble === "offline") text = n ? word("offline", { n }) : word("offlineNone");
    else if (this.flight && n) text = word("sending", { n });
    else if (clashes) text = word("clash", { n: clashes });
    else if (refused) text = word("refused", { n: refused });
    else if (this.recorded && n) text = word("recorded");
    else if (n) text = word("waiting", { n });
    if (out.firstChild?.data !== text || this.trouble === "signedOut") out.textContent = text;
    if (this.trouble === "signedOut") {
      const link = document.createElement("a");
      link.href = root.dataset.signin;
      link.textContent = word("signinLink");
      out.append(" ", link);
    }
    bar.classList.toggle("is-bad", Boolean(this.full || ["signedOut", "said"].includes(this.trouble)));
    bar.dataset.waiting = String(n);
    bar.querySelector("[data-send]").hidden = !n || Boolean(this.flight) || this.recorded;
  }
}

if (root) {
  root.hidden = "recorded" in root.dataset;
  new Visit().start().catch((error) => {
    // A private window, or a browser that forbids it: said at once, and the plain form does the work.
    console.warn(error?.name || error);
    const none = document.querySelector("[data-no-store]");
    if (none) none.hidden = false;
    for (const each of document.querySelectorAll("[data-offline-off], [data-offline-button]")) each.hidden = true;
  });
}
