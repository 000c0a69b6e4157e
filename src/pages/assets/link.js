"use strict";

// Not deferred: the token leaves the address before anything is drawn or loaded that could see it there.
(() => {
  const [PAGE] = /^\/[a-z-]+/.exec(location.pathname);
  // Some programs encode what is encoded already.
  const ENCODINGS_MAX = 3;

  const read = (text) => {
    for (let times = 0; times < ENCODINGS_MAX; times += 1) {
      try {
        text = decodeURIComponent(text);
      } catch {
        return text;
      }
    }
    return text;
  };

  // The fragment, or what stands in the address where something on the way has encoded the sign before it. The server finds
  // the token in either.
  const text = read(location.hash.slice(1)) || read(location.pathname.slice(PAGE.length) + location.search);
  if (text) history.replaceState(null, "", PAGE);
  const isWhole = text.split(/[^\w-]+/).some((piece) => /^[\w-]{48}0?[-_]*$/.test(piece));

  const begin = () => {
    document.getElementById("token").value = text;
    document.documentElement.classList.add("from-link");
  };
  if (isWhole && document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else if (isWhole) begin();

  // Someone pastes a second link into a tab that is here already: no page is loaded then.
  addEventListener("hashchange", () => {
    if (location.hash.length > 1) location.reload();
  });
})();
