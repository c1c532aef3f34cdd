use super::*;

fn api(status: u16, body: &str) -> ClientError {
    let mut response = Response::new(status, body.to_owned());
    response.request_id = Some("req_1".into());
    ClientError::Api(Box::new(ApiError::new(
        &Request::get("/v1/customers/cus_1").query("email", "a@b.c"),
        &response,
        2,
    )))
}

#[test]
fn missing_needs_stripes_word() {
    let gone = api(
        404,
        r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"id","message":"No such customer: 'cus_1'"}}"#,
    );
    assert!(gone.is_missing());
    assert_eq!(gone.missing_param(), Some("id"));
    assert_eq!(gone.request_id(), Some("req_1"));
    assert!(!api(404, "<html>not here</html>").is_missing());
    assert!(
        !api(
            404,
            r#"{"error":{"type":"invalid_request_error","message":"Unrecognized"}}"#
        )
        .is_missing()
    );
    assert!(api(404, r#"{"error":{"code":"not_found"}}"#).is_missing());
    let cursor = api(
        400,
        r#"{"error":{"code":"resource_missing","param":"starting_after"}}"#,
    );
    assert_eq!(cursor.missing_param(), Some("starting_after"));
}

#[test]
fn a_message_names_the_request_and_no_secret() {
    let error = api(
        401,
        r#"{"error":{"message":"Invalid API Key: sk_test_abcdef"}}"#,
    );
    assert!(error.is_unauthorized() && !error.is_permission());
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("GET /v1/customers/cus_1") && shown.contains("req_1"),
        "{shown}"
    );
    assert!(
        !shown.contains("abcdef") && !shown.contains("a@b.c"),
        "{shown}"
    );
    assert!(api(403, "{}").is_permission());
}

#[test]
fn long_messages_are_cut() {
    let error = TransportError::new(TransportErrorKind::Broken, "é".repeat(1000));
    assert!(error.to_string().len() < 510);
}
