-- How far the users of an incident were reminded, as JSON.
ALTER TABLE incidents ADD COLUMN reminders TEXT NOT NULL DEFAULT '{}';
