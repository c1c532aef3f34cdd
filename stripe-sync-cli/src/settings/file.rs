//! `stripe-sync.toml`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::arguments::{Color, Format};
use crate::failure::Failure;

/// The file's name.
const NAME: &str = "stripe-sync.toml";

/// What the file may say.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) database: Option<String>,
    pub(crate) api_key_file: Option<PathBuf>,
    pub(crate) api_base: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) rate: Option<f64>,
    pub(crate) format: Option<Format>,
    pub(crate) color: Option<Color>,
}

/// Finds the file that is named, or the nearest one in a directory and those above it.
///
/// # Errors
/// When the named file is not there, or a file cannot be read or says what there is not.
pub(crate) fn find(named: Option<&Path>, here: &Path) -> Result<Option<(PathBuf, File)>, Failure> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => {
            let mut above = here.ancestors().map(|directory| directory.join(NAME));
            match above.find(|path| path.is_file()) {
                Some(path) => path,
                None => return Ok(None),
            }
        }
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        Failure::usage(message).next("check the path, or leave `--config` out")
    })?;
    let file = parse(&text).map_err(|reason| {
        let message = format!("{}: {reason}", path.display());
        Failure::usage(message).next(
            "the settings are database, api_key_file, api_base, account, rate, format and color",
        )
    })?;
    Ok(Some((path, file)))
}

fn parse(text: &str) -> Result<File, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // The whole error quotes the line, which may have a password.
        let line = error
            .span()
            .map(|span| text[..span.start].lines().count().max(1));
        match line {
            Some(line) => format!("line {line}: {}", error.message()),
            None => error.message().to_owned(),
        }
    })?;
    if table.contains_key("api_key") {
        return Err(
            "a key does not belong into a file that others read: use `api_key_file`".to_owned(),
        );
    }
    let file: File = table
        .try_into()
        .map_err(|error: toml::de::Error| error.message().to_owned())?;
    match file.rate {
        Some(rate) if !(rate.is_finite() && rate > 0.0) => {
            Err(format!("expected a rate above 0, got {rate}"))
        }
        _ => Ok(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_mistakes_named() {
        let file = parse("database = 'sqlite:a.db'\nformat = 'json'\nrate = 10.0").unwrap();
        assert_eq!(file.database.as_deref(), Some("sqlite:a.db"));
        assert_eq!((file.format, file.rate), (Some(Format::Json), Some(10.0)));
        for (text, expected) in [
            ("databse = 'a'", "unknown field `databse`"),
            ("api_key = 'sk_test_123'", "api_key_file"),
            ("format = 'xml'", "xml"),
            ("rate = 0.0", "above 0"),
            ("\ndatabase = 'postgres://u:hunter2@h", "line"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(
                !error.contains("hunter2") && !error.contains("sk_test"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_nearest_file_above_counts() {
        let root =
            std::env::temp_dir().join(format!("stripe-sync-settings-{}", std::process::id()));
        let below = root.join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(root.join("a").join(NAME), "account = 'acct_1'").unwrap();
        let (path, file) = find(None, &below).unwrap().unwrap();
        assert_eq!(path, root.join("a").join(NAME));
        assert_eq!(file.account.as_deref(), Some("acct_1"));
        assert!(find(Some(&root.join("missing.toml")), &below).is_err());
        std::fs::remove_dir_all(&root).unwrap();
    }
}
