"use strict";

// Comfort around password fields. The server alone decides; nothing here keeps anyone from sending the form.
(() => {
  const showOrHide = (button) => {
    const field = document.getElementById(button.dataset.reveal);
    const set = (shown) => {
      field.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
      button.textContent = shown ? button.dataset.hide : button.dataset.show;
    };
    button.hidden = false;
    button.addEventListener("click", () => set(field.type === "password"));
    // A browser remembers what was typed into a text field, not into a password field.
    field.form.addEventListener("submit", () => set(false));
  };

  const length = (text) => Array.from(text).length;
  const count = (text, pattern) => (text.match(pattern) || []).length;

  // What the page can tell by itself. A code that is not here stays unticked until the server has looked.
  const checks = {
    minimum_length: (password, number) => length(password) >= number,
    maximum_length: (password, number) => length(password) <= number,
    digits: (password, number) => count(password, /\p{Nd}/gu) >= number,
    lowercase_characters: (password, number) => count(password, /\p{Ll}/gu) >= number,
    uppercase_characters: (password, number) => count(password, /\p{Lu}/gu) >= number,
    special_characters: (password, number) => count(password, /[^\p{L}\p{N}]/gu) >= number,
  };

  const tick = (list, password) => {
    for (const line of list.children) {
      const check = checks[line.dataset.rule];
      const met = Boolean(check && password && check(password, Number(line.dataset.number || 1)));
      line.classList.toggle("met", met);
      if (met) line.setAttribute("aria-label", `${line.textContent} (${list.dataset.met})`);
      else line.removeAttribute("aria-label");
    }
  };

  // Rough on purpose: kinds of characters and how many different steps there are from one to the next.
  // "aaaaaaaa" and "12345678" have one step each, however long they are.
  const strength = (password) => {
    const points = Array.from(password, (character) => character.codePointAt(0));
    const steps = new Set(points.slice(1).map((point, index) => point - points[index])).size;
    const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
    const worth = Math.min(steps, new Set(points).size) * (1 + kinds / 4);
    return [5, 9, 13, 18].filter((least) => worth >= least).length;
  };

  const measure = (box, password) => {
    const levels = box.dataset.levels.split("|");
    const level = strength(password);
    box.hidden = password === "";
    box.querySelector("meter").value = level;
    box.querySelector("output").textContent = levels[level];
  };

  const watch = (field, box, list) => {
    const look = () => {
      tick(list, field.value);
      measure(box, field.value);
    };
    field.addEventListener("input", look);
    // The rules of this very account arrive after the page.
    new MutationObserver(look).observe(list, { childList: true });
    look();
  };

  const guardAgainstTwice = (form) => {
    const button = form.querySelector("button[type=submit]");
    const label = button.textContent;
    form.addEventListener("submit", (event) => {
      if (form.ariaBusy === "true") event.preventDefault();
      form.ariaBusy = "true";
      button.textContent = form.dataset.busy;
    });
    // Whoever comes back to this page from the next one finds it as it was.
    addEventListener("pageshow", () => {
      form.ariaBusy = null;
      button.textContent = label;
    });
  };

  const box = document.getElementById("strength");
  document.querySelectorAll("[data-reveal]").forEach(showOrHide);
  document.querySelectorAll("form[data-busy]").forEach(guardAgainstTwice);
  if (box) watch(document.getElementById("password"), box, document.querySelector("#rules ul"));
})();
