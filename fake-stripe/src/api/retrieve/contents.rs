//! `GET /v1/files/{id}/contents`, which is at files.stripe.com and not at api.stripe.com.

use bytes::Bytes;

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::retrieve;
use crate::data::partition::parse;
use crate::state::State;

/// No contents are longer, whatever `size` the file has: a test wants bytes and not much of them.
const LONGEST: usize = 1 << 20;

const TYPES: [(&str, &str); 8] = [
    ("csv", "text/csv"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("gif", "image/gif"),
    ("jpg", "image/jpeg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
];

/// The content type of a file and as many bytes as its `size` says, the same each time.
pub(crate) fn of(
    state: &State,
    caller: &Caller,
    id: &str,
) -> Result<(&'static str, Bytes), ApiError> {
    caller.check("file")?;
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let collection = partition.collection("file");
    let record = collection.and_then(|collection| collection.get(id));
    let record = record.ok_or_else(|| retrieve::missing(state, caller, "file", id))?;
    let file = parse(record);
    let kind = file["type"].as_str().unwrap_or_default();
    let kind = TYPES.iter().find(|(name, _)| *name == kind);
    let size = file["size"]
        .as_u64()
        .and_then(|size| usize::try_from(size).ok());
    let line = format!("{id}\n");
    let bytes = line.bytes().cycle().take(size.unwrap_or(0).min(LONGEST));
    let content_type = kind.map_or("application/octet-stream", |(_, content_type)| content_type);
    Ok((content_type, bytes.collect()))
}
