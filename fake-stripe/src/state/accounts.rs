//! Opening accounts and issuing keys.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use stripe_sync_schema::Mode;

use crate::chaos::nasty::Oddities;
use crate::data::partition::{Account, Partition, Scope};
use crate::error::FakeError;
use crate::generate::{Maker, characters};
use crate::state::State;

/// What a key opens.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) scope: Scope,
    /// Object names that a restricted key may read; `None` for a secret key.
    pub(crate) permissions: Option<HashSet<String>>,
}

/// The currency of an account for which a test says none.
pub(crate) const DEFAULT_CURRENCY: &str = "usd";

/// Characters of a key after its prefix.
const KEY_LENGTH: usize = 24;

impl State {
    /// Adds an account with both its modes; `false` if it was there.
    pub(crate) fn open_account(&mut self, id: &str, since: i64, platform: Option<&str>) -> bool {
        if self.accounts.contains_key(id) {
            return false;
        }
        for mode in [Mode::Test, Mode::Live] {
            let scope = Scope {
                account: id.to_owned(),
                mode,
            };
            self.partitions
                .insert(scope.clone(), Partition::new(scope, since, self.seed));
        }
        let scope = Scope {
            account: id.to_owned(),
            mode: Mode::Test,
        };
        let mut body = json!({});
        if let Some(partition) = self.partitions.get(&scope) {
            let mut maker = Maker {
                rng: &mut self.rng,
                plans: &self.plans,
                partition,
                created: since,
                odd: Oddities::default(),
                object: "account",
            };
            let mut members = maker.object("account");
            members.insert("id".to_owned(), id.into());
            members.insert("object".to_owned(), "account".into());
            members.insert("created".to_owned(), since.into());
            complete(&mut members, id, platform.is_some());
            body = members.into();
        }
        self.accounts.insert(
            id.to_owned(),
            Account {
                body,
                platform: platform.map(str::to_owned),
            },
        );
        true
    }

    /// Opens an account that a platform lists and that was stored like any other object, so that a header may name it.
    pub(crate) fn adopt(&mut self, id: &str) {
        if self.accounts.contains_key(id) {
            return;
        }
        let mut lists = self.partitions.iter().filter_map(|(scope, partition)| {
            let collection = partition.collection("account")?;
            let created = collection.position(id)?.created;
            Some((scope.account.clone(), created))
        });
        let found = lists.next();
        if let Some((platform, created)) = found {
            self.open_account(id, created, Some(&platform));
        }
    }

    /// Ends an account's connection, after the event about it.
    pub(crate) fn disconnect(&mut self, id: &str, platform: &str) -> Result<(), FakeError> {
        let is_connected = self
            .accounts
            .get(id)
            .is_some_and(|account| account.platform.as_deref() == Some(platform));
        if !is_connected {
            return Err(FakeError::UnknownAccount {
                account: id.to_owned(),
            });
        }
        for mode in [Mode::Test, Mode::Live] {
            let of = |account: &str| Scope {
                account: account.to_owned(),
                mode,
            };
            let application =
                json!({ "id": "ca_fake", "object": "application", "name": "platform" });
            let kind = "account.application.deauthorized";
            self.record_event(&of(id), kind, &application, None)?;
            self.partition_mut(&of(platform))?
                .collection_mut("account")?
                .remove(id, false);
        }
        if let Some(account) = self.accounts.get_mut(id) {
            account.platform = None;
        }
        Ok(())
    }

    /// A new key: `kind` is `sk` for a secret and `rk` for a restricted one.
    pub(crate) fn issue_key(
        &mut self,
        kind: &str,
        scope: Scope,
        permissions: Option<HashSet<String>>,
    ) -> String {
        let key = format!(
            "{kind}_{}_{}",
            scope.mode,
            characters(KEY_LENGTH, &mut self.rng)
        );
        self.add_key(key, scope, permissions)
    }

    /// Makes a key valid, and returns it.
    pub(crate) fn add_key(
        &mut self,
        key: String,
        scope: Scope,
        permissions: Option<HashSet<String>>,
    ) -> String {
        self.keys.insert(key.clone(), Key { scope, permissions });
        key
    }
}

/// What every account of its own has, however it was made up. Its settings name no file: none was uploaded.
pub(crate) fn complete(members: &mut Map<String, Value>, id: &str, is_connected: bool) {
    let tail = id.strip_prefix("acct_").unwrap_or(id).to_lowercase();
    let name = format!("Account {tail}");
    let email = format!("{tail}@example.com");
    let nothing_due = json!({
        "alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null, "errors": [],
        "eventually_due": [], "past_due": [], "pending_verification": [],
    });
    let mut always = json!({
        "requirements": nothing_due,
        "future_requirements": nothing_due,
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true,
        "country": "US",
        "default_currency": DEFAULT_CURRENCY,
        "details_submitted": true,
        "email": email,
        "payouts_enabled": true,
        "settings": {
            "branding": { "icon": null, "logo": null, "primary_color": null, "secondary_color": null },
            "card_payments": {
                "statement_descriptor_prefix": null,
                "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
            "dashboard": { "display_name": name, "timezone": "Etc/UTC" },
            "payments": {
                "statement_descriptor": null,
                "statement_descriptor_kana": null,
                "statement_descriptor_kanji": null,
                "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
            "payouts": {
                "debit_negative_balances": false,
                "schedule": { "delay_days": 2, "interval": "daily" },
                "statement_descriptor": null,
            },
        },
        "type": if is_connected { "express" } else { "standard" },
    });
    if let Some(always) = always.as_object_mut() {
        members.append(always);
    }
}
