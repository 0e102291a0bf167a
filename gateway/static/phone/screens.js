// What each view of the phone shows: the glass, and what the two soft keys mean. Views: idle, dial, wait, ussd, note,
// list, read, write, sending.

import { hour, longDay, make, moment } from "./page.js";
import { given } from "./state.js";
import { say, spoken } from "./words.js";

/** Keeps what is being written, and the caret, while everything around it is redrawn. */
function editor(phone, typed) {
  return make(
    "textarea",
    { id: "draft", "aria-label": say("draft"), rows: "5", maxlength: "1000", spellcheck: "false", input: (event) => typed(event.target.value) },
    phone.draft,
  );
}

const dots = () => make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));

export const SCREENS = {
  idle: (phone) => ({
    left: phone.unread.length ? say("read") : say("messages"),
    right: given.code && say("enter_code"),
    glass: () => [
      make("p", { class: "big", "data-clock": true, "aria-hidden": "true" }, hour(Date.now())),
      make("p", { class: "day" }, longDay(Date.now(), spoken())),
      phone.unread.length
        ? make("button", { type: "button", class: "news", "data-press": "left" }, `✉ ${say("unread", { count: phone.unread.length })}`)
        : "",
      given.code
        ? make("p", { class: "hint" }, `${say("dial_hint")} `, make("button", { type: "button", "data-press": "right" }, given.code))
        : make("p", { class: "hint" }, say("no_code")),
    ],
  }),

  dial: (phone) => ({
    left: say("dial"),
    right: say("clear"),
    glass: () => [make("p", { class: phone.line.length > 14 ? "line long" : "line" }, phone.line, caret())],
  }),

  wait: () => ({ left: "", right: say("leave"), glass: () => [make("p", { class: "middle" }, say("waiting"), dots())] }),

  sending: () => ({ left: "", right: "", glass: () => [make("p", { class: "middle" }, say("sending"), dots())] }),

  ussd: (phone) => ({
    left: say("answer"),
    right: phone.line ? say("clear") : say("leave"),
    glass: () => [make("div", { class: "pop" }, make("p", { class: "off-the-wire" }, phone.screen), make("p", { class: "reply" }, phone.line, caret()))],
  }),

  note: (phone) => ({
    left: say("ok"),
    right: "",
    glass: () => [make("div", { class: "pop" }, make("p", { class: "off-the-wire" }, phone.screen))],
  }),

  list: (phone) => ({
    left: say("open"),
    right: say("back"),
    glass: () => [
      make("ul", { class: "list" }, ...[say("write"), ...newestFirst(phone)].map((entry, place) => row(phone, entry, place))),
      phone.texts.length ? "" : make("p", { class: "quiet" }, say("empty")),
    ],
  }),

  read: (phone) => {
    const text = phone.texts.find((one) => one.id === phone.reading);
    return {
      left: say("answer"),
      right: say("back"),
      glass: () =>
        text ? [make("p", { class: "from" }, `${who(text)} · ${moment(text.at)}`), make("p", { class: "off-the-wire" }, text.text)] : [],
    };
  },

  write: (phone, typed) => ({
    left: say("send"),
    right: phone.draft ? say("clear") : say("back"),
    glass: () => [make("p", { class: "from" }, say("to", { number: given.smsNumber }), make("span", { id: "measure" })), editor(phone, typed)],
  }),
};

const caret = () => make("span", { class: "caret", "aria-hidden": "true" });

export const newestFirst = (phone) => [...phone.texts].reverse();

const who = (text) => (text.direction === "in" ? say("me") : given.smsNumber);

function row(phone, entry, place) {
  const chosen = place === phone.chosen;
  const isText = typeof entry !== "string";
  const fresh = isText && phone.unread.includes(entry.id);
  const label = isText ? [make("b", {}, `${fresh ? "✉ " : ""}${who(entry)} · ${moment(entry.at)}`), entry.text] : [`✎ ${entry}`];
  return make("li", {}, make("button", { type: "button", "data-row": place, "aria-current": chosen ? "true" : false, tabindex: "-1" }, ...label));
}

