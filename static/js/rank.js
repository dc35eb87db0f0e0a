/* The order of a list by dragging, by the arrow keys and by the buttons; one save for the whole order. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-rank]");
  if (!form) return;
  const body = form.querySelector("tbody");
  const told = form.querySelector("[data-told]");
  const rows = () => Array.from(body.querySelectorAll("tr[data-row]"));

  for (const grip of form.querySelectorAll("[data-grip]")) grip.hidden = false;
  for (const words of document.querySelectorAll("[data-with-script]")) words.hidden = false;
  for (const words of document.querySelectorAll("[data-without-script]")) words.hidden = true;

  function number() {
    const all = rows();
    all.forEach((row, place) => {
      row.querySelector("[data-place]").textContent = String(place + 1);
      row.querySelector('[data-step="-1"]').disabled = place === 0;
      row.querySelector('[data-step="1"]').disabled = place === all.length - 1;
    });
    return all;
  }

  function say(row) {
    const all = number();
    told.textContent = form.dataset.moved
      .replace("{name}", row.dataset.row)
      .replace("{n}", String(all.indexOf(row) + 1))
      .replace("{of}", String(all.length));
    // The page asks before it is left: the order is typed and not sent.
    row.querySelector("[name=order]").dispatchEvent(new Event("input", { bubbles: true }));
  }

  // The others go round it: the row itself stays in the page, and keeps focus and pointer.
  function put(row, place) {
    const at = rows().indexOf(row);
    for (let n = at; n > place; n -= 1) row.after(row.previousElementSibling);
    for (let n = at; n < place; n += 1) row.before(row.nextElementSibling);
    return at !== place;
  }

  function move(row, step) {
    const all = rows();
    if (put(row, Math.min(Math.max(all.indexOf(row) + step, 0), all.length - 1))) say(row);
  }

  // A button that ends at its end hands the focus to the grip: it is never lost.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-step]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("tr");
    move(row, Number(button.dataset.step));
    (button.disabled ? row.querySelector("[data-grip]") : button).focus();
  });

  const STEPS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
  body.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || !(event.key in STEPS)) return;
    event.preventDefault();
    const row = grip.closest("tr");
    move(row, STEPS[event.key]);
    grip.focus();
  });

  let held = null;
  let from = -1;
  body.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button !== 0) return;
    held = grip.closest("tr");
    from = rows().indexOf(held);
    grip.setPointerCapture(event.pointerId);
    held.classList.add("is-held");
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) return;
    const others = rows().filter((row) => row !== held);
    const above = others.filter((row) => {
      const at = row.getBoundingClientRect();
      return event.clientY > at.top + at.height / 2;
    });
    if (put(held, above.length)) number();
    if (event.clientY < 60) window.scrollBy(0, -12);
    else if (event.clientY > window.innerHeight - 60) window.scrollBy(0, 12);
  });
  function drop() {
    if (!held) return;
    held.classList.remove("is-held");
    if (rows().indexOf(held) !== from) say(held);
    held.querySelector("[data-grip]").focus();
    held = null;
  }
  window.addEventListener("pointerup", drop);
  window.addEventListener("pointercancel", drop);
})();
