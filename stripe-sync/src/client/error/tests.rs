use super::*;

fn api(status: u16, body: &str) -> ClientError {
    at("/v1/customers/cus_1", status, body)
}

fn at(path: &str, status: u16, body: &str) -> ClientError {
    let mut response = Response::new(status, body.to_owned());
    response.request_id = Some("req_1".into());
    ClientError::Api(Box::new(ApiError::new(
        &Request::get(path).query("email", "a@b.c"),
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
    // A gateway's: v1 has no such code.
    let not_found = r#"{"error":{"code":"not_found"}}"#;
    assert!(!api(404, not_found).is_missing());
    assert!(at("/v2/core/accounts/acct_1", 404, not_found).is_missing());
    // Whatever the parameter is called.
    let intent = r#"{"error":{"code":"resource_missing","param":"intent"}}"#;
    assert!(api(404, intent).is_missing());
    let cursor = api(
        400,
        r#"{"error":{"code":"resource_missing","param":"starting_after"}}"#,
    );
    assert!(!cursor.is_missing() && cursor.names_missing());
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

#[test]
fn a_refusal_names_the_permission() {
    let refused = |message: &str| {
        api(
            403,
            &format!(r#"{{"error":{{"code":"more_permissions_required","message":"{message}"}}}}"#),
        )
    };
    let stripes = refused(
        "The provided key 'rk_test_*********abcd' does not have the required permissions for this endpoint on account \
         'acct_1'. Having the 'rak_customer_read' permission would allow this request to continue.",
    );
    assert!(stripes.lacks_permission() && !stripes.lacks_access());
    assert_eq!(stripes.missing_permission(), Some("rak_customer_read"));
    for unnamed in ["Not allowed.", "It starts with rak_", "rak_.", ""] {
        assert_eq!(refused(unnamed).missing_permission(), None, "{unnamed}");
    }
    // A gateway's word, another status.
    assert!(!api(403, "<html>rak_customer_read</html>").lacks_permission());
    let other = r#"{"error":{"code":"more_permissions_required","message":"rak_customer_read"}}"#;
    assert_eq!(api(401, other).missing_permission(), None);
    let elsewhere = r#"{"error":{"code":"account_invalid","message":"x"}}"#;
    assert!(api(403, elsewhere).lacks_access() && !api(403, elsewhere).lacks_permission());
}
