//! A customer whose mapping is changed at each of its three steps, and whose changes are told to the application.

use std::collections::HashMap;

use stripe_sync::{Change, Context, MapError, ObjectError, Origin, StripeObject, StripeSync};
use tokio::sync::mpsc;

use crate::BoxError;
use crate::mail::Mail;

#[derive(Debug, Clone, PartialEq, Eq, StripeSync)]
#[stripe(
    object = "customer",
    table = "customers",
    pre_set_default = normalize_email,
    set_default = set_tenant,
    post_set_default = set_name,
    after_commit = queue_mail
)]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    #[stripe(path = metadata.tenant)]
    pub tenant: Option<String>,
}

/// Which tenant the addresses of a domain belong to. The syncer is given one with `.state(tenants)`.
pub struct Tenants(HashMap<String, String>);

impl<const N: usize> From<[(&str, &str); N]> for Tenants {
    /// Pairs of a domain and a tenant.
    fn from(pairs: [(&str, &str); N]) -> Self {
        let owned = pairs.map(|(domain, tenant)| (domain.to_owned(), tenant.to_owned()));
        Self(owned.into())
    }
}

impl Tenants {
    fn of(&self, email: &str) -> Option<String> {
        let (_, domain) = email.rsplit_once('@')?;
        self.0.get(domain).cloned()
    }
}

/// Before the mapping: the object itself is changed, so every column that is read from it sees the change.
fn normalize_email(object: &mut StripeObject, _: &Context) -> Result<(), ObjectError> {
    object.edit(|customer| {
        if let Some(email) = customer["email"].as_str() {
            customer["email"] = email.trim().to_lowercase().into();
        }
    })
}

/// In place of the mapping: the generated one, and what only the application knows.
fn set_tenant(object: &StripeObject, context: &Context) -> Result<Customer, MapError> {
    let mut customer = Customer::from_stripe(object, context)?;
    if customer.tenant.is_none()
        && let (Some(email), Some(tenants)) = (&customer.email, context.state::<Tenants>())
    {
        customer.tenant = tenants.of(email);
    }
    Ok(customer)
}

/// After the mapping: the row is complete and may still be changed. It cannot fail, so it returns nothing.
fn set_name(customer: &mut Customer, _: &Context) {
    if customer.name.is_none()
        && let Some((local, _)) = customer
            .email
            .as_deref()
            .and_then(|email| email.split_once('@'))
    {
        customer.name = Some(local.to_owned());
    }
}

/// After the commit: the row is in the table, whatever happens here.
async fn queue_mail(change: Change<Customer>, context: &Context) -> Result<(), BoxError> {
    let mail = match change {
        // A first sync brings every customer there ever was. They do not want a mail.
        Change::Inserted { after, origin, .. } if origin != Origin::Backfill => {
            after.email.map(|to| Mail::Welcome { to })
        }
        Change::Updated { before, after, .. } if before.email != after.email => {
            let from = before.email;
            after.email.map(|to| Mail::AddressChanged { from, to })
        }
        _ => None,
    };
    if let Some(mail) = mail {
        let queue = context
            .state::<mpsc::Sender<Mail>>()
            .ok_or("there is no mail queue: give the syncer one with `.state(sender)`")?;
        queue.send(mail).await?;
    }
    Ok(())
}
