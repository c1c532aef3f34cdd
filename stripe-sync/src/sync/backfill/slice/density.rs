//! How many objects a list has in a time, by what was read of it.

/// Objects of a page.
pub(crate) const PAGE: i64 = 100;

/// Objects, and the seconds in which they were created.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Density {
    objects: i64,
    span: i64,
}

impl Density {
    /// Learns from a part of the list.
    pub(crate) fn add(&mut self, objects: usize, span: i64) {
        self.objects = self
            .objects
            .saturating_add(i64::try_from(objects).unwrap_or(i64::MAX));
        self.span = self.span.saturating_add(span);
    }

    /// The objects of so many seconds that are as dense.
    pub(crate) fn expects(self, seconds: i64) -> i64 {
        let objects = i128::from(self.objects) * i128::from(seconds) / i128::from(self.span.max(1));
        i64::try_from(objects).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_dense_as_what_was_read() {
        let mut density = Density::default();
        assert_eq!(density.expects(1_000), 0);
        density.add(100, 50);
        assert_eq!(density.expects(1_000), 2_000);
        density.add(100, 350);
        assert_eq!(density.expects(1_000), 500);
    }

    #[test]
    fn many_objects_of_one_second_are_as_many_as_can_be_counted() {
        let mut density = Density::default();
        density.add(usize::MAX, 0);
        assert_eq!(density.expects(i64::MAX), i64::MAX);
    }
}
