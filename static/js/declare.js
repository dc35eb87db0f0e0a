/* The declaration: keeping what is typed, small tables, what is known of a credit code. The server decides. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-declare]");
  if (form) declare(form);
  const code = document.querySelector("form[data-look-up] [name=credit_code]");
  if (code) lookUp(code, code.form);

  function declare(form) {
    const WAIT = 3000;
    const MOST_WAIT = 30000;
    const version = form.elements.version;
    const saved = document.querySelector("[data-saved]");
    const key = `xuanshu:declaration:${form.dataset.key}`;
    let timer = 0;
    let dirty = false;
    let sending = false;
    let stopped = false;
    let leaving = false;
    let pause = WAIT;

    const words = (name, values) => Object.entries(values || {}).reduce(
      (text, [place, value]) => text.replace(`{${place}}`, String(value)), form.dataset[name]);
    function say(text, bad) {
      saved.textContent = text;
      saved.classList.toggle("is-bad", Boolean(bad));
    }

    // What did not get through stays on this machine until it has, or until it is thrown away.
    const typed = () => Array.from(new FormData(form)).filter(
      ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
    function keep() {
      try {
        window.localStorage.setItem(key, JSON.stringify({ version: version.value, at: Date.now(), fields: typed() }));
      } catch (_full) { /* a private window keeps nothing; the page itself still has it */ }
    }
    function forget() {
      try { window.localStorage.removeItem(key); } catch (_none) { /* nothing was kept */ }
    }
    function kept() {
      try { return JSON.parse(window.localStorage.getItem(key)); } catch (_broken) { return null; }
    }

    function changed() {
      dirty = true;
      if (stopped) {
        keep();
        return;
      }
      if (!saved.classList.contains("is-bad")) say(words("changed"));
      pause = WAIT;
      again(WAIT);
    }
    function again(wait) {
      window.clearTimeout(timer);
      timer = window.setTimeout(save, wait);
    }

    async function save(keepalive) {
      window.clearTimeout(timer);
      if (!dirty || sending || stopped || leaving) return;
      sending = true;
      dirty = false;
      say(words("saving"));
      let answer;
      try {
        const response = await fetch(form.dataset.declare, {
          method: "POST",
          body: new FormData(form),
          headers: { Accept: "application/json" },
          credentials: "same-origin",
          keepalive: keepalive === true,
          redirect: "manual",
        });
        if (response.type === "opaqueredirect" || response.status === 403) answer = { failed: "away" };
        else if ((response.headers.get("Content-Type") || "").startsWith("application/json")) {
          answer = { status: response.status, ...(await response.json()) };
        } else answer = { failed: "trouble" };
      } catch (_offline) {
        answer = { failed: "offline" };
      }
      sending = false;
      heard(answer);
    }

    function heard(answer) {
      if (answer.failed) {
        dirty = true;
        keep();
        say(words(answer.failed), true);
        pause = Math.min(pause * 2, MOST_WAIT);
        again(pause);
        return;
      }
      pause = WAIT;
      if (answer.status === 409) {
        dirty = true;
        stopped = true;
        keep();
        say(words("refused"), true);
        const box = form.querySelector("[data-moved]");
        box.querySelector("[data-moved-words]").textContent = answer.error;
        box.hidden = false;
        box.scrollIntoView({ block: "center" });
        return;
      }
      if (answer.stop) {
        dirty = true;
        stopped = true;
        keep();
        say(`${words("refused")}${answer.error}`, true);
        return;
      }
      version.value = answer.version;
      const wrong = Object.keys(answer.errors || {});
      if (wrong.length) keep();
      else if (!dirty) forget();
      mark(answer.errors || {});
      show(answer);
      if (wrong.length) say(words("partly", { when: answer.saved_at, n: wrong.length }), true);
      else say(words("done", { when: answer.saved_at }));
      if (dirty) again(WAIT);
    }

    // An answer that cannot be kept as it stands is named at its field and stays as it was typed.
    function mark(errors) {
      for (const line of form.querySelectorAll("[data-line]")) {
        const said = errors[line.dataset.line];
        const field = line.querySelector(".field");
        let out = line.querySelector("[data-said]");
        if (!out && said) {
          out = document.createElement("div");
          out.dataset.said = "";
          out.setAttribute("role", "alert");
          field.append(out);
        }
        for (const old of line.querySelectorAll(".error")) if (!out || !out.contains(old)) old.remove();
        if (out) {
          out.replaceChildren(...(said || []).map((sentence) => {
            const text = document.createElement("p");
            text.className = "error";
            text.textContent = sentence;
            return text;
          }));
        }
        field.classList.toggle("has-error", Boolean(said));
      }
    }

    function show(answer) {
      const fill = document.querySelector("[data-fill]");
      const bar = fill.querySelector("progress");
      bar.max = answer.of;
      bar.value = answer.filled;
      fill.querySelector(".meter strong").textContent = `${answer.filled} / ${answer.of}`;
      for (const out of fill.querySelectorAll("[data-part]")) {
        const [filled, of] = answer.parts[out.dataset.part];
        out.textContent = `${filled}/${of}`;
      }
      for (const out of document.querySelectorAll(".bar-gaps")) out.hidden = !answer.missing.length;
      for (const name of ["missing", "advised"]) {
        for (const out of document.querySelectorAll(`[data-${name}-count]`)) out.textContent = String(answer[name].length);
        fill.querySelector(`[data-${name}]`).replaceChildren(...answer[name].map((gap) => {
          const item = document.createElement("li");
          const link = document.createElement("a");
          link.href = gap.href;
          link.textContent = gap.title;
          item.append(link);
          return item;
        }));
      }
      for (const out of form.querySelectorAll("[data-worries]")) {
        out.replaceChildren(...(answer.worries[out.dataset.worries] || []).map((sentence) => {
          const text = document.createElement("p");
          text.textContent = sentence;
          return text;
        }));
      }
    }

    // Small tables grow and shrink; a row taken away is sent as a blank one.
    function tend(box) {
      const body = box.querySelector("tbody");
      const template = box.querySelector("template");
      const add = box.querySelector("[data-add-row]");
      const rows = () => Array.from(body.querySelectorAll("tr"));
      const full = () => { add.hidden = rows().length >= Number(box.dataset.most); };
      for (const spare of rows().filter((row) => "blank" in row.dataset).slice(1)) spare.remove();
      for (const button of body.querySelectorAll("[data-drop-row]")) button.hidden = false;
      full();
      box.addEventListener("click", (event) => {
        if (event.target.closest("[data-add-row]")) grow().querySelector("input, select").focus();
        const drop = event.target.closest("[data-drop-row]");
        if (!drop) return;
        const row = drop.closest("tr");
        if (rows().length > 1) row.remove();
        else for (const control of row.querySelectorAll("input, select")) control.value = "";
        rows().forEach((each, n) => rename(each, n));
        full();
        changed();
        add.focus();
      });
      function rename(row, n) {
        for (const control of row.querySelectorAll("[name]")) {
          control.name = control.name.replace(/-(\d+|__n__)-/, `-${n}-`);
        }
      }
      function grow() {
        const row = template.content.firstElementChild.cloneNode(true);
        body.append(row);
        rename(row, rows().length - 1);
        for (const button of row.querySelectorAll("[data-drop-row]")) button.hidden = false;
        full();
        return row;
      }
      box.growTo = (n) => { while (rows().length < n && rows().length < Number(box.dataset.most)) grow(); };
    }
    for (const box of form.querySelectorAll("[data-rows]")) tend(box);

    // Details are asked of what is ticked. What is hidden is still sent: unticking by mistake loses nothing.
    function details() {
      for (const line of form.querySelectorAll("[data-of]")) {
        const on = new Set(Array.from(
          form.querySelectorAll(`input[name="${line.dataset.of}"]:checked`), (box) => box.value));
        for (const row of line.querySelectorAll("[data-choice]")) row.hidden = !on.has(row.dataset.choice);
        line.hidden = on.size === 0;
      }
    }
    details();

    form.addEventListener("input", changed);
    form.addEventListener("change", () => {
      details();
      changed();
    });
    // The button is pressed while a draft is on its way: wait for it, so that the versions agree.
    form.addEventListener("submit", (event) => {
      window.clearTimeout(timer);
      if (leaving) {
        event.preventDefault();
        return;
      }
      if (sending) {
        event.preventDefault();
        const button = event.submitter;
        const wait = window.setInterval(() => {
          if (sending) return;
          window.clearInterval(wait);
          form.requestSubmit(button);
        }, 50);
        return;
      }
      leaving = true;
      if (dirty) keep();
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
    window.addEventListener("online", () => { pause = WAIT; save(); });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "hidden") return;
      if (dirty) keep();
      save(true);
    });
    window.addEventListener("beforeunload", (event) => {
      if (!dirty || leaving) return;
      // What can still be sent is sent while leaving; only what cannot is worth a question.
      if (stopped || saved.classList.contains("is-bad")) event.preventDefault();
      else save(true);
    });

    // Offered back: what an earlier visit could not send.
    const before = kept();
    const offer = document.querySelector("[data-offer]");
    const now = new Map();
    for (const [name, value] of typed()) now.set(name, [...(now.get(name) || []), value]);
    if (before && differs(before.fields)) {
      const when = new Date(before.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
      const text = offer.querySelector("[data-offer-words]");
      text.textContent = text.dataset.words.replace("{when}", when);
      offer.hidden = false;
      offer.querySelector("[data-offer-take]").addEventListener("click", () => {
        take(before);
        offer.hidden = true;
      });
      offer.querySelector("[data-offer-drop]").addEventListener("click", () => {
        forget();
        offer.hidden = true;
      });
    } else if (before) forget();

    function differs(fields) {
      const then = new Map();
      for (const [name, value] of fields) then.set(name, [...(then.get(name) || []), value]);
      const names = new Set([...then.keys(), ...now.keys()]);
      names.delete("version");
      return Array.from(names).some((name) => {
        const one = (then.get(name) || []).join("\n");
        return one.replace(/\r\n/g, "\n") !== (now.get(name) || []).join("\n").replace(/\r\n/g, "\n");
      });
    }
    function take(old) {
      for (const box of form.querySelectorAll("[data-rows]")) {
        const rows = old.fields.map(([name]) => name.match(new RegExp(`^${box.dataset.rows}-(\\d+)-`))).filter(Boolean);
        box.growTo(Math.max(0, ...rows.map((found) => Number(found[1]) + 1)));
      }
      for (const box of form.querySelectorAll("input[type=checkbox], input[type=radio]")) box.checked = false;
      for (const [name, value] of old.fields) {
        for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
          if (control.type === "checkbox" || control.type === "radio") {
            if (control.value === value) control.checked = true;
          } else if (control.type !== "hidden") control.value = value;
        }
      }
      // The version it was typed over: when the record has moved since, the two are compared.
      version.value = old.version;
      details();
      for (const field of form.querySelectorAll("[data-counter]")) field.dispatchEvent(new Event("input", { bubbles: true }));
      changed();
      save();
    }
  }

  function lookUp(field, form) {
    const out = form.querySelector("[data-known]");
    // Where the enterprise is not what is selected, it has a name of its own beside the subject's.
    const name = form.elements.enterprise_name || form.elements.name;
    let timer = 0;
    let asked = "";
    const plain = () => field.value.normalize("NFKC").replace(/\s/g, "").toUpperCase();

    async function ask() {
      const code = plain();
      if (code === asked) return;
      asked = code;
      if (code.length < 18) {
        out.replaceChildren();
        return;
      }
      let known;
      try {
        const url = `${form.dataset.lookUp}?${new URLSearchParams({ credit_code: code })}`;
        known = await (await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" })).json();
      } catch (_problem) {
        asked = "";
        known = { ok: false, error: out.dataset.failed };
      }
      if (code !== plain()) return;
      const list = document.createElement("ul");
      for (const sentence of known.error ? [known.error] : known.lines) {
        const item = document.createElement("li");
        item.textContent = sentence;
        list.append(item);
      }
      out.replaceChildren(...(list.children.length ? [list] : []));
      out.classList.toggle("is-bad", !known.ok);
      if (known.name && !name.value.trim()) name.value = known.name;
    }
    field.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, 400);
    });
    field.addEventListener("change", ask);
    if (field.value) ask();
  }
})();
