"""Verifies what a webhook was sent, by the library of the specification, and prints its type."""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

sent = json.load(sys.stdin)
webhook = Webhook(sent["secret"])
event = webhook.verify(sent["body"], sent["headers"])
try:
    webhook.verify(sent["body"] + " ", sent["headers"])
    sys.exit("another body was taken")
except WebhookVerificationError:
    print(event["type"])
