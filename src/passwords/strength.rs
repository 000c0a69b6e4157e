//! Estimates how many guesses a password withstands.

/// Longer passwords are judged by their first 100 characters; the cost grows faster than the length.
const CHARACTERS_MAX: usize = 100;

/// zxcvbn's score, 0 (guessed at once) to 4 (over 10^10 guesses). `context` holds words that an attacker of this user
/// would try first.
pub fn score(password: &str, context: &[String]) -> u8 {
    let beginning = match password.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => &password[..end],
        None => password,
    };
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    u8::from(zxcvbn::zxcvbn(beginning, &context).score())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_everybody_takes_is_weak_and_four_words_are_strong() {
        for (password, expected) in
            [("", 0), ("password", 0), ("aaaaaaaaaaaaaaaaaaaaaaaa", 0), ("glacier-tuba-orbit-sandal", 4)]
        {
            assert_eq!(score(password, &[]), expected, "{password}");
        }
    }

    #[test]
    fn a_word_of_the_users_own_world_counts_for_little() {
        let company = vec!["Zwiebelwerk".to_owned()];
        assert!(score("zwiebelwerk1", &company) < score("zwiebelwerk1", &[]));
    }

    #[test]
    fn only_the_beginning_is_looked_at() {
        let beginning = "ä".repeat(CHARACTERS_MAX);
        let strong_end = format!("{beginning}glacier-tuba-orbit-sandal");
        assert_eq!(score(&strong_end, &[]), score(&beginning, &[]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_has_a_score(password in any::<String>(), word in any::<String>()) {
            prop_assert!(score(&password, &[word]) <= 4);
        }
    }
}
