//! All models: what each mirrors, its table, columns, children and references.

use std::collections::BTreeMap;

use stripe_sync_schema::{Resource, catalogue};

use crate::choices::{Choice, Choices};
use crate::columns::{Column, members};
use crate::error::GenerateError;
use crate::names;
use crate::words::Words;

/// Every model, in the order in which tables are filled.
pub(crate) struct Plan {
    pub(crate) models: Vec<Model>,
    /// Resources without a model, and why.
    pub(crate) without: Vec<(String, String)>,
}

/// One model.
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) object: String,
    /// `billing/catalog`
    pub(crate) group: String,
    pub(crate) table: String,
    pub(crate) doc: String,
    pub(crate) columns: Vec<Column>,
    /// Lists whose elements are rows: the member, whether it is sent on request only, and the struct.
    pub(crate) children: Vec<Child>,
    /// How its rows name the object in whose list they stand.
    pub(crate) parent: Option<Parent>,
    pub(crate) filter: Option<String>,
    pub(crate) in_raw: Vec<String>,
    pub(crate) on_request: Vec<String>,
    /// The resource; `None` for elements without an id.
    pub(crate) resource: Option<&'static Resource>,
}

/// A list inside an object.
pub(crate) struct Child {
    pub(crate) member: String,
    pub(crate) model: String,
    pub(crate) is_on_request: bool,
}

/// The column with the parent's id.
pub(crate) struct Parent {
    pub(crate) column: String,
    /// The parent's object, where the element does not name it.
    pub(crate) object: Option<String>,
    /// Whether objects of the resource exist without it.
    pub(crate) may_be_null: bool,
    pub(crate) doc: String,
}

impl Model {
    /// The Cargo feature.
    pub(crate) fn feature(&self) -> &str {
        self.group.split('/').next().unwrap_or(&self.group)
    }

    /// The name of its file and module: `checkout_session`.
    pub(crate) fn file(&self) -> String {
        names::snake(&self.name)
    }

    /// Whether its rows are elements without an id.
    pub(crate) fn is_element(&self) -> bool {
        self.resource.is_none()
    }
}

impl Plan {
    pub(crate) fn new(choices: &Choices, words: &Words) -> Result<Self, GenerateError> {
        let mut models = Vec::new();
        for (name, choice) in &choices.model {
            models.push(model(name, choice, words)?);
        }
        let place = |model: &Model| {
            let resource = model
                .object
                .split_once(".tiers")
                .map_or(&*model.object, |(of, _)| of);
            (
                catalogue::load_order(resource),
                model.is_element(),
                model.name.clone(),
            )
        };
        models.sort_by_key(place);
        let plan = Self {
            models,
            without: choices.without.clone().into_iter().collect(),
        };
        plan.check()?;
        Ok(plan)
    }

    /// The model that mirrors a resource by itself, if exactly one does.
    pub(crate) fn mirroring(&self, object: &str) -> Option<&Model> {
        let mut all = self.models.iter().filter(|model| model.object == object);
        all.next().filter(|_| all.next().is_none())
    }

    pub(crate) fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The models that a registry names. Those of children come with their parents' models: named, they would have runs of
    /// their own, over the lists of every kind of parent.
    pub(crate) fn alone(&self) -> impl Iterator<Item = &Model> {
        let is_child = |model: &Model| {
            let mut others = self.models.iter().flat_map(|other| &other.children);
            others.any(|child| child.model == model.name)
        };
        self.models.iter().filter(move |model| !is_child(model))
    }

    /// The models of each group, by the group's path.
    pub(crate) fn groups(&self) -> BTreeMap<&str, Vec<&Model>> {
        let mut groups: BTreeMap<&str, Vec<&Model>> = BTreeMap::new();
        for model in &self.models {
            groups.entry(&model.group).or_default().push(model);
        }
        for models in groups.values_mut() {
            models.sort_by_key(|model| &model.name);
        }
        groups
    }

    /// The Cargo features, in order.
    pub(crate) fn features(&self) -> Vec<&str> {
        let mut features: Vec<&str> = self.models.iter().map(Model::feature).collect();
        features.sort_unstable();
        features.dedup();
        features
    }

    /// Whether the model of a column's value, if it has one, is behind another feature.
    pub(crate) fn reference<'a>(&'a self, column: &Column) -> Option<&'a Model> {
        let [target] = column.targets[..] else {
            return None;
        };
        self.mirroring(target)
    }

    fn check(&self) -> Result<(), GenerateError> {
        for object in catalogue::resources()
            .iter()
            .map(|resource| resource.object)
        {
            let has_model = self.models.iter().any(|model| model.object == object);
            let has_reason = self.without.iter().any(|(without, _)| without == object);
            if has_model == has_reason {
                return Err(GenerateError::Catalogue(format!(
                    "`{object}` needs a model or a reason in `without`, and not both"
                )));
            }
        }
        for model in &self.models {
            for child in &model.children {
                if self
                    .model(&child.model)
                    .is_none_or(|child| child.parent.is_none())
                {
                    return Err(GenerateError::model(
                        &model.name,
                        format!("`{}` is no model with a parent", child.model),
                    ));
                }
            }
        }
        Ok(())
    }
}

fn model(name: &str, choice: &Choice, words: &Words) -> Result<Model, GenerateError> {
    let found = members(name, choice, words)?;
    let asked: Vec<&str> = stripe_sync_schema::fields::on_request(&choice.object).collect();
    let children = choice.children.iter().map(|(member, model)| Child {
        member: member.clone(),
        model: model.clone(),
        is_on_request: asked.contains(&member.as_str()),
    });
    let parent = choice.parent.as_ref().map(|column| Parent {
        may_be_null: stripe_sync_schema::fields::resolve(
            &choice.object,
            &crate::columns::steps(column),
        )
        .is_ok_and(|found| found.nullable || found.optional),
        doc: words.of(&choice.object, column),
        object: choice.parent_object.clone(),
        column: column.clone(),
    });
    let table = choice.table.clone();
    Ok(Model {
        name: name.to_owned(),
        object: choice.object.clone(),
        group: choice.group.clone(),
        table: table.unwrap_or_else(|| names::plural(&names::snake(name))),
        doc: choice.doc.clone(),
        columns: found.columns,
        children: children.collect(),
        parent,
        filter: choice.filter.clone(),
        in_raw: found.in_raw,
        on_request: found.on_request,
        resource: catalogue::resource(&choice.object),
    })
}
