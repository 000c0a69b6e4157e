//! Every SQL statement of the product, read from its sources: the store takes nothing but `&'static str`, so each is a
//! literal, or literals joined by `concat!`, with or without a macro of the same file or another.

use std::path::{Path, PathBuf};

use crate::tidy::product;

/// A statement and the file in which it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    pub text: String,
    pub file: PathBuf,
    /// Whether it is sent for many rows at once.
    pub is_batch: bool,
}

/// Files that put statements together at run time. The store lists those of its copies, of erasing and of rewording, and explains the
/// other forms beside the statement that they are made from.
const MADE: [&str; 4] =
    ["src/store/copy.rs", "src/store/erase.rs", "src/store/postgres/merge.rs", "src/store/reword.rs"];
const VERBS: [&str; 5] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "];

/// All of them, each once.
pub fn all() -> Vec<Statement> {
    let files: Vec<_> = product().map(|(path, code)| (path, tokens(&code))).collect();
    let macros: Vec<Macro> = files.iter().flat_map(|(path, tokens)| definitions(path, tokens)).collect();
    let mut found = Vec::new();
    for (file, tokens) in &files {
        for (literal, is_batch) in (Reader { file, macros: &macros }).marked(tokens) {
            let text = literal.split_whitespace().collect::<Vec<_>>().join(" ");
            if is_statement(file, &text) {
                found.push(Statement { text, file: file.clone(), is_batch });
            }
        }
    }
    let copies = tenantry::store::statements_of_copies();
    found.extend(copies.map(|text| {
        let is_batch = text.starts_with("INSERT ");
        Statement { text: text.into(), file: MADE[0].into(), is_batch }
    }));
    let erasing = tenantry::store::statements_of_erasing();
    found.extend(erasing.map(|text| Statement { text: text.into(), file: MADE[1].into(), is_batch: false }));
    let rewording = tenantry::store::statements_of_rewording();
    found.extend(rewording.map(|text| Statement { text: text.into(), file: MADE[3].into(), is_batch: false }));
    found.sort();
    found.dedup_by(|again, first| {
        let is_same = again.text == first.text;
        first.is_batch |= is_same && again.is_batch;
        is_same
    });
    found
}

fn is_statement(file: &Path, text: &str) -> bool {
    if MADE.iter().any(|made| file == Path::new(made)) {
        return false;
    }
    let begins = VERBS.iter().any(|verb| text.starts_with(verb));
    let (file, is_made) = (file.display(), text.split('{').skip(1).any(|rest| rest.starts_with(char::is_alphabetic)));
    assert!(!(begins && is_made), "{file}: a statement that is made at run time cannot be explained: {text}");
    assert!(begins || !text.contains("$1"), "{file}: this looks like a part of a statement: {text}");
    begins
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// The tokens of Rust code, as far as they matter here: numbers are words, comments are left out.
fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let token;
        (token, rest) = if rest.starts_with("//") {
            (None, rest.split_once('\n').map_or("", |(_, rest)| rest))
        } else if first == '"' {
            let (text, rest) = text(&rest[1..]);
            (Some(Token::Text(text)), rest)
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let (text, rest) = raw.split_once("\"#").unwrap();
            (Some(Token::Text(text.into())), rest)
        } else if first == '\'' {
            (None, behind_a_character(rest))
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Some(Token::Word(rest[..end].into())), &rest[end..])
        } else {
            ((!first.is_whitespace()).then_some(Token::Sign(first)), &rest[first.len_utf8()..])
        };
        tokens.extend(token);
    }
    tokens
}

/// The text of a literal after its first quote, and the code after it.
fn text(code: &str) -> (String, &str) {
    let (mut text, mut chars) = (String::new(), code.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => return (text, chars.as_str()),
            '\\' => match chars.next().unwrap() {
                'n' => text.push('\n'),
                '\n' => chars = chars.as_str().trim_start().chars(),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    panic!("a literal without an end")
}

/// A character in quotes, or the mark of a lifetime.
fn behind_a_character(code: &str) -> &str {
    let inner = &code[1..];
    let length = match inner.strip_prefix('\\') {
        Some(escaped) => 1 + escaped[1..].find('\'').map_or(0, |end| end + 1),
        None => inner.chars().next().map_or(0, char::len_utf8),
    };
    inner[length..].strip_prefix('\'').unwrap_or(inner)
}

/// The inside of the group that opens at `at`, and where it goes on behind it.
fn group(tokens: &[Token], at: usize) -> (&[Token], usize) {
    let mut depth = 0;
    for (nth, token) in tokens.iter().enumerate().skip(at) {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&tokens[at + 1..nth], nth + 1);
        }
    }
    panic!("a group without an end")
}

/// A macro that stands for a text.
struct Macro {
    file: PathBuf,
    /// Whether other files may use it.
    is_shared: bool,
    name: String,
    values: Vec<String>,
    body: Vec<Token>,
}

/// The macros of a file that take literals, or nothing.
fn definitions(file: &Path, tokens: &[Token]) -> Vec<Macro> {
    let mut found = Vec::new();
    for (nth, token) in tokens.iter().enumerate() {
        let (true, Some(Token::Word(name))) = (is_word(token, "macro_rules"), tokens.get(nth + 2)) else { continue };
        let (arms, _) = group(tokens, nth + 3);
        let (taken, behind) = group(arms, 0);
        let values = taken.windows(2).filter_map(|pair| match pair {
            [Token::Sign('$'), Token::Word(name)] => Some(name.clone()),
            _ => None,
        });
        let (body, _) = group(arms, behind + 2);
        let (values, body) = (values.collect(), body.to_vec());
        let is_exported = nth > 1 && is_word(&tokens[nth - 2], "macro_export");
        let is_named = |pair: &[Token]| is_word(&pair[0], "use") && is_word(&pair[1], name);
        let is_shared = is_exported || tokens.windows(2).any(is_named);
        found.push(Macro { file: file.to_path_buf(), is_shared, name: name.clone(), values, body });
    }
    found
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(name) if name == word)
}

/// Reads literals where they are used.
struct Reader<'a> {
    file: &'a Path,
    macros: &'a [Macro],
}

impl Reader<'_> {
    /// Every string literal in the code, without those of attributes, with macros expanded.
    fn literals(&self, tokens: &[Token]) -> Vec<String> {
        self.marked(tokens).into_iter().map(|(text, _)| text).collect()
    }

    /// The same, and whether a text is the one of a `Batch::new`.
    fn marked(&self, tokens: &[Token]) -> Vec<(String, bool)> {
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                Token::Text(text) => found.push((text.clone(), false)),
                Token::Word(name) if name == "Batch" && tokens.get(at + 2).is_some_and(|next| is_word(next, "new")) => {
                    let (inside, behind) = group(tokens, at + 3);
                    found.extend(self.literals(inside).into_iter().map(|text| (text, true)));
                    at = behind;
                }
                Token::Sign('#') if tokens.get(at) == Some(&Token::Sign('[')) => at = group(tokens, at).1,
                Token::Word(name) if tokens.get(at) == Some(&Token::Sign('!')) => {
                    if name == "macro_rules" {
                        at = group(tokens, at + 2).1;
                    } else if let Some((texts, behind)) = self.call(name, tokens, at + 1) {
                        found.extend(texts.into_iter().map(|text| (text, false)));
                        at = behind;
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The expansion of a macro call, and where the call ends; `None` for other macros.
    fn call(&self, name: &str, tokens: &[Token], at: usize) -> Option<(Vec<String>, usize)> {
        if !matches!(tokens.get(at), Some(Token::Sign('(' | '[' | '{'))) {
            return None;
        }
        let (given, behind) = group(tokens, at);
        if name == "concat" {
            return Some((vec![self.joined(given)], behind));
        }
        let known = || self.macros.iter().filter(|known| known.name == name);
        let made = known().find(|known| known.file == self.file).or_else(|| known().find(|known| known.is_shared))?;
        let given: Vec<_> = given.split(|token| *token == Token::Sign(',')).collect();
        let mut body = Vec::new();
        let mut tokens = made.body.iter();
        while let Some(token) = tokens.next() {
            if *token != Token::Sign('$') {
                body.push(token.clone());
                continue;
            }
            let place =
                made.values.iter().position(|value| tokens.clone().next().is_some_and(|next| is_word(next, value)));
            body.extend_from_slice(given.get(place?)?);
            tokens.next();
        }
        Some((self.literals(&body), behind))
    }

    /// The texts in a `concat!`.
    fn joined(&self, tokens: &[Token]) -> String {
        let part = |token: &Token| !matches!(token, Token::Sign(',' | ':')) && !is_word(token, "crate");
        for (nth, token) in
            tokens.iter().enumerate().filter(|(_, token)| matches!(token, Token::Word(_)) && part(token))
        {
            let is_macro = tokens.get(nth + 1) == Some(&Token::Sign('!'));
            let is_known = is_macro && self.macros.iter().any(|known| is_word(token, &known.name));
            assert!(is_known, "{}: {token:?} in a concat! cannot be read", self.file.display());
        }
        self.literals(tokens).concat()
    }
}

#[test]
fn statements_are_found_however_they_are_written() {
    let code = r##"
        /// "SELECT nothing" is a comment, and so is 'a'.
        #[doc = "SELECT nothing"]
        macro_rules! columns { () => { "a, \"b\"" }; }
        macro_rules! find { ($order:literal) => { concat!("SELECT ", crate::columns!(), " FROM t ", $order) }; }
        const ONE: &'static str = "SELECT 1
            FROM t";
        fn all() -> char { ask(find!("DESC"), find!("ASC")); ask("UPDATE \
              t"); log!("x {y}", 'y'); '\'' }
        "##;
    let file = Path::new("src/x.rs");
    let tokens = tokens(code);
    let macros = definitions(file, &tokens);
    let found = Reader { file, macros: &macros }.literals(&tokens);
    let found: Vec<_> = found.iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected =
        ["SELECT 1 FROM t", "SELECT a, \"b\" FROM t DESC", "SELECT a, \"b\" FROM t ASC", "UPDATE t", "x {y}"];
    assert_eq!(found, expected);
}
