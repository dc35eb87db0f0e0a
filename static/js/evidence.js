/* Several documents, each on its way by itself. Without this file the form sends them all at once. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-uploads]");
  const pattern = document.getElementById("upload-row");
  if (!form || !pattern) return;

  const say = form.dataset;
  const input = form.querySelector("input[type=file]");
  const queue = form.querySelector("[data-queue]");
  const send = form.querySelector("[data-send]");
  const told = form.querySelector("[data-said]");
  const plain = form.querySelector("[data-plain]");
  const hints = Array.from(plain.querySelectorAll("option[data-hints]"));
  const verb = send.textContent;
  // The kind one came here to add, where the name of a file says nothing.
  const wanted = plain.querySelector("select").value;
  let rows = [];
  let busy = false;

  const size = (n) => (n < 1048576 ? `${Math.ceil(n / 1024)} KB` : `${(n / 1048576).toFixed(1)} MB`);
  const stem = (name) => name.replace(/\.[^.]+$/, "").slice(0, 120);
  const proposed = (name) =>
    hints.find((option) => option.dataset.hints.split(",").some((word) => name.includes(word)))?.value || wanted;

  function state(row, name, words) {
    row.state = name;
    row.item.className = `upload ${name}`;
    row.item.querySelector("[data-state]").textContent = words;
  }

  function show() {
    queue.hidden = rows.length === 0;
    plain.hidden = true;
    const waiting = rows.filter((row) => row.state === "waiting").length;
    send.textContent = waiting ? say.verb.replace("{n}", String(waiting)) : verb;
    send.disabled = busy || !waiting;
  }

  function add(files) {
    for (const file of files) {
      const item = pattern.content.firstElementChild.cloneNode(true);
      const row = { file, item, state: "" };
      for (const out of item.querySelectorAll("[data-name]")) out.textContent = file.name;
      item.querySelector("[data-size]").textContent = size(file.size);
      item.querySelector("[data-kind]").value = proposed(file.name);
      item.querySelector("[data-title]").value = stem(file.name);
      item.querySelector("[data-drop]").addEventListener("click", () => {
        rows = rows.filter((one) => one !== row);
        item.remove();
        show();
      });
      queue.append(item);
      rows.push(row);
      if (file.size > Number(say.max)) state(row, "refused", say.tooLarge.replace("{name}", file.name));
      else state(row, "waiting", say.waiting);
    }
    told.textContent = "";
    show();
  }

  function post(row) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("kind", row.item.querySelector("[data-kind]").value);
    body.append("about", row.item.querySelector("[data-about]").value);
    body.append("title", row.item.querySelector("[data-title]").value);
    body.append("file", row.file, row.file.name);
    const bar = row.item.querySelector("[data-bar]");
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        const part = Math.floor((100 * event.loaded) / event.total);
        bar.value = part;
        state(row, "sending", part < 100 ? say.sending.replace("{n}", String(part)) : say.checking);
      });
      request.addEventListener("loadend", () => {
        let answer = null;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          answer = null;
        }
        if (answer?.kept?.length) state(row, "kept", say.kept);
        else if (answer?.refused?.length) state(row, "refused", answer.refused.join(" "));
        else state(row, "waiting", say.failed);
        if (row.state !== "kept") bar.value = 0;
        done();
      });
      state(row, "sending", say.sending.replace("{n}", "0"));
      request.send(body);
    });
  }

  async function refresh() {
    const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("folder");
    if (fresh) document.getElementById("folder").replaceChildren(...fresh.childNodes);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (busy) return;
    const waiting = rows.filter((row) => row.state === "waiting");
    const unsaid = waiting.filter((row) => !row.item.querySelector("[data-kind]").value);
    for (const row of unsaid) row.item.querySelector("[data-state]").textContent = say.choose;
    if (unsaid.length) {
      unsaid[0].item.querySelector("[data-kind]").focus();
      return;
    }
    busy = true;
    show();
    for (const row of waiting) await post(row);
    const kept = rows.filter((row) => row.state === "kept");
    await refresh().catch(() => {});
    for (const row of kept) row.item.remove();
    rows = rows.filter((row) => row.state !== "kept");
    busy = false;
    const left = rows.length ? ` ${say.left.replace("{n}", String(rows.length))}` : "";
    told.textContent = say.done.replace("{n}", String(kept.length)) + left;
    show();
  });

  input.addEventListener("change", () => {
    add(Array.from(input.files));
    input.value = "";
    const named = document.getElementById(`${input.id}_chosen`);
    if (named) named.textContent = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      if (!Array.from(event.dataTransfer.types).includes("Files")) return;
      event.preventDefault();
      form.classList.add("dragging");
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove("dragging");
  });
  form.addEventListener("drop", (event) => {
    form.classList.remove("dragging");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    add(Array.from(event.dataTransfer.files));
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy || rows.some((row) => row.state === "waiting")) event.preventDefault();
  });
  show();
})();
