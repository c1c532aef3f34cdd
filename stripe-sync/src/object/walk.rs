//! One pass over an object's bytes that fills a model's slots and skips the rest.
//!
//! Not generic over the model: a model is a tree of [`Node`]s, so this code is compiled once.

use super::paths::{LIVEMODE, Mode, Node, Step};
use super::scan::{Key, Scan, Scanner};
use super::slot::Slot;

/// What is read of each object besides a model's own paths. A model that has the path itself reads it there.
static FIXED: [Node; 1] = [Node {
    step: Step::key("livemode"),
    slots: &[(LIVEMODE, Mode::Scalar)],
    map: false,
    children: &[],
}];

/// Fills `slots` from `json`, and the slot of the mode with the object's own. A slot that no value reaches stays as it is.
///
/// # Errors
/// When `json` is not JSON, or a wanted text is no text (a lone surrogate).
pub(crate) fn walk<'o>(
    json: &'o str,
    roots: &'static [Node],
    slots: &mut [Slot<'o>],
) -> Result<(), serde_json::Error> {
    let mut scanner = Scanner::new(json);
    match scanner.peek() {
        Some(b'{') => members(&mut scanner, roots, &FIXED, slots)?,
        _ => inside(&mut scanner, roots, false, slots)?,
    }
    scanner.end()
}

/// Reads a value whose members or elements are wanted; `map` says that a missing member is null.
fn inside<'o>(
    scanner: &mut Scanner<'o>,
    roots: &'static [Node],
    map: bool,
    slots: &mut [Slot<'o>],
) -> Scan<()> {
    match scanner.peek() {
        Some(b'{') => {
            if map {
                nullify(roots, slots);
            }
            members(scanner, roots, &[], slots)
        }
        Some(b'[') => {
            // An element that an array no longer has is null: the array itself is there.
            nullify(roots, slots);
            elements(scanner, roots, slots)
        }
        // A null parent makes everything below it null.
        Some(b'n') => {
            nullify(roots, slots);
            scanner.skip()
        }
        // An id where an object was asked for: Stripe has nothing to show.
        _ if map => {
            nullify(roots, slots);
            scanner.skip()
        }
        // A scalar where members are wanted: they are absent.
        _ => scanner.skip(),
    }
}

fn members<'o>(
    scanner: &mut Scanner<'o>,
    roots: &'static [Node],
    fixed: &'static [Node],
    slots: &mut [Slot<'o>],
) -> Scan<()> {
    let all = roots.iter().chain(fixed);
    let wanted = all.fold(0, |marks, node| marks | mark_of(node));
    // Where the next wanted member is expected: both orders are alphabetical.
    let mut next = 0;
    scanner.pass();
    let mut more = scanner.any(b'}');
    while more {
        let key = scanner.key()?;
        if wanted & key.mark() == 0 {
            scanner.skip()?;
        } else if let Some(found) = find(roots, next, &key) {
            next = found + 1;
            at(scanner, &roots[found], slots)?;
        } else if let Some(node) = fixed.iter().find(|node| is_at(node, &key)) {
            at(scanner, node, slots)?;
        } else {
            scanner.skip()?;
        }
        more = scanner.another(b'}')?;
    }
    Ok(())
}

/// The place of the node with this key; the search begins at `first`.
#[inline]
fn find(roots: &[Node], first: usize, key: &Key<'_>) -> Option<usize> {
    let is = |node: &Node| is_at(node, key);
    let (before, after) = roots.split_at_checked(first)?;
    let ahead = after.iter().position(is).map(|at| first + at);
    ahead.or_else(|| before.iter().position(is))
}

#[inline]
fn is_at(node: &Node, key: &Key<'_>) -> bool {
    match node.step {
        Step::Key { name, mark } => key.mark() & mark != 0 && key.is(name),
        Step::Index(_) => false,
    }
}

fn mark_of(node: &Node) -> u64 {
    match node.step {
        Step::Key { mark, .. } => mark,
        Step::Index(_) => 0,
    }
}

fn elements<'o>(
    scanner: &mut Scanner<'o>,
    roots: &'static [Node],
    slots: &mut [Slot<'o>],
) -> Scan<()> {
    scanner.pass();
    let mut more = scanner.any(b']');
    for index in 0.. {
        if !more {
            break;
        }
        let wanted = roots.iter().find(|node| node.step == Step::Index(index));
        match wanted {
            Some(node) => at(scanner, node, slots)?,
            None => scanner.skip()?,
        }
        more = scanner.another(b']')?;
    }
    Ok(())
}

fn nullify(nodes: &'static [Node], slots: &mut [Slot<'_>]) {
    for node in nodes {
        for &(slot, _) in node.slots {
            put(slots, slot, Slot::Null);
        }
        nullify(node.children, slots);
    }
}

fn put<'o>(slots: &mut [Slot<'o>], slot: u16, value: Slot<'o>) {
    if let Some(place) = slots.get_mut(usize::from(slot)) {
        *place = value;
    }
}

/// Reads the value at one node.
fn at<'o>(scanner: &mut Scanner<'o>, node: &'static Node, slots: &mut [Slot<'o>]) -> Scan<()> {
    match (node.slots, node.children) {
        ([], children) => inside(scanner, children, node.map, slots),
        (&[(slot, mode)], []) => {
            let value = keep(scanner, mode)?;
            put(slots, slot, value);
            Ok(())
        }
        // Kept more than once, or kept whole and looked into: find its end, then look again.
        (kept, children) => {
            let json = scanner.raw()?;
            for &(slot, mode) in kept {
                put(slots, slot, keep(&mut Scanner::new(json), mode)?);
            }
            if !children.is_empty() {
                inside(&mut Scanner::new(json), children, node.map, slots)?;
            }
            Ok(())
        }
    }
}

/// Keeps one value in the form that its mode asks for.
pub(super) fn keep<'o>(scanner: &mut Scanner<'o>, mode: Mode) -> Scan<Slot<'o>> {
    Ok(match scanner.peek() {
        Some(b'n') => {
            scanner.word("null")?;
            Slot::Null
        }
        _ if mode == Mode::Raw => Slot::Json(scanner.raw()?),
        Some(b'"') => Slot::Text(scanner.string()?),
        Some(b't') => {
            scanner.word("true")?;
            Slot::Boolean(true)
        }
        Some(b'f') => {
            scanner.word("false")?;
            Slot::Boolean(false)
        }
        Some(b'{') if mode == Mode::Reference => id(scanner)?,
        Some(b'{') => {
            scanner.skip()?;
            Slot::Unexpected("an object")
        }
        Some(b'[') => {
            scanner.skip()?;
            Slot::Unexpected("an array")
        }
        Some(b'-' | b'0'..=b'9') => match scanner.number()? {
            (_, false) => Slot::Unexpected("a number with a fraction"),
            (digits, true) => digits.parse().map_or(
                Slot::Unexpected("an integer of more than 63 bits"),
                Slot::Integer,
            ),
        },
        _ => return Err(scanner.refused()),
    })
}

/// The `id` of an object that stands where an id is wanted.
fn id<'o>(scanner: &mut Scanner<'o>) -> Scan<Slot<'o>> {
    let mut id = Slot::Unexpected("an object");
    scanner.pass();
    let mut more = scanner.any(b'}');
    while more {
        if scanner.key()?.is("id") {
            id = keep(scanner, Mode::Scalar)?;
        } else {
            scanner.skip()?;
        }
        more = scanner.another(b'}')?;
    }
    Ok(id)
}
