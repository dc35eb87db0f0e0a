/* The score sheet: running total, half points by key and button, keeping the draft. The server decides. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-sheet]");
  if (!form) return;
  const fields = Array.from(form.querySelectorAll("[data-points]"));
  const total = form.querySelector("[data-total]");
  const saved = form.querySelector("[data-saved]");
  const version = form.querySelector("[name=version]");
  const WAIT = 2000;
  let timer = 0;
  let sending = false;
  let dirty = false;
  let leaving = false;

  // Tenths of a point as a whole number; null where nothing valid is written.
  function tenths(text) {
    const plain = text.trim().replace(/[０-９．。]/g, (c) => (c === "．" || c === "。" ? "." : String.fromCharCode(c.charCodeAt(0) - 0xfee0)));
    if (!/^\d{1,3}(\.[05]0*)?$/.test(plain)) return null;
    const value = Math.round(Number(plain) * 10);
    return value <= 1000 ? value : null;
  }

  // Whole numbers all the way: tenths of a point times hundredths of a weight.
  function add() {
    let sum = 0;
    for (const field of fields) {
      const points = tenths(field.value);
      field.setAttribute("aria-invalid", String(field.value.trim() !== "" && points === null));
      if (points !== null) sum += points * Math.round(Number(field.dataset.weight) * 100);
    }
    const hundredths = Math.floor((sum + 500) / 1000);
    total.textContent = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
  }

  function say(words, bad) {
    saved.textContent = words;
    saved.classList.toggle("is-bad", Boolean(bad));
  }

  function changed() {
    dirty = true;
    add();
    say(form.dataset.unsaved);
    window.clearTimeout(timer);
    timer = window.setTimeout(save, WAIT);
  }

  async function save(keepalive) {
    window.clearTimeout(timer);
    if (!dirty || sending || leaving) return;
    if (fields.some((field) => field.getAttribute("aria-invalid") === "true")) return;
    sending = true;
    dirty = false;
    say(form.dataset.saving);
    const data = new FormData(form);
    data.set("action", "save");
    try {
      const answer = await fetch(window.location.pathname, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
        keepalive: keepalive === true,
      });
      const said = await answer.json();
      if (answer.ok) {
        version.value = said.version;
        if (!dirty) say(said.saved);
      } else {
        dirty = true;
        say(said.error || form.dataset.failed, true);
      }
    } catch (_problem) {
      dirty = true;
      say(form.dataset.failed, true);
    } finally {
      sending = false;
    }
    if (dirty && !saved.classList.contains("is-bad")) timer = window.setTimeout(save, WAIT);
  }

  function step(field, halves) {
    const now = tenths(field.value);
    const next = Math.min(1000, Math.max(0, (now === null ? 0 : now) + halves * 5));
    field.value = next % 10 ? (next / 10).toFixed(1) : String(next / 10);
    changed();
  }

  form.addEventListener("input", changed);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(button.parentElement.querySelector("[data-points]"), Number(button.dataset.step));
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("[data-submit]").click();
      return;
    }
    const at = fields.indexOf(event.target);
    if (at < 0) return;
    const go = (place) => {
      event.preventDefault();
      const target = fields[place] || (place >= fields.length ? form.querySelector("[name=comment]") : fields[0]);
      target.focus();
      if (target.select) target.select();
    };
    if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "ArrowDown" || event.key === "Enter") go(at + 1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(event.target, event.key === "ArrowRight" ? 1 : -1);
    }
  });
  // The button is pressed while a draft is on its way: wait for it, so that the versions agree.
  form.addEventListener("submit", (event) => {
    window.clearTimeout(timer);
    if (!sending) {
      leaving = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    const wait = window.setInterval(() => {
      if (sending) return;
      window.clearInterval(wait);
      form.requestSubmit(button);
    }, 50);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
  add();
  if (fields[0] && !fields.some((field) => field.value)) fields[0].focus({ preventScroll: true });
})();
