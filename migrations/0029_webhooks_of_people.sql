-- Whether a webhook gets a record for each user of an incident too. A release that does not know it sends them all.
ALTER TABLE webhooks ADD COLUMN people BIGINT NOT NULL DEFAULT 0;
