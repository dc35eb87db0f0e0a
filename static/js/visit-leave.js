// Signing out leaves nothing of one's own visits on this phone; what was not sent yet is said before.

import { waiting, wipe } from "./visit-store.js";

const words = document.querySelector("[data-visit-leave]");

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!words || !form.action.endsWith(words.dataset.logout)) return;
  event.preventDefault();
  event.stopPropagation();
  try {
    const many = await waiting(words.dataset.user);
    if (many && !window.confirm(words.dataset.visitLeave.replace("{n}", String(many)))) return;
    await wipe(words.dataset.user);
  } catch { /* no store, nothing in it */ }
  form.submit();
}, true);
