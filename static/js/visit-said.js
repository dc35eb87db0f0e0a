// What was written on a visit, in words.

import { word } from "./visit-words.js";

const listed = (...parts) => parts.filter(Boolean).join("；");

export function lineIn(said) {
  return listed(said.agrees === true ? word("yes") : said.agrees === false ? word("no") : word("none"), said.found, said.difference);
}

export function headIn(said) {
  return listed(said.visited_on, { passed: word("passed"), failed: word("failed") }[said.proposed] || word("none"), said.problem);
}

export const documentIn = (said) => listed(said.title, said.number, said.issuer, said.note);
export const interviewIn = (said) => listed(said.name, said.post, said.words);
