//! Rules about the struct's own attributes.

use proc_macro2::Span;
use stripe_sync_schema::{Filter, List, PathError, Step, catalogue, fields};

use super::children::no_elements;
use crate::ctxt::Ctxt;
use crate::model::{Model, OnDelete, Role};
use crate::symbol::{CRATE, OBJECT, TABLE};

/// `object` names a resource that some request shows.
pub(super) fn object_is_a_resource(cx: &Ctxt, model: &Model<'_>) {
    let object = &model.object;
    let Some(written) = model.attrs.object.get() else {
        if model.attrs.is_whole {
            cx.error(place(model), say_which(model));
        }
        return;
    };
    let span = written.span();
    if model.element.is_some() {
        return;
    }
    let Some(resource) = model.resource else {
        let message = no_elements(object).unwrap_or_else(|| no_resource(object));
        cx.error(span, message);
        return;
    };
    if resource.retrieve.is_some() || !resource.recipes.is_empty() {
        return;
    }
    let given = |filter: &Filter| {
        let mut parameters = model.attrs.filters.iter();
        parameters.any(|parameter| parameter.name == filter.name)
    };
    let missing = |list: &List| -> Vec<&'static str> {
        let filters = list.filters.iter();
        let missing = filters.filter(|filter| filter.required && !given(filter));
        missing.map(|filter| filter.name).collect()
    };
    let walked = resource.walked();
    let walkable = walked.iter().filter(|list| list.is_walkable());
    let Some(missing) = walkable.map(|list| missing(list)).min_by_key(Vec::len) else {
        let message = format!(
            "no request shows `{object}` objects by themselves: their parents cannot be listed"
        );
        cx.error(span, message);
        return;
    };
    if !missing.is_empty() {
        let form: Vec<String> = missing
            .iter()
            .map(|name| format!("{name} = \"...\""))
            .collect();
        let message = format!(
            "the list of `{object}` objects answers only with a `{}`: add `filter({})`",
            missing.join("` and a `"),
            form.join(", ")
        );
        cx.error(span, message);
    }
}

/// What is wrong with an `object` of which no table can be filled.
fn no_resource(object: &str) -> String {
    let wrong = format!("Stripe has no resource `{object}`");
    if let Some(instead) = catalogue::instead(object) {
        return format!("no list shows `{object}` objects: {instead}");
    }
    let types = fields::resolve("payment_method", &[Step::Key("type")]);
    if types.is_ok_and(|types| types.values.contains(&object)) {
        return format!(
            "{wrong}: it is a type of payment method, so derive a model of `payment_method`, whose `type` says it"
        );
    }
    let no_list = |object: &str| {
        format!("no list shows `{object}` objects, so there is nothing to fill a table from")
    };
    let unlisted = fields::resolve(object, &[]).err();
    let near = catalogue::nearest(object);
    match unlisted {
        None => no_list(object),
        Some(_) if !near.is_empty() => format!("{wrong}; did you mean {}?", either(&near)),
        Some(PathError::UnknownObject { suggestions, .. }) if !suggestions.is_empty() => {
            let near: Vec<&str> = suggestions.iter().map(String::as_str).collect();
            let it = near.join("` or `");
            format!("{wrong}, and {}", no_list(&it))
        }
        Some(_) => format!(
            "{wrong}; the name is what an object says of itself in its field `object`, such as `customer` or `checkout.session`"
        ),
    }
}

/// Generated code finds the runtime.
pub(super) fn runtime_is_found(cx: &Ctxt, model: &Model<'_>) {
    if model.krate.is_none() {
        let message = format!(
            "this package's Cargo.toml has no dependency `stripe-sync`: add it, or say where it is re-exported, #[stripe({})]",
            CRATE.form
        );
        cx.error(place(model), message);
    }
}

/// There is a table. Only where `object` is there: without it, its message shows both.
pub(super) fn table_is_named(cx: &Ctxt, model: &Model<'_>) {
    if model.attrs.object.is_set() && !model.attrs.table.is_set() && model.attrs.is_whole {
        let message = format!("say which table holds the rows: `{}`", TABLE.form);
        cx.error(model.attrs.object.span_or(place(model)), message);
    }
}

/// The statements of the named database can be written.
pub(super) fn database_is_enabled(cx: &Ctxt, model: &Model<'_>) {
    if let Some(database) = model.attrs.database.get()
        && !model.enabled.contains(database)
    {
        let feature = database.word();
        let message = format!(
            "the feature `{feature}` of `stripe-sync` is off: write `stripe-sync = {{ .., features = [\"{feature}\"] }}` in Cargo.toml"
        );
        cx.error(model.attrs.database.span_or(place(model)), message);
    }
}

/// A table without bookkeeping columns cannot keep the rows of deleted objects.
pub(super) fn unversioned_has_no_deletion_time(cx: &Ctxt, model: &Model<'_>) {
    // Of elements another rule speaks.
    if !model.attrs.unversioned.is_set() || model.element.is_some() {
        return;
    }
    let span = if let Some(field) = model.role(Role::DeletedAt) {
        field.attrs.deleted_at.span_or(field.ident.span())
    } else if model.on_delete == OnDelete::Soft {
        model.attrs.on_delete.span_or(place(model))
    } else {
        return;
    };
    cx.error(
        span,
        "an `unversioned` table has no bookkeeping columns, so the row of a deleted object is removed: take this away, or `unversioned`",
    );
}

/// A row that is removed has no time of its deletion.
pub(super) fn removed_rows_have_no_deletion_time(cx: &Ctxt, model: &Model<'_>) {
    if let Some(field) = model.role(Role::DeletedAt)
        && model.element.is_none()
        && model.on_delete == OnDelete::Hard
        && !model.attrs.unversioned.is_set()
    {
        cx.error(
            field.attrs.deleted_at.span_or(field.ident.span()),
            "`on_delete = hard` removes the row, so `deleted_at` would never be set: take one of them away",
        );
    }
}

/// Where a message about the struct as a whole stands.
fn place(model: &Model<'_>) -> Span {
    model.ident.span()
}

/// The advice for a struct without `object`, with a name that its own suggests.
fn say_which(model: &Model<'_>) -> String {
    let words = snake(&model.ident.to_string());
    let (object, table) = match catalogue::nearest(&words).first() {
        Some(near) => (*near, format!("{}s", near.replace('.', "_"))),
        None => ("customer", "customers".to_owned()),
    };
    let table = model.attrs.table.get().map_or(table, syn::LitStr::value);
    format!(
        "say which resource of Stripe's the struct mirrors: #[stripe({OBJECT} = \"{object}\", {TABLE} = \"{table}\")]"
    )
}

/// `CheckoutSession` as `checkout_session`.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `` `a` or `b` ``
pub(super) fn either(names: &[&str]) -> String {
    format!("`{}`", names.join("` or `"))
}
