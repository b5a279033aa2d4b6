//! Whatever bytes stand for a value: it is read or refused, and what was read is written and read again as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use procession::wire::codec;

fuzz_target!(|bytes: &[u8]| {
    let _ = codec::first_number(bytes);
    let Ok(value) = codec::decode(bytes) else { return };
    // Text for messages, of any value.
    let _ = value.quoted();
    let mut written = Vec::new();
    codec::encode(&value, &mut written).expect("what was received can be sent");
    let again = codec::decode(&written).expect("what is written can be read");
    let mut twice = Vec::new();
    codec::encode(&again, &mut twice).expect("and sent again");
    assert_eq!(written, twice);
});
