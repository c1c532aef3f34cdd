use super::*;

fn merged(flags: &Flags, environment: &[(&str, &str)], file: Option<File>) -> Settings {
    let get = |name: &str| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::merge(
        flags,
        get,
        file.map(|file| (PathBuf::from("/etc/stripe-sync.toml"), file)),
    )
}

#[test]
fn a_flag_then_the_environment_then_the_file_then_the_default() {
    let file = File {
        database: Some("sqlite:file.db".to_owned()),
        api_key_file: Some("key".into()),
        ..File::default()
    };
    let none = merged(&Flags::default(), &[], None);
    assert_eq!(
        (none.database.value.as_str(), &none.database.origin),
        (DEFAULT_DATABASE, &Origin::Default)
    );
    let of_file = merged(&Flags::default(), &[], Some(file.clone()));
    assert_eq!(of_file.database.value, "sqlite:file.db");
    assert_eq!(of_file.database.origin.to_string(), "/etc/stripe-sync.toml");
    assert!(
        matches!(&of_file.api_key.value, KeyPlace::File(path) if path == Path::new("/etc/key"))
    );
    let environment = [
        ("DATABASE_URL", "sqlite:env.db"),
        ("STRIPE_SECRET_KEY", "sk_test_123"),
        ("NO_COLOR", ""),
    ];
    let of_environment = merged(&Flags::default(), &environment, Some(file.clone()));
    assert_eq!(of_environment.database.value, "sqlite:env.db");
    assert_eq!(
        of_environment.api_key.origin.to_string(),
        "STRIPE_SECRET_KEY"
    );
    // An empty variable says nothing: https://no-color.org.
    assert_eq!(of_environment.color.value, Color::Auto);
    let flags = Flags {
        database: Some("sqlite:flag.db".to_owned()),
        ..Flags::default()
    };
    let of_flag = merged(&flags, &environment, Some(file));
    assert_eq!(
        (
            of_flag.database.value.as_str(),
            of_flag.database.origin.to_string()
        ),
        ("sqlite:flag.db", "--database".to_owned())
    );
}

#[test]
fn secrets_are_masked() {
    for (key, expected) in [
        ("sk_test_abc123", "sk_test_…"),
        ("rk_live_abc123", "rk_live_…"),
        ("abc123", "…"),
        ("", "…"),
    ] {
        assert_eq!(masked_key(key), expected);
    }
    for (url, expected) in [
        ("sqlite:stripe.db", "sqlite:stripe.db"),
        ("sqlite:stripe.db?mode=ro", "sqlite:stripe.db"),
        (
            "postgres://ada:hunter2@db:5432/app?password=hunter2",
            "postgres://ada:…@db:5432/app",
        ),
        ("postgres://ada:hun@ter2@db/app", "postgres://ada:…@db/app"),
        ("mysql://ada:hun/t@er2@db/app", "mysql://…@db/app"),
        (
            "mysql://root@127.0.0.1:3306",
            "mysql://root:…@127.0.0.1:3306",
        ),
        ("postgres://db/app", "postgres://db/app"),
    ] {
        assert_eq!(masked_url(url), expected);
    }
    let flags = Flags {
        api_key: Some("sk_test_abc123".to_owned()),
        database: Some("postgres://ada:hunter2@db/app".to_owned()),
        ..Flags::default()
    };
    let settings = merged(&flags, &[], None);
    let shown = format!("{:?} {settings:?}", settings.shown());
    assert!(!shown.contains("abc123"), "{shown}");
    assert!(!format!("{:?}", settings.shown()).contains("hunter2"));
}
