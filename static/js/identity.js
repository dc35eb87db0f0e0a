// The page that asks for a telephone number computes its proof before it sends; without it the limits are tighter.

import { solve } from "./proof.js";

const form = document.querySelector("[data-prove]");
const challenge = JSON.parse(document.getElementById("challenge").textContent);
const working = form.querySelector("[data-working]");
let busy = false;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  busy = true;
  working.hidden = false;
  // What cannot be computed, or not in time, is sent all the same.
  form.elements.proof.value = await solve(challenge, { worker: form.dataset.worker }).catch(() => "");
  form.submit();
});

window.addEventListener("pageshow", () => {
  busy = false;
  working.hidden = true;
});
