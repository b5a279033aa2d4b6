//! How values are written, and that every declaration is.

use super::values::{duration, key, quoted, size};

#[test]
fn amounts_take_the_largest_exact_unit() {
    assert_eq!(size(0), "0B");
    assert_eq!(size(1), "1B");
    assert_eq!(size(64 << 20), "64MiB");
    assert_eq!(size(512_000_000), "512MB");
    assert_eq!(size(1025), "1025B");
    assert_eq!(duration(0), "0ms");
    assert_eq!(duration(1500), "1500ms");
    assert_eq!(duration(7_200_000), "2h");
}

#[test]
fn texts_and_keys_are_escaped_where_needed() {
    assert_eq!(quoted("a\"b\\\n\u{1}ä"), r#""a\"b\\\n\u0001ä""#);
    assert_eq!(key("_name1"), "_name1");
    assert_eq!(key("a b"), "\"a b\"");
    assert_eq!(key("_1"), "\"_1\"");
    assert_eq!(key(""), "\"\"");
}
