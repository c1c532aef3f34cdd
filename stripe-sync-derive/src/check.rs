//! What an annotated struct has to be. One rule a function; each rule reports at the token that breaks it, and looks
//! away where another rule has spoken: one mistake is one error.

mod agree;
mod children;
mod columns;
mod container;
mod document;
mod expand;
mod filter;
mod index;
mod key;
mod own_column;
mod path;
mod references;
mod types;
mod value;

pub(crate) use agree::attributes_agree;
pub(crate) use expand::MAX_DEPTH;

use crate::ctxt::Ctxt;
use crate::model::Model;

/// Runs every rule that needs the whole struct.
pub(crate) fn model(cx: &Ctxt, model: &Model<'_>) {
    let before = cx.count();
    container::runtime_is_found(cx, model);
    container::object_is_a_resource(cx, model);
    container::table_is_named(cx, model);
    container::database_is_enabled(cx, model);
    container::unversioned_has_no_deletion_time(cx, model);
    container::removed_rows_have_no_deletion_time(cx, model);
    filter::filters_exist(cx, model);
    expand::paths_are_expandable(cx, model);
    for field in &model.fields {
        let before = cx.count();
        if expand::names_no_secret(cx, model, field) {
            path::leads_somewhere(cx, model, field);
            expand::is_asked_for(cx, model, field);
        }
        value::parse_reads_text(cx, field);
        value::json_reads_documents(cx, field);
        value::unchecked_is_unknown(cx, model, field);
        columns::sql_type::names_a_type(cx, field);
        value::the_whole_object_is_marked(cx, field);
        types::can_be_a_column(cx, field);
        document::has_the_form_of_its_type(cx, model, field);
        if cx.count() == before {
            references::marks_an_id(cx, field);
        }
    }
    for field in &model.children {
        if expand::names_no_secret(cx, model, field) {
            path::leads_somewhere(cx, model, field);
            if children::is_in_the_object(cx, model, field) {
                expand::is_asked_for(cx, model, field);
            }
        }
    }
    children::stand_in_their_lists(cx, model);
    columns::names_fit(cx, model);
    columns::namespace_fits(cx, model);
    columns::names_are_unique(cx, model);
    columns::bookkeeping_is_not_taken(cx, model);
    index::names_fields(cx, model);
    index::is_the_only_one(cx, model);
    key::the_key_is_the_id(cx, model);
    key::roles_are_taken_once(cx, model);
    key::id_is_read_once(cx, model);
    // An attribute with a mistake may have been the one that names the key.
    if before == 0 {
        key::there_is_a_key(cx, model);
    }
    // As the compiler's errors: only where there is no other mistake.
    if cx.count() == 0 {
        for field in &model.fields {
            types::holds_null(cx, field);
        }
    }
}

#[cfg(test)]
mod tests;
