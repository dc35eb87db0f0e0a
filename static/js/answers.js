/* A department's list by keyboard: each row is saved as one goes. The server decides; without this file the
   form is sent as a whole. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-answers]");
  if (!form) return;
  const rows = Array.from(form.querySelectorAll("tr[data-row]"));
  const words = form.querySelector("[data-words]");
  const meter = document.querySelector("[data-progress]");
  const day = form.querySelector("[name=looked_up_on]");
  const KEYS = { 1: "clear", 2: "problem", 3: "unable" };
  const say = form.dataset;

  const field = (row, name) => form.elements[`${name}_${row.dataset.row}`];
  const radios = (row) => Array.from(row.querySelectorAll("input[type=radio]"));
  const answer = (row) => radios(row).find((one) => one.checked)?.value || "";
  const text = (row) => row.querySelector("input[name^=explanation_]");
  const place = (row) => radios(row).find((one) => one.checked) || radios(row)[0];

  function tell(row, sentence, bad) {
    const out = row.querySelector("[data-said]");
    out.textContent = sentence;
    out.classList.toggle("is-wrong", Boolean(bad));
  }

  function counted(done, of) {
    const bar = meter?.querySelector("progress");
    if (bar) {
      bar.max = of;
      bar.value = done;
      meter.querySelector("strong").textContent = `${done} / ${of}`;
    }
    words.textContent = say.left.replace("{done}", done).replace("{of}", of);
    const rest = document.querySelector("[data-rest]");
    if (rest) {
      rest.textContent = rest.dataset.rest.replace("{left}", of - done);
      rest.hidden = done >= of;
    }
  }

  function papers(row, list) {
    row.querySelector("[data-papers]").replaceChildren(
      ...list.map((paper) => {
        const line = document.createElement("li");
        const link = document.createElement("a");
        link.href = paper.url;
        link.textContent = paper.title;
        line.append(link);
        return line;
      })
    );
  }

  const touch = (row) => {
    row.dataset.dirty = "1";
    tell(row, say.unsaved);
  };

  async function save(row) {
    const given = answer(row);
    if (!given || !row.dataset.dirty) return;
    if (row.dataset.busy) {
      row.dataset.again = "1";
      return;
    }
    if (given !== "clear" && !text(row).value.trim()) {
      tell(row, say.explain);
      return;
    }
    const data = new FormData();
    const token = form.querySelector("[name=csrfmiddlewaretoken]");
    if (token) data.set("csrfmiddlewaretoken", token.value);
    data.set("nomination", row.dataset.nomination);
    data.set("question", row.dataset.question);
    data.set("looked_up_on", day.value);
    data.set("answer", given);
    for (const name of ["explanation", "since", "version"]) data.set(name, field(row, name).value);
    const paper = field(row, "proof").files[0];
    if (paper) data.set("proof", paper);
    row.dataset.busy = "1";
    delete row.dataset.dirty;
    tell(row, say.saving);
    try {
      const reply = await fetch(say.answers, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
      });
      const said = await reply.json();
      if (reply.ok) saved(row, said, paper);
      else if (reply.status === 409) clash(row, said);
      else wrong(row, said.error);
    } catch (_problem) {
      wrong(row, say.failed);
    } finally {
      delete row.dataset.busy;
    }
    if (row.dataset.again) {
      delete row.dataset.again;
      save(row);
    }
  }

  function saved(row, said, paper) {
    field(row, "version").value = said.version;
    if (paper) field(row, "proof").value = "";
    row.querySelector("[data-clash]").hidden = true;
    row.classList.add("is-mine");
    if (!row.dataset.dirty) tell(row, said.saved);
    papers(row, said.papers);
    counted(said.done, said.of);
  }

  function wrong(row, sentence) {
    row.dataset.dirty = "1";
    tell(row, sentence || say.failed, true);
  }

  // Somebody else was quicker: both are shown, and the person chooses.
  function clash(row, said) {
    wrong(row, said.error);
    const box = row.querySelector("[data-clash]");
    box.querySelector("[data-theirs]").textContent = said.theirs ? said.theirs.words : "";
    box.hidden = false;
    box.querySelector("[data-take]").onclick = () => {
      if (said.theirs) {
        for (const one of radios(row)) one.checked = one.value === said.theirs.answer;
        text(row).value = said.theirs.explanation;
        field(row, "since").value = said.theirs.since;
      }
      field(row, "version").value = said.version;
      delete row.dataset.dirty;
      box.hidden = true;
      tell(row, said.theirs ? said.theirs.words : "");
      place(row).focus();
    };
    box.querySelector("[data-keep-mine]").onclick = () => {
      field(row, "version").value = said.version;
      box.hidden = true;
      save(row);
    };
  }

  function go(row, step) {
    const next = rows[rows.indexOf(row) + step];
    if (next) place(next).focus();
    else if (step > 0) form.querySelector(".bottombar button")?.focus();
  }

  function choose(row, value) {
    const one = radios(row).find((each) => each.value === value);
    if (!one.checked) {
      one.checked = true;
      touch(row);
    }
    one.focus();
    if (value === "clear") save(row);
    else if (!text(row).value.trim()) tell(row, say.explain);
    else save(row);
  }

  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
    const writing = event.target.matches("input:not([type=radio])");
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (event.target.matches("[type=date]")) return;
      event.preventDefault();
      go(row, event.key === "ArrowDown" ? 1 : -1);
    } else if (!writing && KEYS[event.key]) {
      event.preventDefault();
      choose(row, KEYS[event.key]);
    } else if (event.key === "Enter" && event.target.matches("input:not([type=file])")) {
      event.preventDefault();
      // 无异议 needs no words: on to the next.
      if (!writing && answer(row) !== "clear") text(row).focus();
      else {
        save(row);
        go(row, 1);
      }
    }
  });
  form.addEventListener("input", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (row) touch(row);
  });
  form.addEventListener("change", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row) return;
    touch(row);
    if (event.target.matches("[type=radio]") && answer(row) !== "clear" && !text(row).value.trim()) text(row).focus();
    save(row);
  });
  form.addEventListener("focusin", (event) => {
    const here = event.target.closest("tr[data-row]");
    for (const row of rows) row.classList.toggle("is-here", row === here);
  });
  // Everything is saved by itself; the button sends what is left, or says that nothing is.
  form.addEventListener(
    "submit",
    (event) => {
      const busy = rows.some((row) => row.dataset.busy);
      if (!busy && rows.some((row) => row.dataset.dirty && answer(row))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      // What is on its way has to arrive first, so that the versions agree.
      if (busy) window.setTimeout(() => form.requestSubmit(event.submitter), 100);
      words.textContent = busy ? say.saving : say.allSaved;
    },
    true
  );
  window.addEventListener("beforeunload", (event) => {
    const left = rows.some((row) => (row.dataset.dirty && answer(row)) || row.dataset.busy);
    if (left && !form.dataset.sent) event.preventDefault();
  });
  if (rows.length && window.matchMedia("(pointer: fine)").matches) place(rows[0]).focus({ preventScroll: true });
})();
