-- The words that a tenant has chosen for a kind of mail in a language, as JSON. Where there is no row, the mail has its
-- shipped words.
CREATE TABLE mail_texts (
    tenant BIGINT NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    wording TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, language)
);
