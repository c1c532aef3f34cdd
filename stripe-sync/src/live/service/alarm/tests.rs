use super::*;

fn all() -> Vec<Alarm> {
    let counts: VerificationCounts =
        serde_json::from_str(r#"{"equal": 7, "differing": 2, "missing": 1}"#).unwrap();
    let account = || "acct_1".to_owned();
    vec![
        Alarm::NothingReceived {
            account: account(),
            connected: false,
            accounts: 1,
            since: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        },
        Alarm::FollowPointOld {
            account: account(),
            accounts: 3,
            age: Duration::from_secs(26 * 86_400 + 7_300),
        },
        Alarm::Lag {
            lag: Duration::from_secs(1_000),
        },
        Alarm::DeadLetters { events: 3 },
        Alarm::NeverDelivered { calls: 2 },
        Alarm::Drift {
            model: "Customer".to_owned(),
            table: "customers".to_owned(),
            counts,
        },
        Alarm::KeyRefused {
            reason: "Stripe answered 401 to GET /v1/events".to_owned(),
        },
        Alarm::PermissionLost {
            object: "customer".to_owned(),
            permission: Some("rak_customer_read".to_owned()),
            account: account(),
            accounts: 1,
        },
    ]
}

#[test]
fn an_alarm_says_what_is_the_matter_and_what_to_do() {
    let said: Vec<String> = all().iter().map(Alarm::to_string).collect();
    assert_eq!(
        said,
        [
            "no webhook delivery was received for events of acct_1 that happened since 2027-01-15T08:00:00+00:00. Check the \
             endpoint at Stripe: whether it is enabled, its URL, its event types and its signing secret.",
            "the list of events of acct_1 and 2 more accounts was not followed for 26 d 2 h. Stripe forgets events after 30 \
             days, and then every model is mirrored anew: find out from the log why they are not followed, and call \
             `Live::catch_up`.",
            "objects that events told of wait to be read, the first of them for 16 min 40 s. Look in the log for objects that \
             fail again and again, and whether a process runs the service.",
            "events that could not be processed: 3. See their reasons with `Live::events`, and process them once more with \
             `Live::replay`.",
            "calls of handlers and hooks that were given up: 2. See the log for their errors, and call them once more with \
             `Live::redeliver`.",
            "the table customers of Customer is not as Stripe has it: 7 equal, 2 differing, 1 missing. See which rows with \
             `Syncer::verify`, and mend them with `VerifyOptions::fix`.",
            "the key cannot be used: Stripe answered 401 to GET /v1/events. Give the service a valid key of this account, and \
             start it again.",
            "the key may not read `customer` of acct_1. Give it the permission `rak_customer_read`.",
        ]
    );
}

#[test]
fn each_alarm_has_a_key_and_its_name_in_json() {
    let mut keys = Vec::new();
    for alarm in all() {
        let json = serde_json::to_value(&alarm).unwrap();
        assert_eq!(json["alarm"], alarm.name());
        keys.push(alarm.key());
    }
    assert_eq!(
        keys,
        [
            "nothing_received",
            "follow_point_old",
            "lag",
            "dead_letters",
            "never_delivered",
            "drift customers",
            "key_refused",
            "permission_lost customer"
        ]
    );
    let connected = Alarm::NothingReceived {
        account: "acct_1".to_owned(),
        connected: true,
        accounts: 1,
        since: DateTime::default(),
    };
    assert_eq!(connected.key(), "nothing_received connected");
}

#[test]
fn an_update_is_one_object_and_one_line() {
    let update = |state| AlarmUpdate {
        alarm: Alarm::Lag {
            lag: Duration::from_secs(7_260),
        },
        state,
        raised_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    };
    assert_eq!(
        serde_json::to_value(update(AlarmState::Raised)).unwrap(),
        serde_json::json!({
            "alarm": "lag",
            "lag_seconds": 7260.0,
            "state": "raised",
            "raised_at": "2027-01-15T08:00:00+00:00",
        })
    );
    let matter = "objects that events told of wait to be read, the first of them for 2 h 1 min";
    let raised = update(AlarmState::Raised).to_string();
    assert!(raised.starts_with(&format!("{matter}. Look")), "{raised}");
    let lasting = update(AlarmState::Lasting).to_string();
    let since = format!("since 2027-01-15T08:00:00+00:00: {matter}. Look");
    assert!(lasting.starts_with(&since), "{lasting}");
    let cleared = update(AlarmState::Cleared).to_string();
    assert_eq!(cleared, format!("over: {matter}"));
}
