"use strict";

// Not deferred: the token leaves the address before anything is drawn or loaded that could see it there.
(() => {
  const tokenOfAddress = () => {
    const token = location.hash.slice(1);
    if (token) history.replaceState(null, "", location.pathname + location.search);
    return token;
  };

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

  const open = async (token) => {
    element("token").value = token;
    const answer = await fetch("/reset/open", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ token }),
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    if (answer.ok) showAlive(await answer.json());
    else if (answer.status === 400) showDead();
  };

  const begin = (token) => {
    if (!token) return;
    document.documentElement.classList.add("from-link");
    // Without an answer the form still works: the server looks at the link again when it is sent.
    const ready = () => open(token).catch(() => {});
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
    else ready();
  };

  begin(tokenOfAddress());
  // Someone pastes a second link into a tab that is here already: no page is loaded then.
  addEventListener("hashchange", () => {
    if (location.hash.length > 1) location.reload();
  });
})();
