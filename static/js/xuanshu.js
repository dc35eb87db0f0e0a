/* Small comforts. Every page works without this file; nothing here decides anything. */
(function () {
  "use strict";

  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content || "";

  // htmx asks in the name of the page it stands on.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = meta("csrf-token");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => {
      const line = document.getElementById("wire-failure");
      if (line) line.hidden = false;
    });
  }
  document.addEventListener("htmx:afterOnLoad", () => {
    const line = document.getElementById("wire-failure");
    if (line) line.hidden = true;
  });

  // One press is one act. The button stays focusable and comes back with the back button.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      button.setAttribute("aria-disabled", "true");
      button.classList.add("disabled");
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) {
        button.removeAttribute("aria-disabled");
        button.classList.remove("disabled");
      }
    }
  });

  // Menus close when one looks elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // The clause opens beside its chip; on a phone it stays the sheet at the bottom that the style sheet makes it.
  document.addEventListener("toggle", (event) => {
    const note = event.target;
    if (!note.matches?.(".clause-note") || event.newState !== "open") return;
    const chip = document.querySelector(`[popovertarget="${note.id}"]`);
    if (!chip || window.innerWidth < 640) return;
    const at = chip.getBoundingClientRect();
    const size = note.getBoundingClientRect();
    const below = at.bottom + 6 + size.height < window.innerHeight;
    note.style.inset = "auto";
    note.style.margin = "0";
    note.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - size.width - 24))}px`;
    note.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - size.height - 6)}px`;
  }, true);

  const length = (text) => Array.from(text.replace(/\r\n/g, "\n")).length;

  function count(field) {
    const out = document.getElementById(field.dataset.counter);
    if (!out) return;
    const most = Number(out.dataset.most || 0);
    const left = most - length(field.value);
    out.textContent = (left < 0 ? out.dataset.over : out.dataset.left).replace("{n}", String(Math.abs(left)));
    out.classList.toggle("text-danger", left < 0);
  }

  function named(input) {
    const out = document.getElementById(`${input.id}_chosen`);
    if (!out) return;
    const size = (n) => (n < 1048576 ? `${Math.ceil(n / 1024)} KB` : `${(n / 1048576).toFixed(1)} MB`);
    out.textContent = Array.from(input.files).map((file) => `${file.name} (${size(file.size)})`).join("、");
  }

  // Rows picked: the bar says how many and which.
  function picked(table) {
    const rows = Array.from(table.querySelectorAll("input[data-pick]"));
    const on = rows.filter((box) => box.checked);
    const all = table.querySelector("input[data-pick-all]");
    if (all) {
      all.checked = on.length > 0 && on.length === rows.length;
      all.indeterminate = on.length > 0 && on.length < rows.length;
    }
    const bar = document.getElementById(table.dataset.picks);
    if (!bar) return;
    bar.hidden = on.length === 0;
    const names = on.map((box) => box.dataset.pick).filter(Boolean);
    for (const out of bar.querySelectorAll("[data-picked-count]")) out.textContent = String(on.length);
    for (const out of bar.querySelectorAll("[data-picked-names]")) {
      out.textContent = names.slice(0, 3).join("、") + (names.length > 3 ? " …" : "");
    }
  }

  // Choosing at most so many: the bar counts, and nothing is unticked behind the voter's back.
  function chosen(form) {
    const boxes = Array.from(form.querySelectorAll("input.pick"));
    const most = Number(form.dataset.most || 0);
    const least = Number(form.dataset.least || 0);
    const n = boxes.filter((box) => box.checked).length;
    for (const box of boxes) if (most) box.disabled = !box.checked && n >= most;
    for (const out of form.querySelectorAll("[data-chosen]")) out.textContent = String(n);
    for (const out of form.querySelectorAll("[data-free]")) out.textContent = String(Math.max(0, most - n));
    for (const out of form.querySelectorAll("[data-short]")) out.hidden = n >= least;
    for (const out of form.querySelectorAll("[data-enough]")) out.hidden = n < least;
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-counter]")) count(event.target);
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("input[type=file]")) named(box);
    const table = box.closest("table[data-picks]");
    if (table && box.matches("[data-pick-all]")) {
      for (const one of table.querySelectorAll("input[data-pick]:not(:disabled)")) one.checked = box.checked;
    }
    if (table && box.matches("[data-pick], [data-pick-all]")) picked(table);
    const form = box.closest("form[data-choose]");
    if (form && box.matches("input.pick")) chosen(form);
    if (box.matches("[data-submit-on-change]")) box.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        if (copy.dataset.copied) copy.textContent = copy.dataset.copied;
      });
    }
  });

  // What is typed and not sent is not lost by a slip of the hand.
  let touched = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest?.("form[data-keep]")) touched = true;
  });
  document.addEventListener("submit", () => { touched = false; });
  window.addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });

  function prepare(root) {
    root.querySelectorAll("[data-counter]").forEach(count);
    root.querySelectorAll("table[data-picks]").forEach(picked);
    root.querySelectorAll("form[data-choose]").forEach(chosen);
    root.querySelectorAll("[data-print], [data-copy]").forEach((button) => { button.hidden = false; });
  }
  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  (document.querySelector("[data-errors]") || document.querySelector("[data-autofocus]"))?.focus();
})();
