//! Why Stripe limits the rate of requests.

use std::fmt;

/// Why Stripe refused a request with 429: the header `Stripe-Rate-Limited-Reason`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitReason {
    /// Too many requests a second of the account.
    GlobalRate,
    /// Too many requests of the account at once.
    GlobalConcurrency,
    /// Too many requests a second of the endpoint.
    EndpointRate,
    /// Too many requests of the endpoint at once.
    EndpointConcurrency,
    /// A limit of the one resource.
    ResourceSpecific,
    /// A reason that this crate does not know.
    Other(String),
}

impl RateLimitReason {
    /// Every reason that Stripe documents.
    pub const DOCUMENTED: [Self; 5] = [
        Self::GlobalRate,
        Self::GlobalConcurrency,
        Self::EndpointRate,
        Self::EndpointConcurrency,
        Self::ResourceSpecific,
    ];

    /// The header's value: `global-rate`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::GlobalRate => "global-rate",
            Self::GlobalConcurrency => "global-concurrency",
            Self::EndpointRate => "endpoint-rate",
            Self::EndpointConcurrency => "endpoint-concurrency",
            Self::ResourceSpecific => "resource-specific",
            Self::Other(reason) => reason,
        }
    }
}

impl From<&str> for RateLimitReason {
    fn from(reason: &str) -> Self {
        Self::DOCUMENTED
            .into_iter()
            .find(|known| known.as_str() == reason)
            .unwrap_or_else(|| Self::Other(reason.to_owned()))
    }
}

impl fmt::Display for RateLimitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_and_back() {
        for reason in RateLimitReason::DOCUMENTED {
            assert_eq!(RateLimitReason::from(reason.as_str()), reason);
            assert_eq!(reason.to_string(), reason.as_str());
        }
        let other = RateLimitReason::from("a-new-one");
        assert_eq!(other, RateLimitReason::Other("a-new-one".to_owned()));
        assert_eq!(other.as_str(), "a-new-one");
    }
}
