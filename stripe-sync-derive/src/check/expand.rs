//! What Stripe sends on request only: it is asked for, or it would be null in every row; and secrets are never asked for.

use proc_macro2::Span;
use stripe_sync_schema::fields::{self, Expansion, Need};
use stripe_sync_schema::{Kind, PathError, Step, catalogue};

use super::container::either;
use crate::ctxt::Ctxt;
use crate::model::{Field, Model, Role, Schema};
use crate::path::Path;
use crate::symbol::EXPAND;

/// Stripe's limit on the depth of an expansion. Each name of a path counts, and in a list the `data` before it.
pub(crate) const MAX_DEPTH: usize = 4;

/// The field names no secret, whether the schema has it or not. Returns whether that is so.
pub(super) fn names_no_secret(cx: &Ctxt, model: &Model<'_>, field: &Field<'_>) -> bool {
    let secret = field.places().find_map(|(path, _, _)| {
        let secret = fields::secret(&model.object, &path.steps())?;
        Some((path, secret))
    });
    let Some((path, secret)) = secret else {
        return true;
    };
    let named = path.until(secret.at + 1);
    let message = format!(
        "`{named}` of `{}` is {}, which no table may hold: take the field away",
        model.object, secret.what
    );
    cx.error(segment(path, secret.at, field.ident.span()), message);
    false
}

/// What the field reads is asked for, and no deeper than Stripe goes. `expand` stands only where there is something to ask for.
pub(super) fn is_asked_for(cx: &Ctxt, model: &Model<'_>, field: &Field<'_>) {
    let mut is_needed = field.places().next().is_none();
    for (path, schema, expansions) in field.places() {
        if let Schema::Unexpanded(one) = schema {
            let span = segment(path, one.at, field.ident.span());
            cx.error(span, unexpanded(model, field, path, one));
            return;
        }
        if let Some(deep) = expansions.iter().find(|one| is_too_deep(model, &one.path)) {
            let span = segment(path, deep.at, field.ident.span());
            let (rest, targets) = below(model, path, deep);
            cx.error(span, too_deep(&deep.path, &rest, &targets));
            return;
        }
        is_needed |= matches!(schema, Schema::Wrong(_))
            || !expansions.is_empty()
            || comes_on_request(model, path);
    }
    if let Some(word) = field.attrs.word(EXPAND)
        && !is_needed
    {
        let paths = field.path_text();
        let message = format!("Stripe sends `{paths}` without being asked: take `expand` away");
        cx.error(word.span(), message);
    }
}

/// Each path of the struct's `expand` is one that Stripe takes, and something keeps what it brings.
pub(super) fn paths_are_expandable(cx: &Ctxt, model: &Model<'_>) {
    if !model.is_known() {
        return;
    }
    for path in &model.attrs.expanded {
        if let Some((span, message)) = wrong(model, path) {
            cx.error(span, message);
        }
    }
}

/// What is wrong with a path of the struct's `expand`, and where.
fn wrong(model: &Model<'_>, path: &Path) -> Option<(Span, String)> {
    let object = &model.object;
    let keys: Vec<&str> = path.keys().collect();
    let steps = fields::steps_of(object, &keys);
    // The segment of a step: the path has no indexes of its own.
    let place = |at: usize| {
        let until = steps.get(..=at).unwrap_or(&steps);
        let keys = until.iter().filter(|step| matches!(step, Step::Key(_)));
        segment(path, keys.count().saturating_sub(1), path.span())
    };
    if let Some(secret) = fields::secret(object, &steps) {
        let message = format!(
            "`{path}` of `{object}` is {}, which no table may hold: take it away",
            secret.what
        );
        return Some((place(secret.at), message));
    }
    if let ["data", rest @ ..] = keys.as_slice()
        && fields::resolve_expanded(object, &fields::steps_of(object, rest)).is_ok()
    {
        let rest = rest.join(".");
        let message = format!("a request for a list adds `data` by itself: write `{rest}`");
        return Some((place(0), message));
    }
    if let Err(error) = fields::resolve_expanded(object, &steps) {
        let at = match &error {
            PathError::UnknownKey { at, .. }
            | PathError::ThroughReference { at, .. }
            | PathError::ThroughArray { at }
            | PathError::ThroughList { at }
            | PathError::ThroughMap { at }
            | PathError::NotAnObject { at, .. }
            | PathError::IndexWithoutArray { at, .. } => *at,
            _ => 0,
        };
        let message = match &error {
            PathError::ThroughList { .. } => format!(
                "the elements of `{}` are in its `data`: write `{}.data` before the member",
                path.until(at + 1),
                path.until(at + 1)
            ),
            _ => format!("`{object}` has no `{path}` to expand: {error}"),
        };
        return Some((place(at), message));
    }
    let needs = fields::expansions(object, &steps, true);
    let text = path.without_indexes();
    if !needs.iter().any(|one| one.path == text) {
        if comes_on_request(model, path) {
            return None;
        }
        let message =
            format!("Stripe sends `{path}` of `{object}` without being asked: take it away");
        return Some((path.span(), message));
    }
    if is_too_deep(model, &text) {
        let targets = targets(model, &steps);
        return Some((path.span(), too_deep(&text, "", &targets)));
    }
    let is_kept = model.role(Role::Raw).is_some()
        || model.attrs.pre_set_default.is_set()
        || model.attrs.set_default.is_set()
        || model.attrs.sync.is_set()
        || model
            .fields
            .iter()
            .chain(&model.children)
            .any(|field| reads(field, &text));
    (!is_kept).then(|| {
        let message = format!(
            "nothing keeps what `{path}` brings: add a field with a path below it, or one of the whole object, #[stripe(raw)]"
        );
        (path.span(), message)
    })
}

/// Whether a field reads at or below a path, or keeps something that holds it.
fn reads(field: &Field<'_>, path: &str) -> bool {
    let leads = |longer: &str, shorter: &str| {
        let rest = longer.strip_prefix(shorter);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    field.places().any(|(own, _, _)| {
        let own = own.without_indexes();
        leads(&own, path) || leads(path, &own)
    })
}

/// Whether a path is a list that comes with some objects only: those that lack it are asked for it.
fn comes_on_request(model: &Model<'_>, path: &Path) -> bool {
    let text = path.without_indexes();
    let mut lists = model
        .resource
        .iter()
        .flat_map(|resource| &resource.embedded);
    lists.any(|list| !list.inline && list.field == text)
}

fn is_too_deep(model: &Model<'_>, path: &str) -> bool {
    let is_listed = model
        .resource
        .is_some_and(|resource| !resource.walked().is_empty());
    path.split('.').count() + usize::from(is_listed) > MAX_DEPTH
}

/// The advice for a path that nobody asks for.
fn unexpanded(model: &Model<'_>, field: &Field<'_>, path: &Path, one: &Expansion) -> String {
    let here = path.until(one.at + 1);
    // In `with(...)` a path stands by itself.
    let written = match field.names_members() {
        true => here.to_string(),
        false => format!("path = {here}"),
    };
    let (rest, targets) = below(model, path, one);
    let attribute = match field.attrs.path.is_set() {
        _ if field.names_members() => "add `expand`".to_owned(),
        true => format!("add `expand`: `path = {path}, expand`"),
        false => "add #[stripe(expand)]".to_owned(),
    };
    let models = mirrored(&targets);
    if field.role == Role::Children && one.need == Need::OnRequest {
        let attribute = match field.attrs.path.is_set() {
            true => format!("add `expand`: `children, expand, path = {path}`"),
            false => "write #[stripe(children, expand)]".to_owned(),
        };
        return format!(
            "Stripe sends `{here}` only to a request that names it in `expand`, so there would never be a row: {attribute}"
        );
    }
    match one.need {
        Need::OnRequest => {
            let or_model = match models.as_slice() {
                [only] => format!(", or derive a struct with `object = \"{only}\"`"),
                _ => String::new(),
            };
            format!(
                "Stripe sends `{here}` only to a request that names it in `expand`, so it would be null in every row: {attribute}{or_model}"
            )
        }
        _ if rest == "id" => {
            format!("`{here}` is the id already: write `{written}`")
        }
        _ => {
            let target = match targets.as_slice() {
                [only] => format!("a `{only}`"),
                _ => "another object".to_owned(),
            };
            let read = match models.as_slice() {
                [] => String::new(),
                [only] => format!(", or read `{rest}` from a struct with `object = \"{only}\"`"),
                _ => format!(
                    ", or read `{rest}` from structs of their own, with `object` {}",
                    either(&models)
                ),
            };
            format!(
                "Stripe sends `{here}` as the id of {target}: for the whole object {attribute}; for the id write `{written}`{read}"
            )
        }
    }
}

/// The advice for what lies deeper than Stripe goes.
fn too_deep(path: &str, rest: &str, targets: &[&'static str]) -> String {
    let sent = match path.split('.').count() <= MAX_DEPTH {
        true => format!("data.{path}"),
        false => path.to_owned(),
    };
    let models = match mirrored(targets).as_slice() {
        [] => "the resource in which it is".to_owned(),
        [only] => format!("a struct with `object = \"{only}\"`"),
        several => format!("structs of their own, with `object` {}", either(several)),
    };
    let read = match rest.is_empty() {
        true => "read it".to_owned(),
        false => format!("read `{rest}`"),
    };
    format!(
        "Stripe expands {MAX_DEPTH} names deep, and `{sent}` has {}: {read} from {models}",
        sent.split('.').count()
    )
}

/// The rest of a path after a step, and the resources that can stand there.
fn below(model: &Model<'_>, path: &Path, one: &Expansion) -> (String, Vec<&'static str>) {
    let rest = Path {
        segments: path.segments.iter().skip(one.at + 1).cloned().collect(),
    };
    let here = path.until(one.at + 1);
    (rest.to_string(), targets(model, &here.steps()))
}

/// The resources that can stand at the end of a path, or of which an array there has the elements.
fn targets(model: &Model<'_>, steps: &[Step<'_>]) -> Vec<&'static str> {
    match fields::resolve_expanded(&model.object, steps) {
        Ok(found) if found.kind == Kind::Array => {
            let element = fields::element(&model.object, steps);
            element.map_or(Vec::new(), |element| element.targets)
        }
        Ok(found) => found.targets,
        Err(_) => Vec::new(),
    }
}

/// Those that can be a model.
fn mirrored(targets: &[&'static str]) -> Vec<&'static str> {
    let mut models = targets.to_vec();
    models.retain(|target| catalogue::resource(target).is_some());
    models
}

/// The place of a step of a path.
fn segment(path: &Path, at: usize, otherwise: Span) -> Span {
    path.segments
        .get(at)
        .map_or(otherwise, |segment| segment.span)
}
