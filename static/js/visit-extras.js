// Documents seen, interviews and photographs: kept on the phone as they are noted, sent one by one.

import { clock, uuid, word } from "./visit-words.js";

const MOST = 20 * 1024 * 1024;

export class Extras {
  constructor(visit) {
    this.visit = visit;
    this.files = document.querySelector("#visit input[type=file]");
    this.queue = document.querySelector("[data-photo-queue]");
  }

  start() {
    for (const form of document.querySelectorAll("[data-note]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        event.stopPropagation();
        if (form.reportValidity()) this.note(form);
      });
    }
    this.files?.addEventListener("change", () => this.chosen());
    const upload = document.querySelector("[data-photo-add]");
    if (upload) upload.hidden = true;
    this.show();
  }

  async note(form) {
    const kind = form.dataset.note;
    const given = new FormData(form);
    const said = Object.fromEntries([...given.entries()].filter(([name]) => !["csrfmiddlewaretoken", "client_id"].includes(name)));
    if (kind === "document") said.original = given.has("original");
    const id = uuid();
    if (!(await this.visit.keep({ kind, id, said, at: new Date().toISOString(), stamp: uuid(), why: "" }))) {
      // No room: what was typed stays in the form, and there only.
      this.visit.things.delete(`${kind} ${id}`);
      this.visit.show();
      return;
    }
    form.reset();
    form.closest("details").open = false;
    this.show();
    this.visit.show();
    this.visit.send();
  }

  async chosen() {
    const caption = document.getElementById("id_caption");
    const line = document.getElementById("id_photo_line");
    const left = new DataTransfer();
    for (const file of this.files.files) {
      const thing = {
        kind: "photo", id: uuid(), name: file.name, blob: file, why: "",
        said: { caption: caption?.value.trim() || "", line: line?.value || "" },
        at: new Date(Math.min(file.lastModified || Date.now(), Date.now())).toISOString(), stamp: uuid(),
      };
      const big = file.size > MOST;
      if (big || !(await this.visit.keep(thing))) {
        left.items.add(file);
        if (!big) this.visit.things.delete(`photo ${thing.id}`);
        this.complain(big ? word("big", { name: file.name }) : word("full"));
      }
    }
    this.files.files = left.files;
    const names = document.getElementById(`${this.files.id}_chosen`);
    if (names) names.textContent = "";
    if (caption && !left.files.length) caption.value = "";
    this.show();
    this.visit.show();
    this.visit.send();
  }

  complain(text) {
    const line = document.createElement("p");
    line.className = "text-danger";
    line.setAttribute("role", "alert");
    line.textContent = text;
    this.queue.append(line);
  }

  async became(outcome) {
    for (const kind of ["document", "interview"]) {
      for (const [id, told] of Object.entries(outcome[`${kind}s`])) {
        const thing = this.visit.find(kind, id);
        if (!thing) continue;
        if (told.what === "refused") this.visit.amend({ ...thing, why: told.why });
        else {
          this.visit.forget(thing);
          this.line(kind, thing)?.classList.remove("visit-waiting");
          this.line(kind, thing)?.querySelector("[data-state]")?.remove();
        }
      }
    }
    this.show();
  }

  /** A photograph the portal has taken: the page shows its own. */
  sent(photo, said) {
    const figure = this.queue.querySelector(`[data-photo="${photo.id}"]`);
    if (!figure) return;
    figure.querySelector("[data-state]")?.remove();
    figure.classList.remove("visit-waiting");
    figure.querySelector("img").src = said.url;
  }

  line(kind, thing) {
    return document.querySelector(`[data-notes="${kind}"] [data-id="${thing.id}"]`);
  }

  show() {
    for (const thing of this.visit.waiting) {
      if (thing.kind === "photo") this.showPhoto(thing);
      if (["document", "interview"].includes(thing.kind)) this.showNote(thing);
    }
  }

  showNote(thing) {
    const list = document.querySelector(`[data-notes="${thing.kind}"]`);
    let item = this.line(thing.kind, thing);
    if (!item) {
      item = document.createElement("li");
      item.dataset.id = thing.id;
      item.className = "visit-waiting";
      const title = document.createElement("strong");
      title.textContent = thing.kind === "document" ? [thing.said.title, thing.said.number].filter(Boolean).join(" ") : [thing.said.name, thing.said.post].filter(Boolean).join("，");
      const body = document.createElement("span");
      body.className = "d-block";
      body.textContent = thing.kind === "document" ? thing.said.note : thing.said.words;
      item.append(title, body);
      list.append(item);
      const none = document.querySelector(`[data-notes-none="${thing.kind}"]`);
      if (none) none.hidden = true;
    }
    this.showState(item, thing);
  }

  showPhoto(thing) {
    let figure = this.queue.querySelector(`[data-photo="${thing.id}"]`);
    if (!figure) {
      figure = document.createElement("figure");
      figure.dataset.photo = thing.id;
      figure.className = "visit-waiting";
      const picture = document.createElement("img");
      drawn(thing.blob).then((address) => { if (address && !picture.src) picture.src = address; });
      picture.alt = thing.said.caption || thing.name;
      const caption = document.createElement("figcaption");
      caption.className = "small";
      caption.textContent = thing.said.caption;
      figure.append(picture, caption);
      this.queue.append(figure);
    }
    this.showState(figure, thing);
  }

  showState(item, thing) {
    item.querySelector("[data-state]")?.remove();
    const state = document.createElement("span");
    state.dataset.state = "";
    state.className = thing.why ? "d-block small text-danger" : "d-block small muted";
    state.textContent = thing.why || `${clock(thing.at)} ${word("here")}`;
    if (thing.why) {
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "btn btn-link btn-sm";
      remove.textContent = word("remove");
      remove.addEventListener("click", () => { this.visit.forget(thing); item.remove(); this.visit.show(); });
      state.append(" ", remove);
    }
    item.append(state);
  }
}

/** A small picture of a photograph; "" where the browser cannot draw it. */
async function drawn(blob) {
  try {
    const small = await createImageBitmap(blob, { resizeWidth: 288 });
    const canvas = document.createElement("canvas");
    canvas.width = small.width;
    canvas.height = small.height;
    canvas.getContext("2d").drawImage(small, 0, 0);
    return canvas.toDataURL("image/jpeg", 0.7);
  } catch {
    return "";
  }
}
