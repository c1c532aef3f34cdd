//! Follows a path through the trees.

use super::tree::{Flags, Members, Node};
use super::{Field, Kind, PathError, Step, tree};
use crate::suggest;

/// Where a path has led. An embedded resource may be one of several, so a path can lead to several places at once.
pub(super) struct Walk {
    spots: Vec<Spot>,
    passed: Flags,
    /// Whether it goes through references.
    expanded: bool,
}

#[derive(Clone, Copy)]
enum Spot {
    /// The top of an object.
    Top(Members),
    Field(Node),
    /// The value of a map, below which no path goes.
    MapValue(Node),
    /// Something the table says nothing about.
    Anything,
}

/// The name of the line with an array's element.
pub(super) const ELEMENT: &str = "[]";
/// The name of the line with a map's value.
const VALUE: &str = "*";
/// All that the stub of a deleted resource has.
const STUB: [&str; 2] = ["id", "object"];

impl Walk {
    /// Follows the path, through references only if they are `expanded`. The error is the first alternative's that does not have
    /// it, without suggestions.
    pub(super) fn along(
        object: &str,
        path: &[Step<'_>],
        expanded: bool,
    ) -> Result<Self, PathError> {
        let mut spots: Vec<Spot> = Members::of_object(object)
            .into_iter()
            .map(Spot::Top)
            .collect();
        if spots.is_empty() {
            let suggestions = suggest::nearest_object(object, tree::objects())
                .into_iter()
                .map(str::to_owned)
                .collect();
            return Err(PathError::UnknownObject {
                object: object.to_owned(),
                suggestions,
            });
        }
        let mut passed = Flags::default();
        for at in 0..path.len() {
            let mut next = Vec::with_capacity(spots.len());
            for spot in &spots {
                spot.step((path, at), expanded, &mut next, &mut passed)?;
            }
            spots = next;
        }
        Ok(Self {
            spots,
            passed,
            expanded,
        })
    }

    /// Whether any step may be null or absent.
    pub(super) fn passed(&self) -> Flags {
        self.passed
    }

    /// What stands at the end; `None` if the alternatives have different forms.
    pub(super) fn field(&self) -> Option<Field> {
        let mut found: Option<Field> = None;
        for spot in &self.spots {
            let field = match spot {
                Spot::Field(node) | Spot::MapValue(node) => node.line.field(),
                Spot::Top(_) => plain("", Kind::Object),
                Spot::Anything => plain("", Kind::Json),
            };
            found = Some(match found {
                Some(before) => merged(before, field)?,
                None => field,
            });
        }
        found
    }

    /// The members that all alternatives have.
    pub(super) fn children(&self) -> Vec<Field> {
        let mut groups: Vec<Members> = Vec::new();
        for spot in &self.spots {
            match spot {
                Spot::Top(members) => groups.push(*members),
                Spot::Field(node) => {
                    let members = match node.line.kind {
                        Kind::Reference if self.expanded => node.targets(),
                        _ => node.members(),
                    };
                    if members.is_empty() {
                        return Vec::new();
                    }
                    groups.extend(members);
                }
                Spot::MapValue(_) | Spot::Anything => return Vec::new(),
            }
        }
        let Some((first, others)) = groups.split_first() else {
            return Vec::new();
        };
        first
            .iter()
            .filter_map(|node| {
                others.iter().try_fold(node.line.field(), |field, members| {
                    merged(field, members.find(node.line.name)?.line.field())
                })
            })
            .collect()
    }

    /// The members of the elements of the arrays that the path has led to; empty if an element has none.
    pub(super) fn members_of_elements(&self) -> Vec<Members> {
        let elements = self.spots.iter().filter_map(|spot| match spot {
            Spot::Field(node) if node.line.kind == Kind::Array => node.below().find(ELEMENT),
            _ => None,
        });
        elements.flat_map(Node::members).collect()
    }

    /// The element of the arrays, or the value of the maps, that the path has led to.
    pub(super) fn element(&self) -> Option<Field> {
        let mut found: Option<Field> = None;
        for spot in &self.spots {
            let (Spot::Field(node) | Spot::MapValue(node)) = spot else {
                return None;
            };
            let field = match node.line.kind {
                Kind::Array => node.below().find(ELEMENT)?.line.field(),
                Kind::Map => node.below().find(VALUE)?.line.field(),
                _ => return None,
            };
            found = Some(match found {
                Some(before) => merged(before, field)?,
                None => field,
            });
        }
        found
    }
}

impl Spot {
    /// Takes the step `at` from here and adds where it leads.
    fn step(
        self,
        (path, at): (&[Step<'_>], usize),
        expanded: bool,
        next: &mut Vec<Self>,
        passed: &mut Flags,
    ) -> Result<(), PathError> {
        let Some(step) = path.get(at).copied() else {
            return Ok(());
        };
        // The step that led here.
        let here = at.saturating_sub(1);
        let node = match self {
            Self::Anything => {
                next.push(Self::Anything);
                return Ok(());
            }
            Self::Top(members) => {
                let Step::Key(key) = step else {
                    return Err(PathError::IndexWithoutArray {
                        at,
                        kind: Kind::Object,
                    });
                };
                let node = members
                    .find(key)
                    .ok_or_else(|| PathError::unknown_key(at, path))?;
                next.push(node.passing(passed));
                return Ok(());
            }
            Self::MapValue(node) if node.line.kind == Kind::Json => node,
            Self::MapValue(_) => {
                return Err(PathError::ThroughMap {
                    at: here.saturating_sub(1),
                });
            }
            Self::Field(node) => node,
        };
        match (node.line.kind, step) {
            (Kind::Json, _) => next.push(anything(passed)),
            (Kind::Array, Step::Index(_)) => {
                passed.nullable = true;
                let element = node
                    .below()
                    .find(ELEMENT)
                    .ok_or_else(|| PathError::unknown_key(at, path))?;
                next.push(element.passing(passed));
            }
            (Kind::Array, Step::Key(_)) => return Err(PathError::ThroughArray { at: here }),
            (Kind::Map, Step::Key(_)) => {
                passed.nullable = true;
                let value = node
                    .below()
                    .find(VALUE)
                    .ok_or_else(|| PathError::unknown_key(at, path))?;
                value.passing(passed);
                next.push(Self::MapValue(value));
            }
            (Kind::List, Step::Index(_)) => return Err(PathError::ThroughList { at: here }),
            (Kind::List, Step::Key(key)) => {
                let member = node
                    .below()
                    .find(key)
                    .ok_or(PathError::ThroughList { at: here })?;
                next.push(member.passing(passed));
            }
            (Kind::Object, Step::Key(key)) => match node.below().find(key) {
                Some(member) => next.push(member.passing(passed)),
                None if node.line.flags.open => next.push(anything(passed)),
                None => return Err(PathError::unknown_key(at, path)),
            },
            (Kind::Reference, Step::Key(_))
                if !expanded || node.line.targets().next().is_none() =>
            {
                return Err(PathError::ThroughReference {
                    at: here,
                    targets: node.line.targets().collect(),
                });
            }
            (Kind::Resource | Kind::Reference, Step::Key(key)) => {
                passed.optional |= node.line.flags.deleted && !STUB.contains(&key);
                let targets = node.targets();
                if targets.is_empty() {
                    return Err(PathError::unknown_key(at, path));
                }
                for target in targets {
                    let member = target
                        .find(key)
                        .ok_or_else(|| PathError::unknown_key(at, path))?;
                    next.push(member.passing(passed));
                }
            }
            (kind, Step::Index(_)) => return Err(PathError::IndexWithoutArray { at, kind }),
            (kind, Step::Key(_)) => return Err(PathError::NotAnObject { at: here, kind }),
        }
        Ok(())
    }
}

impl Node {
    /// Notes what may be missing at this step.
    fn passing(self, passed: &mut Flags) -> Spot {
        passed.nullable |= self.line.flags.nullable;
        passed.optional |= self.line.flags.optional;
        Spot::Field(self)
    }
}

fn anything(passed: &mut Flags) -> Spot {
    passed.nullable = true;
    passed.optional = true;
    Spot::Anything
}

fn plain(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        nullable: false,
        optional: false,
        open: false,
        deleted: false,
        values: Vec::new(),
        values_open: false,
        targets: Vec::new(),
    }
}

/// What holds for both; `None` if they have different forms.
fn merged(one: Field, other: Field) -> Option<Field> {
    let both = |first: Vec<&'static str>, second: Vec<&'static str>| {
        let mut all = first;
        for each in second {
            if !all.contains(&each) {
                all.push(each);
            }
        }
        all
    };
    // A string that is an enum here and free there is free.
    let bounded = !one.values.is_empty() && !other.values.is_empty();
    Some(Field {
        name: one.name,
        kind: common_kind(one.kind, other.kind)?,
        nullable: one.nullable || other.nullable,
        optional: one.optional || other.optional,
        open: one.open || other.open,
        deleted: one.deleted || other.deleted,
        values: if bounded {
            both(one.values, other.values)
        } else {
            Vec::new()
        },
        values_open: bounded && (one.values_open || other.values_open),
        targets: both(one.targets, other.targets),
    })
}

/// The kind that both are, without what only one of them promises.
fn common_kind(one: Kind, other: Kind) -> Option<Kind> {
    let text = |kind| {
        matches!(
            kind,
            Kind::Text
                | Kind::Currency
                | Kind::Decimal
                | Kind::IntegerText
                | Kind::Date
                | Kind::Timestamp
        )
    };
    let integer = |kind| matches!(kind, Kind::Integer | Kind::UnixTime | Kind::Amount);
    let number = |kind| integer(kind) || kind == Kind::Number;
    match (one, other) {
        _ if one == other => Some(one),
        _ if text(one) && text(other) => Some(Kind::Text),
        _ if integer(one) && integer(other) => Some(Kind::Integer),
        _ if number(one) && number(other) => Some(Kind::Number),
        _ => None,
    }
}
