// The sentences of a visit's page, which the template has translated, and the clock as it is read here.

const words = document.querySelector("[data-words]")?.dataset || {};

export function word(name, places = {}) {
  let text = words[`w${name[0].toUpperCase()}${name.slice(1)}`] || "";
  for (const [place, value] of Object.entries(places)) text = text.replace(`{${place}}`, String(value));
  return text;
}

const hours = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const clock = (moment) => hours.format(new Date(moment));

/** A random UUID (version 4), where `crypto.randomUUID` is missing too. */
export function uuid() {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
  const variant = ((parseInt(hex[16], 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
