//! The files that declare modules and list models.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::{Model, Plan};
use crate::source::HEAD;

/// The file of a group or of a folder in one, by its path without `.rs`: modules, re-exports and, of a group, its registry.
pub(crate) fn files(plan: &Plan, about: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let groups = plan.groups();
    let mut out = BTreeMap::new();
    for (path, models) in &groups {
        let mut text = head(path, about);
        for model in models {
            let _ = writeln!(text, "mod {};", model.file());
        }
        text.push('\n');
        for model in models {
            let _ = writeln!(text, "pub use {}::{};", model.file(), model.name);
        }
        if !path.contains('/') {
            text.push_str(&all(plan, path));
        }
        out.insert(format!("groups/{path}"), text);
    }
    for feature in plan.features() {
        if groups.contains_key(feature) {
            continue;
        }
        let mut text = head(feature, about);
        let prefix = format!("{feature}/");
        let inside: Vec<&str> = groups
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .collect();
        for folder in &inside {
            let _ = writeln!(text, "mod {folder};");
        }
        text.push('\n');
        for folder in &inside {
            let _ = writeln!(text, "pub use {folder}::*;");
        }
        text.push_str(&all(plan, feature));
        out.insert(format!("groups/{feature}"), text);
    }
    out.insert("groups".to_owned(), root(plan));
    out
}

fn head(path: &str, about: &BTreeMap<String, String>) -> String {
    let about = about.get(path).map_or("", String::as_str);
    format!("//! {about}\n\n// {HEAD}\n\n")
}

/// The registry of a group.
fn all(plan: &Plan, feature: &str) -> String {
    let mut out = String::from(
        "\nuse stripe_sync::Registry;\n\n/// Returns the models of this group, in the order in which their tables are filled.\npub fn all() -> \
         Registry {\n    Registry::new()\n",
    );
    for model in plan.alone().filter(|model| model.feature() == feature) {
        let _ = writeln!(out, "        .model::<{}>()", model.name);
    }
    out.push_str("}\n");
    out
}

/// The registry of every group that is on.
fn root(plan: &Plan) -> String {
    let mut out = format!("//! The groups, one for each Cargo feature.\n\n// {HEAD}\n\n");
    for feature in plan.features() {
        let _ = writeln!(out, "#[cfg(feature = \"{feature}\")]\npub mod {feature};");
    }
    out.push_str("\nuse stripe_sync::Registry;\n\n");
    out.push_str("/// Returns the models of every group whose feature is on, in the order in which their tables are filled.\n");
    out.push_str("#[allow(unused_mut, reason = \"no feature may be on\")]\npub fn all() -> Registry {\n    let mut models = Registry::new();\n");
    let models: Vec<&Model> = plan.alone().collect();
    let mut at = 0;
    while let Some(first) = models.get(at) {
        let run = models[at..]
            .iter()
            .take_while(|model| model.feature() == first.feature());
        let run: Vec<&&Model> = run.collect();
        at += run.len();
        let _ = writeln!(
            out,
            "    #[cfg(feature = \"{}\")]\n    {{\n        models = models",
            first.feature()
        );
        for model in run {
            let _ = writeln!(out, "            .model::<crate::{}>()", model.name);
        }
        out.push_str("            ;\n    }\n");
    }
    out.push_str("    models\n}\n");
    out
}
