"use strict";

// Not deferred: the token leaves the address before anything is drawn or loaded that could see it there.
(() => {
  const PAGE = "/reset";

  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  // Some programs encode what is encoded already.
  const ENCODINGS_MAX = 3;

  const read = (text) => {
    for (let times = 0; times < ENCODINGS_MAX; times += 1) text = decoded(text);
    return text;
  };

  // The fragment, and what stands in the address where something on the way has encoded the sign before it. The server
  // finds the token in either, whatever a mail program has put around it.
  const takeFromAddress = () => {
    const text = { link: read(location.hash.slice(1)), rest: read(location.pathname.slice(PAGE.length) + location.search) };
    if (text.link || text.rest) history.replaceState(null, "", PAGE);
    return text;
  };

  // Whether it may hold a token. What was cut off does not: then the mail has the code.
  const isWhole = (text) =>
    [text, text.replace(/\s/g, "")].some((one) => one.split(/[^\w-]+/).some((piece) => /^[\w-]{48}0?[-_]*$/.test(piece)));

  const element = (id) => document.getElementById(id);

  const showAccount = (email) => {
    element("username").value = email;
    element("account").hidden = false;
  };

  const showEnd = (moment) => {
    const time = element("lives").querySelector("time");
    const manner = { dateStyle: "medium", timeStyle: "short" };
    time.dateTime = moment;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, manner).format(new Date(moment));
    element("lives").hidden = false;
  };

  const showRules = (rules) => {
    const lines = rules.map((rule) => {
      const line = document.createElement("li");
      line.dataset.rule = rule.code;
      line.textContent = rule.sentence;
      return line;
    });
    element("rules").querySelector("ul").replaceChildren(...lines);
  };

  const showAlive = (link) => {
    if (link.email) showAccount(link.email);
    if (link.lives_until) showEnd(link.lives_until);
    if (link.rules) showRules(link.rules);
    // On a touch screen the keyboard would cover what there is to read first.
    if (!matchMedia("(pointer: coarse)").matches) element("password").focus();
  };

  const showDead = () => {
    element("choose").hidden = true;
    element("dead").hidden = false;
    const place = document.title.slice(document.title.indexOf(" · "));
    document.title = element("dead").dataset.title + place;
    element("dead").querySelector("h1").focus();
  };

  // Nobody said that it was a link: the mail has the code.
  const askForCode = () => {
    document.documentElement.classList.remove("from-link");
    element("token").value = "";
  };

  const open = async (token, otherwise) => {
    element("token").value = token;
    const answer = await fetch("/reset/open", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ token }),
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    if (answer.ok) showAlive(await answer.json());
    else if (answer.status === 400) otherwise();
  };

  const begin = (text, otherwise) => {
    if (!isWhole(text)) return false;
    document.documentElement.classList.add("from-link");
    // Without an answer the form still works: the server looks at the link again when it is sent.
    const ready = () => open(text, otherwise).catch(() => {});
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
    else ready();
    return true;
  };

  const { link, rest } = takeFromAddress();
  if (!begin(link, showDead)) begin(rest, askForCode);
  // Someone pastes a second link into a tab that is here already: no page is loaded then.
  addEventListener("hashchange", () => {
    if (location.hash.length > 1) location.reload();
  });
})();
