//! Rooms of a crate, the lowest first: a room names itself and lower ones.
//!
//! A room is a module with all that is in it, as far as no other room's name goes on with its name. What only declares and
//! re-exports (`store`, `sync`, the crate's root) stands above what it shows, so nobody below goes through it.

use std::path::Path;
use std::str::FromStr as _;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::sources::{is_test, root, rust_files, shown};

/// The crates and their rooms.
const CRATES: [(&str, &[&str]); 2] = [
    (
        "stripe-sync/src",
        &[
            "stripe_time",
            "calls",
            "cell",
            "kind",
            "freshness",
            "client",
            "object",
            "model",
            "store::db",
            "store::tables",
            "store::rows",
            "store::backfill",
            "store::events",
            "store",
            "sync::report",
            "sync::error",
            "sync::progress",
            "sync::scope",
            "sync::syncer",
            "sync::list",
            "sync::object",
            "sync::backfill",
            "sync::by_ids",
            "sync::one",
            "sync::remap",
            "sync::verify",
            "sync::all",
            "sync::status",
            "sync::models",
            "sync",
            "webhook",
            "live::error",
            "live::handlers",
            "live::service",
            "live::claims",
            "live::worker",
            "live::deliver",
            "live::work",
            "live::receive",
            "live::poll",
            "live::inbox",
            "live::health",
            "live::wait",
            "live::subscribe",
            "live::builder",
            "live::run",
            "live",
            "testing",
            "guide",
            "",
        ],
    ),
    (
        "fake-stripe/src",
        &[
            "clock", "error", "params", "chaos", "data", "generate", "events", "webhooks", "state",
            "story", "api", "fake", "delivery", "control", "",
        ],
    ),
];

#[test]
fn a_lower_room_names_no_higher_one() {
    let mut faults = Vec::new();
    for (source, rooms) in CRATES {
        let folder = root().join(source);
        let mut paths = 0;
        for file in rust_files(&folder) {
            if is_test(&shown(&file)) {
                continue;
            }
            let module = module_of(&folder, &file);
            let text = std::fs::read_to_string(&file).unwrap();
            let tokens = TokenStream::from_str(&text).unwrap();
            let mut named = Vec::new();
            find(tokens, &module, &mut named);
            paths += named.len();
            let room = room(rooms, &module);
            for path in named {
                let other = self::room(rooms, &path);
                if other > room {
                    faults.push(format!(
                        "{}: `crate::{}` is in the room `{}`, above `{}`",
                        shown(&file),
                        path.join("::"),
                        rooms[other],
                        rooms[room]
                    ));
                }
            }
        }
        assert!(paths > 100, "{paths} paths in {source}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_room_is_there() {
    for (source, rooms) in CRATES {
        for room in rooms.iter().filter(|room| !room.is_empty()) {
            let path = room.replace("::", "/");
            let file = root().join(source).join(format!("{path}.rs"));
            assert!(file.is_file(), "{source} has no room `{room}`");
        }
    }
}

/// Returns the module that a file is.
fn module_of(folder: &Path, file: &Path) -> Vec<String> {
    let path = file.strip_prefix(folder).unwrap().with_extension("");
    let mut module: Vec<String> = path
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    let last = module.last().map(String::as_str);
    if matches!(last, Some("lib" | "main" | "mod")) {
        module.pop();
    }
    module
}

/// Returns the number of the room that a path is in: the one with the longest name that it begins with.
fn room(rooms: &[&str], path: &[String]) -> usize {
    let begins = |room: &str| {
        let parts: Vec<&str> = room.split("::").filter(|part| !part.is_empty()).collect();
        (path.len() >= parts.len() && parts.iter().zip(path).all(|(a, b)| a == b))
            .then_some(parts.len())
    };
    let fitting = (0..rooms.len()).filter_map(|index| Some((begins(rooms[index])?, index)));
    fitting.max().map(|(_, index)| index).unwrap()
}

/// Finds paths that begin with `crate`, `super` or `self`, outside of what is for tests alone. Each is shown from the crate's
/// root.
fn find(tokens: TokenStream, module: &[String], named: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_for_tests(&tokens, at) {
            at = behind_item(&tokens, at);
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(ident) if *ident == "mod" => {
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                {
                    let inner: Vec<String> =
                        module.iter().cloned().chain([name.to_string()]).collect();
                    find(body.stream(), &inner, named);
                    at += 2;
                }
            }
            TokenTree::Ident(ident) if *ident == "crate" && is_separator(&tokens, at + 1) => {
                at = follow(&tokens, at + 1, Vec::new(), named);
                continue;
            }
            TokenTree::Ident(ident) if *ident == "super" && is_separator(&tokens, at + 1) => {
                let mut base = module.to_vec();
                base.pop();
                at = follow(&tokens, at + 1, base, named);
                continue;
            }
            TokenTree::Ident(ident) if *ident == "self" && is_separator(&tokens, at + 1) => {
                at = follow(&tokens, at + 1, module.to_vec(), named);
                continue;
            }
            TokenTree::Group(group) => find(group.stream(), module, named),
            _ => {}
        }
        at += 1;
    }
}

/// Follows a path from a `::`, through the groups of a `use`, and returns where it ends.
fn follow(
    tokens: &[TokenTree],
    mut at: usize,
    mut path: Vec<String>,
    named: &mut Vec<Vec<String>>,
) -> usize {
    while is_separator(tokens, at) {
        at += 2;
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) if *ident == "super" => {
                path.pop();
            }
            Some(TokenTree::Ident(ident)) if *ident == "self" => {}
            Some(TokenTree::Ident(ident)) => path.push(ident.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for tree in inner.split(|token| is_punct(token, ',')) {
                    match tree.first() {
                        Some(TokenTree::Ident(ident)) if *ident != "self" => {
                            let inner = path.iter().cloned().chain([ident.to_string()]);
                            follow(tree, 1, inner.collect(), named);
                        }
                        Some(_) => named.push(path.clone()),
                        None => {}
                    }
                }
                return at + 1;
            }
            _ => break,
        }
        at += 1;
    }
    named.push(path);
    at
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| tokens.get(at).is_some_and(|token| is_punct(token, ':'));
    colon(at) && colon(at + 1)
}

fn is_punct(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

fn is_for_tests(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Group(group)) = tokens.get(at + 1) else {
        return false;
    };
    let attribute = group.stream().to_string().replace([' ', '\n'], "");
    is_punct(&tokens[at], '#')
        && (attribute == "cfg(test)" || attribute.starts_with("cfg(all(test,"))
}

/// Returns where what follows an attribute ends: at a `;`, or behind braces.
fn behind_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is_punct(other, ';'),
    };
    let end = tokens.iter().skip(at + 2).position(ends);
    end.map_or(tokens.len(), |end| at + 2 + end + 1)
}
