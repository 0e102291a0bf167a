// What a clerk gains with a script: the list narrows while typing, a filter sends itself, a double tap sends once.
"use strict";

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase().trim();

// By parts of the name in any order, by the code, or by the last digits of the number.
function fits(line, wanted) {
  const { find, last } = line.dataset;
  if (!/^[\d\s.+-]+$/.test(wanted)) return wanted.split(" ").every((word) => find.includes(word));
  const digits = wanted.replace(/\D/g, "");
  return find.includes(digits) || (digits.length > 2 && last === digits.slice(-3));
}

document.querySelectorAll("[data-narrows]").forEach((box) => {
  const lines = document.querySelectorAll(`.${box.dataset.narrows}[data-find]`);
  const nobody = document.querySelector("[data-nobody]");
  box.addEventListener("input", () => {
    const wanted = plain(box.value);
    lines.forEach((line) => { line.hidden = !fits(line, wanted); });
    document.querySelectorAll("section.hall").forEach((hall) => { hall.hidden = !hall.querySelector(".line:not([hidden])"); });
    if (nobody) nobody.hidden = [...lines].some((line) => !line.hidden);
  });
});

// Whoever was tapped last is still the one at the table.
const served = location.hash && document.querySelector(`${location.hash} > details`);
if (served) served.open = true;

document.querySelectorAll("[data-sends]").forEach((field) => field.addEventListener("change", () => field.form.requestSubmit()));

document.querySelectorAll("[data-prints]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

document.querySelectorAll("form[method=post]:not([data-downloads])").forEach((form) => form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
}));
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
