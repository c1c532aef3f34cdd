//! Every member that Stripe sends on request only, and every secret, from the schema: none can be forgotten.

use stripe_sync_schema::{Step, catalogue, fields};

use crate::database::Database;

/// The messages for a struct of an object with one field.
fn messages(object: &str, field: &str) -> Vec<String> {
    let source = format!(
        "#[stripe(object = \"{object}\", table = \"rows\")] struct Row {{ id: String, {field} }}"
    );
    let input: syn::DeriveInput = syn::parse_str(&source).unwrap();
    let text = crate::expansion(&input, &Database::ALL).to_string();
    let errors = text.split("compile_error ! {").skip(1);
    let message = |error: &str| error.split('"').nth(1).map(str::to_owned);
    errors.filter_map(message).collect()
}

fn field(path: &str, attributes: &str) -> String {
    format!("#[stripe(path = {path}{attributes})] value: Option<Json<Value>>")
}

/// The object and the path of a member: objects that only others show are below a list of these. `None` for those that no model
/// can have.
fn place(object: &'static str, member: &str) -> Option<(&'static str, String)> {
    let is_resource = |object: &str| catalogue::resource(object).is_some();
    if is_resource(object) {
        return Some((object, member.to_owned()));
    }
    let (holder, list) = fields::on_request_members().find(|(holder, list)| {
        let list = fields::resolve(holder, &[Step::Key(list)]);
        is_resource(holder) && list.is_ok_and(|list| list.targets == [object])
    })?;
    Some((holder, format!("{list}.data[0].{member}")))
}

#[test]
fn each_member_on_request_says_how_it_is_asked_for() {
    let mut asked = 0;
    for (object, member) in fields::on_request_members() {
        let keys: Vec<&str> = member.split('.').collect();
        if fields::secret(object, &fields::steps_of(object, &keys)).is_some() {
            continue;
        }
        let Some((object, path)) = place(object, member) else {
            continue;
        };
        let [message] = &messages(object, &field(&path, ""))[..] else {
            panic!("{object} {path}");
        };
        assert!(message.contains("`expand`"), "{message}");
        assert_eq!(
            messages(object, &field(&path, ", expand")),
            [""; 0],
            "{object} {path}"
        );
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
}

#[test]
fn no_secret_can_be_a_field() {
    let mut secrets = 0;
    for object in fields::secretive() {
        if catalogue::resource(object).is_none() {
            continue;
        }
        for member in fields::secrets(object).chain(["client_secret"]) {
            for attributes in ["", ", unchecked", ", expand", ", unchecked, expand"] {
                let messages = messages(object, &field(member, attributes)).join("");
                assert!(
                    messages.contains("which no table may hold"),
                    "{object} {member} {attributes}"
                );
                secrets += 1;
            }
        }
    }
    assert!(secrets > 20, "{secrets}");
}

#[test]
fn a_client_secret_is_one_wherever_it_is_in_the_schema() {
    let objects = catalogue::resources()
        .iter()
        .map(|resource| resource.object);
    let with = objects.filter(|object| {
        let members = fields::children(object, &[]);
        members
            .iter()
            .any(|member| member.name == fields::CLIENT_SECRET)
    });
    let mut found = 0;
    for object in with {
        let messages = messages(object, "client_secret: Option<String>");
        assert!(
            messages.join("").contains("which no table may hold"),
            "{object}: {messages:?}"
        );
        found += 1;
    }
    assert!(found >= 3, "{found}");
}
