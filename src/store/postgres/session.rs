//! What the sessions are set to.

/// What a session is set to when it is opened. Plans are kept, and the planner is told what our statements are: look-ups by
/// key, for which a table is not read whole because it is small; or pages in the order of a key, for which what would
/// follow is not collected and sorted. Nothing waits for ever.
pub(super) const SESSION: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off;
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off;
    SET enable_incremental_sort = off; SET enable_material = off; SET random_page_cost = 1; SET lock_timeout = '3s';
    SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '15s'; SET timezone = 'UTC';
    SET tcp_keepalives_idle = 9; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

/// What is set back in a session for reports, which read much: there the planner decides as the server is configured. What
/// stays keeps a page in the order of its key: else the next page of a backup begins with sorting a whole tenant.
pub(super) const REPORTS: &str = "RESET plan_cache_mode; RESET jit; RESET enable_seqscan; RESET enable_hashjoin;
    RESET enable_mergejoin; RESET enable_bitmapscan; RESET enable_material";
