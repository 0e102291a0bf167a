// What a clerk gains with a script: the list narrows while typing, a filter sends itself, a double tap sends once.
"use strict";

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase().trim();

document.querySelectorAll("[data-narrows]").forEach((box) => {
  const lines = document.querySelectorAll(`.${box.dataset.narrows}[data-find]`);
  const nobody = document.querySelector("[data-nobody]");
  box.addEventListener("input", () => {
    const wanted = plain(box.value);
    const number = /^[\d\s.+-]{6,}$/.test(box.value); // the number itself is only known to the server: press Enter
    lines.forEach((line) => { line.hidden = Boolean(wanted) && !number && !line.dataset.find.includes(wanted); });
    document.querySelectorAll("[data-group]").forEach((head) => {
      let line = head.nextElementSibling, seen = false;
      for (; line && line.dataset.find !== undefined; line = line.nextElementSibling) seen ||= !line.hidden;
      head.hidden = !seen;
    });
    document.querySelectorAll("section.hall").forEach((hall) => { hall.hidden = !hall.querySelector(".line:not([hidden])"); });
    if (nobody) nobody.hidden = [...lines].some((line) => !line.hidden);
  });
});

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
