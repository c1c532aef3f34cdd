use super::condition_in;

#[test]
fn a_named_condition_is_found_in_the_table() {
    let table = "CREATE TABLE t (a INT CONSTRAINT \"one\" CHECK (a > (1)), b INT, constraint two check(b < 2))";
    assert_eq!(condition_in(table, "one").as_deref(), Some("(a > (1)"));
    assert_eq!(condition_in(table, "two").as_deref(), Some("(b < 2"));
    assert_eq!(condition_in(table, "three"), None);
}
