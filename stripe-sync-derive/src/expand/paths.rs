//! The slots that fields are read from, and the tree of paths that fills them.

use proc_macro2::TokenStream;
use quote::quote;
use stripe_sync_schema::{FilterSort, Kind, fields};

use super::field::{Mode, reader};
use crate::filter;
use crate::model::{Field, Model, Role};
use crate::path::{Path, Place};

/// The fixed slots of the runtime's `private` module: `ID`, `OBJECT`, `DELETED`, `ACCOUNT`, `LIVEMODE`, and the first
/// of a model's own.
const ID: u16 = 0;
const OBJECT: u16 = 1;
const DELETED: u16 = 2;
const ACCOUNT: u16 = 3;
const LIVEMODE: u16 = 4;
const FIRST_PATH: u16 = 5;

/// The slots of a model.
pub(super) struct Slots {
    roots: Vec<Node>,
    next: u16,
    columns: Vec<u16>,
    filters: Vec<u16>,
    members: Vec<(u16, Vec<u16>)>,
    children: Vec<u16>,
}

/// One place in an object.
struct Node {
    step: Place,
    slots: Vec<(u16, Mode)>,
    map: bool,
    children: Vec<Node>,
}

impl Slots {
    /// A slot for each field. Fields with the same path and mode share one.
    pub(super) fn of(model: &Model<'_>) -> Self {
        let fixed = |name: &str, slot| Node {
            step: Place::Key(name.to_owned()),
            slots: vec![(slot, Mode::Scalar)],
            map: false,
            children: Vec::new(),
        };
        let mut slots = Self {
            roots: vec![
                fixed("id", ID),
                fixed("object", OBJECT),
                fixed("deleted", DELETED),
            ],
            next: FIRST_PATH,
            columns: Vec::new(),
            filters: Vec::new(),
            members: Vec::new(),
            children: Vec::new(),
        };
        for field in &model.fields {
            let slot = slots.take(model, field);
            slots.columns.push(slot);
        }
        for path in model
            .children
            .iter()
            .filter_map(|field| field.path.as_ref())
        {
            let slot = slots.at(model, path, Mode::Raw);
            slots.children.push(slot);
        }
        for sent in filter::sent(model) {
            let slot = match (sent.sort, sent.kind) {
                // An id, or the object that it was expanded to.
                (FilterSort::Member, Kind::Reference | Kind::Resource) => {
                    slots.at(model, &sent.path, Mode::Reference)
                }
                (FilterSort::Member, _) => slots.at(model, &sent.path, Mode::Scalar),
                (FilterSort::List | FilterSort::All, _) => 0,
            };
            slots.filters.push(slot);
        }
        slots
    }

    fn take(&mut self, model: &Model<'_>, field: &Field<'_>) -> u16 {
        match (field.role, &field.path) {
            (Role::Account, _) => ACCOUNT,
            (Role::Livemode, _) => LIVEMODE,
            // Filled with the whole object, which no path leads to.
            (Role::Raw, _) => self.fresh(),
            (_, Some(path)) => {
                let (_, mode) = reader(field);
                self.at(model, path, mode)
            }
            (_, None) if !field.members.is_empty() => {
                let (_, mode) = reader(field);
                let members = field.members.iter();
                let slots = members
                    .map(|member| self.at(model, &member.path, mode))
                    .collect();
                // Filled with those of the members.
                let slot = self.fresh();
                self.members.push((slot, slots));
                slot
            }
            // Filled with the place in the list in which the object stands.
            (Role::Parent | Role::Position, None) => self.fresh(),
            (_, None) => 0,
        }
    }

    /// The slots that hold those of several members, and which these are.
    pub(super) fn members(&self) -> &[(u16, Vec<u16>)] {
        &self.members
    }

    /// The slot of the list of the field with this position among those with `children`.
    pub(super) fn children(&self, index: usize) -> u16 {
        self.children.get(index).copied().unwrap_or_default()
    }

    fn fresh(&mut self) -> u16 {
        let slot = self.next;
        self.next = self.next.saturating_add(1);
        slot
    }

    fn at(&mut self, model: &Model<'_>, path: &Path, mode: Mode) -> u16 {
        let next = self.next;
        let slot = insert(&mut self.roots, model, path, 0, (next, mode));
        if slot == next { self.fresh() } else { slot }
    }

    /// The slot of the field with this position.
    pub(super) fn column(&self, index: usize) -> u16 {
        self.columns.get(index).copied().unwrap_or_default()
    }

    /// The slot of the member that the parameter with this position is compared with.
    pub(super) fn filter(&self, index: usize) -> u16 {
        self.filters.get(index).copied().unwrap_or_default()
    }

    /// How many slots there are.
    pub(super) fn count(&self) -> usize {
        usize::from(self.next)
    }

    /// The tree as an array's elements.
    pub(super) fn nodes(&self) -> TokenStream {
        nodes(&self.roots)
    }
}

/// Leads from `nodes` along the path from step `at`, and answers the slot at its end: one with the same mode, or the new one.
fn insert(
    nodes: &mut Vec<Node>,
    model: &Model<'_>,
    path: &Path,
    at: usize,
    new: (u16, Mode),
) -> u16 {
    let Some(segment) = path.segments.get(at) else {
        return new.0;
    };
    let is_end = at + 1 == path.segments.len();
    let position = match nodes.iter().position(|node| node.step == segment.step) {
        Some(position) => position,
        None => {
            nodes.push(Node {
                step: segment.step.clone(),
                slots: Vec::new(),
                map: is_map(model, &path.until(at + 1), is_end),
                children: Vec::new(),
            });
            nodes.len() - 1
        }
    };
    let Some(node) = nodes.get_mut(position) else {
        return new.0;
    };
    if !is_end {
        node.map = node.map || is_map(model, &path.until(at + 1), is_end);
        return insert(&mut node.children, model, path, at + 1, new);
    }
    match node.slots.iter().find(|(_, mode)| *mode == new.1) {
        Some((slot, _)) => *slot,
        None => {
            node.slots.push(new);
            new.0
        }
    }
}

/// Whether what is missing below is null: a map has keys of the user's own, and of an object that is referred to nothing is
/// left of the one before.
fn is_map(model: &Model<'_>, path: &Path, is_end: bool) -> bool {
    fields::resolve_expanded(&model.object, &path.steps()).is_ok_and(|found| match found.kind {
        Kind::Map => true,
        Kind::Reference => !is_end,
        _ => false,
    })
}

fn nodes(nodes_here: &[Node]) -> TokenStream {
    // As Stripe sends them: `id` and `object`, then by the alphabet.
    let mut sorted: Vec<&Node> = nodes_here.iter().collect();
    sorted.sort_by_key(|node| match &node.step {
        Place::Key(key) => (!matches!(&**key, "id" | "object"), Some(key), 0),
        Place::Index(index) => (true, None, *index),
    });
    let nodes = sorted.into_iter().map(|node| {
        let step = match &node.step {
            Place::Key(key) => quote!(__p::Step::key(#key)),
            Place::Index(index) => quote!(__p::Step::Index(#index)),
        };
        let slots = node.slots.iter().map(|(slot, mode)| {
            let slot = number(*slot);
            let mode = match mode {
                Mode::Scalar => quote!(Scalar),
                Mode::Raw => quote!(Raw),
                Mode::Reference => quote!(Reference),
            };
            quote!((#slot, __p::Mode::#mode))
        });
        let map = node.map;
        let children = self::nodes(&node.children);
        quote! {
            __p::Node {
                step: #step,
                slots: &[#(#slots),*],
                map: #map,
                children: &[#children],
            }
        }
    });
    quote!(#(#nodes),*)
}

/// A slot as the runtime names it.
pub(super) fn number(slot: u16) -> TokenStream {
    match slot {
        ID => quote!(__p::ID),
        OBJECT => quote!(__p::OBJECT),
        DELETED => quote!(__p::DELETED),
        ACCOUNT => quote!(__p::ACCOUNT),
        LIVEMODE => quote!(__p::LIVEMODE),
        own => quote!(#own),
    }
}
