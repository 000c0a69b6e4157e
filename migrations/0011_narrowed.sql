-- What a token may do at most, as JSON; without it all that its user may. A release that does not know the column takes no
-- token that has it: such tokens begin otherwise.
ALTER TABLE credentials ADD COLUMN narrowed_to TEXT;
