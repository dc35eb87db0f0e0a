/* The score sheet: running total, half points by key and button, and keeping what is typed. The server decides. */
(function () {
  "use strict";

  const SPACE = "xuanshu:sheet:";
  // A private window may keep nothing; the page itself still has it.
  const store = {
    names(pk) {
      try { return Object.keys(window.localStorage).filter((name) => name.startsWith(`${SPACE}${pk}:`)); } catch (_none) { return []; }
    },
    read(name) {
      try { return JSON.parse(window.localStorage.getItem(name)); } catch (_broken) { return null; }
    },
    write(name, what) {
      try { window.localStorage.setItem(name, JSON.stringify(what)); } catch (_full) { /* as above */ }
    },
    drop(name) {
      try { window.localStorage.removeItem(name); } catch (_none) { /* nothing was kept */ }
    },
  };

  // What is handed in is locked: nothing of it stays on this machine.
  const locked = document.querySelector("[data-sheet-locked]");
  if (locked) store.names(locked.dataset.sheetLocked).forEach(store.drop);

  const form = document.querySelector("form[data-sheet]");
  if (!form) return;
  const WAIT = 1000;
  const MOST_WAIT = 15000;
  const pk = form.dataset.sheet;
  const mark = Math.random().toString(36).slice(2, 10);
  const fields = Array.from(form.querySelectorAll("[data-kept]"));
  const points = Array.from(form.querySelectorAll("[data-points]"));
  const version = form.elements.version;
  const saved = document.querySelector("[data-saved]");
  const total = document.querySelector("output[data-total]");
  const onward = document.querySelector("[data-onward]");
  const limit = (name) => (form.dataset[name] ? Number(form.dataset[name]) * 10 : null);
  const below = limit("below");
  const above = limit("above");
  let confirmed = snapshot();
  let attempts = [];
  let timer = 0;
  let pause = WAIT;
  let sending = false;
  let stopped = false;
  let leaving = false;
  let after = null;
  let last = points[0];
  let kept = "";

  // Tenths of a point as a whole number; null where nothing valid is written.
  function tenths(text) {
    const plain = text.trim().replace(/[０-９．。]/g, (c) => (c === "．" || c === "。" ? "." : String.fromCharCode(c.charCodeAt(0) - 0xfee0)));
    if (!/^\d{1,3}(\.[05]0*)?$/.test(plain)) return null;
    const value = Math.round(Number(plain) * 10);
    return value <= 1000 ? value : null;
  }
  const isWrong = (field) => "points" in field.dataset && field.value.trim() !== "" && tenths(field.value) === null;

  function snapshot() {
    return Object.fromEntries(fields.map((field) => [field.name, field.value]));
  }
  // Two ways of writing the same thing are no difference: 80 and 80.0, line ends, a blank at the end.
  function same(name, one, other) {
    if (name.startsWith("points_")) {
      const [a, b] = [tenths(one), tenths(other)];
      return a === null || b === null ? one.trim() === other.trim() : a === b;
    }
    return one.replace(/\r\n/g, "\n").trim() === other.replace(/\r\n/g, "\n").trim();
  }
  const alike = (one, other) => fields.every(({ name }) => same(name, one[name] ?? "", other[name] ?? ""));
  const pending = () => fields.filter((field) => !same(field.name, field.value, confirmed[field.name] ?? ""));
  const ready = () => pending().filter((field) => !isWrong(field));

  // Whole numbers all the way: tenths of a point times hundredths of a weight.
  function add() {
    let sum = 0;
    for (const field of points) {
      const value = tenths(field.value);
      const line = field.closest("[data-dimension]");
      field.setAttribute("aria-invalid", String(isWrong(field)));
      line.classList.toggle("is-wrong", isWrong(field));
      if (value !== null) sum += value * Math.round(Number(field.dataset.weight) * 100);
      const asked = value !== null && ((below !== null && value < below) || (above !== null && value > above));
      const remark = line.querySelector("[data-remark]");
      const words = line.querySelector("[data-asked]");
      remark.closest(".remark-field").classList.toggle("is-asked", asked);
      remark.toggleAttribute("required", asked);
      words.textContent = asked ? words.dataset.must : words.dataset.may;
    }
    const hundredths = Math.floor((sum + 500) / 1000);
    const text = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
    if (total.textContent !== text) total.textContent = text;
    look();
  }

  function say(words, bad) {
    if (saved.textContent !== words) saved.textContent = words;
    saved.classList.toggle("is-bad", Boolean(bad));
  }

  // Every keystroke is on this machine until the server has it.
  function keep() {
    const name = `${SPACE}${pk}:${version.value}:${mark}`;
    if (kept && kept !== name) store.drop(kept);
    kept = "";
    if (!pending().length) {
      store.drop(name);
      return;
    }
    store.write(name, { version: version.value, at: Date.now(), fields: snapshot(), base: confirmed });
    kept = name;
  }

  function changed() {
    add();
    keep();
    if (stopped) return;
    if (!saved.classList.contains("is-bad")) say(form.dataset.changed);
    pause = WAIT;
    again(WAIT);
  }
  function again(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, wait);
  }

  async function save(keepalive) {
    window.clearTimeout(timer);
    if (sending || stopped || leaving) return;
    const sent = ready();
    if (!sent.length) {
      settled();
      return;
    }
    sending = true;
    if (!saved.classList.contains("is-bad")) say(form.dataset.saving);
    const data = new FormData();
    for (const name of ["csrfmiddlewaretoken", "version"]) data.set(name, form.elements[name].value);
    data.set("action", "save");
    for (const field of sent) data.set(field.name, field.value);
    const wanted = { ...confirmed, ...Object.fromEntries(sent.map((field) => [field.name, field.value])) };
    attempts.push(wanted);
    let answer;
    try {
      const response = await fetch(window.location.pathname, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "fetch", Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
        keepalive: keepalive === true,
      });
      if ((response.headers.get("Content-Type") || "").startsWith("application/json")) {
        answer = { status: response.status, ...(await response.json()) };
      } else if (response.type === "opaqueredirect" || response.status === 403) answer = { failed: "away" };
      else answer = { failed: "offline" };
    } catch (_problem) {
      answer = { failed: "offline" };
    }
    sending = false;
    heard(answer, wanted);
  }

  function heard(answer, wanted) {
    if (answer.failed || answer.status >= 500) {
      after = null;
      keep();
      say(form.dataset[answer.failed || "offline"], true);
      pause = Math.min(pause * 2, MOST_WAIT);
      again(pause);
      return;
    }
    pause = WAIT;
    if (answer.status === 409) {
      // Our own save, whose answer was lost on the way, is nobody else's.
      if ([...attempts, snapshot()].some((one) => alike(one, answer.stands))) {
        take(answer.version, answer.stands);
        again(0);
        return;
      }
      halt(answer.error, true);
      return;
    }
    if (answer.error) {
      if (answer.stop) {
        halt(answer.error, false);
        return;
      }
      after = null;
      attempts.pop();
      say(form.dataset.refused.replace("{error}", answer.error), true);
      return;
    }
    take(answer.version, wanted);
    if (ready().length) {
      again(after ? 0 : WAIT);
      return;
    }
    settled(answer.saved);
  }
  function take(number, standing) {
    version.value = number;
    confirmed = standing;
    attempts = [];
    keep();
  }
  function settled(words) {
    if (pending().length) say(form.dataset.partly, true);
    else if (words) say(words);
    if (after) {
      const button = after;
      after = null;
      form.requestSubmit(button);
    }
  }
  function halt(words, both) {
    after = null;
    stopped = true;
    keep();
    say(form.dataset.refused.replace("{error}", words), true);
    if (!both) return;
    const moved = form.querySelector("[data-moved]");
    moved.querySelector("[data-moved-words]").textContent = words;
    moved.hidden = false;
    moved.scrollIntoView({ block: "center" });
  }

  function step(field, halves) {
    const now = tenths(field.value);
    const next = Math.min(1000, Math.max(0, (now === null ? 0 : now) + halves * 5));
    field.value = next % 10 ? (next / 10).toFixed(1) : String(next / 10);
    changed();
  }
  function focus(field) {
    field.focus();
    if (field.select) field.select();
  }
  // What is left to do, in order: points, then the remarks that are asked for.
  const open = () => points.find((field) => tenths(field.value) === null)
    || fields.find((field) => field.required && !field.value.trim());

  form.addEventListener("input", changed);
  form.addEventListener("focusin", (event) => {
    if (fields.includes(event.target)) last = event.target;
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(button.parentElement.querySelector("[data-points]"), Number(button.dataset.step));
  });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("[data-submit]").click();
      return;
    }
    const at = points.indexOf(event.target);
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const go = (field) => {
      event.preventDefault();
      focus(field);
    };
    const remark = event.target.closest("[data-dimension]").querySelector("[data-remark]");
    if (event.key === "ArrowUp") go(points[Math.max(0, at - 1)]);
    else if (event.key === "Enter" && remark.required && !remark.value.trim()) go(remark);
    else if (event.key === "ArrowDown" || event.key === "Enter") go(points[at + 1] || form.elements.comment);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(event.target, event.key === "ArrowRight" ? 1 : -1);
    }
  });

  // The button is pressed while something is not saved yet: that goes first, so that the versions agree.
  form.addEventListener("submit", (event) => {
    window.clearTimeout(timer);
    if (event.submitter && "compare" in event.submitter.dataset) {
      try { window.sessionStorage.setItem(`${SPACE}compared`, kept); } catch (_none) { /* it is offered again */ }
      leaving = true;
      return;
    }
    if (leaving || stopped) {
      event.preventDefault();
      return;
    }
    if (sending || ready().length) {
      event.preventDefault();
      after = event.submitter;
      say(form.dataset.saving);
      if (!sending) save();
      return;
    }
    leaving = true;
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
  window.addEventListener("online", () => {
    pause = WAIT;
    save();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
  window.addEventListener("beforeunload", (event) => {
    if (leaving || !pending().length) return;
    if (stopped || saved.classList.contains("is-bad")) event.preventDefault();
    else save(true);
  });

  // The bar below: to the points, from one to the next, and to handing in.
  let seen = false;
  function look() {
    onward.textContent = !seen ? onward.dataset.score : open() ? onward.dataset.next : onward.dataset.handIn;
  }
  new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    look();
  }, { rootMargin: "0px 0px -30% 0px" }).observe(form);
  onward.addEventListener("click", (event) => {
    event.preventDefault();
    const left = open();
    if (seen && !left) {
      form.querySelector("[data-submit]").click();
      return;
    }
    const target = left || last;
    target.scrollIntoView({ block: "center" });
    focus(target);
  });

  // Offered back: what an earlier visit could not send.
  if (new URLSearchParams(window.location.search).has("settled")) {
    try {
      store.drop(window.sessionStorage.getItem(`${SPACE}compared`) || "");
      window.sessionStorage.removeItem(`${SPACE}compared`);
    } catch (_none) { /* nothing was compared */ }
  }
  const offer = document.querySelector("[data-offer]");
  const before = store.names(pk).map((name) => ({ name, ...store.read(name) }))
    .filter((one) => {
      const told = one.fields && !alike(one.fields, confirmed);
      if (!told) store.drop(one.name);
      return told;
    })
    .sort((one, other) => other.at - one.at);
  function offerNext() {
    const one = before.shift();
    offer.hidden = !one;
    if (!one) return;
    const text = offer.querySelector("[data-offer-words]");
    const when = new Date(one.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
    text.textContent = text.dataset.words.replace("{when}", when);
    offer.querySelector("[data-offer-take]").onclick = () => {
      for (const field of fields) field.value = one.fields[field.name] ?? field.value;
      // The version it was typed over: when the sheet has moved since, the two are compared.
      version.value = one.version;
      confirmed = one.base || {};
      store.drop(one.name);
      offer.hidden = true;
      changed();
      save();
    };
    offer.querySelector("[data-offer-drop]").onclick = () => {
      store.drop(one.name);
      offerNext();
    };
  }
  offerNext();

  add();
  if (!fields.some((field) => field.value) && offer.hidden && window.matchMedia("(min-width: 62em)").matches) {
    points[0]?.focus({ preventScroll: true });
  }
})();
