/* Runs static/verify/verify.js on many records: {module, jobs} comes in as JSON, answers go out a line each.
   A job: {folder, key, receipt} or {included: {…}} or {ed25519: […]}; `without` takes away what a browser lacks. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { module, without, jobs } = JSON.parse(readFileSync(0, "utf8"));
const theirs = globalThis.crypto.subtle;
if (without === "ed25519") theirs.importKey = () => Promise.reject(new Error("not here"));
if (without === "subtle") Object.defineProperty(globalThis, "crypto", { value: {} });
const { FILES, included, signedSlowly, verify } = await import(pathToFileURL(module));

function blob(folder, name) {
  try {
    return new Blob([readFileSync(join(folder, name))]);
  } catch {
    return null;
  }
}

async function done(job) {
  if (job.included) return included(job.included);
  if (job.ed25519) {
    const bytes = job.ed25519.map((text) => Uint8Array.from(Buffer.from(text, "hex")));
    return signedSlowly(...bytes);
  }
  const files = Object.fromEntries([...FILES, "statement.txt"].map((name) => [name, blob(job.folder, name)]));
  return verify({ files, ...job });
}

for (const job of jobs) {
  try {
    console.log(JSON.stringify(await done(job)));
  } catch (error) {
    console.log(JSON.stringify({ crash: error.stack }));
  }
}
