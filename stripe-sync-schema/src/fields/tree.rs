//! The parsed lines of a block, read when they are first asked for, and the steps from one to the next.

use std::sync::{LazyLock, OnceLock};

use super::{DATA, Field, Kind, elements};
use crate::blocks::{self, Block};

/// The name of the block that holds the shared value sets.
const POOL: &str = "%";
/// What the names of blocks begin with that hold a shared subtree.
const SHAPE: char = '&';
/// The only line of a block that stands for one of several others.
const UNION: &str = "@";
/// What the names of the blocks begin with that hold the stub of a deleted object.
const DELETED: &str = "deleted:";

/// What a line says about its value besides its type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) nullable: bool,
    pub(super) optional: bool,
    pub(super) deleted: bool,
    pub(super) open: bool,
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) flags: Flags,
    /// `>A|B`, `=A|B` or empty.
    attr: &'static str,
    /// The name of the block that holds the members, if they do not follow.
    shape: Option<&'static str>,
    /// The index of the first line that is not below this one.
    end: usize,
}

struct Entry {
    block: Block,
    lines: OnceLock<Vec<Line>>,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    blocks::split(DATA)
        .into_iter()
        .map(|block| Entry {
            block,
            lines: OnceLock::new(),
        })
        .collect()
});

static VALUE_SETS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    entry(POOL)
        .map(|pool| pool.block.text.lines().collect())
        .unwrap_or_default()
});

fn entry(name: &str) -> Option<&'static Entry> {
    let at = ENTRIES
        .binary_search_by(|entry| entry.block.name.cmp(name))
        .ok()?;
    ENTRIES.get(at)
}

/// The names of all objects, without the stubs of deleted ones.
pub(super) fn objects() -> impl Iterator<Item = &'static str> + Clone {
    ENTRIES
        .iter()
        .map(|entry| entry.block.name)
        .filter(|name| *name != POOL && !name.starts_with(SHAPE) && !name.starts_with(DELETED))
}

/// The name of an object, if there is one of this name.
pub(super) fn name(object: &str) -> Option<&'static str> {
    objects().find(|name| *name == object)
}

/// Lines of one block that stand beside each other, and what is below them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members {
    lines: &'static [Line],
    from: usize,
    to: usize,
}

/// One line, with the way to what is below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    lines: &'static [Line],
    at: usize,
    pub(super) line: &'static Line,
}

impl Members {
    /// Everything in a block.
    fn of_block(name: &str) -> Option<Self> {
        let entry = entry(name)?;
        let lines = entry.lines.get_or_init(|| parse(entry.block.text));
        Some(Self {
            lines,
            from: 0,
            to: lines.len(),
        })
    }

    /// The members of an object, or of the elements of an array in one; of each of its alternatives if it is a union. Empty if
    /// there is no such object.
    pub(super) fn of_object(name: &str) -> Vec<Self> {
        if name == POOL || name.starts_with(SHAPE) {
            return Vec::new();
        }
        let Some(own) = Self::of_block(name) else {
            return elements::members(name);
        };
        match own.find(UNION) {
            // The target of a union is never a union; reading no deeper keeps wrong data from looping.
            Some(union) => union.line.targets().filter_map(Self::of_block).collect(),
            None => vec![own],
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Node> {
        let mut next = self.from;
        std::iter::from_fn(move || {
            let at = next;
            let line = self.lines.get(at).filter(|_| at < self.to)?;
            next = line.end;
            Some(Node {
                lines: self.lines,
                at,
                line,
            })
        })
    }

    pub(super) fn find(self, name: &str) -> Option<Node> {
        self.iter().find(|node| node.line.name == name)
    }
}

impl Node {
    /// The lines below this one: members, the element `[]` or the value `*`.
    pub(super) fn below(self) -> Members {
        match self.line.shape.and_then(Members::of_block) {
            Some(shared) => shared,
            None => Members {
                lines: self.lines,
                from: self.at + 1,
                to: self.line.end,
            },
        }
    }

    /// The members of every resource that can stand here, or that is referred to.
    pub(super) fn targets(self) -> Vec<Members> {
        self.line.targets().flat_map(Members::of_object).collect()
    }

    /// The members by name: of the object itself, or of every resource that can stand here. Empty if it has none.
    pub(super) fn members(self) -> Vec<Members> {
        match self.line.kind {
            Kind::Object | Kind::List => vec![self.below()],
            Kind::Resource => self.targets(),
            _ => Vec::new(),
        }
    }
}

impl Line {
    pub(super) fn targets(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.attr
            .strip_prefix('>')
            .into_iter()
            .flat_map(|targets| targets.split('|'))
    }

    pub(super) fn field(&self) -> Field {
        let mut values: Vec<&'static str> = Vec::new();
        let mut values_open = false;
        if let Some(set) = self.attr.strip_prefix('=') {
            for value in value_set(set).split('|') {
                if value == "*" {
                    values_open = true
                } else {
                    values.push(value)
                }
            }
        }
        let Flags {
            nullable,
            optional,
            deleted,
            open,
        } = self.flags;
        Field {
            name: self.name,
            kind: self.kind,
            nullable,
            optional,
            open,
            deleted,
            values,
            values_open,
            targets: self.targets().collect(),
        }
    }
}

/// The set itself, or the one in the pool whose number it is.
fn value_set(set: &'static str) -> &'static str {
    let number = set
        .strip_prefix('%')
        .and_then(|number| number.parse::<usize>().ok());
    match number.and_then(|number| VALUE_SETS.get(number.checked_sub(1)?)) {
        Some(shared) => shared,
        None => set,
    }
}

/// The lines of a block. A line that is not understood is left out; a test reads every line.
fn parse(text: &'static str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // The lines that are still open, with their depth.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for whole in text.lines() {
        let content = whole.trim_start_matches(' ');
        let depth = whole.len() - content.len();
        let Some(line) = parse_line(content) else {
            continue;
        };
        while let Some(&(at, _)) = open.last().filter(|(_, above)| *above >= depth) {
            close(&mut lines, at);
            open.pop();
        }
        open.push((lines.len(), depth));
        lines.push(line);
    }
    for (at, _) in open {
        close(&mut lines, at);
    }
    lines
}

fn close(lines: &mut [Line], at: usize) {
    let end = lines.len();
    if let Some(line) = lines.get_mut(at) {
        line.end = end;
    }
}

fn parse_line(content: &'static str) -> Option<Line> {
    let mut words = content.split(' ');
    let name = words.next()?;
    let kind = kind(words.next()?)?;
    let mut line = Line {
        name,
        kind,
        flags: Flags::default(),
        attr: "",
        shape: None,
        end: 0,
    };
    for word in words {
        match word.as_bytes().first()? {
            b'>' | b'=' => line.attr = word,
            b'&' => line.shape = Some(word),
            _ => {
                line.flags = Flags {
                    nullable: word.contains('N'),
                    optional: word.contains('O'),
                    deleted: word.contains('D'),
                    open: word.contains('U'),
                }
            }
        }
    }
    Some(line)
}

fn kind(code: &str) -> Option<Kind> {
    Some(match code {
        "s" => Kind::Text,
        "cur" => Kind::Currency,
        "dec" => Kind::Decimal,
        "i64" => Kind::IntegerText,
        "date" => Kind::Date,
        "time" => Kind::Timestamp,
        "b" => Kind::Boolean,
        "i" => Kind::Integer,
        "ts" => Kind::UnixTime,
        "amt" => Kind::Amount,
        "n" => Kind::Number,
        "o" => Kind::Object,
        "a" => Kind::Array,
        "m" => Kind::Map,
        "l" => Kind::List,
        "r" | "u" => Kind::Resource,
        "x" => Kind::Reference,
        "j" => Kind::Json,
        _ => return None,
    })
}
