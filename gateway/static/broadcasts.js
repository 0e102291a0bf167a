// What a script adds to the pages of broadcasts: counts while one types or clicks, and a page that keeps itself fresh.
// Nothing is reckoned here: the server renders the part of the page anew.
"use strict";

const TYPING_MS = 300;
const REFRESH_MS = 3000;

document.querySelectorAll("form[data-counts]").forEach((form) => {
  const shown = document.getElementById(form.dataset.shows);
  const bar = form.querySelector("[data-bar]"); // on a small screen the counts stand far below
  let timer;
  let asked;
  const count = async () => {
    asked?.abort();
    asked = new AbortController();
    shown.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.counts, {
        method: "POST",
        body: new FormData(form),
        signal: asked.signal,
        redirect: "error",
      });
      if (answer.ok) {
        shown.innerHTML = await answer.text();
        if (bar) bar.textContent = shown.querySelector("[data-in-short]")?.dataset.inShort ?? "!";
      }
      shown.removeAttribute("aria-busy");
    } catch (problem) {
      if (problem.name !== "AbortError") shown.removeAttribute("aria-busy"); // no line: the last count stays
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(count, TYPING_MS);
  });
});

// A field goes in where the cursor stood last, in whichever language was written.
let written = document.querySelector("textarea[name=vi]");
document.querySelectorAll("textarea").forEach((box) => {
  box.addEventListener("focus", () => {
    written = box;
  });
});
document.querySelectorAll("[data-inserts]").forEach((button) => {
  button.addEventListener("click", () => {
    written.setRangeText(button.dataset.inserts, written.selectionStart, written.selectionEnd, "end");
    written.focus();
    written.dispatchEvent(new Event("input", { bubbles: true }));
  });
});

document.querySelectorAll("[data-picks]").forEach((field) => {
  field.addEventListener("input", () => {
    field.form.querySelector(`input[type=radio][value=${field.value ? field.dataset.picks : "now"}]`).checked = true;
  });
});

document.querySelectorAll("[data-selects]").forEach((field) => {
  field.addEventListener("input", () => {
    field.form.elements.repeats.value = field.dataset.selects;
  });
});

// What is asked of a text by session is open only for one; closed, nothing in it holds the form back.
document.querySelectorAll("details.by-event").forEach((details) => {
  const repeats = details.closest("form").elements.repeats;
  const fields = details.querySelector("fieldset");
  const follow = () => {
    fields.disabled = !details.open && repeats.value !== "event";
  };
  repeats.addEventListener("input", () => {
    details.open = repeats.value === "event";
    follow();
  });
  details.addEventListener("toggle", follow);
  follow();
});

// What was ticked or typed and not saved is lost by a link to another step: the browser asks first.
document.querySelectorAll("form.write, form.choose, form.times").forEach((form) => {
  let changed = false;
  form.addEventListener("input", () => {
    changed = true;
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  window.addEventListener("beforeunload", (leaving) => {
    if (changed) leaving.preventDefault();
  });
});

document.querySelectorAll("[data-refreshes]").forEach((part) => {
  const began = part.querySelector("[data-state]").dataset.state;
  const refresh = async () => {
    try {
      const answer = await fetch(part.dataset.refreshes, { redirect: "error", headers: { "X-Part": "1" } });
      if (answer.ok) {
        const open = [...part.querySelectorAll("details")].map((one) => one.open);
        part.innerHTML = await answer.text();
        part.querySelectorAll("details").forEach((one, place) => {
          one.open = Boolean(open[place]);
        });
      }
    } catch {
      // no line: what was shown last stays, and is asked for again
    }
    if (part.querySelector("[data-state]")?.dataset.state !== began) {
      location.reload(); // the buttons around it are others now
    } else {
      setTimeout(refresh, REFRESH_MS);
    }
  };
  setTimeout(refresh, REFRESH_MS);
});
