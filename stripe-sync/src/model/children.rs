//! Lists inside objects whose elements have rows of their own: which they are, and what such a row says of its place.

use std::fmt;

use crate::model::{Column, Model, Role};

/// A list inside a model's objects whose elements are rows of another model: `items` of a subscription.
pub struct Children {
    /// The name of the field.
    pub field: &'static str,
    /// Where the list, or the array, stands in the object, as `expand` names it: `items`.
    pub path: &'static str,
    /// The slot with its JSON.
    pub slot: u16,
    /// The model of the elements, as the struct names it: a registry may have another one in its place. A function,
    /// because models may refer to each other in circles.
    pub model: fn() -> &'static Model,
}

impl fmt::Debug for Children {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Children")
            .field("field", &self.field)
            .field("path", &self.path)
            .field("model", &(self.model)().name())
            .finish()
    }
}

/// The column with the id of the object in which a model's objects stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParentColumn {
    /// The place of the column in the struct.
    pub column: usize,
    /// Stripe's name of the parent's resource: `subscription`.
    pub object: &'static str,
}

impl Model {
    /// The lists inside its objects whose elements are rows of other models, by `#[stripe(children)]`: the field of each, and
    /// the model.
    pub fn children(&self) -> impl Iterator<Item = (&'static str, &'static Model)> {
        let children = self.parts.declared.children.iter();
        children.map(|children| (children.field, self.child(children)))
    }

    /// The model of the elements of one of its lists.
    pub(crate) fn child(&self, children: &Children) -> &'static Self {
        self.resolved((children.model)())
    }

    /// Its children and theirs, each once.
    pub(crate) fn descendants(&self) -> Vec<&'static Self> {
        let mut found: Vec<&'static Self> = Vec::new();
        let mut next: Vec<&'static Self> = self.children().map(|(_, child)| child).collect();
        while let Some(child) = next.pop() {
            if !found.iter().any(|known| known.is(child)) {
                found.push(child);
                next.extend(child.children().map(|(_, child)| child));
            }
        }
        found
    }

    /// Changes whenever its mapping changes, or that of its children.
    pub(crate) fn mapping(&self) -> u64 {
        let children = self.children().map(|(_, child)| child.parts.fingerprint);
        children.fold(self.parts.fingerprint, |all, one| all.rotate_left(1) ^ one)
    }

    /// Whether its objects have no ids: a row is known by its parent and its place in the parent's list.
    pub(crate) fn is_of_elements(&self) -> bool {
        self.role(Role::Position).is_some()
    }

    /// Whether only the list in which an object stands says whose it is: the object by itself does not.
    pub(crate) fn is_owned_by_list(&self) -> bool {
        let parent = self.parts.declared.parent;
        let column = parent.and_then(|parent| self.parts.columns.get(parent.column));
        column.is_some_and(|column| column.path.is_empty())
    }

    /// The columns of the key, in its order: account and mode where the struct has them, then the id, or parent and place.
    pub(crate) fn key(&self) -> impl Iterator<Item = &'static Column> {
        let roles: &[Role] = match self.is_of_elements() {
            true => &[Role::Account, Role::Livemode, Role::Parent, Role::Position],
            false => &[Role::Account, Role::Livemode, Role::Id],
        };
        roles.iter().filter_map(|role| self.role(*role))
    }
}
