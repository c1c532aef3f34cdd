//! Output that is compared with a file. `SNAPSHOTS=overwrite` writes the files anew.

use std::path::PathBuf;

use crate::stage::Stage;

/// Compares a text with a file of this folder, after what differs from call to call is taken out.
pub(crate) fn assert(stage: &Stage, name: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/commands/snapshots")
        .join(format!("{name}.txt"));
    let found = steady(stage, text);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&file, &found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        found,
        expected,
        "{} differs: SNAPSHOTS=overwrite writes it anew",
        file.display()
    );
}

/// The text without what differs from call to call.
fn steady(stage: &Stage, text: &str) -> String {
    let mut steady = shown(stage, text);
    // How wide a column is follows from what differs.
    while steady.contains("   ") {
        steady = steady.replace("   ", "  ");
    }
    steady
}

/// The text without addresses, moments and durations of this call; what stands for them is as wide.
pub(crate) fn shown(stage: &Stage, text: &str) -> String {
    let text = text
        .replace(&stage.database.url, "DATABASE")
        .replace(&stage.fake.base_url(), "http://127.0.0.1:12111")
        .replace(&stage.directory.display().to_string(), "DIRECTORY");
    let mut shown = String::new();
    for line in text.lines() {
        let words = line.split_inclusive(' ');
        let words = words.map(word).collect::<String>();
        shown.push_str(words.trim_end());
        shown.push('\n');
    }
    shown
}

/// A word, or what stands for its kind: `2026-11-29`, `12:00:00`, `3s`.
fn word(word: &str) -> String {
    // Also within a sentence: `waiting for 3s, 0 done`.
    let (text, rest) = word.split_at(word.trim_end_matches([' ', ',']).len());
    let shape: String = text
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect();
    let is_duration = ["s", "m", "h"].iter().any(|unit| {
        text.strip_suffix(unit).is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    let steady = match shape.as_str() {
        "0000-00-00" => "2026-11-29",
        "00:00:00" => "12:00:00",
        _ if shape.starts_with("0000-00-00T00:00:00") => "2026-11-29T12:00:00Z",
        _ if is_duration => "0s",
        _ => text,
    };
    format!("{steady}{rest}")
}
