"use strict";

// The server writes moments in UTC; people read them in their own zone and manner.
for (const time of document.querySelectorAll("time[datetime]")) {
  const manner = { dateStyle: "medium", timeStyle: "short" };
  time.title = time.dateTime;
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, manner).format(new Date(time.dateTime));
}
