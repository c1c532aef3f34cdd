//! `data/words`: what each column means, in our own words.
//!
//! ```text
//! [customer]
//! email The e-mail address, to which receipts go.
//!
//! [*]
//! created When the object was created.
//! address.city The city.
//! ```
//!
//! A block is for one object; `[*]` for all. A line is a path and a sentence. In `[*]` a path stands for every path that ends
//! with it; the longest decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::error::GenerateError;

/// The block for every object.
const ANY: &str = "*";

/// What columns mean.
#[derive(Debug, Default)]
pub(crate) struct Words {
    by_object: BTreeMap<String, BTreeMap<String, String>>,
    /// What was used.
    used: Mutex<BTreeSet<(String, String)>>,
    /// The columns without words.
    missing: Mutex<BTreeSet<(String, String)>>,
}

impl Words {
    /// Takes in one file.
    pub(crate) fn read(&mut self, file: &str, text: &str) -> Result<(), GenerateError> {
        let mut object = None;
        for (number, line) in text.lines().enumerate() {
            let wrong = |what: &str| GenerateError::Words(format!("{file}:{}: {what}", number + 1));
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                object = Some(name.to_owned());
                continue;
            }
            let (path, sentence) = line
                .split_once(' ')
                .ok_or_else(|| wrong("expected a path and a sentence"))?;
            if !sentence.ends_with('.') {
                return Err(wrong("a sentence ends with a full stop"));
            }
            let object = object
                .clone()
                .ok_or_else(|| wrong("no [object] stands above"))?;
            let words = self.by_object.entry(object).or_default();
            if words.insert(path.to_owned(), sentence.to_owned()).is_some() {
                return Err(wrong("the path stands there already"));
            }
        }
        Ok(())
    }

    /// What the value at a path of an object means. Where nothing says it, the text is empty and [`check`](Self::check) fails.
    pub(crate) fn of(&self, object: &str, path: &str) -> String {
        if let Some(sentence) = self.find(object, path) {
            return sentence;
        }
        let mut rest = path;
        loop {
            if let Some(sentence) = self.find(ANY, rest) {
                return sentence;
            }
            match rest.split_once('.') {
                Some((_, shorter)) => rest = shorter,
                None => break,
            }
        }
        if let Ok(mut missing) = self.missing.lock() {
            missing.insert((object.to_owned(), path.to_owned()));
        }
        String::new()
    }

    fn find(&self, object: &str, path: &str) -> Option<String> {
        let sentence = self.by_object.get(object)?.get(path)?;
        self.used
            .lock()
            .map(|mut used| used.insert((object.to_owned(), path.to_owned())))
            .ok();
        Some(sentence.clone())
    }

    /// All words have a column, and all columns have words.
    pub(crate) fn check(&self) -> Result<(), GenerateError> {
        let used = self
            .used
            .lock()
            .map(|used| used.clone())
            .unwrap_or_default();
        let all = self.by_object.iter().flat_map(|(object, words)| {
            let pair = |path: &String| (object.clone(), path.clone());
            words.keys().map(pair)
        });
        let unused = all.filter(|one| !used.contains(one));
        let unused = unused.map(|(object, path)| format!("no column for {object} {path}"));
        let missing = self.missing.lock().map(|missing| missing.clone());
        let missing = missing.unwrap_or_default().into_iter();
        let missing = missing.map(|(object, path)| {
            format!("no words for {object} {path}: say what it means in `data/words`")
        });
        let wrong: Vec<String> = unused.chain(missing).collect();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(GenerateError::Words(wrong.join("\n"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn words() -> Words {
        let mut words = Words::default();
        words
            .read(
                "a",
                "[customer]\nemail The address.\n\n[*]\ncity A city.\naddress.city The city.\n",
            )
            .unwrap();
        words
    }

    #[test]
    fn the_own_words_come_first_and_then_the_longest_ending() {
        let words = words();
        assert_eq!(words.of("customer", "email"), "The address.");
        assert_eq!(words.of("charge", "shipping.address.city"), "The city.");
        assert_eq!(words.of("charge", "city"), "A city.");
        words.check().unwrap();
    }

    #[test]
    fn columns_without_words_are_a_mistake() {
        let words = words();
        for path in ["email", "address.city", "city"] {
            words.of("customer", path);
        }
        words.check().unwrap();
        words.of("charge", "amount");
        let error = words.check().unwrap_err().to_string();
        assert!(error.contains("no words for charge amount"), "{error}");
    }

    #[test]
    fn words_without_a_column_are_a_mistake() {
        let words = words();
        words.of("customer", "email");
        let error = words.check().unwrap_err().to_string();
        assert!(error.contains("no column for * city"), "{error}");
    }
}
