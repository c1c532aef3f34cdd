//! Which paths `expand` takes: those that end at a reference, at an object or a list of objects, or at what is sent on request
//! only.

use stripe_sync_schema::fields::{self, Kind, Step};

/// Whether `expand` takes this path of an object.
pub(super) fn is_expandable(object: &str, steps: &[&str]) -> bool {
    let mut path: Vec<Step<'_>> = Vec::new();
    let mut dotted = String::new();
    let mut rest = steps;
    while let Some((step, next)) = rest.split_first() {
        rest = next;
        path.push(Step::Key(step));
        if !dotted.is_empty() {
            dotted.push('.');
        }
        dotted.push_str(step);
        let Ok(field) = fields::resolve(object, &path) else {
            return false;
        };
        let is_last = rest.is_empty();
        let on_request = fields::on_request(object).any(|path| path == dotted);
        if is_last && on_request {
            return true;
        }
        let (kind, targets) = match field.kind {
            Kind::Array => {
                let Some(item) = fields::element(object, &path) else {
                    return false;
                };
                path.push(Step::Index(0));
                (item.kind, item.targets)
            }
            Kind::List => match rest.split_first() {
                None => return true,
                Some((&"data", [])) => return false,
                Some((&"data", below)) => return among(&field.targets, below),
                Some(_) => return false,
            },
            kind => (kind, field.targets),
        };
        match kind {
            Kind::Reference | Kind::Resource => return is_last || among(&targets, rest),
            Kind::Object if !is_last => {}
            // The keys of a map are anything, and what is below them is not told.
            Kind::Map => return on_request && !is_last,
            _ => return false,
        }
    }
    false
}

fn among(targets: &[&'static str], steps: &[&str]) -> bool {
    targets.iter().any(|target| is_expandable(target, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(object: &str, path: &str) -> bool {
        is_expandable(object, &path.split('.').collect::<Vec<_>>())
    }

    #[test]
    fn references_lists_and_what_is_sent_on_request() {
        for (object, path) in [
            ("charge", "customer"),
            ("charge", "payment_intent.customer"),
            ("charge", "refunds"),
            ("customer", "sources"),
            ("customer", "invoice_settings.default_payment_method"),
            ("subscription", "latest_invoice.customer"),
            ("subscription", "items.data.price.product"),
            ("subscription", "items"),
            ("subscription", "default_tax_rates"),
            ("price", "tiers"),
            ("price", "currency_options.usd.tiers"),
            ("balance_transaction", "source.customer"),
            ("invoice", "shipping_cost.taxes"),
            ("checkout.session", "line_items.data.discounts"),
            ("checkout.session", "line_items.data.taxes"),
        ] {
            assert!(takes(object, path), "{object}: {path}");
        }
        for (object, path) in [
            ("charge", "amount"),
            ("charge", "metadata"),
            ("charge", "metadata.key"),
            ("charge", "billing_details"),
            ("charge", "customer.email"),
            ("charge", "nothing"),
            ("customer", "email"),
            ("subscription", "items.data"),
            ("subscription", "items.price"),
            ("event", "data.object"),
        ] {
            assert!(!takes(object, path), "{object}: {path}");
        }
    }
}
