//! Attributes of one field that exclude each other.

use crate::attr::FieldAttrs;
use crate::ctxt::Ctxt;
use crate::symbol::{
    ACCOUNT, CHILDREN, COLUMN, DEFAULT, DELETED_AT, EXPAND, ID, INDEX, JSON, LIVEMODE, LOCAL,
    PARENT, PARSE, PATH, POSITION, RAW, REDACT, REFERENCES, SQL_TYPE, SYNCED_AT, Symbol, UNCHECKED,
    WITH,
};

/// Attributes that do not go with one of others, and why.
struct Conflict {
    one: &'static [Symbol],
    others: &'static [Symbol],
    why: &'static str,
}

const CONFLICTS: &[Conflict] = &[
    // Rows of another table.
    Conflict {
        one: &[CHILDREN],
        others: &[
            ID, RAW, LOCAL, ACCOUNT, LIVEMODE, SYNCED_AT, DELETED_AT, PARENT, POSITION,
        ],
        why: "a list of rows is no column",
    },
    Conflict {
        one: &[CHILDREN],
        others: &[COLUMN, SQL_TYPE, INDEX, REFERENCES],
        why: "the rows are in a table of their own, and no column of this one",
    },
    Conflict {
        one: &[CHILDREN],
        others: &[DEFAULT, JSON, WITH, PARSE, UNCHECKED],
        why: "the rows are read as their own struct says",
    },
    // What a column is for.
    Conflict {
        one: &[
            ID, RAW, LOCAL, ACCOUNT, LIVEMODE, SYNCED_AT, DELETED_AT, PARENT, POSITION,
        ],
        others: &[
            ID, RAW, LOCAL, ACCOUNT, LIVEMODE, SYNCED_AT, DELETED_AT, PARENT, POSITION,
        ],
        why: "a column has one purpose",
    },
    // Where its value comes from.
    Conflict {
        one: &[ID],
        others: &[PATH, UNCHECKED, EXPAND],
        why: "the key reads the object's `id`",
    },
    Conflict {
        one: &[ID],
        others: &[DEFAULT, JSON, WITH],
        why: "the key is the object's id, text that is always there; `parse` takes a type of your own",
    },
    Conflict {
        one: &[RAW],
        others: &[PATH, UNCHECKED, DEFAULT, PARSE, JSON, WITH],
        why: "a raw field holds the whole object; its type is `Json<...>`",
    },
    Conflict {
        one: &[RAW],
        others: &[EXPAND],
        why: "say which members the whole object is to have on the struct, `expand(latest_charge)`",
    },
    Conflict {
        one: &[LOCAL],
        others: &[PATH, UNCHECKED, EXPAND, DEFAULT, PARSE, JSON, WITH],
        why: "a sync neither reads nor writes a local column",
    },
    Conflict {
        one: &[ACCOUNT, LIVEMODE],
        others: &[PATH, UNCHECKED, EXPAND, DEFAULT, JSON, WITH],
        why: "its value comes from the run, not from the object",
    },
    Conflict {
        one: &[LIVEMODE],
        others: &[PARSE],
        why: "the mode is a `bool`",
    },
    Conflict {
        one: &[SYNCED_AT, DELETED_AT],
        others: &[PATH, UNCHECKED, EXPAND, DEFAULT, PARSE, JSON, WITH],
        why: "the sync itself sets the column",
    },
    Conflict {
        one: &[PARENT],
        others: &[UNCHECKED, EXPAND, DEFAULT, JSON, WITH],
        why: "a parent is the id of the object in whose list this one stands; `parse` takes a type of your own",
    },
    Conflict {
        one: &[POSITION],
        others: &[
            PATH, UNCHECKED, EXPAND, DEFAULT, PARSE, JSON, WITH, REFERENCES,
        ],
        why: "the list gives each element its place",
    },
    // What it refers to, and how it is found.
    Conflict {
        one: &[REFERENCES],
        others: &[
            ID, RAW, LOCAL, ACCOUNT, LIVEMODE, SYNCED_AT, DELETED_AT, JSON,
        ],
        why: "`references` marks the id of another object, which Stripe sends",
    },
    Conflict {
        one: &[INDEX],
        others: &[REFERENCES],
        why: "a column with `references` has an index already",
    },
    Conflict {
        one: &[INDEX],
        others: &[PARENT],
        why: "rows are found by their parent anyway",
    },
    Conflict {
        one: &[INDEX],
        others: &[RAW, JSON],
        why: "an index finds single values, not documents",
    },
    // Who may see it.
    Conflict {
        one: &[REDACT],
        others: &[ID, PARENT, POSITION, ACCOUNT, LIVEMODE],
        why: "messages name a row by it",
    },
    Conflict {
        one: &[REDACT],
        others: &[LOCAL, SYNCED_AT, DELETED_AT],
        why: "no message shows a value that Stripe does not send",
    },
    Conflict {
        one: &[REDACT],
        others: &[CHILDREN],
        why: "it stands on the fields of the rows' own struct",
    },
    // How its value is read.
    Conflict {
        one: &[PARSE, JSON, WITH],
        others: &[PARSE, JSON, WITH],
        why: "a value is read in one way",
    },
    Conflict {
        one: &[WITH],
        others: &[DEFAULT],
        why: "the function gets null and absent too, and decides what stands for them",
    },
];

/// Whether no two attributes exclude each other. Reports the first pair that does.
pub(crate) fn attributes_agree(cx: &Ctxt, attrs: &FieldAttrs) -> bool {
    let has_members = attrs
        .with
        .get()
        .is_some_and(|with| !with.members.is_empty());
    if let (true, Some(path)) = (has_members, attrs.path.name()) {
        let message =
            "`path` does not go with `with(...)`: the members in it have their paths there";
        cx.error(path.span(), message);
        return false;
    }
    for Conflict { one, others, why } in CONFLICTS {
        for one in one.iter().filter(|one| attrs.word(**one).is_some()) {
            let other = others
                .iter()
                .filter(|other| *other != one)
                .find_map(|other| attrs.word(*other));
            if let Some(other) = other {
                let message = format!("`{other}` does not go with `{one}`: {why}");
                cx.error(other.span(), message);
                return false;
            }
        }
    }
    true
}
