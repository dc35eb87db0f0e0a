// The receipt page: the whole receipt comes out of the address or of this telephone's own storage, and stays here.

import { lasting, packed, read, unpacked, write } from "./vote-store.js";

const page = document.querySelector("[data-receipt]");
const part = (mark) => page.querySelector(`[data-${mark}]`);
const words = page && document.getElementById("words") ? JSON.parse(document.getElementById("words").textContent) : {};
const code = page?.dataset.receipt;
const WECHAT = /MicroMessenger/i.test(navigator.userAgent);

if (page) run();

function given() {
  try {
    const receipt = JSON.parse(unpacked(location.hash.slice(1)));
    return receipt.code === code ? receipt : null;
  } catch {
    return null;
  }
}

function run() {
  const button = (mark, act) => { part(mark).hidden = false; part(mark).addEventListener("click", act); };
  if (navigator.clipboard) button("copy-code", copyCode);
  if (location.hash === "#again") part("again").hidden = false;

  const all = read("vote-receipts", {});
  const fresh = given();
  if (fresh) {
    // What this telephone has kept goes before what somebody's link says.
    all[code] ||= { names: [], receipt: fresh };
    write("vote-receipts", all);
    // The address is what people pass on; the receipt must not go with it.
    if (lasting) history.replaceState(null, "", location.pathname);
  }
  const written = part("text").querySelector("textarea").value;
  const receipt = all[code]?.receipt || (written ? JSON.parse(written) : null);
  if (receipt) show(receipt, all[code]?.names || [], button);
}

async function show(receipt, names, button) {
  const text = JSON.stringify(receipt);
  const address = `${location.origin}${location.pathname}#${packed(text)}`;
  part("whole").hidden = false;
  part("no-whole").hidden = true;
  part("kept").textContent = lasting ? words.kept || "" : words.not_kept || "";
  part("kept").hidden = !part("kept").textContent;
  part("text").querySelector("textarea").value = text;
  part("verify-link").href = `${part("verify-link").getAttribute("href").split("#")[0]}#${packed(text)}`;
  if (WECHAT) {
    // It has no downloads.
    part("wechat").hidden = false;
    part("copy").classList.add("btn-primary");
  } else {
    button("save", () => save(text));
  }
  button("copy", (event) => copy(text, event.currentTarget));
  button("print", () => window.print());
  if (lasting) button("forget", forget);

  const picks = part("picks");
  picks.hidden = false;
  picks.querySelector("ul").replaceChildren(...receipt.picks.map((number) => {
    const line = document.createElement("li");
    const found = names.find(([each]) => each === number);
    const plain = (words.number || "{n}").replace("{n}", number);
    line.textContent = found?.[1] ? `${plain} ${found[1]}` : plain;
    return line;
  }));

  const place = part("qr-place");
  if (place.firstElementChild) return; // drawn by the server
  try {
    const { generate } = await import(page.dataset.qr);
    const canvas = document.createElement("canvas");
    generate(address).toCanvas(canvas);
    canvas.setAttribute("aria-hidden", "true");
    place.append(canvas);
  } catch {
    // The text is there all the same.
    for (const mark of ["qr-place", "qr-word", "wechat"]) part(mark).hidden = true;
  }
}

function forget() {
  const all = read("vote-receipts", {});
  delete all[code];
  write("vote-receipts", all);
  location.reload();
}

function save(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
  link.download = `${words.file || "receipt"}-${code}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function copyCode({ currentTarget: button }) {
  try {
    await navigator.clipboard.writeText(code);
    part("code-said").textContent = words.copied || "";
    button.dataset.done = "1";
  } catch {
    getSelection().selectAllChildren(page.querySelector(".receipt .number"));
    part("code-said").textContent = words.code_not_copied || "";
  }
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    part("said").textContent = words.copied || "";
    button.dataset.done = "1";
  } catch {
    part("text").open = true;
    part("text").querySelector("textarea").select();
    part("said").textContent = words.not_copied || "";
  }
}
