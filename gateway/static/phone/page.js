// Making and replacing pieces of the page, without disturbing what did not change.

export const find = (id) => document.getElementById(id);

/** An element; a property that is a function listens, `class` and `aria-…` become attributes. */
export function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside.filter((piece) => piece !== null && piece !== ""));
  return element;
}

const shown = new WeakMap();

/** Replaces what stands in `place` only when `signature` differs: a reader is not told the same thing twice. */
export function replace(place, signature, pieces) {
  const key = JSON.stringify(signature);
  if (shown.get(place) === key) return false;
  shown.set(place, key);
  place.replaceChildren(...pieces());
  return true;
}

const DAY = new Intl.DateTimeFormat("vi-VN", { day: "numeric", month: "numeric", timeZone: "Asia/Ho_Chi_Minh" });
const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });

/** The hour today, the day before it otherwise; as clocks in Vietnam show it. */
export function moment(at, now = Date.now()) {
  return DAY.format(at) === DAY.format(now) ? HOUR.format(at) : `${DAY.format(at)} ${HOUR.format(at)}`;
}

export const hour = (at) => HOUR.format(at);

export function longDay(at, language) {
  const style = { weekday: "long", day: "numeric", month: "numeric", timeZone: "Asia/Ho_Chi_Minh" };
  return new Intl.DateTimeFormat(language === "vi" ? "vi-VN" : "en-GB", style).format(at);
}

export const amount = (dong) => new Intl.NumberFormat("vi-VN").format(dong);
