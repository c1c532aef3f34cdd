//! Which paths Stripe's API has, with their methods, whether or not the fake serves them.

use std::collections::HashMap;

const TABLE: &str = include_str!("paths.txt");

/// What `*` of the table is in a template.
const ID: &str = "{id}";

/// The methods that a path has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Methods {
    get: bool,
    post: bool,
    delete: bool,
}

impl Methods {
    fn parse(letters: &str) -> Self {
        Self {
            get: letters.contains('g'),
            post: letters.contains('p'),
            delete: letters.contains('d'),
        }
    }

    pub(crate) fn has(self, method: &str) -> bool {
        match method {
            "GET" => self.get,
            "POST" => self.post,
            "DELETE" => self.delete,
            _ => false,
        }
    }

    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The methods of each path template.
pub(crate) fn all() -> HashMap<String, Methods> {
    let mut all = HashMap::new();
    let mut base = "";
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        for (nth, word) in line.split_whitespace().enumerate() {
            let Some((path, letters)) = word.split_once(':') else {
                continue;
            };
            let template = if nth == 0 && !line.starts_with(' ') {
                base = path;
                path.to_owned()
            } else {
                format!("{base}/{}", path.replace('*', ID))
            };
            let methods = Methods::parse(letters);
            if !methods.is_empty() {
                all.insert(template, methods);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use stripe_sync_schema::catalogue;

    use super::*;

    #[test]
    fn lines_are_read() {
        let all = all();
        let has = |path: &str, method: &str| all.get(path).is_some_and(|found| found.has(method));
        assert!(has("/v1/charges", "POST") && has("/v1/charges", "GET"));
        assert!(has("/v1/charges/{id}/capture", "POST") && !has("/v1/charges/{id}/capture", "GET"));
        assert!(
            has("/v1/invoices/{id}/update_lines", "POST"),
            "an indented line"
        );
        assert!(has("/v1/mandates/{id}", "GET") && !all.contains_key("/v1/mandates"));
        assert!(has("/v2/core/events/{id}", "GET"));
        assert!(!has("/v1/customers/{id}", "PUT"));
        assert!(all.len() > 350, "{}", all.len());
    }

    #[test]
    fn the_catalogue_s_paths_are_among_them() {
        let all = all();
        for resource in catalogue::resources() {
            let lists = resource.list.iter().chain(&resource.nested);
            let paths = lists.map(|list| list.path).chain(resource.retrieve);
            for path in paths {
                assert!(
                    all.get(path).is_some_and(|found| found.has("GET")),
                    "{path}"
                );
            }
            let deleted = resource.retrieve.and_then(|path| all.get(path));
            if resource.deletable
                && let Some(found) = deleted
            {
                assert!(found.has("DELETE"), "{}", resource.object);
            }
        }
    }
}
