// Verifies what a webhook was sent, by the library of the specification, and prints its type.

import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const sent = JSON.parse(readFileSync(0, "utf8"));
const webhook = new Webhook(sent.secret);
const event = webhook.verify(sent.body, sent.headers);
try {
  webhook.verify(sent.body + " ", sent.headers);
} catch {
  console.log(event.type);
  process.exit(0);
}
console.error("another body was taken");
process.exit(1);
