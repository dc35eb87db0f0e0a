/* Checks the public record of a poll, in a browser, in a worker or in Node, with nothing but what they bring.

   verify({files, key, receipt, language, progress})  the whole record, as it was published
   included({receipt, answer, key, language})         one ballot, while the poll runs

   ballots.txt is read once, as a stream. SHA-256 is written out below, because the one of WebCrypto wants a
   whole file in memory and is slow for many short lines; it is tried against WebCrypto before every use.
   Signatures are checked by WebCrypto; where a browser has no Ed25519, by the arithmetic below (RFC 8032).
   In memory: nine bytes a ballot (eight of its record, so that none comes twice, and whether it counts). */

export const FILES = ["ballots.txt", "cases.jsonl", "checkpoints.txt", "tally.json"];
export const GROUNDS = ["address", "area", "burst", "clique", "device", "dwell", "other", "report", "sequence"];
const SHOWN = 20; // faults told of one check

const NAMES = {
  statement: ["签名声明", "Signed statement"],
  digests: ["各文件的摘要", "Digests of the files"],
  tally_form: ["计票表的格式", "Form of the tally"],
  cases_form: ["异常票处置案的格式", "Form of the cases"],
  lines: ["每张选票的格式和规则", "Form and rules of every ballot"],
  records: ["没有重复的选票", "No ballot twice"],
  root: ["张数和树根", "Number and root of the ballots"],
  checkpoints: ["各检查点", "Checkpoints"],
  acts: ["隔离和恢复前后相符", "Setting aside and restoring"],
  tally: ["重新计票", "Recount"],
  receipt_signature: ["回执的签名", "Signature of the receipt"],
  receipt_bound: ["回执与选票号相符", "Receipt bound to the ballot"],
  receipt_line: ["回执对应的选票在公开记录中", "The ballot of the receipt is in the record"],
  checkpoint: ["检查点的签名", "Signature of the checkpoint"],
  inclusion: ["选票在已签名的记录中", "The ballot is in the signed log"],
};
const GROUNDS_NAMES = {
  address: ["来源地址异常集中", "many from one address"],
  area: ["外地号码异常集中", "many numbers from elsewhere"],
  burst: ["短时间内异常集中", "a burst in a short time"],
  clique: ["选择完全相同且集中", "the same picks in a group"],
  device: ["同一设备反复投票", "one device again and again"],
  dwell: ["停留时间异常短", "too short a look at the page"],
  other: ["其他", "other"],
  report: ["举报查实", "a report that proved true"],
  sequence: ["号码连续", "numbers in sequence"],
};

class Wrong extends Error {
  constructor(zh, en) {
    super(en);
    this.words = [zh, en];
  }
}

// --- SHA-256 (FIPS 180-4)

const K = new Int32Array(64);
const START = new Int32Array(8);
{
  const fraction = (root) => ((root - Math.floor(root)) * 4294967296) | 0;
  for (let number = 2, found = 0; found < 64; number += 1) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) prime = false;
    if (!prime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(number));
    K[found] = fraction(Math.cbrt(number));
    found += 1;
  }
}
const W = new Int32Array(64);

function compress(state, bytes, at) {
  for (let t = 0; t < 16; t += 1, at += 4) {
    W[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let t = 16; t < 64; t += 1) {
    const x = W[t - 15], y = W[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[t] = (W[t - 16] + s0 + W[t - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] = (state[0] + a) | 0; state[1] = (state[1] + b) | 0; state[2] = (state[2] + c) | 0; state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0; state[5] = (state[5] + f) | 0; state[6] = (state[6] + g) | 0; state[7] = (state[7] + h) | 0;
}

function spell(state) {
  const out = new Uint8Array(32);
  for (let word = 0; word < 8; word += 1) {
    out[4 * word] = state[word] >>> 24;
    out[4 * word + 1] = state[word] >>> 16;
    out[4 * word + 2] = state[word] >>> 8;
    out[4 * word + 3] = state[word];
  }
  return out;
}

export class Sha256 {
  constructor() {
    this.state = START.slice();
    this.block = new Uint8Array(64);
    this.length = 0;
  }

  update(bytes, from = 0, to = bytes.length) {
    let filled = this.length % 64;
    this.length += to - from;
    if (filled) {
      const taken = Math.min(64 - filled, to - from);
      this.block.set(bytes.subarray(from, from + taken), filled);
      from += taken;
      filled += taken;
      if (filled < 64) return this;
      compress(this.state, this.block, 0);
    }
    for (; from + 64 <= to; from += 64) compress(this.state, bytes, from);
    this.block.set(bytes.subarray(from, to));
    return this;
  }

  digest() {
    const filled = this.length % 64;
    const tail = new Uint8Array(filled < 56 ? 64 : 128);
    tail.set(this.block.subarray(0, filled));
    tail[filled] = 128;
    const bits = new DataView(tail.buffer);
    bits.setUint32(tail.length - 8, Math.floor(this.length / 536870912));
    bits.setUint32(tail.length - 4, (this.length * 8) >>> 0);
    for (let at = 0; at < tail.length; at += 64) compress(this.state, tail, at);
    return spell(this.state);
  }
}

const shortState = new Int32Array(8);
const short = new Uint8Array(4096);

/** SHA-256 of the first `length` bytes of `short`, of which the rest is written over. */
function ofShort(length) {
  shortState.set(START);
  const end = (length + 9 + 63) & ~63;
  short[length] = 128;
  short.fill(0, length + 1, end - 4);
  const bits = length * 8;
  short[end - 4] = bits >>> 24;
  short[end - 3] = bits >>> 16;
  short[end - 2] = bits >>> 8;
  short[end - 1] = bits;
  for (let at = 0; at < end; at += 64) compress(shortState, short, at);
  return spell(shortState);
}

const sha256 = (bytes) => new Sha256().update(bytes).digest();

function leafOf(bytes, from, to) {
  if (to - from > 4000) return new Sha256().update(new Uint8Array(1)).update(bytes, from, to).digest();
  short[0] = 0;
  short.set(bytes.subarray(from, to), 1);
  return ofShort(to - from + 1);
}

function above(left, right) {
  short[0] = 1;
  short.set(left, 1);
  short.set(right, 33);
  return ofShort(65);
}

/** Whether the SHA-256 above is the same as the one of WebCrypto, where there is one. */
async function tried() {
  const bytes = Uint8Array.from({ length: 1000 }, (_none, place) => (place * place) >> 3);
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  if (hex(sha256(new TextEncoder().encode("abc"))) !== abc) return false;
  if (!globalThis.crypto?.subtle) return true;
  const theirs = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return same(theirs, sha256(bytes)) && same(theirs, new Sha256().update(bytes, 0, 333).update(bytes, 333).digest());
}

// --- Ed25519 (RFC 8032), verifying only

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (number) => ((number % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (base = mod(base); exponent; exponent >>= 1n, base = (base * base) % P) {
    if (exponent & 1n) result = (result * base) % P;
  }
  return result;
}

let D, ROOT, BASE; // made when first needed
const WINDOW = 6;

function curve() {
  if (BASE) return;
  D = mod(-121665n * power(121666n, P - 2n));
  ROOT = power(2n, (P - 1n) / 4n);
  BASE = pointOf(little(mod(4n * power(5n, P - 2n))));
}

function number(bytes) {
  let found = 0n;
  for (let at = bytes.length; at > 0; at -= 1) found = (found << 8n) | BigInt(bytes[at - 1]);
  return found;
}

function little(found) {
  return Uint8Array.from({ length: 32 }, (_none, at) => Number((found >> BigInt(8 * at)) & 255n));
}

function pointOf(bytes) {
  const all = number(bytes), sign = all >> 255n, y = all & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square)) x = mod(x * ROOT);
  if (mod(x * x - square) || (!x && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function add([x, y, z, t], [minus, plus, twice, product]) {
  const a = (y - x + P) * minus, b = (y + x) * plus, c = t * product, d = z * twice;
  const e = mod(b - a), f = mod(d - c), g = mod(d + c), h = mod(b + a);
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

const ready = ([x, y, z, t]) => [mod(y - x), mod(y + x), mod(2n * z), mod(2n * D * t)];
const tables = new Map();

function table(point) {
  const name = `${point[0]} ${point[1]}`;
  if (!tables.has(name)) {
    const rows = [];
    for (let base = point, row; rows.length < Math.ceil(256 / WINDOW); rows.push(row)) {
      row = [null];
      const step = ready(base);
      for (let digit = 1; digit < 1 << WINDOW; digit += 1) {
        row.push(ready(base));
        base = add(base, step);
      }
    }
    tables.set(name, rows);
  }
  return tables.get(name);
}

function multiple(total, factor, rows) {
  for (const row of rows) {
    const digit = Number(factor & BigInt((1 << WINDOW) - 1));
    if (digit) total = add(total, row[digit]);
    factor >>= BigInt(WINDOW);
  }
  return total;
}

export async function signedSlowly(key, signature, message) {
  curve();
  const point = pointOf(key), s = number(signature.subarray(32));
  if (!point || s >= ORDER) return false;
  const text = joined(signature.subarray(0, 32), key, message);
  const k = number(await sha512(text)) % ORDER;
  const [x, y, z, t] = point;
  const sum = multiple(multiple([0n, 1n, 1n, 0n], s, table(BASE)), k, table([P - x, y, z, P - t]));
  const inverse = power(sum[2], P - 2n);
  return same(little(((sum[1] * inverse) % P) | ((((sum[0] * inverse) % P) & 1n) << 255n)), signature.subarray(0, 32));
}

/** SHA-512 (FIPS 180-4): WebCrypto's, or where a page has none (no https) by hand. */
export async function sha512(message) {
  if (globalThis.crypto?.subtle) return new Uint8Array(await crypto.subtle.digest("SHA-512", message));
  return sha512ByHand(message);
}

const LONG = (1n << 64n) - 1n;
let longK, longStart;

function rooted(value, degree, start) {
  let low = 0n, high = start; // the whole root of a big number
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= value) low = middle;
    else high = middle - 1n;
  }
  return low & LONG;
}

function sha512ByHand(message) {
  if (!longK) {
    longK = [];
    longStart = [];
    for (let prime = 2n; longK.length < 80; prime += 1n) {
      let divisor = 2n;
      while (divisor * divisor <= prime && prime % divisor) divisor += 1n;
      if (divisor * divisor <= prime) continue;
      if (longStart.length < 8) longStart.push(rooted(prime << 128n, 2n, 1n << 70n));
      longK.push(rooted(prime << 192n, 3n, 1n << 70n));
    }
  }
  const turn = (x, by) => ((x >> by) | (x << (64n - by))) & LONG;
  const padded = new Uint8Array(Math.ceil((message.length + 17) / 128) * 128);
  padded.set(message);
  padded[message.length] = 128;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  const state = longStart.slice();
  for (let at = 0; at < padded.length; at += 128) {
    const w = [];
    for (let t = 0; t < 16; t += 1) w.push(view.getBigUint64(at + 8 * t));
    for (let t = 16; t < 80; t += 1) {
      const s0 = turn(w[t - 15], 1n) ^ turn(w[t - 15], 8n) ^ (w[t - 15] >> 7n);
      const s1 = turn(w[t - 2], 19n) ^ turn(w[t - 2], 61n) ^ (w[t - 2] >> 6n);
      w.push((w[t - 16] + s0 + w[t - 7] + s1) & LONG);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 80; t += 1) {
      const one = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (~e & LONG & g)) + longK[t] + w[t];
      const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & LONG, c, b, a, (one + two) & LONG];
    }
    [a, b, c, d, e, f, g, h].forEach((word, place) => { state[place] = (state[place] + word) & LONG; });
  }
  const out = new Uint8Array(64);
  state.forEach((word, place) => new DataView(out.buffer).setBigUint64(8 * place, word));
  return out;
}

// --- bytes and texts

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);
const encode = (text) => new TextEncoder().encode(text);

function unhex(text, size) {
  if (typeof text !== "string" || text.length !== 2 * size || !/^[0-9a-f]*$/i.test(text)) return null;
  return Uint8Array.from({ length: size }, (_none, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Wrong("不是 UTF-8 文字", "this is no UTF-8 text");
  }
}

function unbase64(text, size) {
  let raw = null;
  try {
    raw = typeof text === "string" && atob(text);
  } catch { /* told below */ }
  if (typeof raw !== "string" || raw.length !== size || btoa(raw) !== text) throw new Wrong("Base64 编码不对", "the Base64 is not right");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function numberOf(text) {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) throw new Wrong("数目的写法不对", "a number is not written as it should be");
  return Number(text);
}

const pollOf = (origin) => /^[^+\s]+\/vote\/([1-9][0-9]*)$/.exec(origin)?.[1];

// --- signed notes

/** name+hash+key, as printed in the notice. */
export class Key {
  static async of(text) {
    const parts = /^([^+\s]+)\+([^+]*)\+(.*)$/.exec(String(text).trim());
    if (!parts) throw new Wrong("公钥应写作 名称+八位+密钥", "the key should read name+hash+key");
    const key = new Key();
    const miscopied = ["公钥抄错了，请与公告核对", "the key was not copied right, please look at the notice"];
    let raw;
    try {
      raw = unbase64(parts[3], 33);
    } catch {
      throw new Wrong(...miscopied);
    }
    key.name = parts[1];
    key.public = raw.slice(1);
    key.hash = sha256(joined(encode(`${key.name}\n`), raw)).subarray(0, 4);
    curve();
    if (raw[0] !== 1 || hex(key.hash) !== parts[2] || !pointOf(key.public)) {
      throw new Wrong(...miscopied);
    }
    try {
      key.native = await crypto.subtle.importKey("raw", key.public, { name: "Ed25519" }, false, ["verify"]);
    } catch {
      key.native = null; // an older browser, or a page without https
    }
    return key;
  }

  /** [body, signature] of a note; Wrong when it is no note with one signature line of this key. */
  opened(note) {
    const cut = note.lastIndexOf("\n\n");
    const line = /^\u2014 ([^ \n]+) ([^ \n]+)\n$/.exec(note.slice(cut + 2));
    if (cut < 1 || !line) throw new Wrong("不是一份签名文书", "this is no signed note");
    if (line[1] !== this.name) throw new Wrong("签名人不是这把公钥的名称", "the name of the signer is not that of the key");
    const raw = unbase64(line[2], 68);
    if (!same(raw.subarray(0, 4), this.hash)) throw new Wrong("不是用这把公钥对应的密钥签的", "it was not signed with the key given");
    return [note.slice(0, cut + 1), raw.subarray(4)];
  }

  async signed(signature, body) {
    const message = encode(body);
    if (this.native) return crypto.subtle.verify("Ed25519", this.native, signature, message);
    return signedSlowly(this.public, signature, message);
  }

  /** The lines of the body of a note whose signature fits. */
  async read(note) {
    const [body, signature] = this.opened(note);
    if (!(await this.signed(signature, body))) throw new Wrong("签名与文字不符", "the signature does not fit the text");
    return body.slice(0, -1).split("\n");
  }
}

// --- canonical JSON and its fields

function written(thing) {
  if (typeof thing === "string") {
    if (/[\ud800-\udfff]/u.test(thing)) throw new TypeError(thing);
    return JSON.stringify(thing);
  }
  if (Array.isArray(thing)) return `[${thing.map(written).join(",")}]`;
  if (thing && typeof thing === "object") {
    return `{${Object.keys(thing).sort().map((name) => `${written(name)}:${written(thing[name])}`).join(",")}}`;
  }
  return JSON.stringify(thing);
}

function canonical(text) {
  let found, again;
  try {
    found = JSON.parse(text);
    again = written(found);
  } catch {
    throw new Wrong("不是 JSON", "this is no JSON");
  }
  if (again !== text) throw new Wrong("JSON 的写法不是规定的唯一写法", "the JSON is not in its canonical form");
  return found;
}

const whole = (found) => Number.isSafeInteger(found) && found >= 0;
const text = (found) => typeof found === "string";

/** Milliseconds of a moment of ISO 8601; NaN where it is none. */
function moment(found) {
  const parts = /^(2\d{3})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/.exec(found);
  if (!text(found) || !parts) return NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(at);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN;
  const away = parts[7] ? Number(`${parts[7]}1`) * (Number(parts[8]) * 60 + Number(parts[9])) : 0;
  return at - away * 60000;
}

const isMoment = (found) => !Number.isNaN(moment(found));
const isObject = (found) => found !== null && typeof found === "object" && !Array.isArray(found);
const byGrounds = (found) => isObject(found)
  && Object.entries(found).every(([name, count]) => GROUNDS.includes(name) && whole(count) && count > 0);

const TALLY = {
  origin: text, version: (found) => found === 1, title: text, opens: isMoment, closes: isMoment,
  min_picks: whole, max_picks: whole, ballots_per: (found) => found === "poll" || found === "day",
  cast: whole, set_aside: whole, valid: whole, candidates: Array.isArray, grounds: byGrounds,
};
const CANDIDATE = { number: whole, name: text, picks: whole, set_aside: byGrounds };
const ACT = {
  act: whole, case: whole, kind: (found) => found === "set_aside" || found === "restore",
  grounds: (found) => GROUNDS.includes(found), reason: text, proposed_at: isMoment, decided_at: isMoment,
  entries: (found) => Array.isArray(found) && found.length > 0 && found.every(whole),
};

function fields(found, wanted) {
  const names = isObject(found) ? Object.keys(found).sort().join() : "";
  if (names !== Object.keys(wanted).sort().join()) throw new Wrong("字段不全或多出", "fields are missing or too many");
  for (const [name, fits] of Object.entries(wanted)) {
    if (!fits(found[name])) throw new Wrong(`“${name}” 的内容不对`, `“${name}” is not what it should be`);
  }
}

const ascends = (numbers) => numbers.every((each, place) => !place || numbers[place - 1] < each);

// --- files: {size, stream()} as a File or a Blob is, or made by `fetched`; stream() may be a promise of null

export function fetched(address) {
  return {
    size: 0,
    async stream() {
      const answer = await fetch(address, { credentials: "omit" });
      if (answer.status === 404) return null;
      if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${address}`);
      this.size = Number(answer.headers.get("Content-Length")) || 0;
      return answer.body;
    },
  };
}

async function* pieces(file) {
  const stream = file && (await file.stream());
  if (!stream) throw new Wrong("没有这个文件", "the file is missing");
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The pieces of a file cut at line ends: each but the last ends with a line feed. */
async function* cut(file, digest) {
  let rest = new Uint8Array(0);
  for await (const piece of pieces(file)) {
    digest?.update(piece);
    const end = piece.lastIndexOf(10) + 1;
    if (end) yield rest.length ? joined(rest, piece.subarray(0, end)) : piece.subarray(0, end);
    rest = end ? piece.slice(end) : joined(rest, piece);
  }
  if (rest.length) yield rest;
}

async function* linesOf(file, digest) {
  for await (const part of cut(file, digest)) {
    for (let from = 0, to; from < part.length; from = to) {
      to = part.indexOf(10, from) + 1 || part.length;
      yield part.subarray(from, to);
    }
  }
}

/** The notes of a file: up to and with the signature line. */
async function* notesIn(file, digest) {
  let note = [];
  for await (const line of linesOf(file, digest)) {
    note.push(line.slice());
    if ((line[0] === 0xe2 && line[1] === 0x80 && line[2] === 0x94 && line[3] === 32) || note.length > 16) {
      yield joined(...note);
      note = [];
    }
  }
  if (note.length) yield joined(...note);
}

// --- the log

/** Whole subtrees by height; a leaf is pushed, the root of all so far can be asked at any time. */
class Tree {
  constructor() {
    this.size = 0;
    this.nodes = [];
  }

  push(node) {
    let height = 0;
    for (let size = this.size; size % 2; size = (size - 1) / 2, height += 1) node = above(this.nodes[height], node);
    this.nodes[height] = node;
    this.size += 1;
  }

  root() {
    let found = null;
    for (let size = this.size, height = 0; size; size = Math.floor(size / 2), height += 1) {
      if (size % 2) found = found ? above(this.nodes[height], found) : this.nodes[height];
    }
    return found || sha256(new Uint8Array(0));
  }
}

/** RFC 9162 2.1.3.2: the root that a leaf at `index` of `size` and its path lead to; null when they cannot. */
function rootBy(leaf, index, size, path) {
  if (index >= size) return null;
  let place = index, last = size - 1, found = leaf;
  for (const node of path) {
    if (last === 0) return null;
    if (place % 2 || place === last) {
      found = above(node, found);
      while (place % 2 === 0 && place) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else {
      found = above(found, node);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? found : null;
}

// --- what is told

class Told {
  constructor(checks) {
    this.checks = checks;
    this.faults = {};
    this.undone = new Set();
  }

  bad(check, file, line, zh, en) {
    const found = (this.faults[check] ||= { shown: [], number: 0 });
    found.number += 1;
    if (found.shown.length < SHOWN) found.shown.push({ file, line, words: [zh, en] });
  }

  wrong(check, file, line, error) {
    if (!(error instanceof Wrong)) throw error;
    this.bad(check, file, line, ...error.words);
  }

  result(tongue) {
    const checks = this.checks.map((id) => {
      const { shown, number } = this.faults[id] || { shown: [], number: 0 };
      return {
        id,
        name: NAMES[id][tongue],
        state: number ? "bad" : this.undone.has(id) ? "undone" : "ok",
        faults: shown.map(({ file, line, words }) => ({ file, line, text: words[tongue] })),
        more: number - shown.length,
      };
    });
    return { checks, good: checks.every((check) => check.state === "ok") };
  }
}

// --- a receipt

async function readReceipt(told, key, receipt, origin) {
  const found = {};
  try {
    if (!isObject(receipt) || !text(receipt.note)) throw new Wrong("不是一份回执", "this is no receipt");
    const lines = await key.read(receipt.note);
    const from = lines[0].slice(0, -"/receipt".length);
    if (lines.length !== 4 || !lines[0].endsWith("/receipt") || !pollOf(from)) throw new Wrong("不是一份回执", "this is no receipt");
    if (origin && from !== origin) throw new Wrong("是另一次投票的回执", "it is a receipt of another poll");
    Object.assign(found, { origin: from, code: lines[1], leaf: unbase64(lines[2], 32), time: lines[3] });
    if ((receipt.code ?? found.code) !== found.code) throw new Wrong("回执码与签名的不同", "the code is not the one that was signed");
  } catch (error) {
    told.wrong("receipt_signature", "receipt", 0, error);
  }
  const ballot = unhex(String(receipt?.ballot ?? "").replaceAll("-", ""), 16), nonce = unhex(receipt?.nonce, 16);
  if (!ballot || !nonce) {
    told.bad("receipt_bound", "receipt", 0, "回执中没有选票号和随机数，不能核对是否是您的", "the receipt has no ballot number and nonce");
    return found;
  }
  found.record = hex(sha256(joined(encode("xuanshu record 1"), ballot, nonce)).subarray(0, 16));
  if ((receipt.record ?? found.record) !== found.record) {
    told.bad("receipt_bound", "receipt", 0, "选票号和随机数得不出回执上的编号", "ballot and nonce do not make the record");
  }
  return found;
}

/** What a receipt is of, unchecked: {poll, record}; null where it cannot be read. */
export function glance(receipt) {
  const poll = /^[^\n]*\/vote\/([1-9][0-9]*)\/receipt\n/.exec(receipt?.note ?? "")?.[1];
  const ballot = unhex(String(receipt?.ballot ?? "").replaceAll("-", ""), 16), nonce = unhex(receipt?.nonce, 16);
  const record = ballot && nonce && hex(sha256(joined(encode("xuanshu record 1"), ballot, nonce)).subarray(0, 16));
  return poll ? { poll, record: record || null } : null;
}

/** One ballot in the log while the poll runs: `answer` is what /log/inclusion/ gave, or null. */
export async function included({ receipt, answer, key: keyText, language = "zh" }) {
  const told = new Told(["receipt_signature", "receipt_bound", "checkpoint", "inclusion"]);
  const tongue = language === "en" ? 1 : 0;
  if (!(await tried())) throw new Error("SHA-256");
  const key = await Key.of(keyText);
  const found = await readReceipt(told, key, receipt, null);
  const more = {};
  if (!answer) {
    told.undone.add("checkpoint");
    told.bad(
      "inclusion", "log", 0,
      "记录中还没有这张选票。刚投的票几秒后入册，请稍后再查；过了几分钟仍没有，请凭回执向监督反映",
      "the log has no such ballot yet. It takes a few seconds; after some minutes show the receipt to the auditor",
    );
  } else {
    try {
      const lines = await key.read(String(answer.checkpoint));
      if (lines.length !== 3 || (found.origin && lines[0] !== found.origin)) throw new Wrong("不是这次投票的检查点", "no checkpoint of this poll");
      const size = numberOf(lines[1]), root = unbase64(lines[2], 32);
      if (size !== answer.size) throw new Wrong("张数与检查点不符", "the size is not the checkpoint's");
      const path = Array.isArray(answer.proof) ? answer.proof.map((node) => unbase64(node, 32)) : null;
      if (!found.leaf) {
        told.undone.add("inclusion");
      } else if (!path || !whole(answer.index)) {
        told.bad("inclusion", "log", 0, "证明的写法不对", "the proof is not written as it should be");
      } else {
        const led = rootBy(found.leaf, answer.index, size, path);
        if (!led || !same(led, root)) told.bad("inclusion", "log", 0, "由回执和证明得不出检查点的树根", "receipt and proof do not lead to the root of the checkpoint");
        Object.assign(more, { size, line: answer.index + 1, checkpoint: answer.checkpoint });
      }
    } catch (error) {
      told.wrong("checkpoint", "log", 0, error);
      told.undone.add("inclusion");
    }
  }
  return { ...told.result(tongue), origin: found.origin, code: found.code, native: Boolean(key.native), ...more };
}

// --- the whole record

export async function verify({ files, key: keyText, receipt = null, language = "zh", progress = () => {} }) {
  if (!(await tried())) throw new Error("SHA-256");
  const tongue = language === "en" ? 1 : 0;
  const checks = Object.keys(NAMES).filter((id) => !["checkpoint", "inclusion"].includes(id) && (receipt || !id.startsWith("receipt")));
  const told = new Told(checks);
  const key = await Key.of(keyText);
  const record = { files, key, told, progress, receipt, digests: {} };
  Object.assign(record, await readStatement(record));
  record.tally = await readTally(record);
  record.mine = receipt ? await readReceipt(told, key, receipt, record.origin) : {};
  if (receipt && !record.mine.record) told.undone.add("receipt_line");
  record.aside = await readCases(record);
  const ballots = await readBallots(record);
  if (!record.declared) told.undone.add("digests");
  for (const name of FILES) {
    if (!record.digests[name]) told.bad("digests", name, 0, "没有这个文件", "the file is missing");
    else if (record.declared && record.declared[name] !== record.digests[name]) {
      told.bad("digests", name, 0, "SHA-256 与签名声明不符", "the SHA-256 is not the statement's");
    }
  }
  const counts = ballots && record.tally ? recount(record, ballots) : null;
  const found = { ...told.result(tongue), origin: record.origin || "", title: record.tally?.title || "", native: Boolean(key.native) };
  if (counts) found.counts = counts;
  if (record.mine.picks) {
    const { line, picks, grounds } = record.mine;
    found.receipt = { line, picks, grounds, why: grounds && GROUNDS_NAMES[grounds][tongue], names: {} };
    for (const each of record.tally?.candidates || []) found.receipt.names[each.number] = each.name;
  }
  return found;
}

async function wholeFile(record, check, name, most) {
  const digest = new Sha256(), parts = [];
  let length = 0;
  try {
    for await (const piece of pieces(record.files[name])) {
      digest.update(piece);
      if (length <= most) parts.push(piece);
      length += piece.length;
    }
    record.digests[name] = hex(digest.digest());
    if (length > most) throw new Wrong("文件太大", "the file is too big");
    return decode(joined(...parts));
  } catch (error) {
    record.told.wrong(check, name, 0, error);
    return null;
  }
}

async function readStatement(record) {
  const note = await wholeFile(record, "statement", "statement.txt", 65536);
  if (note === null) return {};
  try {
    const lines = await record.key.read(note);
    if (lines.length !== 3 + FILES.length) throw new Wrong("行数不对", "there are too few or too many lines");
    const origin = lines[0].slice(0, -"/statement".length);
    if (!lines[0].endsWith("/statement") || !pollOf(origin) || !origin.startsWith(`${record.key.name}/vote/`)) {
      throw new Wrong("第一行不是本站的投票", "the first line names no poll of this key");
    }
    const size = numberOf(lines[1]), root = unbase64(lines[2], 32), declared = {};
    FILES.forEach((name, place) => {
      const [file, digest, ...rest] = lines[3 + place].split(" ");
      if (file !== name || rest.length || !/^[0-9a-f]{64}$/.test(digest)) throw new Wrong("文件清单不对", "the list of files is not right");
      declared[name] = digest;
    });
    return { origin, size, root, declared };
  } catch (error) {
    record.told.wrong("statement", "statement.txt", 0, error);
    return {};
  }
}

async function readTally(record) {
  const content = await wholeFile(record, "tally_form", "tally.json", 1 << 26);
  if (content === null) return null;
  let tally = null;
  try {
    if (!content.endsWith("\n")) throw new Wrong("末尾没有换行", "no line feed at the end");
    const found = canonical(content.slice(0, -1));
    fields(found, TALLY);
    found.candidates.forEach((each) => fields(each, CANDIDATE));
    const numbers = found.candidates.map((each) => each.number);
    if (!ascends(numbers) || numbers.includes(0)) throw new Wrong("候选编号没有由小到大排列，或有重复", "the candidates' numbers do not ascend");
    if (!(moment(found.opens) < moment(found.closes))) throw new Wrong("截止不在开始之后", "it closes before it opens");
    if (!(found.min_picks >= 1 && found.min_picks <= found.max_picks && found.max_picks <= numbers.length)) {
      throw new Wrong("可选家数的规则不成立", "the numbers of picks allowed cannot be");
    }
    if (!pollOf(found.origin)) throw new Wrong("“origin” 的内容不对", "“origin” is not what it should be");
    tally = found;
    if (record.origin && found.origin !== record.origin) throw new Wrong("与签名声明不是同一次投票", "it is of another poll than the statement");
  } catch (error) {
    record.told.wrong("tally_form", "tally.json", 1, error);
  }
  return tally;
}

/** A byte a ballot: 0 counts, else 1 + the place of its grounds; null where there is no such file. */
async function readCases(record) {
  const { told } = record, digest = new Sha256(), cases = new Set();
  const most = record.size ?? 1 << 24;
  let aside = new Uint8Array(0), act = 0, place = 0; // grows with the places that acts name
  const lines = linesOf(record.files["cases.jsonl"], digest);
  for (;;) {
    let line;
    try {
      const next = await lines.next();
      if (next.done) break;
      line = next.value;
    } catch (error) {
      told.wrong("cases_form", "cases.jsonl", 0, error);
      return null;
    }
    place += 1;
    act += 1;
    try {
      const content = decode(line);
      if (!content.endsWith("\n")) throw new Wrong("行末没有换行", "no line feed at the end");
      const found = canonical(content.slice(0, -1));
      fields(found, ACT);
      if (moment(found.proposed_at) > moment(found.decided_at)) throw new Wrong("提出晚于决定", "it was decided before it was proposed");
      if (!ascends(found.entries)) throw new Wrong("序号没有由小到大排列", "the entries do not ascend");
      if (found.act !== act) {
        told.bad("acts", "cases.jsonl", place, "编号不连续", "the numbers of the acts have a gap");
        act = found.act;
      }
      if (cases.has(found.case)) told.bad("acts", "cases.jsonl", place, "案号重复", "a case twice");
      if (found.case) cases.add(found.case);
      aside = perform(told, found, aside, most, place);
    } catch (error) {
      told.wrong("cases_form", "cases.jsonl", place, error);
    }
  }
  record.digests["cases.jsonl"] = hex(digest.digest());
  return aside;
}

function perform(told, act, aside, most, line) {
  const mark = act.kind === "set_aside" ? 1 + GROUNDS.indexOf(act.grounds) : 0;
  const needed = Math.min(act.entries[act.entries.length - 1] + 1, most);
  if (needed > aside.length) {
    const grown = new Uint8Array(needed);
    grown.set(aside);
    aside = grown;
  }
  for (const entry of act.entries) {
    if (entry >= most) told.bad("acts", "cases.jsonl", line, `公开记录中没有第 ${entry + 1} 张`, `there is no ballot ${entry + 1}`);
    else if (mark && aside[entry]) told.bad("acts", "cases.jsonl", line, `第 ${entry + 1} 张已经隔离`, `ballot ${entry + 1} is set aside already`);
    else if (!mark && !aside[entry]) told.bad("acts", "cases.jsonl", line, `第 ${entry + 1} 张没有隔离，不能恢复`, `ballot ${entry + 1} was not set aside`);
    else aside[entry] = mark;
  }
  return aside;
}

/** The checkpoints in order; faults are told on the way. */
async function* readNotes(record) {
  const { told, key } = record, digest = new Sha256();
  let place = 1, last = null;
  try {
    for await (const note of notesIn(record.files["checkpoints.txt"], digest)) {
      try {
        if (place > 1 && note[0] !== 10) throw new Wrong("两个检查点之间应有一个空行", "an empty line belongs between two checkpoints");
        const [body, signature] = key.opened(decode(place > 1 ? note.subarray(1) : note));
        const lines = body.slice(0, -1).split("\n");
        if (lines.length !== 3 || (record.origin && lines[0] !== record.origin)) throw new Wrong("不是这次投票的检查点", "no checkpoint of this poll");
        const size = numberOf(lines[1]), root = unbase64(lines[2], 32);
        if (last !== null && size <= last) throw new Wrong("没有由小到大排列，或有重复", "the sizes do not ascend");
        last = size;
        if (!(await key.signed(signature, body))) told.bad("checkpoints", "checkpoints.txt", place, "签名与文字不符", "the signature does not fit the text");
        yield { place, size, root };
      } catch (error) {
        told.wrong("checkpoints", "checkpoints.txt", place, error);
      }
      place += note.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    }
  } catch (error) {
    told.wrong("checkpoints", "checkpoints.txt", 0, error);
    return;
  }
  record.digests["checkpoints.txt"] = hex(digest.digest());
  if (last === null && record.size === 0) return;
  if (last === null || (record.size !== undefined && last !== record.size)) {
    told.bad("checkpoints", "checkpoints.txt", place, "最后一个检查点不是全部选票", "the last checkpoint is not of all ballots");
  }
}

/** Reads one line of a ballot; `fault` says what is wrong with it. */
class Lines {
  constructor(poll, tally) {
    this.prefix = encode(`1 ${poll} `);
    this.known = tally !== null;
    this.counts = [];
    this.picks = [];
    this.times = new Map();
    this.words = new Uint32Array(4);
    if (tally) {
      this.least = tally.min_picks;
      this.most = tally.max_picks;
      this.opens = moment(tally.opens);
      this.closes = moment(tally.closes);
      this.candidates = new Uint8Array(100000);
      for (const each of tally.candidates) if (each.number < 100000) this.candidates[each.number] = 1;
    }
  }

  /** Null, or what is wrong. `recorded` says whether `words` is its record; `picks` are those that count. */
  read(bytes, from, to) {
    this.picks.length = 0;
    this.recorded = false;
    const fault = this.parse(bytes, from, to);
    if (fault && !this.chosen) this.picks.length = 0;
    return fault;
  }

  parse(bytes, from, to) {
    const { prefix, words, picks } = this;
    this.chosen = false;
    let at = from;
    for (let place = 0; place < prefix.length; place += 1, at += 1) if (bytes[at] !== prefix[place]) return this.stranger(bytes, from, to);
    for (let word = 0; word < 4; word += 1) {
      let value = 0;
      for (let digit = 0; digit < 8; digit += 1, at += 1) {
        const figure = HEX[bytes[at]];
        if (figure > 15) return FORM;
        value = (value << 4) | figure;
      }
      words[word] = value;
    }
    if (bytes[at] !== 32) return FORM;
    at += 1;
    let fault = null, last = 0;
    for (;;) {
      let pick = 0;
      const start = at;
      for (; bytes[at] >= 48 && bytes[at] <= 57 && at - start < 6; at += 1) pick = pick * 10 + bytes[at] - 48;
      if (at === start || at - start > 5 || bytes[start] === 48) return FORM;
      if (pick <= last) fault ||= ASCEND;
      else if (this.known && !this.candidates[pick]) fault ||= STRANGER;
      last = pick;
      picks.push(pick);
      if (bytes[at] !== 44) break;
      at += 1;
    }
    if (this.known && !fault && (picks.length < this.least || picks.length > this.most)) fault = NUMBER;
    if (to - at !== 83 || bytes[at] !== 32 || bytes[at + 18] !== 32) return FORM;
    const time = this.time(bytes, at + 1);
    if (time === FORM) return FORM;
    for (at += 19; at < to; at += 1) if (HEX[bytes[at]] > 15) return FORM;
    this.recorded = true;
    this.chosen = !fault;
    return fault || time;
  }

  stranger(bytes, from, to) {
    const line = String.fromCharCode(...bytes.subarray(from, Math.min(to, from + 400)));
    return /^1 [1-9][0-9]* [0-9a-f]{32} [1-9][0-9]{0,4}(,[1-9][0-9]{0,4})* [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z [0-9a-f]{64}$/.test(line)
      ? OTHER : FORM;
  }

  time(bytes, at) {
    let code = 0;
    for (let place = 0; place < 17; place += 1) {
      const byte = bytes[at + place], wanted = TIME[place];
      if (wanted) {
        if (byte !== wanted) return FORM;
      } else {
        if (byte < 48 || byte > 57) return FORM;
        code = code * 10 + byte - 48;
      }
    }
    if (!this.times.has(code)) {
      if (this.times.size > 100000) this.times.clear();
      this.times.set(code, this.judge(code));
    }
    return this.times.get(code);
  }

  judge(code) {
    const figures = String(code).padStart(12, "0").match(/^(....)(..)(..)(..)(..)$/).slice(1);
    const begin = moment(`${figures[0]}-${figures[1]}-${figures[2]}T${figures[3]}:${figures[4]}:00Z`);
    if (Number.isNaN(begin)) return ["时间不存在", "there is no such time"];
    if (Number(figures[4]) % 10) return ["时间不是整十分钟", "the time is not a full ten minutes"];
    if (this.known && !(begin < this.closes && begin + 600000 > this.opens)) return ["不在投票时间内", "outside the time of voting"];
    return null;
  }

  count(mark) {
    const counts = (this.counts[mark] ||= { ballots: 0, picks: new Float64Array(100000) });
    counts.ballots += 1;
    for (const pick of this.picks) counts.picks[pick] += 1;
  }
}

const FORM = ["不是一行选票", "this is no line of a ballot"];
const OTHER = ["不是这次投票的选票", "a ballot of another poll"];
const ASCEND = ["所选编号没有由小到大排列，或有重复", "the picks do not ascend"];
const STRANGER = ["所选编号中有不是候选的", "a pick is no candidate"];
const NUMBER = ["所选家数少于或多于规定", "fewer or more picks than allowed"];
const TIME = Array.from("0000-00-00T00:00Z", (letter) => (letter === "0" ? 0 : letter.charCodeAt(0)));
const HEX = new Uint8Array(256).fill(255);
Array.from("0123456789abcdef").forEach((digit, value) => { HEX[digit.charCodeAt(0)] = value; });

/** The one pass over the ballots. */
async function readBallots(record) {
  const { told, tally, aside, progress, mine } = record;
  const file = record.files["ballots.txt"], digest = new Sha256(), tree = new Tree();
  const lines = new Lines(pollOf(record.origin || tally?.origin || "") || "0", tally);
  const wanted = mine.record ? unhex(mine.record, 16) : null;
  const sought = wanted && new DataView(wanted.buffer).getUint32(0);
  let seen = new Uint32Array(2 * Math.min(record.size ?? 4096, 1 << 20)), number = 0, done = 0, told_at = 0;
  if (!tally) ["lines", "tally"].forEach((check) => told.undone.add(check));
  if (!record.root) told.undone.add("root");
  const notes = readNotes(record);
  let ahead = (await notes.next()).value;
  const compare = async () => {
    while (ahead && ahead.size === tree.size) {
      if (!same(tree.root(), ahead.root)) {
        told.bad("checkpoints", "checkpoints.txt", ahead.place, `前 ${ahead.size} 张的树根不符`, `the root of the first ${ahead.size} ballots differs`);
      }
      ahead = (await notes.next()).value;
    }
  };
  try {
    await compare();
    for await (const part of cut(file, digest)) {
      for (let from = 0, to; from < part.length; from = to + 1) {
        to = part.indexOf(10, from);
        if (to < 0) {
          to = part.length;
          told.bad("lines", "ballots.txt", tree.size + 1, "行末没有换行", "no line feed at the end");
        }
        const fault = lines.read(part, from, to);
        if (fault) told.bad("lines", "ballots.txt", tree.size + 1, ...fault);
        lines.count(aside && tree.size < aside.length ? aside[tree.size] : 0);
        if (lines.recorded) {
          if (2 * number === seen.length) {
            const grown = new Uint32Array(Math.max(1024, 2 * seen.length));
            grown.set(seen);
            seen = grown;
          }
          seen[2 * number] = lines.words[0];
          seen[2 * number + 1] = lines.words[1];
          number += 1;
          if (wanted && lines.words[0] === sought && !mine.line) meet(record, part, from, to, lines, tree.size);
        }
        tree.push(leafOf(part, from, to));
        if (ahead && ahead.size <= tree.size) await compare();
      }
      done += part.length;
      if (done - told_at > 1 << 20) {
        told_at = done;
        progress(done, file.size);
      }
    }
  } catch (error) {
    for (const check of ["lines", "records"]) told.wrong(check, "ballots.txt", 0, error);
    ["root", "checkpoints", "acts", "tally", "receipt_line"].forEach((check) => told.undone.add(check));
    while (ahead) ahead = (await notes.next()).value;
    return null;
  }
  record.digests["ballots.txt"] = hex(digest.digest());
  for (; ahead; ahead = (await notes.next()).value) {
    told.bad("checkpoints", "checkpoints.txt", ahead.place, `比选票文件多：${ahead.size} 张`, `more than the file has: ${ahead.size} ballots`);
  }
  if (record.size !== undefined && record.size !== tree.size) {
    told.bad("root", "ballots.txt", tree.size, `共 ${tree.size} 张，签名声明是 ${record.size} 张`, `${tree.size} ballots, the statement says ${record.size}`);
  } else if (record.root && !same(tree.root(), record.root)) {
    told.bad("root", "ballots.txt", 0, "全部选票的树根与签名声明不符", "the root of all ballots is not the statement's");
  }
  await once(record, seen, number);
  if (mine.record && !mine.line) told.bad("receipt_line", "ballots.txt", 0, "公开记录中没有这张选票", "the record has no such ballot");
  return lines.counts;
}

/** A line with the record that is looked for. */
function meet(record, part, from, to, lines, place) {
  const { told, mine, aside } = record;
  if (Array.from(lines.words, (word) => word.toString(16).padStart(8, "0")).join("") !== mine.record) return;
  const fields = decode(part.slice(from, to)).split(" ");
  const picks = fields[3].split(",").map(Number);
  mine.line = place + 1;
  mine.picks = picks;
  if (mine.leaf && !same(leafOf(part, from, to), mine.leaf)) {
    told.bad("receipt_line", "ballots.txt", mine.line, "这一行不是回执上承诺的那一行", "the line is not the one the receipt promised");
  } else if (mine.time && fields[4] !== mine.time) {
    told.bad("receipt_line", "ballots.txt", mine.line, "时间与回执不符", "the time is not the receipt's");
  }
  if (record.receipt.picks && String(record.receipt.picks) !== String(picks)) {
    told.bad("receipt_line", "ballots.txt", mine.line, "所选与回执不符", "the picks are not the receipt's");
  }
  const mark = aside && place < aside.length ? aside[place] : 0;
  mine.grounds = mark ? GROUNDS[mark - 1] : "";
}

/** No record twice: by its first eight bytes, sorted; a second look at the file only where two are equal. */
async function once(record, seen, number) {
  new BigUint64Array(seen.buffer, 0, number).sort();
  const doubtful = new Set();
  for (let at = 2; at < 2 * number; at += 2) {
    if (seen[at] === seen[at - 2] && seen[at + 1] === seen[at - 1]) {
      doubtful.add(seen[at].toString(16).padStart(8, "0") + seen[at + 1].toString(16).padStart(8, "0"));
    }
  }
  if (!doubtful.size) return;
  const first = new Map();
  let place = 0;
  for await (const line of linesOf(record.files["ballots.txt"], null)) {
    place += 1;
    const name = String.fromCharCode(...line.subarray(0, 80)).split(" ")[2] || "";
    if (!doubtful.has(name.slice(0, 16))) continue;
    if (first.has(name)) {
      record.told.bad("records", "ballots.txt", place, `与第 ${first.get(name)} 行的编号相同`, `the same record as in line ${first.get(name)}`);
    } else {
      first.set(name, place);
    }
  }
}

function recount({ told, tally }, counts) {
  const none = { ballots: 0, picks: [] };
  const valid = counts[0] || none;
  const aside = GROUNDS.map((name, place) => [name, counts[place + 1]]).filter(([_name, found]) => found);
  const setAside = aside.reduce((sum, [_name, found]) => sum + found.ballots, 0);
  const by = (of) => Object.fromEntries(aside.map(([name, found]) => [name, of(found)]).filter(([_name, times]) => times));
  const equal = (zh, en, said, found) => {
    if (written(said) === written(found)) return;
    told.bad("tally", "tally.json", 1, `${zh}：公布 ${written(said)}，重计 ${written(found)}`, `${en}: published ${written(said)}, recounted ${written(found)}`);
  };
  equal("收到", "cast", tally.cast, valid.ballots + setAside);
  equal("隔离", "set aside", tally.set_aside, setAside);
  equal("有效", "valid", tally.valid, valid.ballots);
  equal("隔离类别", "grounds", tally.grounds, by((found) => found.ballots));
  for (const each of tally.candidates) {
    equal(`${each.number} 号有效票`, `number ${each.number} picks`, each.picks, valid.picks[each.number] || 0);
    equal(`${each.number} 号隔离票`, `number ${each.number} set aside`, each.set_aside, by((found) => found.picks[each.number]));
  }
  return { cast: valid.ballots + setAside, set_aside: setAside, valid: valid.ballots };
}

// --- in a worker: the same, by messages

if (typeof WorkerGlobalScope !== "undefined" && globalThis instanceof WorkerGlobalScope) {
  globalThis.onmessage = async ({ data }) => {
    try {
      const result = await answer(data, (done, all) => globalThis.postMessage({ done, all }));
      globalThis.postMessage({ result });
    } catch (error) {
      globalThis.postMessage({ error: error.words || [error.message, error.message] });
    }
  };
}

/** What the page asks for: `files` from the disk, or `folder`, an address to fetch them from. */
export async function answer({ files, folder, ...asked }, progress) {
  const sources = folder ? Object.fromEntries([...FILES, "statement.txt"].map((name) => [name, fetched(folder + name)])) : files;
  return verify({ ...asked, files: sources, progress });
}
