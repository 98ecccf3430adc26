"use strict";
// What makes forms quicker; each page works without it.

// empty fields do not belong into an address that somebody keeps
document.addEventListener("submit", (event) => {
  const form = event.target;
  if ((form.getAttribute("method") || "get").toLowerCase() !== "get") return;
  for (const field of form.querySelectorAll("input[name], select[name]:not([multiple])")) {
    if (field.value === "") field.disabled = true;
  }
});
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form [name]:disabled")) field.disabled = false;
});

// on a phone the answer comes before the form
if (matchMedia("(max-width: 42rem)").matches) {
  for (const one of document.querySelectorAll("details.fold")) one.open = false;
}

// names of districts while one types; the last of several names is completed
for (const input of document.querySelectorAll("[data-suggest]")) {
  const list = document.getElementById(input.getAttribute("list"));
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const parts = input.value.split(/[,，、]/);
      const typed = parts.pop().trim();
      if (!typed) return;
      const before = parts.length ? parts.join("，") + "，" : "";
      const answer = await fetch(input.dataset.suggest + "?q=" + encodeURIComponent(typed));
      if (!answer.ok) return;
      const options = (await answer.json()).map((one) => {
        const option = document.createElement("option");
        option.value = before + one.code;
        option.textContent = before + one.name + " " + one.code;
        return option;
      });
      list.replaceChildren(...options);
    }, 150);
  });
}

// a choice of the day goes there at once
for (const form of document.querySelectorAll("form[data-days]")) {
  form.querySelector("select").addEventListener("change", () => form.requestSubmit());
}

// "/" leads to the search, as in many readers
document.addEventListener("keydown", (event) => {
  const at = document.activeElement;
  const writing = at && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = document.getElementById("top-q");
    if (field) { event.preventDefault(); field.focus(); }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && at && at.id === "sql") {
    at.form.requestSubmit();
  }
});

// what is folded on the screen is open on paper, save forms and numbers without their sentences
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("main details:not([open]):not(.mend):not(.more)")) {
    one.open = true;
    one.dataset.printed = "";
  }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("details[data-printed]")) {
    one.open = false;
    delete one.dataset.printed;
  }
});
