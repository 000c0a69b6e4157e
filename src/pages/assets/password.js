"use strict";

// Comfort around password fields. The server alone decides; nothing here keeps anyone from sending the form.
(() => {
  const showOrHide = (button) => {
    const field = document.getElementById(button.dataset.reveal);
    const set = (shown) => {
      field.type = shown ? "text" : "password";
      const what = shown ? button.dataset.hide : button.dataset.show;
      button.textContent = what;
      // There may be two such buttons: each says what it shows.
      button.setAttribute("aria-label", `${what}: ${button.dataset.of}`);
    };
    button.hidden = false;
    button.addEventListener("click", () => set(field.type === "password"));
    // A browser remembers what was typed into a text field, not into a password field.
    field.form.addEventListener("submit", () => set(false));
  };

  const length = (text) => Array.from(text).length;
  const count = (text, pattern) => (text.match(pattern) || []).length;

  const withoutUsername = (password) => {
    const [name] = document.getElementById("username").value.toLowerCase().split("@");
    return name !== "" && !name.includes("•") && !password.toLowerCase().includes(name);
  };

  // What the page can tell by itself. A rule that is not here stays unticked until the server has looked.
  const checks = {
    "too-short": (password, number) => length(password) >= number,
    "too-few-digits": (password, number) => count(password, /\p{N}/gu) >= number,
    "too-few-lowercase": (password, number) => count(password, /\p{Lowercase}/gu) >= number,
    "too-few-uppercase": (password, number) => count(password, /\p{Uppercase}/gu) >= number,
    "too-few-special": (password, number) => count(password, /[^\p{Alphabetic}\p{N}]/gu) >= number,
    username: withoutUsername,
  };

  // Ticks what is met and says whether nothing is left that the page itself could find missing.
  const tick = (list, password) => {
    let fits = true;
    for (const line of list.children) {
      const check = checks[line.dataset.rule];
      const number = Number(line.textContent.match(/\d+/));
      const met = Boolean(check && password && check(password, number));
      fits = fits && (met || !check);
      line.classList.toggle("met", met);
      if (met) line.setAttribute("aria-label", `${line.textContent} (${list.dataset.met})`);
      else line.removeAttribute("aria-label");
    }
    return fits;
  };

  // Rough on purpose: kinds of characters and how many different steps there are from one to the next.
  // "aaaaaaaa" and "12345678" have one step each, however long they are.
  const strength = (password) => {
    const points = Array.from(password, (character) => character.codePointAt(0));
    const steps = new Set(points.slice(1).map((point, index) => point - points[index])).size;
    const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
    const worth = Math.min(steps, new Set(points).size) * (1 + kinds / 8);
    return [6, 10, 14, 18].filter((least) => worth >= least).length;
  };

  const measure = (box, password, fits) => {
    const levels = box.dataset.levels.split("|");
    // Nothing that will be refused is called good.
    const level = Math.min(strength(password), fits ? 4 : 1);
    box.hidden = password === "";
    // The weakest level is a short bar, not an empty one.
    box.querySelector("meter").value = level + 1;
    box.querySelector("output").textContent = levels[level];
  };

  const watch = (field, box, list) => {
    const look = () => {
      measure(box, field.value, tick(list, field.value));
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
    // The browser's back button shows this page as it was left.
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
