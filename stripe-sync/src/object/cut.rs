//! The lists inside an object that Stripe truncated: which of them a model keeps, and how the rest is put in.
//!
//! Stripe shows at most ten elements of a list inside an object, `has_more: true`, and the address of the whole list. Some say
//! how many elements they have, and one that shows another number lacks something too. Lists are found and filled in the
//! object's text, so that all else stays byte for byte as it was sent.

use std::collections::HashSet;
use std::ops::Range;

use bytes::Bytes;

use super::list;
use super::paths::{Mode, Node, Step};
use super::scan::{Scan, Scanner};

/// How deep objects may nest, as everywhere.
const DEEPEST: usize = 128;

/// What of an object is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept {
    /// All of it.
    Whole,
    /// What these nodes lead to.
    Below(&'static [Node]),
    /// One member.
    Member(&'static str),
}

impl Kept {
    /// Whether a list inside the object can be among it: something is kept whole, or an element is asked for by its place.
    pub(crate) fn can_hold_lists(self) -> bool {
        match self {
            Self::Whole | Self::Member(_) => true,
            Self::Below(nodes) => nodes
                .iter()
                .any(|node| matches!(node.step, Step::Index(_)) || Self::at(node).can_hold_lists()),
        }
    }

    fn at(node: &'static Node) -> Self {
        if node.slots.iter().any(|(_, mode)| *mode == Mode::Raw) {
            Self::Whole
        } else {
            Self::Below(node.children)
        }
    }

    /// What is kept of a member; `None` if it is skipped.
    fn member(self, key: &str) -> Option<Self> {
        match self {
            Self::Whole => Some(Self::Whole),
            Self::Member(member) => (member == key).then_some(Self::Whole),
            Self::Below(nodes) => nodes
                .iter()
                .find(|node| matches!(node.step, Step::Key { name, .. } if name == key))
                .map(Self::at),
        }
    }

    /// What is kept of an element; `None` if it is skipped.
    fn element(self, place: usize) -> Option<Self> {
        match self {
            Self::Whole => Some(Self::Whole),
            Self::Member(_) => None,
            Self::Below(nodes) => nodes
                .iter()
                .find(|node| node.step == Step::Index(place))
                .map(Self::at),
        }
    }

    /// How many elements of an array are needed.
    fn elements(self) -> usize {
        match self {
            Self::Whole => usize::MAX,
            Self::Member(_) => 0,
            Self::Below(nodes) => nodes
                .iter()
                .filter_map(|node| match node.step {
                    Step::Index(place) => Some(place.saturating_add(1)),
                    Step::Key { .. } => None,
                })
                .max()
                .unwrap_or(0),
        }
    }
}

/// A list that lacks elements which are kept.
#[derive(Debug)]
pub(crate) struct CutList {
    /// Where the whole list is, as Stripe says; empty if it does not.
    pub(crate) url: String,
    /// Where it stands in the object, as `expand` names it: `items`, `subscriptions.data.items`.
    pub(crate) path: String,
    /// The id of the last element that the object has; `None` where the list is to be read from its beginning.
    pub(crate) last: Option<String>,
    /// How many elements the object has.
    pub(crate) shown: usize,
    /// The ids of those.
    pub(crate) ids: Vec<String>,
    /// How many elements are needed.
    pub(crate) needed: usize,
    /// How many elements the list says that it has.
    pub(crate) total_count: Option<usize>,
    /// Whether it says that more follow; else it is among these because of that number.
    pub(crate) is_cut: bool,
    /// The text between the brackets of `data`.
    data: Range<usize>,
    /// The word after `has_more`.
    has_more: Range<usize>,
}

/// What a list lacked.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    /// The elements, as they stand in their pages.
    pub(crate) elements: Vec<Bytes>,
    /// Whether they replace those of the object, instead of following them.
    pub(crate) from_the_beginning: bool,
    /// Whether the list has still more, which nobody needs.
    pub(crate) has_more: bool,
}

/// Whether an object can hold a list that was cut: a look at its bytes, which spares almost every object the search.
///
/// These are the two ways in which JSON is written: Stripe's, with a space, and without any.
pub(crate) fn may_be_cut(object: &str) -> bool {
    // Most objects hold no list, and each search goes through all of their bytes.
    object.contains("\"has_more\"")
        && (object.contains("\"has_more\": true")
            || object.contains("\"has_more\":true")
            || object.contains("\"total_count\""))
}

/// The outermost lists of an object that lack kept elements. What is inside of them is found when they are filled.
///
/// # Errors
/// When the text is not JSON.
pub(crate) fn cut_lists(object: &str, kept: Kept) -> Result<Vec<CutList>, serde_json::Error> {
    let mut search = Search {
        text: object,
        path: Vec::new(),
        found: Vec::new(),
    };
    search.value(object, kept, 0)?;
    Ok(search.found)
}

/// The object with the rest of its lists.
pub(crate) fn fill(object: &str, rests: Vec<(CutList, Rest)>) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::with_capacity(2 * rests.len());
    for (list, rest) in rests {
        let texts = rest.elements.iter();
        let texts: Vec<&str> = texts
            .map(|element| std::str::from_utf8(element).unwrap_or_default())
            .collect();
        let mut elements = texts.join(",");
        let place = if rest.from_the_beginning {
            list.data
        } else {
            if list.shown > 0 && !elements.is_empty() {
                elements.insert(0, ',');
            }
            list.data.end..list.data.end
        };
        edits.push((place, elements));
        if !rest.has_more {
            edits.push((list.has_more, "false".to_owned()));
        }
    }
    edits.sort_by_key(|(place, _)| place.start);
    let mut filled = String::with_capacity(object.len());
    let mut done = 0;
    for (place, text) in edits {
        filled.push_str(object.get(done..place.start).unwrap_or_default());
        filled.push_str(&text);
        done = place.end;
    }
    filled.push_str(object.get(done..).unwrap_or_default());
    filled
}

struct Search<'o> {
    text: &'o str,
    /// The keys that lead to where it is.
    path: Vec<String>,
    found: Vec<CutList>,
}

impl<'o> Search<'o> {
    fn value(&mut self, json: &'o str, kept: Kept, depth: usize) -> Scan<()> {
        let mut scanner = Scanner::new(json);
        if depth > DEEPEST {
            // The mapping refuses it too.
            return Ok(());
        }
        match scanner.peek() {
            Some(b'{') => self.object(json, kept, depth),
            Some(b'[') => {
                for (place, element) in list::elements(json)?.into_iter().enumerate() {
                    if let Some(kept) = kept.element(place) {
                        self.value(element, kept, depth + 1)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn object(&mut self, json: &'o str, kept: Kept, depth: usize) -> Scan<()> {
        let members = members(json)?;
        if let Some(list) = self.cut(&members, kept)? {
            self.found.push(list);
            return Ok(());
        }
        for (key, value) in members {
            if let Some(kept) = kept.member(&key) {
                self.path.push(key);
                self.value(value, kept, depth + 1)?;
                self.path.pop();
            }
        }
        Ok(())
    }

    /// The list that these are the members of, if it lacks something.
    fn cut(&self, members: &[(String, &'o str)], kept: Kept) -> Scan<Option<CutList>> {
        let member = |name: &str| members.iter().find(|(key, _)| key == name);
        let is = |name: &str, text: &str| member(name).is_some_and(|(_, value)| *value == text);
        let is_cut = is("has_more", "true");
        let total_count = member("total_count").and_then(|(_, count)| count.parse().ok());
        if !(is_cut || total_count.is_some()) || !is("object", "\"list\"") {
            return Ok(None);
        }
        let (Some((_, data)), Some((_, has_more)), Some(kept)) =
            (member("data"), member("has_more"), kept.member("data"))
        else {
            return Ok(None);
        };
        let elements = list::elements(data)?;
        if elements.len() >= kept.elements() || !(is_cut || total_count != Some(elements.len())) {
            return Ok(None);
        }
        let ids: Vec<String> = elements
            .iter()
            .filter_map(|element| list::id(element))
            .collect();
        let distinct: HashSet<&String> = ids.iter().collect();
        // A list with an element twice, or with fewer than were promised, is read from the beginning.
        let can_go_on = is_cut && distinct.len() == ids.len();
        let url = member("url").and_then(|(_, url)| serde_json::from_str(url).ok());
        let data = self.place(data);
        Ok(Some(CutList {
            url: url.unwrap_or_default(),
            path: self.path.join("."),
            last: elements
                .last()
                .and_then(|last| list::id(last))
                .filter(|_| can_go_on),
            shown: elements.len(),
            ids,
            needed: kept.elements(),
            total_count,
            is_cut,
            data: data.start + 1..data.end.saturating_sub(1),
            has_more: self.place(has_more),
        }))
    }

    /// Where a part of the text stands in it.
    fn place(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr().addr() - self.text.as_ptr().addr();
        start..start + part.len()
    }
}

fn members(object: &str) -> Scan<Vec<(String, &str)>> {
    let mut scanner = Scanner::new(object);
    let mut members = Vec::new();
    scanner.token(b'{')?;
    let mut more = scanner.any(b'}');
    while more {
        scanner.peek();
        let key = scanner.string()?.into_owned();
        scanner.token(b':')?;
        members.push((key, scanner.raw()?));
        more = scanner.another(b'}')?;
    }
    scanner.end()?;
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    static FOURTH: [Node; 1] = [key("items", &[], &[key("data", &[], &[FOURTH_ELEMENT])])];
    const FOURTH_ELEMENT: Node = Node {
        step: Step::Index(3),
        slots: &[(5, Mode::Scalar)],
        map: false,
        children: &[],
    };
    static ALL_ITEMS: [Node; 1] = [key("items", &[(5, Mode::Raw)], &[])];
    static NAME: [Node; 1] = [key("name", &[(5, Mode::Scalar)], &[])];

    const fn key(
        name: &'static str,
        slots: &'static [(u16, Mode)],
        children: &'static [Node],
    ) -> Node {
        Node {
            step: Step::key(name),
            slots,
            map: false,
            children,
        }
    }

    const OBJECT: &str = r#"{"name": "a", "items": {"object": "list", "data": [ {"id": "i1"}, {"id": "i2"} ],
        "has_more": true, "url": "/v1/items?of=a"}, "others": {"has_more":true, "object":"list", "url":"/v1/others",
        "data": []}}"#;

    fn urls(kept: Kept) -> Vec<String> {
        let lists = cut_lists(OBJECT, kept).unwrap();
        lists.into_iter().map(|list| list.url).collect()
    }

    #[test]
    fn lists_that_are_kept_are_found() {
        assert!(may_be_cut(OBJECT));
        assert_eq!(urls(Kept::Whole), ["/v1/items?of=a", "/v1/others"]);
        assert_eq!(urls(Kept::Below(&ALL_ITEMS)), ["/v1/items?of=a"]);
        assert_eq!(urls(Kept::Below(&FOURTH)), ["/v1/items?of=a"]);
        assert!(urls(Kept::Below(&NAME)).is_empty());
        assert!(!Kept::Below(&NAME).can_hold_lists());
        assert!(Kept::Below(&FOURTH).can_hold_lists());
        let list = &cut_lists(OBJECT, Kept::Below(&FOURTH)).unwrap()[0];
        assert_eq!((list.shown, list.needed), (2, 4));
        assert_eq!(list.last.as_deref(), Some("i2"));
        // The fourth is there.
        let enough = r#"{"items":{"object":"list","has_more":true,"data":[1,2,3,4],"url":"/v1"}}"#;
        assert!(cut_lists(enough, Kept::Below(&FOURTH)).unwrap().is_empty());
        // Neither a list that is whole nor a member of the same name elsewhere.
        for other in [
            r#"{"object":"list","has_more":false,"data":[],"url":"/v1"}"#,
            r#"{"object":"thing","has_more":true,"data":[],"url":"/v1"}"#,
        ] {
            assert!(cut_lists(other, Kept::Whole).unwrap().is_empty(), "{other}");
        }
    }

    #[test]
    fn lists_are_filled_where_they_stand() {
        let [items, others] = <[CutList; 2]>::try_from(cut_lists(OBJECT, Kept::Whole).unwrap())
            .unwrap_or_else(|lists| panic!("{lists:?}"));
        let rest = |from_the_beginning, ids: &[&str]| Rest {
            elements: ids
                .iter()
                .map(|id| Bytes::from(format!(r#"{{"id":"{id}"}}"#)))
                .collect(),
            from_the_beginning,
            has_more: false,
        };
        let filled = fill(
            OBJECT,
            vec![
                (items, rest(false, &["i3", "i4"])),
                (others, rest(true, &["o1"])),
            ],
        );
        let filled: serde_json::Value = serde_json::from_str(&filled).unwrap();
        let expected = serde_json::json!({
            "name": "a",
            "items": {"object": "list", "has_more": false, "url": "/v1/items?of=a",
                "data": [{"id": "i1"}, {"id": "i2"}, {"id": "i3"}, {"id": "i4"}]},
            "others": {"object": "list", "has_more": false, "url": "/v1/others", "data": [{"id": "o1"}]},
        });
        assert_eq!(filled, expected);
    }
}
