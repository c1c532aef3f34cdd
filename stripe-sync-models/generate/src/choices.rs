//! `data/resources.toml`: what is chosen for each resource, because the schema does not say it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::GenerateError;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choices {
    /// What a group or a folder in one holds, by its path: `billing`, `billing/catalog`.
    pub(crate) group: BTreeMap<String, String>,
    /// Each model, by the name of its struct.
    pub(crate) model: BTreeMap<String, Choice>,
    /// Resources without a model, each with the reason.
    pub(crate) without: BTreeMap<String, String>,
}

/// What is chosen for one model.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// Stripe's name for the resource; of an element without an id, with the path of its array: `price.tiers`.
    pub(crate) object: String,
    /// Where the struct's file is: `billing/catalog`. What stands before the first slash is the Cargo feature.
    pub(crate) group: String,
    /// The table, where it is not the plural of the struct's name.
    pub(crate) table: Option<String>,
    /// What the resource is: one sentence.
    pub(crate) doc: String,
    /// Members of large objects that are columns: `payment_method_details.card.last4`, named by [`Choice::names`] or by their path.
    #[serde(default)]
    pub(crate) columns: Vec<String>,
    /// Other names of columns, by path.
    #[serde(default)]
    pub(crate) names: BTreeMap<String, String>,
    /// Members that are left to `raw`, although they would be columns by rule.
    #[serde(default)]
    pub(crate) raw: Vec<String>,
    /// Objects and arrays that are columns of JSON. What Stripe sends on request, and objects that it sends as their ids, are asked
    /// for.
    #[serde(default)]
    pub(crate) json: Vec<String>,
    /// Lists whose elements are rows: the member, and the struct of its elements.
    #[serde(default)]
    pub(crate) children: BTreeMap<String, String>,
    /// The member that names the parent, of a model whose rows are elements of another one's list.
    pub(crate) parent: Option<String>,
    /// The parent's object name, where the element does not name it.
    pub(crate) parent_object: Option<String>,
    /// A filter that the list demands, as it stands in the attribute.
    pub(crate) filter: Option<String>,
}

impl Choices {
    pub(crate) fn parse(text: &str) -> Result<Self, GenerateError> {
        Ok(toml::from_str(text)?)
    }
}
