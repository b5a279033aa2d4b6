//! Values and types of Rust: what goes in comes out, and whatever comes is read without a panic.

use procession::value::bare::{BARE_MIN, Bare, Form};
use procession::value::serde::{from_value, to_value};
use procession::value::{Function, Range, Value};
use procession::wire::codec::{self, direct};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    Number(i64),
    Pair(i32, String),
    Named { deep: Option<Box<Shape>>, flag: bool },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Newtype(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    shape: Shape,
    list: Vec<Shape>,
    by_name: BTreeMap<String, i64>,
    by_number: BTreeMap<i16, Newtype>,
    tuple: (bool, char, f64),
    bytes: Vec<u8>,
    maybe: Option<String>,
    unit: (),
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Nothing),
        any::<i64>().prop_map(Shape::Number),
        (any::<i32>(), ".*").prop_map(|(number, text)| Shape::Pair(number, text)),
    ];
    leaf.prop_recursive(4, 16, 1, |inner| {
        (prop::option::of(inner.prop_map(Box::new)), any::<bool>())
            .prop_map(|(deep, flag)| Shape::Named { deep, flag })
    })
}

fn record() -> impl Strategy<Value = Record> {
    let maps = (
        prop::collection::btree_map(".*", any::<i64>(), 0..4),
        prop::collection::btree_map(any::<i16>(), any::<u32>().prop_map(Newtype), 0..4),
    );
    let tuple = (any::<bool>(), any::<char>(), -1e300..1e300);
    let rest = (prop::collection::vec(any::<u8>(), 0..9), prop::option::of(".+"));
    (shape(), prop::collection::vec(shape(), 0..4), maps, tuple, rest).prop_map(
        |(shape, list, (by_name, by_number), tuple, (bytes, maybe))| Record {
            shape,
            list,
            by_name,
            by_number,
            tuple,
            bytes,
            maybe,
            unit: (),
        },
    )
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Unit),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        any::<char>().prop_map(Value::Char),
        ".*".prop_map(Value::string),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::blob),
        (any::<i64>(), any::<i64>(), any::<bool>())
            .prop_map(|(start, end, inclusive)| Value::Range(Range { start, end, inclusive }.into())),
        Just(Value::Function(Function { name: "f".into(), home: None, captured: Vec::new() }.into())),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::array),
            prop::collection::btree_map("Nothing|Number|Pair|Named|shape|list|deep|.*", inner, 0..4)
                .prop_map(Value::map),
        ]
    })
}

/// The bytes that travel, made without a value.
fn direct<T: Serialize>(from: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    direct::write(from, &mut bytes).unwrap();
    bytes
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(value, &mut bytes).unwrap();
    bytes
}

/// What comes of a value, and of its bytes.
fn read_both<T: DeserializeOwned + PartialEq + std::fmt::Debug>(value: &Value) {
    let (by_value, by_bytes) = (from_value::<T>(value), direct::read::<T>(&encoded(value)));
    assert_eq!(by_value.is_ok(), by_bytes.is_ok(), "{by_value:?}, {by_bytes:?}");
    if let (Ok(by_value), Ok(by_bytes)) = (by_value, by_bytes) {
        assert_eq!(by_value, by_bytes);
    }
}

/// A text or a blob that goes as it is comes as its value does.
fn read_bare<T: DeserializeOwned + PartialEq + std::fmt::Debug>(bare: Bare<'_>) {
    let value = Value::of_bare(bare.form, bare.bytes.to_vec()).unwrap();
    assert_eq!(value.bare(), Some(bare));
    assert_eq!(codec::encoded_bare(bare), encoded(&value));
    assert_eq!(codec::length_of_bare(bare), encoded(&value).len());
    let by_value = from_value::<T>(&value).ok();
    assert_eq!(direct::read_bare::<T>(bare).ok(), by_value);
    assert_eq!(direct::take_bare::<T>(bare.form, &mut bare.bytes.to_vec()).ok(), by_value);
    let (form, bytes) = codec::decode_bare_from(&*encoded(&value)).unwrap();
    assert_eq!((form, &*bytes), (Some(bare.form), bare.bytes));
}

proptest! {
    #[test]
    fn what_goes_as_it_is_comes_as_it_went(text in ".{0,700}", name in "Nothing|Number|.*") {
        for text in [text, name] {
            for form in [Form::Text, Form::Blob] {
                let bare = Bare { form, bytes: text.as_bytes() };
                read_bare::<String>(bare);
                read_bare::<Vec<u8>>(bare);
                read_bare::<Option<Vec<u8>>>(bare);
                read_bare::<Option<String>>(bare);
                read_bare::<Shape>(bare);
                read_bare::<Newtype>(bare);
                read_bare::<serde_json::Value>(bare);
            }
            let put = direct::bare(&Some(&text), |bare| (bare.form, bare.bytes.to_vec()));
            let long = (text.len() >= BARE_MIN).then(|| (Form::Text, text.into_bytes()));
            prop_assert_eq!(put, long);
        }
    }

    #[test]
    fn what_is_no_text_and_no_blob_is_written(record in record()) {
        prop_assert_eq!(direct::bare(&record, |_| ()), None);
        prop_assert_eq!(direct::bare(&record.shape, |_| ()), None);
    }

    #[test]
    fn the_way_without_a_value_leads_to_the_same(record in record()) {
        let value = to_value(&record).unwrap();
        prop_assert_eq!(codec::decode(&direct(&record)).unwrap(), value.clone());
        prop_assert_eq!(direct::read::<Record>(&encoded(&value)).unwrap(), record);
    }

    #[test]
    fn bytes_are_read_as_their_value_is(value in value()) {
        read_both::<Record>(&value);
        read_both::<Shape>(&value);
        read_both::<Vec<Option<std::ops::Range<i64>>>>(&value);
        read_both::<(i64, f64)>(&value);
        read_both::<Option<Vec<u8>>>(&value);
        read_both::<BTreeMap<String, i64>>(&value);
    }

    #[test]
    fn whatever_bytes_come_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = direct::read::<Record>(&bytes);
        let _ = direct::read::<Shape>(&bytes);
        let _ = direct::read::<Vec<Vec<Option<Shape>>>>(&bytes);
        let _ = direct::read::<serde_json::Value>(&bytes);
    }

    #[test]
    fn what_goes_in_comes_out(record in record()) {
        let value = to_value(&record).unwrap();
        prop_assert_eq!(from_value::<Record>(&value).unwrap(), record);
    }

    #[test]
    fn whatever_comes_is_read_or_refused(value in value()) {
        let _ = from_value::<Record>(&value);
        let _ = from_value::<Shape>(&value);
        let _ = from_value::<Vec<Option<std::ops::Range<i64>>>>(&value);
        if let Ok(json) = from_value::<serde_json::Value>(&value) {
            // What is read as anything at all goes back as it came, but for what JSON does not have.
            prop_assert!(to_value(&json).is_ok());
        }
    }
}

#[test]
fn numbers_find_their_way() {
    assert_eq!(from_value::<f64>(&Value::Int(3)), Ok(3.0));
    assert!(from_value::<i64>(&Value::Float(3.0)).is_err());
    assert!(from_value::<u8>(&Value::Int(300)).is_err());
    assert_eq!(
        to_value(&u64::MAX).unwrap_err().to_string(),
        "18446744073709551615 does not fit into an int of 64 bits"
    );
    assert_eq!(from_value::<Vec<u8>>(&Value::blob(vec![1, 2])), Ok(vec![1, 2]));
    assert!(from_value::<(i64, i64)>(&Value::array(vec![Value::Int(1)])).is_err());
}

#[derive(Serialize)]
struct Sparse {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, bool>,
}

#[test]
fn parts_that_nobody_counted_are_counted() {
    let rest = BTreeMap::from([("a".to_owned(), true), ("b".to_owned(), false)]);
    for name in [None, Some("x".to_owned())] {
        let sparse = Sparse { id: 1 << 40, name, rest: rest.clone() };
        assert_eq!(codec::decode(&direct(&sparse)).unwrap(), to_value(&sparse).unwrap());
    }
}

#[test]
fn what_is_too_deep_is_not_sent() {
    #[derive(Serialize)]
    struct Nest(Vec<Nest>);
    let deep = |levels| (0..levels).fold(Nest(Vec::new()), |inner, _| Nest(vec![inner]));
    for levels in [1, 127, 128, 129, 200] {
        let value = to_value(&deep(levels)).unwrap();
        let by_value = codec::encode(&value, &mut Vec::new()).is_ok();
        let by_bytes = direct::write(&deep(levels), &mut Vec::new()).is_ok();
        assert_eq!(by_value, by_bytes, "{levels}");
    }
    // As deep as no honest writer goes.
    let hostile = [[8, 1].repeat(100_000), vec![0]].concat();
    assert!(direct::read::<serde_json::Value>(&hostile).is_err());
}

#[test]
fn a_mismatch_says_what_came() {
    let error = from_value::<Record>(&Value::map([("shape", Value::Bool(true))])).unwrap_err();
    assert!(error.to_string().contains("a variant"), "{error}");
    let function = Value::Function(Function { name: "f".into(), home: None, captured: Vec::new() }.into());
    assert!(from_value::<i64>(&function).unwrap_err().to_string().contains("function"));
}
