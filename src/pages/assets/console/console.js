"use strict";

// Comfort only. Every page does its job without this file; nothing here decides or hides anything.
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const say = (sentence) => {
    document.getElementById("said").textContent = sentence;
  };

  // Moments: the server writes UTC, people read their own zone. The machine's form stays in the title.
  const manners = {
    time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
    minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    full: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  };
  const region = navigator.languages.find((tag) => tag.split("-")[0] === root.lang) || root.lang;
  const writeTimes = (within) => {
    for (const time of all("time[data-as]", within)) {
      time.title = time.dateTime;
      time.textContent = new Intl.DateTimeFormat(region, manners[time.dataset.as]).format(new Date(time.dateTime));
    }
  };

  // Copying. The button says that it did; without a clipboard it is not there.
  const watchCopies = () => {
    for (const button of all("[data-copy]")) {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        const source = document.getElementById(button.dataset.copy);
        await navigator.clipboard.writeText(source ? source.textContent : button.dataset.copy);
        say(button.dataset.copied);
        const icon = button.querySelector(".icon");
        if (icon) icon.classList.replace("i-copy", "i-tick");
      });
    }
  };

  // Keys. Off where someone types or holds a modifier.
  const watchKeys = () => {
    let prefix = "";
    const rows = () => all(".rows .main a, .log summary");
    const step = (by) => {
      const list = rows();
      const at = list.indexOf(document.activeElement);
      const next = list[Math.min(Math.max(at + by, 0), list.length - 1)];
      if (next) next.focus();
    };
    const acts = { j: () => step(1), k: () => step(-1) };
    addEventListener("keydown", (event) => {
      const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
      if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const key = prefix + event.key;
      prefix = event.key === "g" && !prefix ? "g " : "";
      const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (target) {
        event.preventDefault();
        if (target.matches("input, select")) {
          target.focus();
          target.select?.();
        } else target.click();
      } else acts[key]?.();
    });
  };

  // A form is sent once.
  const guardForms = () => {
    for (const form of all("form[method=post]")) {
      form.addEventListener("submit", (event) => {
        if (form.ariaBusy === "true") event.preventDefault();
        form.ariaBusy = "true";
        if (event.submitter) event.submitter.ariaBusy = "true";
      });
      addEventListener("pageshow", () => {
        form.ariaBusy = null;
        for (const button of all("[aria-busy]", form)) button.ariaBusy = null;
      });
    }
  };

  writeTimes(document);
  watchCopies();
  watchKeys();
  guardForms();
})();
