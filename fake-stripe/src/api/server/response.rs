//! Answers as HTTP responses.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::Response;
use hyper::body::Frame;
use hyper::header;

use crate::api::respond::Answer;

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The first half of a body that breaks off has to be on its way before the connection is cut.
const CUT_DELAY: Duration = Duration::from_millis(10);

/// An answer as it is.
pub(crate) fn response(answer: Answer) -> Response<Body> {
    let body = Full::new(answer.body.clone())
        .map_err(|never: Infallible| match never {})
        .boxed_unsync();
    with_headers(answer, body)
}

/// Half of the body under the whole body's length.
pub(crate) fn cut(answer: Answer) -> Response<Body> {
    let half = answer.body.slice(..answer.body.len() / 2);
    let first = stream::once(async move { Ok(Frame::data(half)) });
    let then = stream::once(async {
        tokio::time::sleep(CUT_DELAY).await;
        Err(io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "a cut body was asked for",
        ))
    });
    with_headers(
        answer,
        BodyExt::boxed_unsync(StreamBody::new(first.chain(then))),
    )
}

fn with_headers(answer: Answer, body: Body) -> Response<Body> {
    let mut builder = Response::builder().status(answer.status);
    builder = builder
        .header(header::CONTENT_TYPE, answer.content_type)
        .header(header::CONTENT_LENGTH, answer.body.len());
    for (name, value) in &answer.headers {
        // What is echoed may not be a header value.
        if let Ok(value) = header::HeaderValue::from_str(value) {
            builder = builder.header(*name, value);
        }
    }
    // Status, names and values are all valid here.
    builder.body(body).unwrap_or_default()
}
