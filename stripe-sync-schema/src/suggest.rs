//! Did-you-mean: which known names are near a name that is not known.

/// More than this many suggestions help nobody.
pub(crate) const MOST: usize = 3;

/// A typing error changes about one letter in this many.
const LETTERS_PER_ERROR: usize = 3;
/// With more, long words that only share an ending are near: `description` and `subscription` differ by three letters.
const MOST_ERRORS: usize = 2;

/// How many letters two names differ by (a swap of neighbours counts one; case and the kind of separator count nothing),
/// or None if that is too much for a typing error.
pub(crate) fn distance(wanted: &str, name: &str) -> Option<usize> {
    let limit = (wanted.len() / LETTERS_PER_ERROR).clamp(1, MOST_ERRORS);
    if wanted.len().abs_diff(name.len()) > limit {
        return None;
    }
    let found = strsim::osa_distance(&plain(wanted), &plain(name));
    (found <= limit).then_some(found)
}

/// The names near `wanted`, best first, at most three.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| Some((distance(wanted, name)?, name)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, name)| name).take(MOST).collect()
}

/// The object names near `wanted`; if none is, those whose last part is `wanted`: `session` means `checkout.session`; if there is
/// none of those either, the longest that `wanted` ends with: `customer_tax_id` means `tax_id`.
pub(crate) fn nearest_object<'a>(
    wanted: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Vec<&'a str> {
    let near = nearest(wanted, names.clone());
    if !near.is_empty() {
        return near;
    }
    let last_part = |name: &str| {
        name.rsplit('.')
            .next()
            .and_then(|last| distance(wanted, last))
    };
    let mut found: Vec<(usize, &str)> = names
        .clone()
        .filter_map(|name| Some((last_part(name)?, name)))
        .collect();
    found.sort_unstable();
    if found.is_empty() {
        let wanted = plain(wanted);
        let is_end = |name: &&str| ends_with_words(&wanted, &plain(name));
        return names
            .filter(is_end)
            .max_by_key(|name| name.len())
            .into_iter()
            .collect();
    }
    found.into_iter().map(|(_, name)| name).take(MOST).collect()
}

/// Whether the last words of `words` are `wanted`, and there are others before them.
pub(crate) fn ends_with_words(words: &str, wanted: &str) -> bool {
    words
        .strip_suffix(wanted)
        .is_some_and(|before| before.ends_with('_'))
}

/// What people add to the name of a member, or leave out.
const ENDINGS: [&str; 12] = [
    "_id", "_ids", "_at", "_on", "_date", "_time", "s", "_address", "_cents", "_code", "_number",
    "_string",
];

/// The names that are `wanted` in another form: in the plural or singular, with or without `_id`, `_at` and the like.
pub(crate) fn inflected<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let wanted = plain(wanted);
    names
        .into_iter()
        .filter(|name| is_form_of(&wanted, name) || is_form_of(name, &wanted))
        .take(MOST)
        .collect()
}

/// Whether `longer` is `word` with an ending.
fn is_form_of(longer: &str, word: &str) -> bool {
    let has = |ending| longer.strip_suffix(ending) == Some(word);
    let y = longer.strip_suffix("ies").zip(word.strip_suffix('y'));
    ENDINGS.into_iter().any(has)
        || y.is_some_and(|(one, other)| one == other)
        || has("es") && word.ends_with(['s', 'x', 'h'])
}

/// The names that have the words of `wanted` among theirs: first those that have them in a row, then those with the fewest other
/// words.
pub(crate) fn containing<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let wanted = plain(wanted);
    let words: Vec<&str> = wanted.split('_').collect();
    let mut found: Vec<(bool, usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let all: Vec<&str> = name.split('_').collect();
            let in_a_row = all.windows(words.len()).any(|part| part == words);
            let contains = words.iter().all(|word| all.contains(word));
            contains.then_some((!in_a_row, all.len(), name))
        })
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .map(|(.., name)| name)
        .take(MOST)
        .collect()
}

/// Lower case, with `_` for every separator.
fn plain(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            '.' | '-' | ' ' | '/' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{containing, distance, inflected, nearest, nearest_object};

    #[test]
    fn typing_errors_are_near_and_other_words_are_not() {
        assert_eq!(distance("emial", "email"), Some(1));
        assert_eq!(distance("checkout_session", "checkout.session"), Some(0));
        assert_eq!(distance("country", "currency"), None);
        assert_eq!(distance("subscription", "description"), None);
        assert_eq!(distance("id", "xy"), None);
        assert_eq!(distance("", "a"), Some(1));
    }

    #[test]
    fn the_best_come_first_and_no_more_than_three() {
        assert_eq!(
            nearest("line", ["line4", "lien", "line", "line1", "phone"]),
            ["line", "lien", "line1"]
        );
    }

    #[test]
    fn another_form_of_a_name_is_near() {
        let names = ["customer", "created", "currency", "address", "lines"];
        for (written, name) in [
            ("customer_id", "customer"),
            ("created_at", "created"),
            ("currencies", "currency"),
            ("addresses", "address"),
            ("line", "lines"),
        ] {
            assert_eq!(inflected(written, names), [name], "{written}");
        }
        assert!(inflected("entries", names).is_empty());
    }

    #[test]
    fn a_part_of_a_name_is_near_by_whole_words() {
        let names = [
            "customer_email",
            "receipt_email",
            "emails_sent",
            "account_customer_email",
        ];
        assert_eq!(
            containing("email", names),
            ["customer_email", "receipt_email", "account_customer_email"]
        );
        assert_eq!(
            containing("customer_account", names),
            ["account_customer_email"]
        );
        assert!(containing("mail", names).is_empty());
    }

    #[test]
    fn the_last_part_of_an_object_is_enough() {
        let names = ["charge", "checkout.session", "tax.settings"];
        assert_eq!(
            nearest_object("session", names.into_iter()),
            ["checkout.session"]
        );
        assert_eq!(nearest_object("chrage", names.into_iter()), ["charge"]);
        assert!(nearest_object("elephant", names.into_iter()).is_empty());
        assert_eq!(
            nearest_object("stripe.charge", names.into_iter()),
            ["charge"]
        );
        assert!(nearest_object("ballcharge", names.into_iter()).is_empty());
    }
}
