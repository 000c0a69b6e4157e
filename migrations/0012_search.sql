-- The words by which a person is found: the address and the names in folded letters. They follow from the user's row and are
-- written with it.
CREATE TABLE user_words (
    tenant BIGINT NOT NULL,
    word TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (tenant, word, user_id)
);
CREATE INDEX user_words_user ON user_words (tenant, user_id);

-- The edition of the rules by which a user's words were made. Null for a user whom a release wrote that knows no words: those
-- are found by this index, which is empty once their words are made.
ALTER TABLE users ADD COLUMN found_by BIGINT;
CREATE INDEX users_without_words ON users (tenant, id) WHERE found_by IS NULL;
