//! Properties of the codec of values: what goes out comes back, and no bytes at all do harm.

use procession::value::{Function, Range, Value, sendable};
use procession::wire::codec::{decode, encode, from_bytes, to_bytes};
use procession::wire::frame;
use procession::wire::message::{Answer, Delivery, Parcel, Reply, Request};
use proptest::prelude::*;
use std::rc::Rc;

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Unit),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
        any::<char>().prop_map(Value::Char),
        ".{0,12}".prop_map(Value::string),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::blob),
        prop::collection::vec(any::<i64>().prop_map(Value::Int), 0..20).prop_map(Value::array),
        prop::collection::vec(any::<f64>().prop_map(Value::Float), 0..20).prop_map(Value::array),
        (any::<i64>(), any::<i64>(), any::<bool>())
            .prop_map(|(start, end, inclusive)| Value::Range(Rc::new(Range { start, end, inclusive }))),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::array),
            prop::collection::btree_map(".{0,6}", inner.clone(), 0..6).prop_map(Value::map),
            (
                "[a-z$0-9]{1,9}",
                any::<Option<u32>>(),
                prop::collection::vec(inner, 0..3),
                prop::collection::vec(any::<bool>(), 0..3)
            )
                .prop_map(|(name, home, captured, variables)| {
                    Value::Function(Rc::new(Function::received(name, home, captured, &variables)))
                }),
        ]
    })
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(value, &mut bytes).expect("a value without objects can be sent");
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_goes_out_comes_back(value in values()) {
        prop_assert_eq!(decode(&encoded(&value)), Ok(value));
    }

    #[test]
    fn a_value_cut_short_is_an_error(value in values(), cut in any::<prop::sample::Index>()) {
        let bytes = encoded(&value);
        prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn bytes_too_many_are_an_error(value in values(), extra in any::<u8>()) {
        let mut bytes = encoded(&value);
        bytes.push(extra);
        prop_assert!(decode(&bytes).is_err());
    }

    /// Whatever is read is a value or an error, and a value that is read can be written.
    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(value) = decode(&bytes) {
            prop_assert_eq!(decode(&encoded(&value)), Ok(value));
        }
    }

    #[test]
    fn changed_bytes_do_no_harm(value in values(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = encoded(&value);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(value) = decode(&bytes) {
            prop_assert_eq!(decode(&encoded(&value)), Ok(value));
        }
    }

    /// However a stream of frames is cut into reads, the same payloads come out.
    #[test]
    fn frames_survive_any_cut(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        cuts in prop::collection::vec(1..70_usize, 1..40),
    ) {
        let mut stream = Vec::new();
        for payload in &payloads {
            frame::write(payload, &mut stream);
        }
        let (mut decoder, mut seen, mut rest) = (frame::Decoder::new(), Vec::new(), stream.as_slice());
        let mut cuts = cuts.into_iter().cycle();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            decoder.push(now);
            rest = later;
            while let Some(payload) = decoder.next_payload().unwrap() {
                seen.push(payload.to_vec());
            }
        }
        prop_assert_eq!(seen, payloads);
    }

    #[test]
    fn bytes_that_are_no_frames_are_an_error(first in any::<u8>(), rest in prop::collection::vec(any::<u8>(), 6..40)) {
        prop_assume!(first != 0xB7);
        let mut decoder = frame::Decoder::new();
        decoder.push(&[first]);
        decoder.push(&rest);
        prop_assert!(decoder.next_payload().is_err());
    }
}

/// A length that lies must not make the decoder reserve what it announces.
#[test]
fn a_lying_length_is_refused_before_memory_is_taken() {
    for tag in 6..=11 {
        let mut bytes = vec![tag, 253];
        bytes.extend_from_slice(&u64::MAX.to_le_bytes());
        assert!(decode(&bytes).is_err(), "tag {tag}");
    }
}

#[test]
fn a_nesting_bomb_is_refused() {
    let mut bytes = [8, 1].repeat(100_000);
    bytes.push(0);
    assert!(decode(&bytes).unwrap_err().to_string().contains("too deep"));
}

/// The format of the wire, byte by byte: a change of it is a change of the protocol's version.
#[test]
fn golden_bytes() {
    let value = Value::map([
        ("a", Value::Int(-1)),
        ("b", Value::array(vec![Value::Int(1), Value::Int(300)])),
        ("c", Value::array(vec![Value::Bool(true), Value::string("é")])),
    ]);
    let expected = [11, 3, 1, b'a', 3, 1, 1, b'b', 9, 2, 2, 251, 88, 2, 1, b'c', 8, 2, 2, 6, 2, 0xC3, 0xA9];
    assert_eq!(encoded(&value), expected);
}

/// Arrays within arrays, each announcing as many items as there are bytes: together they would take a hundred
/// times more, so the second one is refused.
#[test]
fn lengths_that_lie_together_are_refused() {
    let mut bytes = Vec::new();
    for _ in 0..100 {
        bytes.extend_from_slice(&[8, 251]);
        bytes.extend_from_slice(&60_000_u16.to_le_bytes());
    }
    bytes.resize(70_000, 0);
    assert!(decode(&bytes).unwrap_err().to_string().contains("longer than its bytes"));
}

#[test]
fn what_cannot_be_sent_is_named_and_leaves_nothing() {
    struct Worker;
    impl procession::value::ObjectKind for Worker {
        fn kind(&self) -> &'static str {
            "a process"
        }
    }
    let worker = Value::Object(procession::value::Object::new(Worker));
    let job = Function { name: "f".to_owned(), home: None, captured: vec![Value::map([("owner", worker)])] };
    let value = Value::array(vec![Value::Int(1), Value::Function(Rc::new(job))]);
    let mut bytes = vec![7];
    let error = encode(&value, &mut bytes).unwrap_err();
    assert_eq!(error.to_string(), "[1].captured[0].owner is a process");
    assert_eq!(sendable::check(&value), Err(error));
    assert_eq!(bytes, [7]);
}

/// The deepest value that may be sent can be read, one level more cannot be sent.
#[test]
fn both_sides_agree_on_how_deep_values_nest() {
    let nested = |levels| (0..levels).fold(Value::Unit, |inner, _| Value::array(vec![inner]));
    let deepest = nested(sendable::DEPTH_MAX);
    assert_eq!(decode(&encoded(&deepest)), Ok(deepest));
    let deeper = nested(sendable::DEPTH_MAX + 1);
    assert_eq!(encode(&deeper, &mut Vec::new()), sendable::check(&deeper));
    assert!(sendable::check(&deeper).is_err());
}

/// Many small things in one message take much more memory than bytes.
#[test]
fn a_message_of_many_small_items_is_read() {
    let parcel = |_| Delivery { lease: 0, attempt: 1, parcel: Parcel::Inline { bytes: vec![0] } };
    let reply = Reply {
        number: 1,
        answer: Answer::Items { deliveries: (0..600_000).map(parcel).collect(), ahead: false },
    };
    let bytes = to_bytes(&reply);
    assert!(from_bytes::<Reply>(&bytes).unwrap() == reply);
    assert!(from_bytes::<Reply>(&bytes[..bytes.len() - 1]).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(request) = from_bytes::<Request>(&bytes) {
            let again = from_bytes::<Request>(&to_bytes(&request)).unwrap();
            prop_assert_eq!(to_bytes(&again), to_bytes(&request));
        }
    }
}

/// They are equal to their values, so that the round trip of any value does not tell.
#[test]
fn what_a_closure_captured_arrives_as_variables_and_what_curry_gave_it_as_values() {
    for variables in [&[][..], &[false], &[true, false]] {
        let captured = vec![Value::Int(1), Value::string("a")];
        let function = Function::received("anon$1".to_owned(), Some(0), captured, variables);
        let value = Value::Function(Rc::new(function));
        let Value::Function(back) = decode(&encoded(&value)).unwrap() else { panic!("no function") };
        assert_eq!(back.variables(), variables);
    }
}

#[test]
fn a_function_cannot_have_more_variables_than_it_captured() {
    let function = Function { name: "f".to_owned(), home: None, captured: vec![Value::Int(1)] };
    let mut bytes = encoded(&Value::Function(Rc::new(function)));
    // Behind the number are the tag and length of what it captured, and that.
    let number = bytes.len() - 4;
    assert_eq!(bytes[number], 0);
    for count in 1..=2 {
        bytes[number] = count;
        bytes.insert(number + 1, 0);
        assert_eq!(decode(&bytes).is_ok(), count == 1, "{count}");
    }
}
