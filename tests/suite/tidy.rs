//! The rules of the house that no lint can see. Each reads the sources as text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tenantry::store::tables;

/// A file of the repository, named from its root.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below some folders, named from the root of the repository.
fn files(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The sources of the product without tests and comments.
pub fn product() -> impl Iterator<Item = (PathBuf, String)> {
    let is_test = |path: &PathBuf| {
        let stem = stem(path);
        stem.ends_with("tests") || stem == "scene" || stem == "rig"
    };
    let sources =
        files(&["src"]).into_iter().filter(|path| has_ending(path, &["rs"])).filter(move |path| !is_test(path));
    sources.map(|path| {
        let text = read(&path);
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (path, lines.join("\n"))
    })
}

/// The room of a file: the folder or file directly below `src`.
fn room(path: &Path) -> String {
    let first = path.components().nth(1).map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").into()
}

#[test]
fn every_decision_is_listed_and_numbered_without_a_gap() {
    let listed = read(Path::new("docs/decisions/README.md")) + &read(Path::new("ARCHITECTURE.md"));
    let names: Vec<_> =
        files(&["docs/decisions"]).iter().map(|path| stem(path)).filter(|name| name != "README").collect();
    for (nth, name) in names.iter().enumerate() {
        assert!(listed.contains(&format!("{name}.md")), "{name} is linked from nowhere");
        assert!(name.starts_with(&format!("{:04}-", nth + 1)), "{name} is not the next number");
    }
}

#[test]
fn every_link_between_our_pages_leads_somewhere() {
    let mut pages: Vec<_> = files(&["docs"]).into_iter().filter(|path| has_ending(path, &["md"])).collect();
    pages.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(PathBuf::from));
    for page in pages {
        let text = read(&page);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let is_ours = !target.is_empty() && !target.contains("://");
            let path = root().join(&page).with_file_name(target);
            assert!(!is_ours || path.exists(), "{} links to {target}", page.display());
        }
    }
}

#[test]
fn no_engine_is_named_outside_the_store() {
    for (path, code) in product().filter(|(path, _)| room(path) != "store") {
        for name in ["rusqlite", "sqlite3", "sqlite_", "pragma_", "PRAGMA "] {
            assert!(!code.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    const EMPTY: [&str; 10] =
        ["util", "utils", "helper", "helpers", "common", "manager", "service", "services", "processor", "impl"];
    // The groups of the public API have the names that they have.
    let ours = files(&["src", "tests", "bench/src", "model/src"]);
    for path in ours.into_iter().filter(|path| !path.starts_with("tests/contract")) {
        let stem = stem(&path);
        let word = stem.split(['_', '-']).find(|word| EMPTY.contains(word));
        assert!(word.is_none(), "{}: a thing that is called {word:?} has no home yet", path.display());
    }
}

#[test]
fn no_room_reaches_behind_the_door_of_another() {
    let rooms: BTreeSet<_> = product().map(|(path, _)| room(&path)).collect();
    for (path, code) in product() {
        for other in rooms.iter().filter(|other| **other != room(&path)) {
            let behind = format!("{other}::rows");
            assert!(!code.contains(&behind), "{} uses {behind}: ask at the door of {other}", path.display());
        }
    }
}

#[test]
fn rooms_lead_down_and_never_in_a_circle() {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, code) in product().filter(|(path, _)| !["lib", "main"].contains(&room(path).as_str())) {
        uses.entry(room(&path)).or_default().extend(used(&code));
    }
    let rooms: BTreeSet<_> = uses.keys().cloned().collect();
    for (room, used) in &mut uses {
        used.retain(|other| other != room && rooms.contains(other));
    }
    // A room that uses no remaining room stands at the bottom; remove it, and look again.
    while let Some(bottom) = uses.iter().find(|(_, used)| used.is_empty()).map(|(room, _)| room.clone()) {
        uses.remove(&bottom);
        uses.values_mut().for_each(|used| _ = used.remove(&bottom));
    }
    assert!(uses.is_empty(), "these rooms lead to each other: {uses:#?}");
}

/// The floors, each with all that it imports from elsewhere in the house. Nothing here is a room, so each floor could be a
/// package of its own, built beside the others.
const FLOORS: [(&str, &[&str]); 6] = [
    ("store", &["clock", "error", "fair_queue", "identity", "logs", "params", "private", "secret", "tls"]),
    // The bounds of the relay's settings stand in the table of settings.
    ("mail", &["address", "clock", "config", "error", "language", "names", "private", "secret", "tls", "words"]),
    ("outbound", &["error", "names", "network", "tls"]),
    ("passwords", &["clock", "error", "fair_queue", "identity", "language", "random", "secret", "words"]),
    ("pages", &["address", "clock", "error", "identity", "language", "words"]),
    // The store is what handlers are given; this floor asks nothing of it.
    (
        "http",
        &[
            "access",
            "clock",
            "error",
            "fair_queue",
            "identity",
            "keys",
            "language",
            "logs",
            "random",
            "secret",
            "store",
            "terms",
            "text",
            "whole",
        ],
    ),
];

#[test]
fn a_floor_imports_what_the_list_of_floors_names() {
    for (floor, may) in FLOORS {
        let sources = product().filter(|(path, _)| room(path) == floor);
        let mut imported: BTreeSet<String> = sources.flat_map(|(_, code)| used(&code)).collect();
        imported.remove(floor);
        assert_eq!(imported, may.iter().map(ToString::to_string).collect(), "the imports of src/{floor}");
    }
}

/// The readers of other products' files run on the caller's side too, so they know no more than what a row is made of.
#[test]
fn the_readers_of_files_import_nothing_but_plain_values_and_the_reading_of_hashes() {
    let sources: Vec<_> = product().filter(|(path, _)| path.starts_with("src/transfer/import")).collect();
    let imported: BTreeSet<String> = sources.iter().flat_map(|(_, code)| used(code)).collect();
    let may = ["address", "clock", "language", "passwords", "sent_picture", "text"];
    assert_eq!(imported, may.map(String::from).into(), "the imports of src/transfer/import");
    for (path, code) in &sources {
        let mut of_passwords = code.split("crate::passwords::").skip(1);
        assert!(of_passwords.all(|rest| rest.starts_with("foreign::")), "{} asks more of passwords", path.display());
    }
}

/// The first names after `crate::`, including those in braces.
fn used(code: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let list = match rest.strip_prefix('{') {
            Some(inner) => inner.split('}').next().unwrap_or_default(),
            None => rest.split(|c| !is_name(c)).next().unwrap_or_default(),
        };
        let firsts = list.split(',').map(|part| part.trim().split(|c| !is_name(c)).next().unwrap_or_default());
        names.extend(firsts.map(String::from));
    }
    names
}

/// Statements that may look beyond one tenant, by their beginnings. They find the tenant of a request, maintain the
/// list of tenants (whose key is `id`), work for the whole store, copy it to another place, or keep the engine's own
/// account.
const HOUSE: &[&str] = &[
    "DELETE FROM {name}",
    "INSERT INTO {name}",
    "SELECT {columns} FROM {name}",
    "SELECT COUNT(*) FROM pg_",
    "INSERT INTO sqlite_stat1",
    "SELECT COUNT(*) FROM sqlite_schema",
    "SELECT 1 FROM sqlite_schema",
    "SELECT t.name, c.name FROM sqlite_schema t",
    "SELECT t.name, i.name, i.origin",
    "SELECT tbl, COALESCE(idx",
    "SELECT pg_advisory_",
    "SELECT pg_backend_pid()",
    "SELECT pg_try_advisory_lock(",
    "SELECT (SELECT system_identifier FROM pg_control_system()),",
    "DELETE FROM address_changes WHERE expires_at < $1",
    "DELETE FROM link_wishes WHERE wished_at < $1",
    "SELECT tenant, id FROM link_wishes ORDER BY",
    "DELETE FROM refused_addresses WHERE refused_at < $1",
    "DELETE FROM reset_budgets WHERE hour_started_at < $1",
    "DELETE FROM reset_keys WHERE created_at < $1",
    "DELETE FROM sessions WHERE ends_at <= $1",
    "DELETE FROM sign_in_failures WHERE last_at < $1",
    "DELETE FROM sign_in_steps WHERE expires_at < $1",
    "DELETE FROM migrations WHERE number = 0",
    "DELETE FROM store_writers",
    "INSERT INTO migrations",
    "INSERT INTO store_writers",
    "INSERT INTO tenants",
    "SELECT c.tenant, t.revision, c.user_id, u.email, c.name, c.expires_at, g.namespace, g.role, g.api_groups, u.group_roles, c.narrowed_to FROM credentials",
    "SELECT id FROM tenants",
    "SELECT awake_since FROM tenants WHERE id = $1",
    "SELECT user_count FROM tenants WHERE id = $1",
    "SELECT user_count, users_before_import, import_began_at FROM tenants WHERE id = $1",
    "DELETE FROM tenants WHERE id = $1",
    "SELECT t.name FROM credentials c JOIN tenants t",
    "SELECT 1 FROM tenants WHERE id = $1",
    "SELECT 1 FROM tenants WHERE name = $1",
    "SELECT FROM tenants WHERE id = $1",
    "SELECT FROM tenants WHERE name = $1",
    "SELECT FROM tenants ORDER BY name",
    "SELECT FROM tenants WHERE name > $1",
    "SELECT name, uid FROM tenants WHERE id = $1",
    "SELECT id, removal_begun_at FROM tenants WHERE removal_due_at <= $1",
    "SELECT FROM tenants WHERE uid = $1",
    "SELECT FROM tenants ORDER BY id",
    "SELECT , removal_begun_at FROM tenants WHERE id <> $1",
    "SELECT settings FROM tenants WHERE id = $1",
    "SELECT tenant FROM users WHERE found_by IS NULL ORDER BY tenant, id LIMIT 1",
    "SELECT name, applied_at, digest FROM migrations WHERE number = 0",
    "SELECT 1 FROM tenants LIMIT 1",
    "SELECT current_setting(",
    "SELECT given.nth, found.* FROM {given}",
    "SELECT number FROM store_writers",
    "SELECT number, digest, runs_from FROM migrations",
    "SELECT number, runs_from FROM migrations",
    "SELECT quote_ident(current_schema())",
    "SELECT set_config(",
    "SELECT COUNT(*) FROM (SELECT 1 FROM mails",
    "SELECT t.name, m.id, m.kind",
    "SELECT w.tenant FROM ( WITH RECURSIVE waiting (tenant) AS ( SELECT (SELECT m.tenant FROM mails m",
    "SELECT t.user_count, t.users_before_import, t.import_began_at, b.used FROM tenants t",
    "SELECT tenant, due_at FROM audit_heads_due WHERE due_at <= $1",
    "SELECT h.number, h.records, h.note, h.made_at, h.sent_at, h.tenant, t.name",
    "SELECT tenant, id FROM bulk_acts WHERE next_at <= $1",
    "SELECT tenant, id FROM bulk_acts WHERE next_at IS NULL",
    "SELECT tenant, id FROM incidents WHERE next_at <= $1",
    "SELECT tenant, id FROM incidents WHERE next_at IS NULL",
    "SELECT tenant, id FROM imports WHERE ended_at < $1",
    "SELECT w.tenant, w.id, CASE WHEN EXISTS (SELECT 1 FROM audit_links l",
    "SELECT tenant, id FROM erasures_under_way ORDER BY",
    "SELECT suspension, deletion_request, removal FROM tenants WHERE id = $1",
    "SELECT tenant, import_id FROM import_invitations WHERE next_at <= $1",
    "SELECT tenant, import_id FROM import_uploads WHERE next_at <= $1",
    "SELECT tenant, import_id FROM import_uploads WHERE uploaded_at <= $1",
    "SELECT tenant, import_id FROM import_upload_parts WHERE uploaded_at <= $1",
    "UPDATE tenants SET awake_since = ",
    "UPDATE webhook_deliveries SET leased_until = NULL WHERE leased_until IS NOT NULL",
    "UPDATE tenants SET import_began_at = $2",
    "UPDATE migrations SET runs_from = $2",
    "UPDATE store_writers SET number = $2",
    "UPDATE tenants SET deletion_requested_at = $2",
    "UPDATE tenants SET disabled_at = ",
    "UPDATE tenants SET name = $2",
    "UPDATE tenants SET removal_begun_at = ",
    "UPDATE tenants SET revision = revision + 1 WHERE id = $1",
    "UPDATE tenants SET settings = $3",
    "UPDATE tenants SET suspension = $2",
    "UPDATE tenants SET sleep_look_at = $2 WHERE id = $1",
    "UPDATE tenants SET user_count = user_count + $2",
];

#[test]
fn every_statement_binds_the_tenant_first() {
    let mut used = BTreeSet::new();
    for (path, code) in product() {
        for statement in statements(&code) {
            let binds = statement.contains("tenant = $1")
                || (statement.contains("(tenant,") && statement.contains("VALUES ($1,"));
            let known = HOUSE.iter().position(|begin| statement.starts_with(begin));
            assert!(binds || known.is_some(), "{} leaves its tenant: {statement}", path.display());
            used.extend(known);
        }
    }
    let idle: Vec<_> = HOUSE.iter().enumerate().filter(|(nth, _)| !used.contains(nth)).map(|(_, row)| row).collect();
    assert!(idle.is_empty(), "no statement needs these exceptions any more: {idle:?}");
}

/// The SQL in a source: literals that begin with its verbs, with those that `concat!` appends.
fn statements(code: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for (before, literal) in literals(code) {
        let between: String = before.chars().filter(|c| !c.is_whitespace()).collect();
        let goes_on = is_open && !between.contains(';') && between.starts_with(',') && between.ends_with(',');
        let words = literal.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let opens = between.ends_with("concat!(");
        // A verb alone is the beginning of a statement only where more of it is appended: DELETE is also a method of HTTP.
        let begins = ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| {
            words.strip_prefix(verb).is_some_and(|rest| rest.starts_with(' ') || (rest.is_empty() && opens))
        });
        if begins {
            found.push(words);
            is_open = opens;
        } else if let Some(last) = found.last_mut().filter(|_| goes_on) {
            *last += " ";
            *last += &words;
        } else {
            is_open = false;
        }
    }
    found
}

/// Every string literal, with the code between it and the one before.
fn literals(code: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(open) = rest.find('"') {
        let (before, inner) = (&rest[..open], &rest[open + 1..]);
        if before.ends_with('\'') && inner.starts_with('\'') {
            rest = &inner[1..];
            continue;
        }
        let mut is_escaped = false;
        let close = inner.find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        });
        let Some(close) = close else { break };
        found.push((before, &inner[..close]));
        rest = &inner[close + 1..];
    }
    found
}

/// Rooms that write to a table of another room, each with its reason.
const WRITTEN_FROM_ELSEWHERE: [(&str, &str, &str); 2] = [
    ("reset", "users", "the one place for an open reset stands in the user's row (decision 0002)"),
    ("tenants", "namespaces", "a tenant begins with the namespaces that every tenant has; their room needs tenants"),
];

#[test]
fn a_table_is_written_by_the_room_that_owns_it() {
    let owners: BTreeMap<_, _> = tables().iter().map(|table| (table.name, table.owner)).collect();
    let (mut used, mut owned) = (BTreeSet::new(), BTreeSet::new());
    for (path, code) in product().filter(|(path, _)| room(path) != "store") {
        let room = room(&path);
        for statement in statements(&code) {
            let Some(written) = written(&statement) else { continue };
            let Some((table, owner)) = owners.get_key_value(written) else {
                panic!("{} writes to {written}, which is not in the list of tables", path.display())
            };
            let exception = WRITTEN_FROM_ELSEWHERE.iter().find(|(from, of, _)| (*from, *of) == (&*room, *table));
            let is_fit = room == *owner || exception.is_some();
            assert!(is_fit, "{} writes to a table of {owner}: ask a verb of {owner} to: {statement}", path.display());
            used.extend(exception.map(|(from, of, _)| (*from, *of)));
            owned.extend((room == *owner).then_some(*table));
        }
    }
    assert_eq!(used.len(), WRITTEN_FROM_ELSEWHERE.len(), "an exception that nothing needs any more");
    assert_eq!(owned, owners.keys().copied().collect(), "a table that its owner never writes to");
}

/// The table to which a statement writes.
fn written(statement: &str) -> Option<&str> {
    let begin = ["INSERT INTO ", "DELETE FROM ", "UPDATE "].into_iter().find(|begin| statement.starts_with(begin))?;
    statement[begin.len()..].split(' ').next()
}

/// Keys without a tenant, each with its reason: they stand in the way of putting tenants on several machines.
const KEYS_OF_ALL: [(&str, &str); 3] = [
    ("id BIGINT NOT NULL PRIMARY KEY,", "the table of tenants itself"),
    ("CREATE UNIQUE INDEX tenants_name ON tenants (name);", "the table of tenants itself"),
    (
        "CREATE UNIQUE INDEX credentials_secret ON credentials (secret_hash);",
        "a token does not tell its tenant, and finds it so",
    ),
];

#[test]
fn every_key_has_its_tenant_in_it() {
    let mut exceptions = BTreeSet::new();
    for path in files(&["migrations"]) {
        let text = read(&path);
        for line in text.lines().map(str::trim).filter(|line| line.contains("PRIMARY KEY") || line.contains("UNIQUE")) {
            let known = KEYS_OF_ALL.iter().position(|(key, _)| *key == line);
            let has_tenant = line.contains("(tenant,") || line.contains("(tenant)");
            assert!(has_tenant || known.is_some(), "{}: a key without its tenant: {line}", path.display());
            exceptions.extend(known);
        }
    }
    assert_eq!(exceptions.len(), KEYS_OF_ALL.len(), "an exception that nothing needs any more");
}

#[test]
fn no_statement_looks_from_each_tenant_into_a_table() {
    let all: Vec<_> = product().flat_map(|(_, code)| statements(&code)).collect();
    assert!(all.len() > 300, "statements were found: {}", all.len());
    let looks =
        all.iter().filter(|text| text.split("FROM tenants").nth(1).is_some_and(|rest| rest.contains("(SELECT")));
    let looks: Vec<_> = looks.collect();
    assert!(looks.is_empty(), "it would cost a look for each tenant, whether anything waits or not: {looks:#?}");
}

/// What a connection asks beside the statements in the sources: the transaction itself.
const OF_THE_ENGINE: usize = 8;

#[test]
fn the_embedded_engine_prepares_no_statement_twice() {
    let source = read(Path::new("src/store/sqlite/connection.rs"));
    let most = source.split("const STATEMENTS_MAX: usize = ").nth(1).and_then(|rest| rest.split(';').next());
    let most: usize = most.and_then(|number| number.parse().ok()).expect("STATEMENTS_MAX is a number");
    let used = crate::plans::statements::all().len() + OF_THE_ENGINE;
    assert!(used <= most, "{used} statements do not fit into STATEMENTS_MAX = {most}: raise it");
}

#[test]
fn what_one_run_of_the_suite_leaves_to_the_other_is_there() {
    let (script, suite) = (read(Path::new("script/test")), read(Path::new("tests/suite/main.rs")));
    let list = |name: &str| {
        let line = script.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=(")?.strip_suffix(')'));
        line.unwrap_or_else(|| panic!("script/test has no list {name}"))
            .split(' ')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for module in [list("once"), list("servers")].concat() {
        assert!(suite.contains(&format!("\nmod {module};\n")), "script/test skips {module}, which is not in the suite");
    }
}

#[test]
fn what_is_long_has_a_reason() {
    let page = read(Path::new("docs/size.md"));
    let named: BTreeSet<_> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).map(String::from).collect();
    let mut long = BTreeSet::new();
    for path in files(&["src", "tests", "bench/src", "model/src"]) {
        if has_ending(&path, &["rs", "css", "js"]) {
            let text = read(&path);
            let name = path.display();
            long.extend((text.lines().count() > 300).then(|| name.to_string()));
            long.extend(long_functions(&text).iter().map(|function| format!("{name}: {function}")));
        }
    }
    let without_reason: Vec<_> = long.difference(&named).collect();
    assert!(
        without_reason.is_empty(),
        "over 300 lines, or a function over 50; shorten or explain in docs/size.md: {without_reason:#?}"
    );
    let no_more: Vec<_> = named.difference(&long).collect();
    assert!(no_more.is_empty(), "no longer long; take it out of docs/size.md: {no_more:#?}");
}

/// Functions of more than 50 lines. rustfmt puts the closing brace where the `fn` began, which is all this counts by.
fn long_functions(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().collect();
    let mut long = Vec::new();
    for (nth, line) in lines.iter().enumerate() {
        let begin = line.trim_start();
        let words: Vec<_> = begin
            .split(' ')
            .take_while(|word| word.chars().all(|c| c.is_alphanumeric() || "()_:".contains(c)))
            .collect();
        let Some((_, rest)) = begin.split_once("fn ").filter(|_| words.contains(&"fn")) else { continue };
        let end = format!("{}}}", &line[..line.len() - begin.len()]);
        let length = lines[nth..].iter().position(|line| *line == end).map_or(0, |length| length + 1);
        let is_one_line = line.ends_with('}') || line.ends_with(';');
        if length > 50 && !is_one_line {
            long.push(rest.split(['(', '<']).next().unwrap_or_default().to_string());
        }
    }
    long
}

/// What can go wrong around an incident is listed with its tests, each by the name of its function.
#[test]
fn each_test_that_the_traps_of_incidents_name_is_there() {
    let page = read(Path::new("docs/incident-traps.md"));
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let sources: String =
        files(&["src", "tests/suite"]).iter().filter(|path| has_ending(path, &["rs"])).map(|path| read(path)).collect();
    let is_there = |name: &str| sources.contains(&format!("fn {name}("));
    let mut named = BTreeSet::new();
    for row in rows {
        let words: Vec<_> = row.split('`').skip(1).step_by(2).collect();
        let tests: Vec<_> = words.into_iter().filter(|word| word.matches('_').count() > 3).collect();
        let is_told = row.contains("no test") || row.ends_with("Tests |");
        assert_eq!(tests.is_empty(), is_told, "a row has tests, or says why it has none: {row}");
        for test in tests {
            assert!(is_there(test), "docs/incident-traps.md names a test that is not there: {test}");
            named.insert(test);
        }
    }
    assert!(named.len() > 60, "{} tests", named.len());
}
