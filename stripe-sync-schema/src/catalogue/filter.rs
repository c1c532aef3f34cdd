//! A filter of a list: what it takes, and who decides which objects it lets through.

/// A filter of a list. One member of a hash is a filter of its own: `recurring.interval`.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The parameter's name; a dot leads to the member of a hash, which Stripe writes in brackets.
    pub name: &'static str,
    /// Who decides about a value of which nothing else is said; [`Filter::sort_of`] says it of each value.
    pub sort: FilterSort,
    /// How values are written.
    pub form: FilterForm,
    /// Whether the list refuses to answer without it.
    pub required: bool,
    /// The values it can take; empty if they are not a fixed set.
    pub values: Vec<&'static str>,
    /// Of the values, those that filter nothing: `all`.
    pub all: Vec<&'static str>,
    /// The values about which only the list decides, whatever the filter's sort is.
    pub listed: Vec<&'static str>,
}

/// Who decides which objects a filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterSort {
    /// The object itself: the list shows those whose member of the filter's name equals the value.
    Member,
    /// The list alone.
    List,
    /// Nobody: it lets every object through.
    All,
}

/// How the values of a filter are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterForm {
    /// One value: `status=active`.
    Single,
    /// One value, or bounds: `created[gte]=1700000000`.
    Range,
    /// Several values: `ids[]=prod_1&ids[]=prod_2`.
    Array,
}

/// The bounds of a range, as Stripe writes them.
pub const BOUNDS: [&str; 4] = ["gt", "gte", "lt", "lte"];

impl Filter {
    /// The filter `created` of every list that takes it.
    #[must_use]
    pub fn created() -> Self {
        Self {
            form: FilterForm::Range,
            ..Self::new("created")
        }
    }

    /// A filter about which only the list decides.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            sort: FilterSort::List,
            form: FilterForm::Single,
            required: false,
            values: Vec::new(),
            all: Vec::new(),
            listed: Vec::new(),
        }
    }

    /// Who decides about a value of the filter, or about a bound of a range.
    #[must_use]
    pub fn sort_of(&self, value: &str, bound: Option<&str>) -> FilterSort {
        if bound.is_some() || self.listed.contains(&value) {
            FilterSort::List
        } else if self.all.contains(&value) {
            FilterSort::All
        } else {
            self.sort
        }
    }

    /// The parameter as Stripe writes it: `status`, `recurring[interval]`, `created[gte]`, `ids[]`.
    #[must_use]
    pub fn param(&self, bound: Option<&str>) -> String {
        let mut segments = self.name.split('.');
        let mut param = segments.next().unwrap_or_default().to_owned();
        for segment in segments.chain(bound) {
            param = format!("{param}[{segment}]");
        }
        if self.form == FilterForm::Array {
            param.push_str("[]");
        }
        param
    }

    /// The parameter's name without brackets: `recurring` of `recurring.interval`.
    #[must_use]
    pub fn base(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_written_as_stripe_does() {
        let filter = |name, form| Filter {
            form,
            ..Filter::new(name)
        };
        let written = [
            filter("status", FilterForm::Single).param(None),
            filter("recurring.interval", FilterForm::Single).param(None),
            Filter::created().param(None),
            Filter::created().param(Some("gte")),
            filter("status_transitions.posted_at", FilterForm::Range).param(Some("lt")),
            filter("ids", FilterForm::Array).param(None),
        ];
        assert_eq!(
            written,
            [
                "status",
                "recurring[interval]",
                "created",
                "created[gte]",
                "status_transitions[posted_at][lt]",
                "ids[]"
            ]
        );
    }

    #[test]
    fn a_value_may_be_decided_about_in_another_way() {
        let status = Filter {
            sort: FilterSort::Member,
            all: vec!["all"],
            listed: vec!["ended"],
            ..Filter::new("status")
        };
        assert_eq!(status.sort_of("active", None), FilterSort::Member);
        assert_eq!(status.sort_of("all", None), FilterSort::All);
        assert_eq!(status.sort_of("ended", None), FilterSort::List);
        assert_eq!(status.sort_of("5", Some("gte")), FilterSort::List);
    }
}
