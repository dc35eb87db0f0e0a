// The conclusion is recorded and the portal takes nothing more: what waits on the phone is shown as it was written, to be
// copied or deleted by the person, and by nobody else.

import { documentIn, headIn, interviewIn, lineIn } from "./visit-said.js";
import { word } from "./visit-words.js";

const SAID = { line: lineIn, head: headIn, document: documentIn, interview: interviewIn, photo: (said) => said.caption };

export class Leftover {
  constructor(visit) {
    this.visit = visit;
    this.box = document.querySelector("[data-leftover]");
  }

  show() {
    const things = this.visit.waiting;
    this.box.hidden = !things.length;
    this.box.querySelector("ul").replaceChildren(...things.map((thing) => this.item(thing)));
  }

  item(thing) {
    const item = document.createElement("li");
    const title = document.createElement("strong");
    title.textContent = thing.item || word(thing.kind);
    const body = document.createElement("p");
    body.textContent = [SAID[thing.kind](thing.said), thing.weighs].filter(Boolean).join("；");
    const actions = document.createElement("div");
    actions.className = "actions";
    if (thing.blob) actions.append(file(thing));
    else if (navigator.clipboard) actions.append(button(word("copy"), (event) => copy(event.currentTarget, `${title.textContent}：${body.textContent}`)));
    actions.append(button(word("remove"), () => { this.visit.forget(thing); this.show(); this.visit.show(); }));
    item.append(title, body, actions);
    return item;
  }
}

async function copy(pressed, text) {
  try {
    await navigator.clipboard.writeText(text);
    pressed.textContent = word("copied");
  } catch {
    getSelection().selectAllChildren(pressed.closest("li").querySelector("p"));
  }
}

function file(photo) {
  const link = document.createElement("a");
  link.className = "btn btn-secondary btn-sm";
  link.href = URL.createObjectURL(photo.blob);
  link.download = photo.name;
  link.textContent = `${word("download")} ${photo.name}`;
  return link;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-secondary btn-sm";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}
