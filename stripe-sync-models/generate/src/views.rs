//! The SQL of the views: one template for each in `data/views`, and the words in which the databases differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::GenerateError;

/// The databases, each with what stands for the placeholders of a template.
const DIALECTS: [(&str, &[(&str, &str)]); 3] = [
    (
        "sqlite",
        &[
            ("exact", "1.0"),
            ("div", "/"),
            ("integer", "INTEGER"),
            ("json_length", "json_array_length"),
            ("now", "CAST(strftime('%s', 'now') AS INTEGER)"),
            ("seconds", "CAST(strftime('%s', k.discount_end) AS INTEGER)"),
            (
                "discounts",
                "JOIN json_each(s.discounts) d ON d.type = 'object'",
            ),
            ("place", "d.key + 1"),
            (
                "coupon",
                "COALESCE(json_extract(d.value, '$.source.coupon.id'), json_extract(d.value, '$.source.coupon'), \
                 json_extract(d.value, '$.coupon.id'))",
            ),
            ("ends", "json_extract(d.value, '$.end')"),
        ],
    ),
    (
        "postgres",
        &[
            ("exact", "1.0"),
            ("div", "/"),
            ("integer", "BIGINT"),
            ("json_length", "jsonb_array_length"),
            ("now", "EXTRACT(EPOCH FROM now())"),
            ("seconds", "EXTRACT(EPOCH FROM k.discount_end)"),
            (
                "discounts",
                "CROSS JOIN LATERAL jsonb_array_elements(s.discounts) WITH ORDINALITY AS d (value, place)",
            ),
            ("place", "d.place"),
            (
                "coupon",
                "COALESCE(d.value #>> '{source,coupon,id}', d.value #>> '{source,coupon}', d.value #>> '{coupon,id}')",
            ),
            ("ends", "CAST(d.value ->> 'end' AS BIGINT)"),
        ],
    ),
    (
        "mysql",
        &[
            // A division keeps four digits more than what is divided.
            ("exact", "1.00000000"),
            ("div", "DIV"),
            ("integer", "SIGNED"),
            ("json_length", "JSON_LENGTH"),
            ("now", "UNIX_TIMESTAMP()"),
            (
                "seconds",
                "TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', k.discount_end)",
            ),
            (
                "discounts",
                "JOIN JSON_TABLE(s.discounts, '$[*]' COLUMNS (place FOR ORDINALITY, coupon VARCHAR(255) PATH '$.source.coupon', \
                 whole VARCHAR(255) PATH '$.source.coupon.id', older VARCHAR(255) PATH '$.coupon.id', ends BIGINT PATH '$.end')) d",
            ),
            ("place", "d.place"),
            ("coupon", "COALESCE(d.whole, d.coupon, d.older)"),
            ("ends", "d.ends"),
        ],
    ),
];

/// The file of each view on each database, by its path below the folder of the models.
pub(crate) fn files(
    folder: &Path,
    templates: &BTreeMap<String, String>,
) -> Result<BTreeMap<PathBuf, String>, GenerateError> {
    let mut out = BTreeMap::new();
    for (name, template) in templates {
        for (database, words) in DIALECTS {
            let mut text = template.clone();
            for (word, stands_for) in words {
                text = text.replace(&format!("{{{{{word}}}}}"), stands_for);
            }
            if text.contains("{{") {
                let message = format!("{name}: a placeholder that {database} does not know");
                return Err(GenerateError::Views(message));
            }
            out.insert(folder.join(database).join(name), text);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::files;

    #[test]
    fn each_database_has_its_words() {
        let template = "SELECT CAST(1 AS {{integer}}) FROM {customers}";
        let templates = BTreeMap::from([("a.v1.sql".to_owned(), template.to_owned())]);
        let files = files(Path::new("views"), &templates).unwrap();
        let of =
            |database: &str| files[&Path::new("views").join(database).join("a.v1.sql")].as_str();
        assert_eq!(of("mysql"), "SELECT CAST(1 AS SIGNED) FROM {customers}");
        assert_eq!(of("sqlite"), "SELECT CAST(1 AS INTEGER) FROM {customers}");
        let unknown = BTreeMap::from([("a".to_owned(), "{{nothing}}".to_owned())]);
        assert!(super::files(Path::new("views"), &unknown).is_err());
    }
}
