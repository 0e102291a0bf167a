// What stands beside the phone: whose number it is, what went over the wire, and what the texts cost.

import { spaced } from "./lines.js";
import { amount, find, make, moment, replace } from "./page.js";
import { given } from "./state.js";
import { say, spoken } from "./words.js";

export function drawPeople(people, current, choose) {
  const listed = people.some((person) => person.phone === current);
  const all = listed ? people : [...people, { phone: current, name: "", hamlet: "", traits: [] }];
  const place = find("people");
  const focused = place.contains(document.activeElement);
  const changed = replace(place, [current, all, spoken()], () => all.map((person) => card(person, current, choose)));
  const chosen = place.querySelector('[aria-checked="true"]');
  if (!changed || !chosen) return;
  if (focused) chosen.focus();
  place.scrollLeft = chosen.offsetLeft - place.clientWidth / 2 + chosen.clientWidth / 2;
}

function card(person, current, choose) {
  const chosen = person.phone === current;
  return make(
    "button",
    {
      type: "button",
      role: "radio",
      "aria-checked": String(chosen),
      tabindex: chosen ? "0" : "-1",
      "data-phone": person.phone,
      click: () => choose(person.phone),
      keydown: (event) => step(event, choose),
    },
    make("b", {}, person.name || say("no_name")),
    make("span", { class: "number" }, spaced(person.phone)),
    person.hamlet ? make("span", { class: "hamlet" }, person.hamlet) : "",
    make("span", { class: "traits" }, traits(person)),
  );
}

function traits(person) {
  const said = person.traits.filter((trait) => trait !== "handset_unknown" || person.name).map((trait) => say(trait));
  const line = said.join(", ");
  return line.charAt(0).toUpperCase() + line.slice(1);
}

/** In a group of radios the arrows choose. */
function step(event, choose) {
  const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!way) return;
  event.preventDefault();
  event.stopPropagation();
  const cards = [...event.currentTarget.parentElement.children];
  choose(cards.at((cards.indexOf(event.currentTarget) + way) % cards.length).dataset.phone);
}

/** The last hop of the call: what was sent, what came back, and how much of the screen it fills. */
export function drawWire(hop, count) {
  replace(find("wire"), [hop, spoken()], () => {
    if (!hop) return [make("p", { class: "quiet" }, say("wire_idle", { gsm: given.budget["GSM-7"], ucs: given.budget["UCS-2"] }))];
    const sent = hop.sent ? make("code", {}, hop.sent) : make("span", { class: "quiet" }, say("sent_nothing"));
    const rows = [make("dt", {}, say("sent_text")), make("dd", {}, make("code", {}, hop.code), " ", sent)];
    rows.push(make("dt", {}, say("answered")), make("dd", { class: `is-${hop.fate}` }, say(hop.fate)));
    const list = make("dl", {}, ...rows);
    return hop.screen === null ? [list] : [list, gauge(hop.screen, count)];
  });
}

function gauge(screen, count) {
  const { encoding, length } = count(screen);
  const most = given.budget[encoding];
  const label = say(encoding === "GSM-7" ? "units_gsm" : "units_ucs", { length, most });
  const bar = make("span", { class: "bar" });
  bar.style.setProperty("--filled", Math.min(1, length / most));
  const over = length > most;
  return make(
    "div",
    { class: over ? "gauge over" : "gauge" },
    make("span", {}, `${say("size")}: `, make("b", {}, label)),
    make("span", { class: "track", "aria-hidden": "true" }, bar),
    over ? make("span", { class: "warning" }, say("too_long")) : "",
  );
}

export function drawTexts({ texts, known }) {
  replace(find("texts"), [texts, Boolean(known), spoken()], () => {
    if (!known) return [make("p", { class: "quiet" }, say("reading_texts"))];
    if (!texts.length) return [make("p", { class: "quiet" }, say("no_texts"))];
    const received = texts.filter((text) => text.direction === "out");
    const sum = (name) => received.reduce((total, text) => total + text[name], 0);
    return [
      make("ol", {}, ...[...texts].reverse().map(bubble)),
      make("p", { class: "total" }, say("total", { parts: sum("parts"), price: amount(sum("price")) })),
    ];
  });
}

function bubble(text) {
  const out = text.direction === "out";
  const status = out && ["SENT", "DELIVERED"].includes(text.status) ? ` · ${say(`status_${text.status}`)}` : "";
  return make(
    "li",
    { class: text.direction, "data-message": text.id },
    make("p", { class: "head" }, `${say(out ? "to_me" : "from_me")} · ${moment(text.at)}${status}`),
    make("p", { class: "body" }, text.text),
    make(
      "p",
      { class: "cost" },
      text.parts ? say("cost", text) : "",
      out ? make("b", {}, say("price", { price: amount(text.price) })) : "",
    ),
  );
}
