// The handset page: draws the phone and what stands beside it, and starts it. The rest is in phone/.

import { drop } from "./phone/calls.js";
import { counter } from "./phone/counting.js";
import { fill, letters, listen } from "./phone/keys.js";
import { dialled, spaced } from "./phone/lines.js";
import { find, hour, replace } from "./phone/page.js";
import { drawPeople, drawTexts, drawWire } from "./phone/panel.js";
import { SCREENS } from "./phone/screens.js";
import { changed, drawWith, given, hold, phone } from "./phone/state.js";
import { poll } from "./phone/texts.js";
import { say, speak, spoken, translate } from "./phone/words.js";

const count = counter(given.alphabet);

function draw() {
  const me = phone();
  drawGlass(me);
  drawStatus(me);
  drawPeople(given.people, me.number, choose);
  drawWire(me.hop, count);
  drawTexts(me);
  find("fill").textContent = say("fill", { code: given.code });
  find("fill").disabled = !given.code || Boolean(me.call);
  find("drop").disabled = !me.call;
}

function drawGlass(me) {
  const screen = SCREENS[me.view](me, (text) => {
    me.draft = text;
    draw();
  });
  // While a text is written its box must stay the same one, or the caret and the input method are lost.
  const varies = me.view === "write" ? [] : [me.line, me.screen, me.reading, me.chosen, me.unread, me.view === "list" && me.texts];
  replace(find("glass"), [me.number, me.view, spoken(), ...varies], screen.glass);
  if (me.view === "write") measure(me.draft);
  for (const side of ["left", "right"]) {
    const key = document.querySelector(`[data-key="${side}"]`);
    find(`${side}-label`).textContent = screen[side];
    key.setAttribute("aria-label", screen[side] || say("no_key"));
    key.disabled = !screen[side];
  }
}

function measure(draft) {
  const { encoding, length, parts, room } = count(draft);
  if (find("draft").value !== draft) find("draft").value = draft;
  find("measure").textContent = `${encoding} ${length}/${parts > 1 ? `${parts}×` : ""}${room}`;
}

function drawStatus(me) {
  find("phone").dataset.view = me.view;
  find("whose").textContent = spaced(me.number);
  find("mode").textContent = me.view === "write" ? letters.mode() : me.view === "ussd" ? me.answering.mode() : "";
  find("letter").toggleAttribute("hidden", !me.unread.length);
  find("letter").setAttribute("aria-label", say("unread", { count: me.unread.length }));
}

function choose(number) {
  hold(number);
  changed();
  poll();
}

function tick() {
  for (const clock of document.querySelectorAll("#clock, [data-clock]")) clock.textContent = hour(Date.now());
}

find("fill").addEventListener("click", () => {
  fill(phone());
  changed();
});
find("drop").addEventListener("click", drop);
find("other").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = dialled(find("other-number").value);
  if (typed) choose(typed);
});
document.querySelector(".language").addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-language]");
  if (!chosen) return;
  speak(chosen.dataset.language);
  translate();
  changed();
});
document.addEventListener("visibilitychange", poll);

drawWith(draw);
translate();
changed();
listen();
tick();
setInterval(tick, 5_000);
poll();
