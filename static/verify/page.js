/* The verifying page: takes what was typed, pasted or chosen, has verify.js check it (in a worker where there is
   one), and shows the answer. Nothing is sent anywhere; the record is only fetched. */

const page = document.querySelector("[data-verify]");
const part = (mark) => page.querySelector(`[data-${mark}]`);
const words = JSON.parse(document.getElementById("words").textContent);
const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";
const NAMES = ["ballots.txt", "cases.jsonl", "checkpoints.txt", "tally.json", "statement.txt"];
const AT_ONCE = 20 * 1024 * 1024; // bytes of a record that are fetched without asking
let running = 0; // the newest question; an older one's answer is not shown

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const address = (name) => new URL(page.dataset[name], location.href).href;

function make(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function start() {
  part("no-script").hidden = true;
  for (const mark of ["mine", "all", "trust"]) part(mark).hidden = false;
  const poll = part("poll");
  const choose = () => { if (part("from-disk")) part("from-disk").hidden = poll.value !== ""; };
  poll?.addEventListener("change", choose);
  const asked = new URLSearchParams(location.search).get("poll");
  if (poll && asked && [...poll.options].some((each) => each.value === asked)) poll.value = asked;
  if (poll) choose();
  part("mine").addEventListener("submit", (event) => { event.preventDefault(); mine(); });
  part("all").addEventListener("submit", (event) => { event.preventDefault(); all(); });
  part("receipt-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) part("receipt").value = await file.text();
  });
  const passed = () => {
    if (location.hash.length < 2) return;
    part("receipt").value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname + location.search); // it must not stay in the address
    mine();
  };
  addEventListener("hashchange", passed);
  passed();
}

/** A receipt out of its JSON, its base64url, or an address with that behind the #; null where it is none. */
function receiptOf(typed) {
  const text = typed.trim();
  const tries = [
    () => JSON.parse(text),
    () => {
      const packed = text.slice(text.lastIndexOf("#") + 1).replace(/-/g, "+").replace(/_/g, "/");
      const raw = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
      return JSON.parse(new TextDecoder().decode(raw));
    },
  ];
  for (const each of tries) {
    try {
      const found = each();
      if (found && typeof found.note === "string") return found;
    } catch { /* the next way */ }
  }
  return null;
}

const keyOf = () => part("key-typed").value.trim() || page.dataset.key;

async function mine() {
  const turn = begin();
  const receipt = receiptOf(part("receipt").value);
  if (!receipt) return fail(turn, words.no_receipt);
  part("receipt").value = JSON.stringify(receipt);
  try {
    const { glance, included } = await import(address("module"));
    const seen = glance(receipt);
    if (!seen) return fail(turn, words.no_receipt);
    const record = seen.record || String(receipt.record);
    const reply = await fetch(`${address("root")}${seen.poll}/log/inclusion/${encodeURIComponent(record)}/`, { credentials: "omit" });
    if (!reply.ok && reply.status !== 404) return fail(turn, words.offline);
    const answer = reply.ok ? await reply.json() : null;
    const result = await included({ receipt, answer, key: keyOf(), language });
    const published = [...(part("poll")?.options || [])].find((each) => each.value === seen.poll);
    show(turn, result, { one: true, published });
    if (!published || turn !== running) return undefined;
    const whole = () => check({ folder: `${address("root")}${seen.poll}/record/`, receipt });
    if (Number(published.dataset.bytes) <= AT_ONCE) return whole();
    part("go-on").hidden = false;
    part("go-on").textContent = `${part("all").querySelector("button").textContent} (${megabytes(published.dataset.bytes)} MB)`;
    part("go-on").onclick = whole;
  } catch (error) {
    fail(turn, error instanceof TypeError ? words.offline : said(error.words || [error.message, error.message]));
  }
  return undefined;
}

function all() {
  const poll = part("poll")?.value;
  if (poll) return check({ folder: `${address("root")}${poll}/record/` });
  const files = Object.fromEntries([...part("files").files].filter((file) => NAMES.includes(file.name)).map((file) => [file.name, file]));
  if (!Object.keys(files).length) return fail(begin(), words.no_files);
  return check({ files });
}

/** The whole record, in a worker; on this page itself where the browser has no module workers. */
async function check(asked) {
  const turn = begin();
  const job = { ...asked, key: keyOf(), language };
  const told = (done, whole) => {
    if (turn !== running) return;
    const values = { done: megabytes(done), all: megabytes(whole) };
    part("working").textContent = fill(whole >= done && whole ? words.progress : words.read, values);
  };
  try {
    const { answer } = await import(address("module"));
    show(turn, await inWorker(job, told).catch((error) => (error.here ? answer(job, told) : Promise.reject(error))), {});
  } catch (error) {
    fail(turn, said(error.words || [error.message, error.message]));
  }
}

function inWorker(job, told) {
  return new Promise((resolve, reject) => {
    const here = () => reject(Object.assign(new Error("no worker"), { here: true }));
    let worker;
    try {
      worker = new Worker(address("module"), { type: "module" });
    } catch {
      here();
      return;
    }
    let heard = false;
    worker.onerror = () => { if (heard) reject(new Error("worker")); else here(); };
    worker.onmessage = ({ data }) => {
      heard = true;
      if (!data.result && !data.error) { told(data.done, data.all); return; }
      worker.terminate();
      if (data.result) resolve(data.result);
      else reject(Object.assign(new Error(data.error[1]), { words: data.error }));
    };
    worker.postMessage(job);
  });
}

const said = ([zh, en]) => fill(words.failed, { why: language === "en" ? en : zh });
const megabytes = (bytes) => (bytes / 1048576).toFixed(1);

function begin() {
  running += 1;
  part("answer").hidden = false;
  for (const mark of ["notes", "found", "checks"]) part(mark).replaceChildren();
  part("go-on").hidden = true;
  part("verdict").className = "";
  part("verdict").textContent = words.working;
  part("working").hidden = false;
  part("working").textContent = words.read.replace("{done}", "0");
  part("answer").scrollIntoView({ block: "start" });
  return running;
}

function fail(turn, sentence) {
  if (turn !== running) return;
  part("working").hidden = true;
  part("verdict").className = "verdict-bad";
  part("verdict").textContent = sentence;
  part("verdict").focus();
}

function show(turn, result, { one = false, published = null }) {
  if (turn !== running) return;
  part("working").hidden = true;
  part("verdict").className = result.good ? "verdict-ok" : "verdict-bad";
  part("verdict").textContent = result.good ? (one ? words.mine_good : words.all_good) : words.not_good;
  const notes = [];
  if (keyOf() === page.dataset.key && !part("key-typed").value.trim()) notes.push(["warn", words.own_key]);
  if (result.receipt?.grounds) notes.push(["warn", fill(words.aside, result.receipt)]);
  if (!result.native) notes.push(["", words.slow]);
  part("notes").replaceChildren(...notes.map(([tone, text]) => {
    const note = make("div", "", `note ${tone}`);
    note.append(make("p", text));
    return note;
  }));
  part("found").replaceChildren(...found(result, one && !published).map((text) => make("p", text)));
  part("checks").replaceChildren(...result.checks.map(line));
  part("verdict").focus();
}

function found(result, running_still) {
  const texts = [];
  if (result.title) texts.push(result.title);
  if (result.counts) texts.push(fill(words.counts, result.counts));
  if (result.line) texts.push(fill(words.logged, result));
  if (result.receipt) {
    const { line: place, picks, names, grounds } = result.receipt;
    const named = picks.map((n) => `${fill(words.number, { n })} ${names[n] || ""}`.trim());
    texts.push(fill(words.line, { line: place }), fill(words.picked, { picks: named.join(language === "en" ? ", " : "、") }));
    if (!grounds) texts.push(words.counted);
  } else if (running_still && result.good) {
    texts.push(words.later);
  }
  return texts;
}

const TONES = { ok: "tone-ok", bad: "tone-bad", undone: "tone-calm" };

function line(check) {
  const item = make("li", "");
  item.append(make("span", check.name), make("span", words[check.state], `state ${TONES[check.state]}`));
  if (check.faults.length) {
    const list = make("ul", "");
    const between = language === "en" ? ": " : "：";
    for (const { file, line: place, text } of check.faults) {
      const where = place ? fill(words.where, { file, line: place }) : file;
      list.append(make("li", ["receipt", "log"].includes(file) ? text : where + between + text));
    }
    if (check.more > 0) list.append(make("li", fill(words.more, { n: check.more })));
    item.append(list);
  }
  return item;
}

start();
