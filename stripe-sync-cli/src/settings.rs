//! The settings in effect: a flag, then the environment, then the file, then the default.

mod file;

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::arguments::{Color, Flags, Format};
use crate::failure::Failure;
use file::File;

pub(crate) const SECRET_KEY: &str = "STRIPE_SECRET_KEY";
const DATABASE_URL: &str = "DATABASE_URL";
const API_BASE: &str = "STRIPE_API_BASE";
const NO_COLOR: &str = "NO_COLOR";
const DEFAULT_DATABASE: &str = "sqlite:stripe.db";
const STRIPE: &str = "https://api.stripe.com";

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag(&'static str),
    Environment(&'static str),
    File(PathBuf),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => f.write_str(name),
            Self::Environment(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// Where Stripe's secret key is.
#[derive(Clone)]
pub(crate) enum KeyPlace {
    /// The key itself.
    Given(String),
    /// A file that has it.
    File(PathBuf),
    /// Nobody said.
    Nowhere,
}

impl fmt::Debug for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given(..)"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Nowhere => f.write_str("Nowhere"),
        }
    }
}

/// The settings in effect.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) database: Setting<String>,
    pub(crate) api_key: Setting<KeyPlace>,
    pub(crate) api_base: Setting<String>,
    pub(crate) account: Setting<Option<String>>,
    pub(crate) rate: Setting<Option<f64>>,
    pub(crate) format: Setting<Format>,
    pub(crate) color: Setting<Color>,
}

impl Settings {
    /// Puts the settings together.
    ///
    /// # Errors
    /// When the file cannot be read, or has a setting that there is not.
    pub(crate) fn new(flags: &Flags) -> Result<Self, Failure> {
        let here = env::current_dir().unwrap_or_default();
        let found = file::find(flags.config.as_deref(), &here)?;
        Ok(Self::merge(flags, |name| env::var(name).ok(), found))
    }

    fn merge(
        flags: &Flags,
        environment: impl Fn(&str) -> Option<String>,
        file: Option<(PathBuf, File)>,
    ) -> Self {
        let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
        let (path, file) = file.unwrap_or_default();
        let from = Sources { path: &path };
        let database = from.first([
            flags
                .database
                .clone()
                .map(|value| (value, Origin::Flag("--database"))),
            environment(DATABASE_URL).map(|value| (value, Origin::Environment(DATABASE_URL))),
            from.file(file.database),
        ]);
        let api_base = from.first([
            flags
                .api_base
                .clone()
                .map(|value| (value, Origin::Flag("--api-base"))),
            environment(API_BASE).map(|value| (value, Origin::Environment(API_BASE))),
            from.file(file.api_base),
        ]);
        let directory = path.parent().unwrap_or(Path::new(""));
        let api_key = from.first([
            flags
                .api_key
                .clone()
                .map(|key| (KeyPlace::Given(key), Origin::Flag("--api-key"))),
            flags
                .api_key_file
                .clone()
                .map(|path| (KeyPlace::File(path), Origin::Flag("--api-key-file"))),
            environment(SECRET_KEY)
                .map(|key| (KeyPlace::Given(key), Origin::Environment(SECRET_KEY))),
            // As the file says it: beside the file, and not beside whoever calls.
            from.file(
                file.api_key_file
                    .map(|path| KeyPlace::File(directory.join(path))),
            ),
        ]);
        let account = from.first([
            flags
                .account
                .clone()
                .map(|value| (Some(value), Origin::Flag("--account"))),
            None,
            from.file(file.account.map(Some)),
        ]);
        let format = from.first([
            flags.format.map(|value| (value, Origin::Flag("--format"))),
            None,
            from.file(file.format),
        ]);
        let color = from.first([
            flags.color.map(|value| (value, Origin::Flag("--color"))),
            environment(NO_COLOR).map(|_| (Color::Never, Origin::Environment(NO_COLOR))),
            from.file(file.color),
        ]);
        Self {
            database: database.unwrap_or_else(|| default(DEFAULT_DATABASE.to_owned())),
            api_key: api_key.unwrap_or_else(|| default(KeyPlace::Nowhere)),
            api_base: api_base.unwrap_or_else(|| default(STRIPE.to_owned())),
            account: account.unwrap_or_else(|| default(None)),
            rate: from
                .first([from.file(file.rate.map(Some))])
                .unwrap_or_else(|| default(None)),
            format: format.unwrap_or_else(|| default(Format::default())),
            color: color.unwrap_or_else(|| default(Color::default())),
        }
    }

    /// Every setting as it may be shown: its name, its value without secrets, and where it comes from.
    pub(crate) fn shown(&self) -> Vec<(&'static str, Option<String>, &Origin)> {
        let key = match &self.api_key.value {
            KeyPlace::Given(key) => Some(masked_key(key)),
            KeyPlace::File(path) => Some(path.display().to_string()),
            KeyPlace::Nowhere => None,
        };
        let format = match self.format.value {
            Format::Human => "human",
            Format::Json => "json",
        };
        let color = match self.color.value {
            Color::Auto => "auto",
            Color::Always => "always",
            Color::Never => "never",
        };
        vec![
            (
                "database",
                Some(masked_url(&self.database.value)),
                &self.database.origin,
            ),
            ("api_key", key, &self.api_key.origin),
            (
                "api_base",
                Some(masked_url(&self.api_base.value)),
                &self.api_base.origin,
            ),
            ("account", self.account.value.clone(), &self.account.origin),
            (
                "rate",
                self.rate.value.map(|rate| rate.to_string()),
                &self.rate.origin,
            ),
            ("format", Some(format.to_owned()), &self.format.origin),
            ("color", Some(color.to_owned()), &self.color.origin),
        ]
    }
}

fn default<T>(value: T) -> Setting<T> {
    Setting {
        value,
        origin: Origin::Default,
    }
}

/// What the file says comes from there.
struct Sources<'p> {
    path: &'p Path,
}

impl Sources<'_> {
    fn file<T>(&self, value: Option<T>) -> Option<(T, Origin)> {
        value.map(|value| (value, Origin::File(self.path.to_owned())))
    }

    fn first<T, const N: usize>(&self, sources: [Option<(T, Origin)>; N]) -> Option<Setting<T>> {
        let found = sources.into_iter().flatten().next();
        found.map(|(value, origin)| Setting { value, origin })
    }
}

/// What of a key says whose it is: `sk_test_…`.
pub(crate) fn masked_key(key: &str) -> String {
    let kind = key
        .rmatch_indices('_')
        .next()
        .map_or("", |(at, _)| &key[..=at]);
    format!("{kind}…")
}

/// A database's or server's address without its password and what stands behind `?`.
pub(crate) fn masked_url(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    // A password may hold an `@`.
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (authority, path) = match rest.rfind('@') {
        Some(at) if at > authority.len() => rest.split_at(at),
        _ => (authority, path),
    };
    match (authority.rsplit_once('@'), path.strip_prefix('@')) {
        (_, Some(path)) => format!("{scheme}://…@{path}"),
        (Some((user, host)), None) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:…@{host}{path}")
        }
        (None, None) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests;
